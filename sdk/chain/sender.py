"""The gas account: sends and pays for transactions, one nonce at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account

from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient, access_list
from sdk.chain.errors import ChainUnavailableError, NonceTakenError, TransactionRevertedError

__all__ = ["Mined", "Sender"]

_POLL_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that is in a block: its hash, block, gas, and its raw receipt."""

    transaction_hash: str
    block_number: int
    gas_used: int
    receipt: dict[str, Any]


class Sender:
    """Sends transactions of one account, which pays the gas.

    Make one for each account and chain: it holds the lock on the account's nonce.
    """

    def __init__(
        self,
        client: ChainClient,
        key: SigningKey,
        mined_within: float = 60.0,
        confirmations: int = 0,
    ) -> None:
        """Send with `key`; a transaction is waited for `mined_within` s, and so many blocks."""
        self._client = client
        self._key = key
        self._mined_within = mined_within
        self._confirmations = confirmations
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._next = 0
        # What an earlier process, or a call that was cut off, may have sent is not known.
        self._unsure = True

    @property
    def address(self) -> str:
        """The account that pays."""
        return self._key.address

    async def balance(self) -> int:
        """Read what is left for gas."""
        return await self._client.balance(self._key.address)

    async def send(
        self,
        to: str,
        data: bytes,
        *,
        value: int = 0,
        spare_gas: int = 0,
        touched: Sequence[str] = (),
    ) -> Mined:
        """Simulate, send and wait until mined; gas is capped at 6/5 of the estimate + `spare_gas`.

        `touched` are accounts that it will touch; naming them saves gas (EIP-2930).
        Raises TransactionRevertedError (nothing was sent, or it was mined and failed),
        InsufficientGasAccountError (nothing was sent), ChainUnavailableError (look at the state
        before trying again: it may have been sent; the next call waits for that one first).
        """
        certain = False
        try:
            async with self._turn:
                await self._let_earlier_ones_pass()
                gas = await self._client.estimate(self._key.address, to, data, value, touched)
                call = {"to": to, "data": data, "value": value, "accessList": access_list(touched)}
                transaction_hash = await self._send(call, gas * 6 // 5 + spare_gas)
                self._waiting += 1
            try:
                mined = await self._wait(transaction_hash)
            finally:
                self._waiting -= 1
            certain = True
        except TransactionRevertedError:
            certain = True
            raise
        finally:
            self._unsure = self._unsure or not certain
        return mined

    async def _let_earlier_ones_pass(self) -> None:
        if not self._unsure:
            return
        count, account = self._client.transaction_count, self._key.address
        try:
            async with asyncio.timeout(self._mined_within):
                attempt = 0
                while await count(account) > await count(account, "latest"):
                    await _pause(attempt)
                    attempt += 1
        except TimeoutError as error:
            raise ChainUnavailableError(f"{account} has a transaction that is not mined") from error
        self._unsure = False

    async def _send(self, call: dict[str, Any], gas: int) -> str:
        client, account = self._client, self._key.address
        block, tip = await client.block(), await client.tip()
        nonce = await client.transaction_count(account)
        if self._waiting:  # a node behind a balancer may not know of the newest ones
            nonce = max(nonce, self._next)
        fields = {
            "chainId": client.chain_id,
            "nonce": nonce,
            "gas": gas,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": 2 * block.base_fee + tip,
        }
        signed = Account.sign_transaction(call | fields, self._key.secret)
        transaction_hash = "0x" + bytes(signed.hash).hex()
        try:
            await client.send_raw(bytes(signed.raw_transaction))
        except NonceTakenError as error:
            # The node before this one may have taken it, and lost only its answer.
            if await client.transaction(transaction_hash) is None:
                raise ChainUnavailableError(f"{account}: {error}") from error
        self._next = nonce + 1
        return transaction_hash

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
            if receipt is not None and await self._is_deep(int(receipt["blockNumber"], 16)):
                return receipt
            await _pause(attempt)
            attempt += 1

    async def _is_deep(self, number: int) -> bool:
        if not self._confirmations:
            return True
        return (await self._client.block()).number >= number + self._confirmations


async def _pause(attempt: int) -> None:
    await asyncio.sleep(_POLL_S[min(attempt, len(_POLL_S) - 1)])
