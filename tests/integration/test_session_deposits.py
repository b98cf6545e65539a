"""Deposits that a reorganisation takes away, refunds about to open, payouts left to the driver."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.memory_bus import MemoryBus
from sdk.chain.dev_node import DevNode
from sdk.chain.heads import NewHeads
from sdk.chain.reorgs import Reorganisations
from sdk.chain.sender import Sender
from sdk.events.charging import IdTagRevoked
from sdk.events.envelope import read_envelope
from sdk.events.service import Phase, Voucher
from sdk.ids import utc_now
from sdk.logs import get_logger
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.machine import transition
from session_manager.session.payout import hand_over
from session_manager.session.state import Session
from session_manager.session.step import change
from session_manager.session.table import SessionEvent
from session_manager.settlement import Settlement
from session_manager.wallets import Wallets
from tests.session_kit import CP, in_phase

DEPOSIT = 10**15
MARGIN = 600
BOUND = 10**9
NewPurse = Callable[..., Any]


@dataclass
class Till:
    """Looks after one session's wallet; what it tells moves the session, as a manager does."""

    purse: Any
    driver: Sender
    heads: NewHeads
    settlement: Settlement
    bus: MemoryBus
    session: Session = field(default_factory=Session)
    told: list[Any] = field(default_factory=list)

    def open(self, phase: Phase) -> None:
        """Look after a session in `phase`; one that charged has a voucher of 2,000."""
        self.session = self._own(in_phase(phase))
        self._look()

    def _own(self, session: Session) -> Session:
        channel = self.purse.channel
        named = {
            "session_id": channel.session_id,
            "refund_opens_at": channel.refund_opens_at,
            "provider": channel.provider,
        }
        quote = session.terms.model_copy(update=named)
        own = {"quote": quote, "session_id": channel.session_id, "zero": self.voucher(0)}
        if session.paid:
            own["voucher"] = self.voucher(session.paid)
        if session.payout is not None:
            own["payout"] = self.voucher(session.payout.spent)
        return change(session, deposit=DEPOSIT, **own)

    def voucher(self, spent: int) -> Voucher:
        channel = self.purse.channel
        signature = channel.sign(channel.voucher(spent), self.purse.driver)
        return Voucher(spent=spent, signature=signature)

    async def pay_in(self) -> None:
        await self.driver.send(self.purse.channel.address, b"", value=DEPOSIT)

    def _look(self) -> None:
        channel = self.purse.channel
        sessions = {channel.session_id: (1, self.session)}
        self.settlement.look(CP, self.purse.station, lambda _: channel, sessions)

    def hear(self, event: SessionEvent) -> None:
        """Move the session, and take up what it needs then."""
        self.session = transition(self.session, event).session
        self._look()

    async def follow(self) -> None:
        """Let the session hear what is told."""
        stream, after = self.bus._store.streams[keys.lane(CP, Lane.IN)], "0"
        while True:
            for entry in stream.after(after, 100):
                after = entry.stream_id
                body: Any = read_envelope(entry.fields["d"]).body
                self.told.append(body)
                self.hear(body)
            await asyncio.sleep(0.01)

    async def heard(self, count: int = 1) -> list[Any]:
        """What was told, once it was so much."""
        async with asyncio.timeout(10):
            while len(self.told) < count:  # noqa: ASYNC110 - a list tells nobody
                await asyncio.sleep(0.01)
        return self.told

    async def quiet(self, seconds: float) -> bool:
        """Tell whether nothing is told for a while."""
        before = len(self.told)
        await asyncio.sleep(seconds)
        return len(self.told) == before

    async def followed(self, block: int) -> None:
        """Wait until blocks up to this one were looked at."""
        reorgs = self.settlement._wallets.reorgs
        async with asyncio.timeout(10):
            while reorgs.newest is None or reorgs.newest.number < block:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def chain_node() -> AsyncIterator[DevNode]:
    """A chain for each test: what is reorganised may belong to nobody else."""
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        yield node


@asynccontextmanager
async def till(purse: Any, node: DevNode, confirmations: int = 0) -> AsyncIterator[Till]:
    bus, heads = MemoryBus(), NewHeads([], interval=0.02)
    wallets = Wallets(
        purse.client, purse.gas, heads, Reorganisations(purse.client, heads), confirmations
    )
    settlement = Settlement(bus, wallets, utc_now, get_logger("test"), MARGIN)
    place = Till(purse, Sender(purse.client, node.accounts[1]), heads, settlement, bus)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(settlement.run()), group.create_task(place.follow())]
        await asyncio.sleep(0)
        yield place
        for task in tasks:
            task.cancel()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """How long a transaction may be away, in seconds."""
    monkeypatch.setattr("session_manager.deposits._PATIENCE_S", 1.0)
    return 1.0


async def charging(place: Till) -> None:
    await place.pay_in()
    place.open("charging")
    head = await place.purse.client.block()
    await place.followed(head.number)


async def test_a_deposit_that_is_reorganised_away_stops_the_charging(
    purse: NewPurse, chain_node: DevNode, patience: float
) -> None:
    async with till(purse(), chain_node) as place:
        await charging(place)
        assert await place.quiet(0.2)
        await chain_node.reorganise(1)
        assert await place.quiet(patience / 2)
        (lost,) = await place.heard()
        assert (lost.type, lost.amount) == ("DepositLost", 0)
        assert (place.session.phase, place.session.stop_reason) == ("stopping", "deposit_lost")
        assert await place.quiet(patience)


async def test_a_deposit_that_is_back_in_time_was_never_away(
    purse: NewPurse, chain_node: DevNode, patience: float
) -> None:
    async with till(purse(), chain_node) as place:
        await charging(place)
        await chain_node.reorganise(1)
        assert await place.quiet(patience / 4)
        assert await place.purse.balances() == (1, 1, 0)
        await place.driver.tend()
        assert await place.purse.balances() == (1, 1, DEPOSIT)
        assert await place.quiet(patience * 1.5)
        assert place.session.phase == "charging"


async def test_a_part_of_a_deposit_is_not_enough(
    purse: NewPurse, chain_node: DevNode, patience: float
) -> None:
    async with till(purse(), chain_node) as place:
        await charging(place)
        await chain_node.reorganise(1)
        await chain_node.fund(place.purse.channel.address, DEPOSIT - 1)
        (lost,) = await place.heard()
        assert (lost.amount, place.session.phase) == (DEPOSIT - 1, "stopping")
        assert patience


async def test_a_deposit_that_was_lost_while_nobody_looked_is_missed(
    purse: NewPurse, chain_node: DevNode, patience: float
) -> None:
    async with till(purse(), chain_node) as place:
        place.open("starting")
        (lost,) = await place.heard()
        assert (lost.amount, place.session.phase) == (0, "refunding")
        assert (place.session.failure, place.session.deposit) == ("deposit_lost", 0)
        assert patience


async def test_a_deposit_that_comes_back_after_it_was_lost_is_given_back(
    purse: NewPurse, chain_node: DevNode, patience: float
) -> None:
    async with till(purse(), chain_node) as place:
        await place.pay_in()
        place.open("starting")
        await place.followed((await place.purse.client.block()).number)
        await chain_node.reorganise(1)
        await place.heard()
        assert await place.quiet(patience)
        await place.driver.tend()
        async with asyncio.timeout(5):
            while await place.purse.client.balance(place.purse.channel.address) < DEPOSIT:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        place.hear(IdTagRevoked(id_tag=place.session.id_tag or ""))
        paid = (await place.heard(2))[-1]
        assert (paid.type, paid.spent, paid.refund) == ("SettlementExecuted", 0, DEPOSIT)
        assert await place.purse.balances() == (1, 1 + DEPOSIT, 0)


async def test_a_wallet_pays_out_before_the_refund_opens(
    purse: NewPurse, chain_node: DevNode
) -> None:
    async with till(purse(), chain_node) as place:
        await charging(place)
        opens_at = place.purse.channel.refund_opens_at
        await chain_node.set_time(opens_at - MARGIN - 60)
        assert await place.quiet(0.3)
        await chain_node.set_time(opens_at - MARGIN + 1)
        opening, paid = await place.heard(2)
        assert opening.type == "RefundOpening"
        assert opening.block_time >= opens_at - MARGIN
        assert (paid.type, paid.spent, paid.refund) == (
            "SettlementExecuted",
            2_000,
            DEPOSIT - 2_000,
        )
        block = await place.purse.client.find_block(paid.block_number)
        assert block.timestamp < opens_at
        assert (place.session.phase, place.session.stop_reason) == ("settled", "refund_opening")
        assert await place.purse.balances() == (2_001, 1 + DEPOSIT - 2_000, 0)


async def test_a_payout_that_is_left_to_the_driver_is_found_when_it_pays(
    purse: NewPurse, chain_node: DevNode
) -> None:
    async with till(purse(), chain_node) as place:
        await place.pay_in()
        step = hand_over(place._own(in_phase("executing")), BOUND)
        assert step is not None
        place.session = step.session
        place._look()
        assert await place.quiet(0.3)
        channel = place.purse.channel
        done = await place.purse.execute(channel.voucher(3_000))
        (paid,) = await place.heard()
        assert (paid.spent, paid.refund) == (3_000, DEPOSIT - 3_000)
        assert paid.transaction_hash == done.transaction_hash
        assert await place.purse.balances() == (3_001, 1 + DEPOSIT - 3_000, 0)
        async with till(place.purse, chain_node) as later:
            later.session = step.session
            later._look()
            (again,) = await later.heard()
            assert again == paid


async def test_a_deposit_counts_once_it_is_deep_enough(
    purse: NewPurse, chain_node: DevNode
) -> None:
    async with till(purse(), chain_node, confirmations=3) as place:
        place.open("verifying")
        await place.pay_in()
        await chain_node.mine(2)
        assert await place.quiet(0.3)
        await chain_node.mine()
        (seen,) = await place.heard()
        assert (seen.type, seen.amount) == ("DepositConfirmed", DEPOSIT)
        assert place.session.phase == "authorising"


async def test_a_deposit_that_never_got_deep_enough_is_none(
    purse: NewPurse, chain_node: DevNode
) -> None:
    async with till(purse(), chain_node, confirmations=3) as place:
        place.open("verifying")
        await place.pay_in()
        await chain_node.mine()
        await chain_node.reorganise(2)
        await chain_node.mine(5)
        assert await place.quiet(0.3)
        place.session = change(place.session, failure="deposit_missing")
        place._look()
        (seen,) = await place.heard()
        assert (seen.amount, place.session.phase) == (0, "rejected")


@pytest.mark.parametrize("rest", [0, DEPOSIT - 1])
async def test_a_part_that_was_told_before_is_told_again_at_the_last_look(
    purse: NewPurse, chain_node: DevNode, rest: int
) -> None:
    async with till(purse(), chain_node) as place:
        place.open("verifying")
        await chain_node.fund(place.purse.channel.address, 1)
        await chain_node.mine()
        (first,) = await place.heard()
        assert (first.amount, place.session.phase) == (1, "verifying")
        if rest:
            await place.driver.send(place.purse.channel.address, b"", value=rest)
            assert (await place.heard(2))[-1].amount == DEPOSIT
            assert place.session.phase == "authorising"
        else:
            place.hear(DeadlineExpired("deposit", utc_now()))
            again, paid = (await place.heard(3))[1:]
            assert (again.type, again.amount) == ("DepositConfirmed", 1)
            assert (paid.type, paid.spent, paid.refund) == ("SettlementExecuted", 0, 1)
            assert (place.session.phase, place.session.failure) == ("refunded", "deposit_short")


@pytest.mark.parametrize("phase", ["authorising", "starting"])
async def test_a_deposit_goes_back_before_the_refund_opens(
    purse: NewPurse, chain_node: DevNode, phase: Phase
) -> None:
    async with till(purse(), chain_node) as place:
        await place.pay_in()
        place.open(phase)
        opens_at = place.purse.channel.refund_opens_at
        await chain_node.set_time(opens_at - MARGIN + 1)
        await place.heard()
        assert (place.session.phase, place.session.failure) == ("refunding", "refund_opening")
        place.hear(IdTagRevoked(id_tag=place.session.id_tag or ""))
        paid = (await place.heard(2))[-1]
        assert (paid.type, paid.spent, paid.refund) == ("SettlementExecuted", 0, DEPOSIT)
        assert (await place.purse.client.find_block(paid.block_number)).timestamp < opens_at
        assert place.session.phase == "refunded"


async def test_wallets_in_use_are_those_that_are_still_to_pay_out(
    purse: NewPurse, chain_node: DevNode
) -> None:
    async with till(purse(), chain_node) as place:
        settlement = place.settlement
        assert settlement.wallets_in_use == 0
        phases: tuple[Phase, ...] = ("verifying", "charging", "executing")
        for phase in phases:
            place.open(phase)
            assert settlement.wallets_in_use == 1
        step = hand_over(place._own(in_phase("executing")), BOUND)
        assert step is not None
        place.session = step.session
        place._look()
        assert settlement.wallets_in_use == 0
        place.open("settled")
        assert settlement.wallets_in_use == 0
        place.open("charging")
        assert settlement.wallets_in_use == 1
        settlement.drop(CP)
        assert settlement.wallets_in_use == 0
