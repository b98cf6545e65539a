"""Stations that cheat, one test for each trick: the app signs for none, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak
from played_station import (
    DEPOSIT,
    METER_START,
    NO_HASH,
    PINS,
    Ledger,
    Trick,
    World,
    kinds,
    played,
    until,
)

from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment, create2_address
from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import DevNode
from sdk.chain.errors import ContractsMissingError
from sdk.chain.safe import proxy_creation_code, salt_nonce, setup_call
from sdk.events import service
from sdk.ids import utc_now
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_settings import Quote
from sdk.p2p.consumer_state import ConsumerState, MemoryStore
from sdk.p2p.quote_check import channel_of
from sdk.tariff import PriceLine, Tariff, Usage, Window

KWH = 10**18
ACCOMPLICE = new_key()
LATER = 2**40


@pytest.fixture
async def world(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[World]:
    async with played(redis_bus, tmp_path) as world:
        yield world


async def refused_quote(world: World, chain: Any = None) -> str:
    """Say why the app does not take the quote that it is given."""
    async with world.consumer(chain) as consumer:
        await consumer.connect(world.station.did)
        with pytest.raises(errors.QuoteInvalidError) as refused:
            await consumer.quote(1, DEPOSIT)
    return str(refused.value)


def _of_other_owners(quote: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    """A wallet of the station and its accomplice, with refund and sweep signed for that."""
    assert quote.wallet == key.address
    stolen = replace(channel, consumer=ACCOMPLICE.address)
    return {
        "wallet": stolen.address,
        "refund_signature": stolen.sign(stolen.gated_refund(), key),
        "sweep_signature": stolen.sign(stolen.sweep(), key),
    }


def _of_one_signature(quote: service.QuoteOffered, channel: Channel, _: SigningKey) -> Any:
    """The wallet of both owners, of whom one is enough."""
    setup = setup_call(channel.owners, PINS)
    threshold = slice(4 + 32, 4 + 64)
    assert int.from_bytes(setup[threshold]) == 2
    setup = setup[: threshold.start] + (1).to_bytes(32) + setup[threshold.stop :]
    salt = keccak(keccak(setup) + salt_nonce(quote.session_id).to_bytes(32))
    code = keccak(proxy_creation_code() + bytes(12) + bytes.fromhex(PINS.safe[2:]))
    return {"wallet": create2_address(PINS.proxy_factory, salt, code)}


def _of_another_contract(_: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    """The wallet of a Safe that is none."""
    stolen = replace(channel, deployment=Deployment(safe=ACCOMPLICE.address))
    return {
        "wallet": stolen.address,
        "refund_signature": stolen.sign(stolen.gated_refund(), key),
    }


def _refund_later(_: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    late = replace(channel, refund_opens_at=LATER)
    return {"refund_signature": channel.sign(late.gated_refund(), key)}


def _refund_of_a_part(_: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    return {"refund_signature": channel.sign(channel.voucher(DEPOSIT), key)}


def _refund_to_another(_: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    stolen = replace(channel, refund_account=ACCOMPLICE.address)
    return {"refund_signature": channel.sign(stolen.gated_refund(), key)}


def _refund_signed_by_another(_: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    assert key.address != ACCOMPLICE.address
    return {"refund_signature": channel.sign(channel.gated_refund(), ACCOMPLICE)}


def _sweep_to_another(_: service.QuoteOffered, channel: Channel, key: SigningKey) -> Any:
    stolen = replace(channel, refund_account=ACCOMPLICE.address)
    return {"sweep_signature": channel.sign(stolen.sweep(), key)}


@pytest.mark.parametrize(
    ("trick", "said"),
    [
        (_of_other_owners, "the wallet is not"),
        (_of_one_signature, "the wallet is not"),
        (_of_another_contract, "the wallet is not"),
        (_refund_later, "the refund is not signed"),
        (_refund_of_a_part, "the refund is not signed"),
        (_refund_to_another, "the refund is not signed"),
        (_refund_signed_by_another, "the refund is not signed"),
        (_sweep_to_another, "the sweep is not signed"),
    ],
)
async def test_a_deposit_that_might_not_come_back_is_not_paid(
    world: World, trick: Trick, said: str
) -> None:
    world.station.trick = trick
    assert said in await refused_quote(world)


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({"refund_opens_at": LATER}, "opens too late"),
        ({"maximum_power_w": 4_000_001}, "beyond belief"),
        ({"refund_opens_at": 1}, "before charging must end"),
        ({"ends_by": LATER}, "before charging must end"),
        ({"ends_by": 1}, "ends before it begins"),
        ({"tariff": Tariff(per_kwh=2 * KWH)}, "tariff_hash"),
        ({"tariff_hash": NO_HASH}, "tariff_hash"),
        ({"deposit": DEPOSIT + 1}, "deposit"),
        ({"minimum_deposit": DEPOSIT + 1}, "below the station's minimum"),
        ({"refund_account": ACCOMPLICE.address}, "refund_account"),
        ({"session_key": ACCOMPLICE.address}, "session_key"),
        ({"session_id": NO_HASH}, "session_id"),
        ({"consumer_nonce": NO_HASH}, "consumer_nonce"),
        ({"token": ACCOMPLICE.address}, "token"),
        ({"chain_id": 1}, "another chain"),
        ({"connector_id": 2}, "connector_id"),
        ({"charge_point_id": "CP-2"}, "charge_point_id"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expired"),
        ({"provider": ACCOMPLICE.address}, "not signed by the station"),
        ({"exposure_limit": 1}, "would stop before"),
        ({"token_decimals": 6}, "other decimals"),
    ],
)
async def test_a_quote_of_something_else_is_not_taken(
    world: World, spoiled: dict[str, Any], said: str
) -> None:
    world.station.spoil = spoiled
    assert said in await refused_quote(world)


async def test_a_quote_that_another_signed_is_not_taken(world: World) -> None:
    world.station.key = ACCOMPLICE
    assert "not signed by" in await refused_quote(world)


async def test_a_wallet_that_was_used_is_not_paid(world: World) -> None:
    class Used(Ledger):
        async def is_unused(self, address: str, token: str) -> bool:
            return not await super().is_unused(address, token)

    assert "used before" in await refused_quote(world, Used())


async def test_a_chain_with_other_contracts_gets_no_deposit(world: World) -> None:
    elsewhere = Ledger(contracts=Deployment(payout=ACCOMPLICE.address))
    async with world.consumer(elsewhere) as consumer:
        await consumer.connect(world.station.did)
        with pytest.raises(ContractsMissingError):
            await consumer.quote(1, DEPOSIT)


async def test_energy_faster_than_the_clock_is_not_vouched_for(world: World) -> None:
    station = world.station
    async with world.charging(speed=1) as (_, events, _quote):
        await station.report("charging", 5_000)
        await until(lambda: happened.StatusChanged in kinds(events))
        await station.report("settling", 5_000)
        await station.propose()
        await until(lambda: happened.ProposalDisputed in kinds(events))
        assert "more energy than the time allows" in disputes(events)
        # 22 kW for the slack of 10 s, and the seconds of the test
        assert max(station.vouchers, default=0) < 200 * KWH // 1000
        assert not station.approved.is_set()


def disputes(events: list[Any]) -> list[str]:
    told = (happened.ProposalDisputed, happened.ReadingDisputed, happened.ReceiptDisputed)
    return [event.reason for event in events if isinstance(event, told)]


def split_day() -> Tariff:
    """Cheap from an hour ago until in an hour, dear for the rest of the day."""
    start, end = (f"{utc_now() + timedelta(hours=h):%H:00}" for h in (-1, 2))
    return Tariff(per_kwh=9 * KWH, windows=(Window(start=start, end=end, per_kwh=KWH),))


BY_TIME = Tariff(per_kwh=KWH, per_minute=KWH)
HOUR = timedelta(hours=1)


def _moved(usage: Usage) -> dict[str, Any]:
    return {"energy": (Fraction(usage.energy_wh), Fraction(0))}


def _early(usage: Usage) -> dict[str, Any]:
    return {"started_at": usage.started_at - HOUR}


def _late(usage: Usage) -> dict[str, Any]:
    return {"until": usage.until + HOUR}


def _other_start(usage: Usage) -> dict[str, Any]:
    wh = (usage.energy_wh + 100,)
    return {"meter_start_wh": usage.meter_start_wh - 100, "energy": tuple(map(Fraction, wh))}


@pytest.mark.parametrize(
    ("tariff", "trick", "said"),
    [
        (split_day(), _moved, "energy moved from one price to another"),
        (BY_TIME, _early, "counts time before the start"),
        (BY_TIME, _late, "after now"),
        (BY_TIME, _other_start, "the reading at the start changed"),
    ],
)
async def test_a_usage_that_can_not_be_true_is_not_vouched_for(
    world: World, tariff: Tariff, trick: Callable[[Usage], dict[str, Any]], said: str
) -> None:
    station = world.station
    station.tariff = tariff
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 300)
        await until(lambda: bool(station.vouchers))
        before = list(station.vouchers)
        assert disputes(events) == []
        await station.report("charging", 300)
        spoiled = station.usage.model_copy(update=trick(station.usage))
        await station.report("charging", 300, usage=spoiled)
        await until(lambda: bool(disputes(events)))
        assert said in disputes(events)[0]
        await station.propose(usage=spoiled, meter_start_wh=spoiled.meter_start_wh)
        await until(lambda: happened.ProposalDisputed in kinds(events))
        assert not station.approved.is_set()
        assert all(spent - before[-1] < KWH // 2 for spent in station.vouchers)


async def test_time_prices_let_no_energy_come_faster_than_the_clock(world: World) -> None:
    station = world.station
    station.tariff = BY_TIME
    async with world.charging(speed=1) as (_, events, _quote):
        await station.report("charging", 5_000)
        await until(lambda: bool(disputes(events)))
        assert disputes(events) == ["more energy at one price than the time allows"]
        assert station.vouchers == []


async def test_a_start_that_moves_down_is_not_vouched_for(world: World) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 200)
        await until(lambda: bool(station.vouchers))
        await station.report("charging", 200, meter_start_wh=METER_START - 400)
        await until(lambda: bool(disputes(events)))
        assert disputes(events) == ["the reading at the start changed"]
        assert station.vouchers == [200 * KWH // 1000]


async def test_the_status_of_another_session_changes_nothing(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, events, _):
        await until(lambda: happened.StatusChanged in kinds(events))
        await station.report("charging", 0, session_id=NO_HASH, meter_wh=METER_START + 900)
        await station.report("charging", 100)
        await until(lambda: bool(station.vouchers))
        assert station.vouchers == [100 * KWH // 1000]
        assert consumer.state is not None


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({"spent": 45 * 10**16 + 1}, "spent is not the price"),
        ({"refund": 0}, "spent and refund are not the deposit"),
        ({"deposit": DEPOSIT + 1}, "spent and refund are not the deposit"),
        ({"deposit": 45 * 10**16, "refund": 0}, "not what was locked"),
        ({"meter_start_wh": 400}, "energy is not the difference"),
        ({"meter_start_wh": 400, "energy_wh": 550, "spent": 55 * 10**16}, "start changed"),
        ({"energy_wh": 1}, "energy is not the difference"),
        ({"session_id": NO_HASH}, "another session"),
        ({"safe_signature": "0x" + "1" * 130}, "did not sign this payout"),
    ],
)
async def test_a_proposal_that_does_not_follow_is_not_signed(
    world: World, spoiled: dict[str, Any], said: str
) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        before = list(station.vouchers)
        await station.propose(**spoiled)
        await until(lambda: happened.ProposalDisputed in kinds(events))
        assert said in disputes(events)[0]
        assert station.vouchers == before
        assert not station.approved.is_set()


async def test_a_proposal_that_another_signed_is_not_signed(world: World) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        station.key = ACCOMPLICE
        await station.propose()
        await until(lambda: happened.ProposalDisputed in kinds(events))
        assert disputes(events) == ["it is not signed by the provider"]


FREE_LINE = PriceLine(item="energy", quantity=450, unit="Wh", price=KWH, amount=45 * 10**16)


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({"spent": DEPOSIT, "refund": 0}, "more was spent than the app signed"),
        ({"refund": 1}, "spent and refund are not the deposit"),
        ({"deposit": 46 * 10**16, "refund": 10**16}, "a deposit that is not what was locked"),
        ({"energy_wh": 1}, "energy that is not the usage's"),
        ({"usage": None}, "price lines that do not follow"),
        ({"price_lines": (FREE_LINE, FREE_LINE)}, "price lines that do not follow"),
        ({"tariff": Tariff(per_kwh=2 * KWH)}, "another tariff"),
        ({"tariff": Tariff(per_kwh=KWH), "token_decimals": 6}, "another token"),
        ({"refund_account": ACCOMPLICE.address}, "another refund account"),
        ({"provider": ACCOMPLICE.address}, "another station's account"),
        ({"wallet": ACCOMPLICE.address}, "another wallet"),
        ({"session_id": NO_HASH}, "another session"),
        ({"chain_id": 1}, "another chain"),
    ],
)
async def test_a_receipt_that_was_altered_is_told(
    world: World, spoiled: dict[str, Any], said: str
) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.deliver(**spoiled)
        await until(lambda: happened.ReceiptDisputed in kinds(events))
        assert said in disputes(events)[0]


async def test_the_usage_of_another_tariff_makes_no_receipt(world: World) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        usage = station.usage
        two_slots = usage.model_copy(update={"energy": (*usage.energy, Fraction(0))})
        await station.deliver(usage=two_slots)
        await until(lambda: happened.ReceiptDisputed in kinds(events))
        assert disputes(events) == ["the usage is one of another tariff"]


ELSEWHERE = "0x" + "e1" * 32


@pytest.mark.parametrize(
    ("of_wallet", "transaction", "spent", "said"),
    [
        (None, ELSEWHERE, 45 * 10**16, "shows no payout of the wallet in " + NO_HASH),
        (None, NO_HASH, 45 * 10**16 + 1, "shows another payout"),
        (None, NO_HASH, 0, f"another payout: 0 spent and {DEPOSIT} back"),
        (ACCOMPLICE.address, NO_HASH, 45 * 10**16, "shows no payout of the wallet in " + NO_HASH),
    ],
)
async def test_a_receipt_of_what_the_chain_does_not_show_is_disputed(
    world: World, of_wallet: str | None, transaction: str, spent: int, said: str
) -> None:
    station = world.station
    station.pays = False
    async with world.charging(looks=2) as (consumer, events, quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        wallet = of_wallet or quote.terms.wallet
        station.ledger.paid[wallet, transaction] = (spent, DEPOSIT - spent)
        await station.report("settled", 450)
        await station.deliver()
        await until(lambda: happened.ReceiptDisputed in kinds(events))
        assert said in disputes(events)[0]
        assert station.ledger.asked == 2
        assert kinds(events)[-2:] == [happened.PayoutAwaited, happened.ReceiptDisputed]
        assert consumer.state is not None
        assert consumer.state.phase == "executing"
        with pytest.raises(errors.RefundNotOpenError):
            await consumer.refund()


async def test_no_receipt_after_another_puts_the_dispute_off(world: World) -> None:
    class Slow(Ledger):
        async def payout(self, channel: Channel, transaction_hash: str) -> tuple[int, int] | None:
            shown = await super().payout(channel, transaction_hash)
            await asyncio.sleep(0.3)
            return shown

    station = world.station
    station.pays, station.ledger = False, Slow()
    async with world.charging(looks=3) as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        async with asyncio.timeout(15):
            for number in range(10**6):
                await station.deliver(transaction_hash=f"{number:#066x}")
                await asyncio.sleep(0.05)
                if happened.ReceiptDisputed in kinds(events):
                    break
        assert station.ledger.asked == 3


async def test_a_chain_that_is_away_only_puts_the_receipt_off(world: World) -> None:
    station = world.station
    station.ledger.away = 2
    async with world.charging(looks=1) as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))
        assert station.ledger.asked == 3
        (awaited,) = [event for event in events if isinstance(event, happened.PayoutAwaited)]
        assert awaited.reason == "the chain can't be asked for its payout: no node answers"


async def test_what_the_station_says_is_heard_while_the_chain_is_slow(world: World) -> None:
    answers = asyncio.Event()

    class Slow(Ledger):
        async def payout(self, channel: Channel, transaction_hash: str) -> tuple[int, int] | None:
            await answers.wait()
            return await super().payout(channel, transaction_hash)

    station = world.station
    station.ledger = Slow()
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.deliver()
        await station.report("charging", 900)
        await until(lambda: station.vouchers[-1] == 90 * 10**16)
        assert happened.ReceiptDelivered not in kinds(events)
        answers.set()
        await until(lambda: happened.ReceiptDelivered in kinds(events))


async def test_a_kept_receipt_is_checked_after_a_restart(world: World) -> None:
    station, store = world.station, MemoryStore()
    station.pays = False
    async with world.charging(store=store) as (_, events, quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.deliver()
        await until(lambda: happened.PayoutAwaited in kinds(events))
    assert store.state is not None
    assert store.state.receipt is not None
    station.silent = {"SessionResumed"}
    station.ledger.paid[quote.terms.wallet, NO_HASH] = (45 * 10**16, DEPOSIT - 45 * 10**16)
    async with world.consumer(state=store.state, store=store) as consumer:
        with pytest.raises(errors.NoAnswerError):
            await consumer.resume()
        events = [event async for event in consumer.status()]
    assert isinstance(events[-1], happened.ReceiptDelivered)
    assert (events[-1].signed, store.state.phase) == (store.state.receipt, "settled")


@dataclass
class Purse:
    """A driver's account on a real chain, and what it does there."""

    node: DevNode
    client: ChainClient
    chain: NodeChain

    async def deposit(self, address: str, amount: int) -> None:
        assert amount == DEPOSIT
        await self.node.fund(address, amount)

    async def balances(self, quote: Quote) -> tuple[int, int, int]:
        terms = quote.terms
        accounts = (terms.provider, terms.refund_account, terms.wallet)
        station, driver, wallet = [await self.client.balance(each) for each in accounts]
        return station, driver, wallet


@pytest.fixture
async def purse(chain_node: DevNode, chain: ChainClient) -> Purse:
    return Purse(chain_node, chain, NodeChain(chain, chain_node.accounts[2]))


@asynccontextmanager
async def paid(world: World, purse: Purse) -> AsyncIterator[tuple[Consumer, list[Any], Quote]]:
    """A session on a real chain, whose time the quote follows."""
    now = await purse.chain.block_time()
    ahead = timedelta(seconds=max(0, now - utc_now().timestamp()))
    world.station.spoil = {
        "ends_by": now + 3600,
        "refund_opens_at": now + 7200,
        "expires_at": utc_now() + ahead + timedelta(seconds=60),
    }
    async with world.charging(
        chain=purse.chain, deposit=purse.deposit, clock=lambda: utc_now() + ahead
    ) as (consumer, events, quote):
        yield consumer, events, quote


async def test_a_station_that_is_silent_at_the_end_keeps_nothing(
    world: World, purse: Purse
) -> None:
    station = world.station
    async with paid(world, purse) as (consumer, events, quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.report("settling", 450)
        await station.propose()
        await station.approved.wait()
        with pytest.raises(errors.RefundNotOpenError) as early:
            await consumer.refund()
        assert early.value.opens_at == quote.terms.refund_opens_at
        assert await purse.balances(quote) == (0, 0, DEPOSIT)
        await purse.node.set_time(quote.terms.refund_opens_at + 1)
        first = await consumer.refund()
        assert await purse.balances(quote) == (0, DEPOSIT, 0)
        assert await consumer.refund() == first
        assert disputes(events) == []


async def test_what_a_station_leaves_to_the_driver_is_checked_and_taken(
    world: World, purse: Purse
) -> None:
    station = world.station
    async with paid(world, purse) as (consumer, events, quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        with pytest.raises(errors.NoSessionError, match="left no payout"):
            await consumer.take_payout()
        await station.propose(released=True, spent=46 * 10**16)
        await until(lambda: happened.ProposalDisputed in kinds(events))
        await station.propose(released=True)
        await until(lambda: happened.PayoutReleased in kinds(events))
        assert not station.approved.is_set()
        first = await consumer.take_payout()
        assert await purse.balances(quote) == (45 * 10**16, DEPOSIT - 45 * 10**16, 0)
        assert await consumer.take_payout() == first
        assert await consumer.sweep() is None
        await purse.node.fund(quote.terms.wallet, 7)
        swept = await consumer.sweep()
        assert swept not in (None, first)
        assert await purse.balances(quote) == (45 * 10**16, DEPOSIT - 45 * 10**16 + 7, 0)
        assert await consumer.sweep() is None


async def test_only_the_transaction_that_paid_makes_a_receipt_true(
    world: World, purse: Purse
) -> None:
    station = world.station
    async with paid(world, purse) as (consumer, events, quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.propose(released=True)
        await until(lambda: happened.PayoutReleased in kinds(events))
        payout = await consumer.take_payout()
        await purse.node.fund(quote.terms.wallet, 7)
        swept = await consumer.sweep()
        assert swept is not None
        channel = channel_of(quote.terms, PINS)
        shown = [await purse.chain.payout(channel, each) for each in (payout, swept, NO_HASH)]
        assert shown == [(45 * 10**16, DEPOSIT - 45 * 10**16), None, None]
        assert await purse.chain.payout(replace(channel, session_id=NO_HASH), payout) is None
        await station.deliver(transaction_hash=swept)
        await until(lambda: happened.PayoutAwaited in kinds(events))
        await station.deliver(transaction_hash=payout)
        await until(lambda: happened.ReceiptDelivered in kinds(events))
        assert events[-1].receipt.transaction_hash == payout


def forgotten(state: ConsumerState | None) -> ConsumerState:
    """What an app still has that kept nothing but its keys."""
    assert state is not None
    return ConsumerState(did=state.did, session_key=state.session_key, peer_seed=state.peer_seed)


async def test_a_quote_that_is_served_again_protects_as_the_first_did(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, _, quote):
        await station.report("charging", 200)
        await until(lambda: bool(station.vouchers))
        keys, whole = forgotten(consumer.state), consumer.state
    true = station.signed_quote
    session_id = quote.terms.session_id

    async def recover(state: ConsumerState | None, **spoiled: Any) -> None:
        altered = quote.terms.model_copy(update=spoiled)
        station.signed_quote = station.signed(service.SignedQuoteOffered, altered)
        async with world.consumer(state=state) as consumer:
            await consumer.recover(station.did, session_id)

    for spoiled in (
        {"refund_signature": "0x" + "1" * 130},
        {"refund_account": ACCOMPLICE.address},
        {"refund_opens_at": LATER},
        {"wallet": ACCOMPLICE.address},
        {"session_id": NO_HASH},
    ):
        with pytest.raises(errors.QuoteInvalidError):
            await recover(keys, **spoiled)
    with pytest.raises(errors.QuoteInvalidError, match="another quote than the one"):
        await recover(whole, tariff=Tariff(per_kwh=9 * KWH))
    station.signed_quote = true
    await the_session_ends_well(world, keys, session_id)


async def the_session_ends_well(world: World, state: ConsumerState, session_id: str) -> None:
    station = world.station
    async with world.consumer(state=state) as consumer:
        await consumer.recover(station.did, session_id)
        station.approved.clear()
        await station.report("settling", 450)
        await station.propose()
        await station.approved.wait()
        await station.deliver()
        events = [event async for event in consumer.status()]
    assert isinstance(events[-1], happened.ReceiptDelivered)
    assert station.vouchers[-1] == 45 * 10**16


async def test_a_voucher_that_the_app_forgot_is_no_reason_to_dispute(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, _, quote):
        await station.report("charging", 200)
        await until(lambda: bool(station.vouchers))
        keys = forgotten(consumer.state)
    station.phase = "executing"
    async with world.consumer(state=keys) as consumer:
        await consumer.recover(station.did, quote.terms.session_id)
        await station.deliver()
        events = [event async for event in consumer.status()]
    assert isinstance(events[-1], happened.ReceiptDelivered)
    assert events[-1].receipt.spent == station.vouchers[-1] == 20 * 10**16
