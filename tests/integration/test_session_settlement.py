"""What sessions need of a real chain is done, again if need be, and told to the session once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.memory_bus import MemoryBus
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.heads import NewHeads
from sdk.chain.reorgs import Reorganisations
from sdk.chain.sender import Sender
from sdk.events.envelope import read_envelope
from sdk.events.service import Voucher
from sdk.ids import utc_now
from sdk.logs import get_logger
from session_manager.session.state import Session
from session_manager.session.step import change
from session_manager.settlement import Settlement
from session_manager.wallets import Wallets
from tests.session_kit import CP, in_phase

DEPOSIT = 10**15
MARGIN = 600
NewPurse = Callable[..., Any]


class StumblingKey:
    """A key that fails in a way that nobody foresaw, so many times."""

    def __init__(self, key: Any, times: int) -> None:
        self._key = key
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)

    def sign_digest(self, digest: bytes) -> str:
        if self.times:
            self.times -= 1
            raise ZeroDivisionError("a fault of ours")
        return str(self._key.sign_digest(digest))


class Yard:
    """Settlement over a memory bus, looking after one wallet."""

    def __init__(self, purse: Any, confirmations: int, client: ChainClient | None) -> None:
        self.purse = purse
        self.bus = MemoryBus()
        self.heads = NewHeads([], interval=0.02)
        sender = purse.gas if client is None else Sender(client, purse.station)
        asked = client or purse.client
        self.reorgs = Reorganisations(asked, self.heads)
        wallets = Wallets(asked, sender, self.heads, self.reorgs, confirmations)
        self.settlement = Settlement(self.bus, wallets, utc_now, get_logger("test"), MARGIN)

    def look(self, session: Session, key: Any = None) -> None:
        channel = self.purse.channel
        self.settlement.look(
            CP, key or self.purse.station, lambda _: channel, {channel.session_id: (1, session)}
        )

    def payable(self, spent: int) -> Session:
        """A session whose wallet must pay out `spent`."""
        channel, driver = self.purse.channel, self.purse.driver
        signature = channel.sign(channel.voucher(spent), driver)
        voucher = Voucher(spent=spent, signature=signature)
        return change(in_phase("executing"), payout=voucher, deposit=DEPOSIT)

    async def heard(self, count: int = 1) -> list[Any]:
        """What was told to the session, once so much was."""
        stream = self.bus._store.streams[keys.lane(CP, Lane.IN)]
        async with asyncio.timeout(10):
            while len(stream) < count:  # noqa: ASYNC110 - a stream tells nobody
                await asyncio.sleep(0.005)
        return [read_envelope(entry.fields["d"]).body for entry in stream.after("0", 100)]

    def is_quiet(self) -> bool:
        return not len(self.bus._store.streams[keys.lane(CP, Lane.IN)])


@asynccontextmanager
async def yard(
    purse: Any, confirmations: int = 0, client: ChainClient | None = None
) -> AsyncIterator[Yard]:
    place = Yard(purse, confirmations, client)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(place.settlement.run())
        await asyncio.sleep(0)
        yield place
        task.cancel()


WAITING = in_phase("verifying")
ENDING = change(WAITING, failure="deposit_missing")


async def test_a_deposit_is_told_when_it_is_there(purse: NewPurse) -> None:
    async with yard(purse()) as place:
        place.look(WAITING)
        await asyncio.sleep(0.1)
        assert place.is_quiet()
        await place.purse.deposit(DEPOSIT)
        (body,) = await place.heard()
        assert (body.type, body.amount) == ("DepositConfirmed", DEPOSIT)


async def test_an_empty_wallet_is_an_answer_only_for_a_session_that_ends(purse: NewPurse) -> None:
    async with yard(purse()) as place:
        place.look(ENDING)
        (body,) = await place.heard()
        assert (body.type, body.amount) == ("DepositConfirmed", 0)


async def test_a_deposit_under_way_is_waited_for(purse: NewPurse, chain_node: DevNode) -> None:
    async with yard(purse(), confirmations=3) as place:
        await place.purse.deposit(DEPOSIT)
        place.look(ENDING)
        await asyncio.sleep(0.1)
        assert place.is_quiet()
        await chain_node.mine(3)
        (body,) = await place.heard()
        assert body.amount == DEPOSIT


async def test_a_wallet_pays_out_once_whoever_asks_again(purse: NewPurse) -> None:
    async with yard(purse()) as place:
        await place.purse.deposit(DEPOSIT)
        place.look(place.payable(1_000))
        (body,) = await place.heard()
        assert (body.type, body.spent, body.refund) == (
            "SettlementExecuted",
            1_000,
            DEPOSIT - 1_000,
        )
        async with yard(place.purse) as later:
            later.look(later.payable(1_000))
            (again,) = await later.heard()
    assert again.transaction_hash == body.transaction_hash
    assert (again.spent, again.refund, again.deposit) == (1_000, DEPOSIT - 1_000, DEPOSIT)


async def test_a_fault_of_ours_is_tried_again_and_stops_no_other(purse: NewPurse) -> None:
    async with yard(purse()) as place:
        await place.purse.deposit(DEPOSIT)
        key = StumblingKey(place.purse.station, times=1)
        place.look(place.payable(1_000), key)
        (body,) = await place.heard()
        assert (body.type, key.times) == ("SettlementExecuted", 0)


async def test_a_node_that_is_away_is_told_once_and_asked_again(purse: NewPurse) -> None:
    async with ChainAway() as client, yard(purse(), client=client) as place:
        place.look(place.payable(1_000))
        (body,) = await place.heard()
        assert (body.type, body.reason) == ("SettlementFailed", "chain_unavailable")
        await asyncio.sleep(0.8)
        assert len(await place.heard()) == 1


async def test_a_charge_point_that_was_dropped_is_left_alone(purse: NewPurse) -> None:
    async with yard(purse()) as place:
        place.look(WAITING)
        place.settlement.drop(CP)
        await place.purse.deposit(DEPOSIT)
        await asyncio.sleep(0.1)
        assert place.is_quiet()


async def test_what_is_no_longer_needed_is_no_longer_watched(purse: NewPurse) -> None:
    async with yard(purse()) as place:
        place.look(WAITING)
        place.look(in_phase("settled"))
        await place.purse.deposit(DEPOSIT)
        await asyncio.sleep(0.1)
        assert place.is_quiet()


class ChainAway:
    """A client of a node that does not answer."""

    async def __aenter__(self) -> ChainClient:
        self._client = ChainClient(["http://127.0.0.1:9"], CHAIN_ID)
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
