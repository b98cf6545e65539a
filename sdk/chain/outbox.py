"""What an account has on its way: looks after it until it is deep in the chain."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sdk.chain.accounts import SigningKey
from sdk.chain.client import Block, ChainClient
from sdk.chain.errors import (
    ChainError,
    ChainUnavailableError,
    FeeCapError,
    FeeTooLowError,
    InsufficientGasAccountError,
    NonceTakenError,
)
from sdk.chain.fees import first_fees, raised_fees
from sdk.chain.journal import Call, Sent, Turn
from sdk.chain.offers import Offers

__all__ = ["Bidding", "Outbox"]

_ATTEMPTS = 3
_KEPT_BLOCKS = 8
"""A reorganisation of no more than this is mended by sending again what it took out."""


def _tell_nobody(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Bidding:
    """When to offer more for a transaction, up to what (wei per gas), and whom to tell of it."""

    replace_after: float = 20.0
    max_fee_per_gas: int | None = None
    tell: Callable[[str], None] = _tell_nobody


@dataclass(frozen=True, slots=True)
class _Market:
    """How the chain stands: the newest block, the usual tip, and how many nonces are used."""

    block: Block
    tip: int
    used: int


class Outbox:
    """Works on a journal within a turn. `now` gives seconds since 1970."""

    def __init__(
        self,
        client: ChainClient,
        key: SigningKey,
        bidding: Bidding,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._key = key
        self._bidding = bidding
        self.now = now
        self._offers = Offers(client, key, now)
        self._mined_in: dict[int, int] = {}
        self._capped: set[str] = set()
        self.waited: set[int] = set()
        """The nonces whose fate somebody in this process waits for."""

    def is_due(self, since: float) -> bool:
        """Tell whether enough has passed since then to offer more."""
        return self.now() >= since + self._bidding.replace_after

    def note_mined(self, nonce: int, block_number: int) -> None:
        """Remember where a transaction stands, which saves asking."""
        self._mined_in[nonce] = block_number

    def note_gone(self, nonce: int) -> None:
        """Remember that a transaction may have left the chain, or the node's memory."""
        self._mined_in.pop(nonce, None)
        self._offers.note_gone(nonce)

    async def is_known(self, sent: Sent) -> bool:
        """Ask whether the node has it, mined or waiting."""
        return await self._offers.is_known(sent)

    async def place(self, turn: Turn, call: Call) -> Sent:
        """Send a call with the next nonce; or give what is under way and does just the same.

        Raises FeeCapError, InsufficientGasAccountError and ChainError (nothing was sent),
        ChainUnavailableError (it may have been sent).
        """
        market = await self.tend(turn)
        for sent in list(turn.sent.values()):
            if sent.nonce >= market.used and self._stands_for(sent, call):
                return sent
        cap = self._bidding.max_fee_per_gas
        fees = first_fees(market.block.base_fee, market.tip, cap)
        if not fees.covers(market.block.base_fee):
            raise FeeCapError(f"blocks cost {market.block.base_fee} wei per gas, the cap is {cap}")
        nonce = await self._client.transaction_count(self._key.address)
        for _ in range(_ATTEMPTS):
            while nonce in turn.sent:
                nonce += 1
            try:
                return await self._place(turn, Sent(nonce, call, fees, (), 0.0))
            except NonceTakenError as error:
                self._bidding.tell(f"nonce {nonce} was taken by another transaction: {error}")
                nonce += 1
        raise ChainUnavailableError(f"others send from {self._key.address}: no nonce is free")

    async def tend(self, turn: Turn) -> _Market:
        """Look after all that is under way.

        What is deep in the chain is forgotten; what no node knows is sent again; for what waits too
        long, or offers less than blocks cost by now, more is offered.
        """
        client, account = self._client, self._key.address
        block, tip, used = await asyncio.gather(
            client.block(), client.tip(), client.transaction_count(account, "latest")
        )
        market = _Market(block, tip, used)
        await self._forget_other_chains(turn)
        await self._forget_deep(turn, market)
        for sent in sorted(turn.sent.values(), key=lambda sent: sent.nonce):
            if sent.nonce >= used:
                if sent.nonce in self._mined_in:
                    self.note_gone(sent.nonce)
                await self._push(turn, sent, market)
        return market

    def _stands_for(self, sent: Sent, call: Call) -> bool:
        """Tell whether it may stand for another call: one of a process that died, as a rule.

        Two equal transfers of money are two transfers.
        """
        repeats = bool(call.data) and not call.value and sent.call.does_the_same(call)
        return repeats and sent.nonce not in self.waited

    async def _place(self, turn: Turn, sent: Sent) -> Sent:
        try:
            sent, refusal = await self._offers.offer(turn, sent)
        except ChainUnavailableError:
            raise
        except ChainError:
            await turn.forget([sent.nonce])
            raise
        if refusal is None:
            return sent
        await turn.forget([sent.nonce])
        if isinstance(refusal, FeeTooLowError):
            raise FeeCapError(str(refusal)) from refusal
        raise refusal

    async def _push(self, turn: Turn, sent: Sent, market: _Market) -> None:
        tell, cap = self._bidding.tell, self._bidding.max_fee_per_gas
        covered = sent.fees.covers(market.block.base_fee)
        if self.is_due(sent.sent_at) or not covered:
            raised = raised_fees(sent.fees, market.block.base_fee, market.tip, cap)
            if raised is not None:
                tell(f"nonce {sent.nonce} waits: offering {raised.most} wei per gas")
                _, refusal = await self._offers.offer(turn, replace(sent, fees=raised))
                if refusal is not None and not isinstance(refusal, NonceTakenError):
                    tell(f"nonce {sent.nonce}: {refusal}")
                return
            if sent.hashes[-1] not in self._capped:
                self._capped.add(sent.hashes[-1])
                tell(f"nonce {sent.nonce} waits: the cap of {cap} wei forbids to offer more")
        unsure = not self._offers.was_seen_after(sent, self.now() - self._bidding.replace_after)
        if covered and unsure and not await self._offers.is_known(sent):
            await self._send_again(turn, sent)

    async def _send_again(self, turn: Turn, sent: Sent) -> None:
        self._bidding.tell(f"nonce {sent.nonce} is known to no node: sending it again")
        try:
            await self._offers.send_again(sent)
        except ChainUnavailableError:
            raise
        except FeeTooLowError:
            return
        except InsufficientGasAccountError as error:
            self._bidding.tell(f"nonce {sent.nonce} can't be sent again: {error}")
        except NonceTakenError as error:
            self._bidding.tell(f"nonce {sent.nonce} was taken by another transaction: {error}")
        except ChainError as error:  # it would keep all later ones from being mined
            self._bidding.tell(f"nonce {sent.nonce} is given up: {error}")
            await turn.forget([sent.nonce])

    async def _forget_other_chains(self, turn: Turn) -> None:
        """Forget what was sent to a development chain that was begun anew since."""
        genesis = await self._offers.first_block()
        if genesis:
            others = [n for n, sent in turn.sent.items() if sent.genesis not in ("", genesis)]
            await turn.forget(others)

    async def _forget_deep(self, turn: Turn, market: _Market) -> None:
        head, deep = market.block.number, []
        for nonce, sent in list(turn.sent.items()):
            if nonce >= market.used or nonce in self.waited:
                continue
            if nonce not in self._mined_in:
                self._mined_in[nonce] = await self._block_of(sent, head)
            if self._mined_in[nonce] <= head - _KEPT_BLOCKS:
                deep.append(nonce)
        await turn.forget(deep)
        for nonce in deep:
            self.note_gone(nonce)
        if not turn.sent:
            self._capped.clear()

    async def _block_of(self, sent: Sent, head: int) -> int:
        """Give its block's number; the head's where another transaction took its nonce."""
        for transaction_hash in reversed(sent.hashes):
            receipt = await self._client.receipt(transaction_hash)
            if receipt is not None:
                return int(receipt["blockNumber"], 16)
        return head
