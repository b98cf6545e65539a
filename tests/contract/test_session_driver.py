"""A driver over either bus: each input has its effect once, whatever dies in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Commit, Delivery, Outcome
from sdk.bus.keys import Lane
from sdk.chain.accounts import recover_text
from sdk.events.charge_point import (
    ChargePointDisconnected,
    DataTransferReceived,
)
from sdk.events.charging import MeterValueReported
from sdk.events.service import QuoteOffered, Receipt, SessionStateRequested
from sdk.events.signed import read_payload
from sdk.events.station import BalanceRequested, SessionStopRequested
from sdk.records.reading import find
from session_manager.decision import Decision
from session_manager.driver import LeaseLostError
from session_manager.faults import reasons
from session_manager.held import UnreadableSessionError
from session_manager.receipts import receipt_hash
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.effects import WatchDeposit, chain_need
from tests.session_kit import (
    CP,
    DEPOSIT,
    LIMITS,
    METER_START,
    NOON,
    PEER,
    STATION,
    TAG,
    accepted,
    reading,
    started,
    stopped,
)
from tests.station_kit import House, open_house, ride


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        yield house


class OtherBus:
    """The same bus, with something different about it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


class LosesAnswers(OtherBus):
    """Commits, and loses the answer of every other one."""

    count = 0

    async def apply(self, commit: Commit) -> Outcome:
        outcome = await self._bus.apply(commit)
        self.count += 1
        if self.count % 2:
            raise BusUnavailableError("the answer was lost")
        return outcome


class Stumbles(OtherBus):
    """Does not answer the first reading of the gateway's state."""

    fails = 1

    async def read_many(self, names: Any) -> list[dict[str, str]]:
        if self.fails and keys.state(CP) in names:
            self.fails -= 1
            raise BusUnavailableError("away for a moment")
        return await self._bus.read_many(names)


async def test_a_whole_session(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.hold()
    await house.bus.write(keys.id_tags(CP), {trip.tag: "{}", "MINE": "{}"})
    assert [body.wallet for body in house.told("ServiceAccepted")] == [trip.quote.wallet]
    await trip.deposit()
    await house.send(accepted(trip.tag))
    await house.send(started(trip.tag))
    await trip.charge(2_000)
    await trip.pay(2_000)
    await trip.charge(3_000)
    await trip.stop()
    await trip.end(3_000)
    phases = [status.phase for status in house.told("ChargingStatus")]
    assert list(dict.fromkeys(phases)) == [
        "verifying",
        "authorising",
        "starting",
        "charging",
        "stopping",
        "settling",
        "executing",
        "settled",
    ]
    assert house.orders() == ["AuthorizeIdTag", "StartCharging", "StopCharging", "RevokeIdTag"]
    assert list(await house.bus.read(keys.id_tags(CP))) == ["MINE"]
    assert not [envelope for envelope in house.out if envelope.peer_id != PEER]


async def test_a_session_leaves_a_receipt_and_a_record(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await trip.stop()
    await trip.end()
    (delivered,) = house.told("ServiceDelivered")
    assert recover_text(delivered.payload, delivered.signature) == STATION.address
    receipt = read_payload(delivered, Receipt)
    assert (receipt.spent, receipt.refund) == (3_000, DEPOSIT - 3_000)
    record = await find(house.bus, CP, trip.quote.session_id)
    assert record.outcome == "settled"
    assert (await house.held()).receipt == delivered
    second = await ride(house)
    await second.start()
    await second.stop()
    await second.end(0)
    later = read_payload(house.told("ServiceDelivered")[1], Receipt)
    assert later.previous == receipt_hash(delivered)


async def test_what_is_delivered_twice_has_its_effect_once(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.hold()
    envelope = await trip.deposit()
    before, seen = await house.held(), len(house.out)
    again = Delivery(Lane.IN, house.last_published, envelope)
    await driving.driver._take(again)
    await house.drain()
    assert await house.held() == before
    assert len(house.out) == seen
    assert house.orders() == ["AuthorizeIdTag"]


async def test_another_driver_goes_on_where_one_was_killed(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge(1_000)
    await driving.kill()
    await trip.charge(3_000)
    await trip.stop()
    assert await house.phase() == "charging"
    await house.drive()
    await house.drain()
    assert await house.phase() == "stopping"
    await trip.end()
    assert await house.phase() == "settled"
    assert house.orders() == ["AuthorizeIdTag", "StartCharging", "StopCharging", "RevokeIdTag"]


async def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_manager.faults.RETRY_S", 0)
    bus: Any = LosesAnswers(house.bus)
    await house.drive(bus=bus)
    trip = await ride(house)
    await trip.start()
    need = house.looked[trip.quote.session_id][1]
    assert need.phase == "charging"
    await trip.charge()
    await trip.stop()
    await trip.end()
    assert await house.phase() == "settled"
    assert house.orders() == ["AuthorizeIdTag", "StartCharging", "StopCharging", "RevokeIdTag"]
    assert len(house.told("ServiceDelivered")) == 1


async def test_a_timer_whose_commit_lost_its_answer_runs_out_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_manager.faults.RETRY_S", 0)
    bus: Any = LosesAnswers(house.bus)
    await house.drive(bus=bus)
    trip = await ride(house)
    await trip.start()
    bus.count = 0
    await house.advance(3_600)
    assert await house.phase() == "stopping"
    assert house.orders().count("StopCharging") == 1


async def test_an_event_that_met_a_gap_is_decided_afresh(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_manager.driver.RETRY_S", 0)
    bus: Any = Stumbles(house.bus)
    bus.fails = 0
    await house.drive(bus=bus)
    trip = await ride(house)
    await trip.start()
    bus.fails = 1
    version = (await house.held()).version
    own = trip.quote.session_id
    request = trip.app.request(SessionStateRequested, connector_id=1, session_id=own)
    asked = await house.ask(request, trip.app)
    assert [envelope.type for envelope in asked] == ["SessionStateReported"]
    assert (await house.held()).version == version + 1


async def test_a_driver_that_lost_its_lease_writes_nothing(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.hold()
    before = await house.held()
    await house.bus.new_fence(keys.fence(CP))
    await trip.deposit()
    assert isinstance(reasons(await driving.ended())[0], LeaseLostError)
    assert await house.held() == before
    assert house.orders() == []


async def test_what_can_not_be_handled_becomes_a_dead_letter(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(Decision, "step", fail)
        await trip.charge(1_000)
    (letter,) = await house.bus.dead_letters(CP)
    assert letter.reason == "ZeroDivisionError: a fault of ours"
    assert "MeterValueReported" in letter.data
    await trip.charge(2_000)
    assert (await house.held()).session.energy_wh == 2_000


async def test_a_timer_that_can_not_be_handled_leaves_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    step = Decision.step

    def fail(decision: Decision, n: int, event: Any, **rest: Any) -> Any:
        if isinstance(event, DeadlineExpired):
            raise ZeroDivisionError("a fault of ours")
        return step(decision, n, event, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(Decision, "step", fail)
        await house.advance(3_600)
    await trip.charge(2_000)
    assert await house.phase() == "stopping"
    assert (await house.held()).session.energy_wh == 2_000


async def test_timers_run_on_after_a_restart(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.hold()
    await driving.kill()
    assert (await house.bus.read(keys.session(CP, 1)))["deadline_at"]
    await house.drive()
    await house.advance(LIMITS.deposit)
    session = house.looked[trip.quote.session_id][1]
    assert chain_need(session) == WatchDeposit(last=True)
    await trip.deposit(0)
    assert await house.phase() == "rejected"
    assert house.told("ServiceRejected")[-1].reason == "deposit_missing"


async def test_a_state_that_can_not_be_read_stops_the_driver_and_nothing_else(
    house: House,
) -> None:
    await house.bus.write(
        keys.session(CP, 1), {"version": "3", "session_id": "0xab", "state": '{"phase":"x"}'}
    )
    driving = await house.drive()
    error = await driving.ended()
    assert isinstance(error, UnreadableSessionError)
    assert "0xab: phase" in str(error)


async def test_a_disputed_session_frees_its_connector(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await trip.pay(3_000)
    await house.send(stopped(3_000))
    await house.advance(LIMITS.approval)
    await house.advance(LIMITS.execution)
    assert await house.phase() == "idle"
    assert list(await house.bus.read(keys.disputes(CP))) == [trip.quote.session_id]
    assert trip.quote.session_id in house.looked
    other = await ride(house)
    await other.hold()
    assert await house.phase() == "verifying"
    await house.send(trip.paid_out(3_000))
    assert await house.bus.read(keys.disputes(CP)) == {}
    record = await find(house.bus, CP, trip.quote.session_id)
    assert (record.outcome, bool(record.receipt)) == ("settled", True)
    assert trip.quote.session_id not in house.looked
    assert len(house.told("ServiceDelivered")) == 1


async def test_a_dispute_is_taken_up_after_a_restart(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.hold()
    await trip.deposit_short()
    await house.advance(LIMITS.execution)
    await driving.kill()
    house.looked.clear()
    await house.drive()
    await house.drain()
    assert house.looked[trip.quote.session_id][1].phase == "disputed"
    await house.send(trip.paid_out(0))
    record = await find(house.bus, CP, trip.quote.session_id)
    assert record.outcome == "refunded"


async def test_the_main_meter_is_nobodys_energy(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    main = MeterValueReported(sampled_at=NOON, energy_wh=METER_START + 9_000)
    await house.send(main, n=0)
    assert (await house.held()).session.energy_wh == 0
    await house.send(reading(500), n=0)
    assert (await house.held()).session.energy_wh == 500


async def test_a_charge_point_that_is_away_is_away_for_all_connectors(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await house.send(ChargePointDisconnected(generation=1, reason="silent"), n=None)
    assert (await house.held()).session.offline
    await house.advance(LIMITS.offline)
    assert (await house.held()).session.stop_reason == "charge_point_offline"


async def test_what_concerns_no_session_passes(house: House) -> None:
    await house.drive()
    await house.send(DataTransferReceived(vendor_id="x"))
    await house.send(started(TAG), n=7)
    assert (house.out, house.ocpp) == ([], [])
    assert await house.bus.dead_letters(CP) == []


async def test_operators_are_answered_once_even_where_a_commit_lost_its_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_manager.faults.RETRY_S", 0)
    bus: Any = LosesAnswers(house.bus)
    await house.drive(bus=bus)
    command = await house.send(BalanceRequested(), n=None)
    await house.drain()
    (answer,) = house.answers(command.id)
    assert (answer.type, answer.peer_id) == ("BalanceReported", None)
    stop = await house.send(SessionStopRequested())
    assert [envelope.connector_id for envelope in house.answers(stop.id)] == [1]


async def test_a_quote_is_stored_once_and_beside_the_state(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    before = await house.bus.read(keys.session(CP, 1))
    assert QuoteOffered.model_validate_json(before["quote"]) == trip.quote
    assert "quote" not in json.loads(before["state"])
    await house.bus.write(keys.session(CP, 1), {"mark": "kept by who does not write it all again"})
    await trip.charge()
    after = await house.bus.read(keys.session(CP, 1))
    assert after["mark"]
    assert after["quote"] == before["quote"]
    assert (await house.held()).session.terms == trip.quote
    await trip.stop()
    await trip.end()
    record = await house.bus.read(keys.session(CP, 1))
    assert record["receipt"]
    other = await ride(house)
    await other.hold()
    fresh = await house.bus.read(keys.session(CP, 1))
    assert QuoteOffered.model_validate_json(fresh["quote"]) == other.quote
    assert not {"mark", "receipt"} & fresh.keys()


async def test_a_session_that_was_stored_with_its_quote_inside_goes_on(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge(1_000)
    await driving.kill()
    fields = await house.bus.read(keys.session(CP, 1))
    state = {**json.loads(fields["state"]), "quote": json.loads(fields.pop("quote"))}
    await house.bus.delete(keys.session(CP, 1))
    await house.bus.write(keys.session(CP, 1), fields | {"state": json.dumps(state)})
    await house.drive()
    await trip.charge(2_000)
    fields = await house.bus.read(keys.session(CP, 1))
    assert "quote" not in json.loads(fields["state"])
    assert (await house.held()).session.terms == trip.quote
    await trip.stop()
    await trip.end(2_000)
    assert await house.phase() == "settled"


async def test_a_timer_that_is_due_earlier_than_the_one_waited_for_runs_out(house: House) -> None:
    driving = await house.drive()
    trip = await ride(house)
    await trip.hold()
    driver = driving.driver
    await until(lambda: driver._waits_until == NOON + timedelta(seconds=LIMITS.deposit))
    await trip.deposit()
    await until(lambda: driver._waits_until == NOON + timedelta(seconds=LIMITS.authorise))
    await house.send(accepted(trip.tag))  # the start may take longer: looked at when it wakes
    due = driver._next()
    assert due is not None
    assert due[0] > NOON + timedelta(seconds=LIMITS.authorise) == driver._waits_until


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - the driver tells nobody
            await asyncio.sleep(0.001)
