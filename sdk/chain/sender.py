"""The gas account: sends and pays for transactions, one nonce at a time."""

import asyncio
from dataclasses import dataclass
from typing import Any

from eth_account import Account

from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainError, ChainUnavailableError, TransactionRevertedError

_PRIORITY_FEE = 1_000_000_000
_POLL_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that is in a block: its hash, block, gas, and its raw receipt."""

    transaction_hash: str
    block_number: int
    gas_used: int
    receipt: dict[str, Any]


class Sender:
    """Sends transactions of one account, which pays the gas."""

    def __init__(self, client: ChainClient, key: SigningKey, mined_within: float = 60.0) -> None:
        """Send with `key`; a transaction is waited for `mined_within` seconds."""
        self._client = client
        self._key = key
        self._mined_within = mined_within
        self._turn = asyncio.Lock()

    @property
    def address(self) -> str:
        """The account that pays."""
        return self._key.address

    async def balance(self) -> int:
        """Read what is left for gas."""
        return await self._client.balance(self._key.address)

    async def send(self, to: str, data: bytes, *, value: int = 0, gas_margin: int = 30) -> Mined:
        """Simulate, send and wait until mined; gas is capped at the estimate + `gas_margin` %.

        Raises TransactionRevertedError (nothing was sent, or it was mined and failed),
        InsufficientGasAccountError (nothing was sent), ChainUnavailableError (look at the state
        before trying again: it may have been sent).
        """
        async with self._turn:
            gas = await self._client.estimate(self._key.address, to, data, value)
            transaction_hash = await self._sign_and_send(
                to, data, value, gas * (100 + gas_margin) // 100
            )
            return await self._wait(transaction_hash)

    async def _sign_and_send(self, to: str, data: bytes, value: int, gas: int) -> str:
        block = await self._client.block()
        signed = Account.sign_transaction(
            {
                "chainId": self._client.chain_id,
                "nonce": await self._client.transaction_count(self._key.address),
                "to": to,
                "value": value,
                "data": data,
                "gas": gas,
                "maxPriorityFeePerGas": _PRIORITY_FEE,
                "maxFeePerGas": 2 * block.base_fee + _PRIORITY_FEE,
            },
            self._key.secret,
        )
        return await self._client.send_raw(bytes(signed.raw_transaction))

    async def _wait(self, transaction_hash: str) -> Mined:
        try:
            async with asyncio.timeout(self._mined_within):
                receipt = await self._poll(transaction_hash)
        except TimeoutError as error:
            raise ChainUnavailableError(f"{transaction_hash} is not mined yet") from error
        mined = Mined(
            transaction_hash,
            int(receipt["blockNumber"], 16),
            int(receipt["gasUsed"], 16),
            receipt,
        )
        if receipt.get("status") != "0x1":
            raise TransactionRevertedError(f"{transaction_hash} was mined and failed")
        return mined

    async def _poll(self, transaction_hash: str) -> dict[str, Any]:
        attempt = 0
        while True:
            receipt = await self._client.receipt(transaction_hash)
            if receipt is not None:
                return receipt
            await asyncio.sleep(_POLL_S[min(attempt, len(_POLL_S) - 1)])
            attempt += 1


__all__ = ["ChainError", "Mined", "Sender"]
