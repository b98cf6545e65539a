"""The gas account: sends and pays for transactions, each with a nonce of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient
from sdk.chain.delivery import Delivery, pause
from sdk.chain.errors import (
    ChainUnavailableError,
    FeeCapError,
    TransactionRevertedError,
    TurnLostError,
)
from sdk.chain.journal import Call, Journal, MemoryJournal, Sent
from sdk.chain.outbox import Bidding, Outbox

__all__ = ["Bidding", "Mined", "Sender"]

_TEND_EVERY = 7


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that is in a block: its hash, block, gas, and its raw receipt."""

    transaction_hash: str
    block_number: int
    gas_used: int
    receipt: dict[str, Any]


class Sender:
    """Sends transactions of one account, which pays the gas.

    Any number of senders of an account may work at once if they share its journal. Without one,
    make one sender for each account and chain.
    """

    def __init__(
        self,
        client: ChainClient,
        key: SigningKey,
        mined_within: float = 60.0,
        confirmations: int = 0,
        journal: Journal | None = None,
        bidding: Bidding | None = None,
    ) -> None:
        """Send with `key`; a transaction is waited for `mined_within` s, and so many blocks."""
        self._client = client
        self._key = key
        self._mined_within = mined_within
        self._journal = journal or MemoryJournal()
        self._bidding = bidding or Bidding()
        self._outbox = Outbox(client, key, self._bidding)
        self._delivery = Delivery(client, key.address, self._journal, self._outbox, confirmations)
        self._turn = asyncio.Lock()
        # What an earlier process, or a call that was cut off, may have sent is not known.
        self._unsure = True

    @property
    def address(self) -> str:
        """The account that pays."""
        return self._key.address

    async def balance(self) -> int:
        """Read what is left for gas."""
        return await self._client.balance(self._key.address)

    async def tend(self) -> None:
        """Send again what a reorganisation took out or a process that died left behind.

        Each `send` does so too. Raises ChainUnavailableError.
        """
        async with self._journal.turn() as turn:
            await self._outbox.tend(turn)

    async def send(
        self,
        to: str,
        data: bytes,
        *,
        value: int = 0,
        spare_gas: int = 0,
        touched: Sequence[str] = (),
    ) -> Mined:
        """Send and wait until mined; gas is capped at 6/5 of the estimate + `spare_gas`.

        `touched` are accounts that it will touch; naming them saves gas (EIP-2930). What is not
        mined in time is sent again with higher fees. A call that is under way already, from a
        process that died, is waited for and not sent twice; a mere transfer is.
        Raises TransactionRevertedError (nothing was sent, or it was mined and failed),
        InsufficientGasAccountError (nothing was sent), ChainUnavailableError (look at the state
        before trying again: it may have been sent; the next call waits for that one first).
        """
        certain = False
        try:
            await self._let_earlier_ones_pass()
            gas = await self._client.estimate(self._key.address, to, data, value, touched)
            call = Call(to, data, value, gas * 6 // 5 + spare_gas, tuple(touched))
            sent = await self._place(call)
            try:
                mined = await self._wait(sent)
            finally:
                self._outbox.waited.discard(sent.nonce)
            certain = True
        except TransactionRevertedError:
            certain = True
            raise
        finally:
            self._unsure = self._unsure or not certain
        return mined

    async def _let_earlier_ones_pass(self) -> None:
        async with self._turn:
            if not self._unsure:
                return
            count, account = self._client.transaction_count, self._key.address
            try:
                async with asyncio.timeout(self._mined_within):
                    await self.tend()
                    last, attempt = await count(account), 0
                    while await count(account, "latest") < last:
                        await pause(attempt)
                        attempt += 1
                        if attempt % _TEND_EVERY == 0:
                            await self.tend()
            except TimeoutError as error:
                raise ChainUnavailableError(f"{account}: a transaction is not mined") from error
            self._unsure = False

    async def _place(self, call: Call) -> Sent:
        """Send it in a turn of ours; wait for one while blocks cost more than the cap."""
        attempt = 0
        capped: FeeCapError | None = None
        try:
            async with asyncio.timeout(self._mined_within):
                while True:
                    try:
                        return await self._in_turn(call)
                    except TurnLostError as error:
                        self._bidding.tell(str(error))
                    except FeeCapError as error:
                        if capped is None:
                            self._bidding.tell(str(error))
                        capped = error
                    await pause(attempt)
                    attempt += 1
        except TimeoutError as error:
            if capped is not None:
                raise capped from error
            raise ChainUnavailableError("others send from the gas account all the time") from error

    async def _in_turn(self, call: Call) -> Sent:
        sent: Sent | None = None
        try:
            async with self._journal.turn() as turn:
                sent = await self._outbox.place(turn, call)
                self._outbox.waited.add(sent.nonce)
        except BaseException:  # cut off while it gave the turn back: nobody waits for it
            if sent is not None:
                self._outbox.waited.discard(sent.nonce)
            raise
        return sent

    async def _wait(self, sent: Sent) -> Mined:
        try:
            async with asyncio.timeout(self._mined_within):
                receipt = await self._delivery.receipt_of(sent)
        except TimeoutError as error:
            raise ChainUnavailableError(f"{sent.hashes[0]} is not mined yet") from error
        mined = Mined(
            receipt["transactionHash"],
            int(receipt["blockNumber"], 16),
            int(receipt["gasUsed"], 16),
            receipt,
        )
        self._outbox.note_mined(sent.nonce, mined.block_number)
        if receipt.get("status") != "0x1":
            raise TransactionRevertedError(f"{mined.transaction_hash} was mined and failed")
        return mined
