"""Sees to it that what was sent is mined, and stays so until it is deep enough."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sdk.chain.client import ChainClient
from sdk.chain.errors import NonceLostError, TurnLostError
from sdk.chain.journal import Journal, Sent
from sdk.chain.outbox import Outbox

__all__ = ["Delivery", "pause"]

_POLL_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)
_LOOK_EVERY = 2
_LOST_AFTER = 2


@dataclass(slots=True)
class _Watched:
    """What is waited for, as it was last seen."""

    sent: Sent
    was_mined: bool = False
    without_receipt: int = 0
    tended_at: float = 0.0


class Delivery:
    """Waits for transactions of one account; where one is stuck or lost, it tends the journal."""

    def __init__(
        self,
        client: ChainClient,
        account: str,
        journal: Journal,
        outbox: Outbox,
        confirmations: int,
    ) -> None:
        """A transaction is deep enough with so many blocks on top of its own."""
        self._client = client
        self._account = account
        self._journal = journal
        self._outbox = outbox
        self._confirmations = confirmations

    async def receipt_of(self, sent: Sent) -> dict[str, Any]:
        """Wait, without an end, until one of its transactions is deep enough; give the receipt.

        Raises NonceLostError, ChainUnavailableError.
        """
        watched, attempt = _Watched(sent), 0
        while True:
            receipt = await self._receipt(watched.sent)
            if receipt is None:
                await self._look_after(watched, attempt)
            elif await self._is_deep(int(receipt["blockNumber"], 16)):
                return receipt
            watched.was_mined = receipt is not None
            await pause(attempt)
            attempt += 1

    async def _receipt(self, sent: Sent) -> dict[str, Any] | None:
        """Read the receipt of whichever of its transactions was mined."""
        for transaction_hash in reversed(sent.hashes):
            receipt = await self._client.receipt(transaction_hash)
            if receipt is not None:
                return receipt
        return None

    async def _look_after(self, watched: _Watched, attempt: int) -> None:
        """See to it that it will be mined. Raises NonceLostError where it can't be any more."""
        sent = watched.sent
        if watched.was_mined:  # a reorganisation took it out
            self._outbox.note_gone(sent.nonce)
            await self._tend(watched)
        elif self._outbox.is_due(sent.sent_at) and self._outbox.is_due(watched.tended_at):
            await self._tend(watched)
        elif attempt >= len(_POLL_S) and attempt % _LOOK_EVERY == 0:
            await self._look_closer(watched)

    async def _look_closer(self, watched: _Watched) -> None:
        sent = watched.sent
        used, block = await asyncio.gather(
            self._client.transaction_count(self._account, "latest"), self._client.block()
        )
        if used > sent.nonce:
            watched.sent = await self._journal.read(sent.nonce) or sent
            watched.without_receipt += 1
            if watched.without_receipt > _LOST_AFTER:
                raise NonceLostError(f"nonce {sent.nonce} was used by another transaction")
        elif not sent.fees.covers(block.base_fee):
            if self._outbox.is_due(watched.tended_at):
                await self._tend(watched)
        elif not await self._outbox.is_known(sent):  # as after a restart of the node
            self._outbox.note_gone(sent.nonce)
            await self._tend(watched)

    async def _tend(self, watched: _Watched) -> None:
        """Tend all; where the turn is lost, another process does."""
        watched.tended_at = self._outbox.now()
        with suppress(TurnLostError):
            async with self._journal.turn() as turn:
                await self._outbox.tend(turn)
                watched.sent = turn.sent.get(watched.sent.nonce, watched.sent)

    async def _is_deep(self, number: int) -> bool:
        if not self._confirmations:
            return True
        return (await self._client.block()).number >= number + self._confirmations


async def pause(attempt: int) -> None:
    """Wait before the next look, longer after each."""
    await asyncio.sleep(_POLL_S[min(attempt, len(_POLL_S) - 1)])
