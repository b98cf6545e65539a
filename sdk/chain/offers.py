"""Signs what a journal holds, and sends it: never before it is written down."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address

from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient, access_list
from sdk.chain.errors import (
    AlreadyKnownError,
    ChainError,
    ChainUnavailableError,
    NonceTakenError,
    TurnLostError,
)
from sdk.chain.journal import Sent, Turn


class Offers:
    """Sends one account's transactions. `now` gives seconds since 1970."""

    def __init__(self, client: ChainClient, key: SigningKey, now: Callable[[], float]) -> None:
        self._client = client
        self._key = key
        self._now = now
        self._genesis: str | None = None
        self._seen_at: dict[int, float] = {}

    async def first_block(self) -> str:
        """Give the hash of the chain's first block; empty where the node does not keep it."""
        if self._genesis is None:
            first = await self._client.find_block(0)
            self._genesis = first.hash if first else ""
        return self._genesis

    async def offer(self, turn: Turn, sent: Sent) -> tuple[Sent, ChainError | None]:
        """Write it with one more transaction, by its `fees`, and send that.

        Gives what was written, and the node's refusal. Raises TurnLostError and
        JournalUnavailableError (nothing was sent), ChainUnavailableError.
        """
        signed = self._signed(sent)
        written = replace(
            sent,
            hashes=(*sent.hashes, "0x" + bytes(signed.hash).hex()),
            sent_at=self._now(),
            genesis=await self.first_block(),
        )
        try:
            await turn.write(written)
        except TurnLostError:
            if (carried := await self._carried(turn, written)) is None:
                raise
            return carried, None
        try:
            await self._send(signed.raw_transaction, sent.nonce)
        except ChainUnavailableError:
            raise
        except NonceTakenError as error:
            if (carried := await self._carried(turn, written)) is None:
                return written, error
            return carried, None
        except ChainError as error:
            return written, error
        return written, None

    async def _carried(self, turn: Turn, written: Sent) -> Sent | None:
        """Give what carries it now, if a node has that; else the nonce is somebody else's.

        The node before this one may have taken it, and lost only its answer. Or we were frozen and
        lost the turn: whoever has it found it in the journal, sent it, and may have offered more.
        """
        held = await turn.read(written.nonce)
        carried = held if held is not None and written.hashes[-1] in held.hashes else written
        return carried if await self.is_known(carried) else None

    async def send_again(self, sent: Sent) -> None:
        """Send its newest transaction once more. Raises what a node may refuse it with."""
        await self._send(self._signed(sent).raw_transaction, sent.nonce)

    async def is_known(self, sent: Sent) -> bool:
        """Ask whether a node has one of its transactions."""
        for transaction_hash in reversed(sent.hashes):
            if await self._client.transaction(transaction_hash) is not None:
                self._seen_at[sent.nonce] = self._now()
                return True
        return False

    def was_seen_after(self, sent: Sent, moment: float) -> bool:
        """Tell whether a node had it then."""
        return self._seen_at.get(sent.nonce, moment) > moment

    def note_gone(self, nonce: int) -> None:
        """Remember that nodes may not have it any more."""
        self._seen_at.pop(nonce, None)

    async def _send(self, raw: bytes, nonce: int) -> None:
        with suppress(AlreadyKnownError):
            await self._client.send_raw(bytes(raw))
        self._seen_at[nonce] = self._now()

    def _signed(self, sent: Sent) -> Any:  # noqa: ANN401 - eth_account's, untyped
        call = sent.call
        fields = {
            "chainId": self._client.chain_id,
            "nonce": sent.nonce,
            "gas": call.gas,
            "maxFeePerGas": sent.fees.most,
            "maxPriorityFeePerGas": sent.fees.tip,
            "to": to_checksum_address(call.to),
            "data": call.data,
            "value": call.value,
            "accessList": access_list(call.touched),
        }
        return Account.sign_transaction(fields, self._key.secret)
