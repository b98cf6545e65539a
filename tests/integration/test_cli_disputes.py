"""Disputes as an operator sees and resolves them: the real command, a real manager's state."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from noroam_cli import NoroamCli

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.disputes import find_dispute, read_disputes
from sdk.events.settlement import SettlementFailed
from sdk.events.station import DisputeResolved, DisputeResolveRequested
from sdk.records.reading import find
from sdk.station import Station
from tests.session_kit import CP, DEPOSIT, LIMITS, started, stopped
from tests.station_kit import PRIVATE_ID, House, Ride, open_house, ride

SPENT = 3_000

Run = Callable[..., Any]


@pytest.fixture
def noroam(redis_url: str, tmp_path: Path) -> Run:
    """Run the command beside this process, whose manager answers it."""
    variables = {"REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "data")}
    return NoroamCli(tmp_path, variables).run


@pytest.fixture
async def house(redis_bus: RedisBus) -> AsyncIterator[House]:
    async with open_house(redis_bus) as house:
        yield house


async def disputed(house: House, reason: str = "gas_account_low") -> Ride:
    """Charge 3 kWh, stop, get no approval, and then no payout in time."""
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await trip.pay(SPENT)
    await house.send(stopped(SPENT))
    await house.advance(LIMITS.approval)
    failed = {"session_id": trip.quote.session_id, "reason": reason}
    await house.send(SettlementFailed.model_validate(failed))
    await house.advance(LIMITS.execution)
    return trip


def said(result: CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(result: CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stdout
    assert result.stderr.startswith("noroam: ")
    return result.stderr


async def test_a_dispute_is_listed_with_what_can_be_done(house: House, noroam: Run) -> None:
    trip = await disputed(house)
    (listed,) = json.loads(said(await noroam("disputes", "list", "--json")))
    assert (listed["session_id"], listed["connector_id"]) == (trip.quote.session_id, 1)
    assert (listed["ends_as"], listed["reasons"]) == ("settled", ["gas_account_low"])
    assert (listed["payout"], listed["deposit"]) == (str(SPENT), str(DEPOSIT))
    assert (listed["voucher"], listed["cost"]) == (str(SPENT), str(SPENT))
    assert listed["wallet"] == trip.quote.wallet
    assert listed["refund_opens_at"] > listed["since"]
    assert listed["decisions"] == ["retry", "refund", "write_off"]
    assert "send it funds" in listed["advice"][0]
    for shown in (
        said(await noroam("disputes", "list")),
        said(await noroam("disputes", "show", CP, trip.quote.session_id[:12])),
    ):
        assert trip.quote.session_id in shown
        assert "0.000000000000003 tokens" in shown
        assert "the gas account is too low" in shown
        assert "send it funds" in shown
    assert said(await noroam("disputes", "list", "--charge-point", "CP-2", "--json")) == "[]\n"


async def test_retry_pays_out_again_without_a_question(house: House, noroam: Run) -> None:
    trip = await disputed(house)
    before = house.looked[trip.quote.session_id][1]
    told = said(await noroam("disputes", "resolve", CP, trip.quote.session_id, "retry"))
    assert "being paid out again" in told
    again = house.looked[trip.quote.session_id][1]
    assert (again.retries, again.payout) == (before.retries + 1, before.payout)


async def test_a_refund_is_asked_for_twice(house: House, noroam: Run) -> None:
    trip = await disputed(house)
    arguments = ("disputes", "resolve", CP, trip.quote.session_id, "refund")
    kept = await noroam(*arguments, stdin="n\n")
    assert kept.returncode == 1
    assert "the station gives up 0.000000000000003 tokens" in kept.stderr
    assert house.looked[trip.quote.session_id][1].recovering == "executing"
    answer = json.loads(said(await noroam(*arguments, "--yes", "--json")))
    assert answer["decision"] == "refund"
    assert house.looked[trip.quote.session_id][1].payout.spent == 0  # type: ignore[union-attr]
    dispute = await find_dispute(house.bus, house.now, CP, trip.quote.session_id)
    assert (dispute.ends_as, dispute.decisions) == ("refunded", ("retry", "write_off"))


async def test_a_session_that_is_written_off_has_ended(house: House, noroam: Run) -> None:
    trip = await disputed(house, "deposit_gone")
    session_id = trip.quote.session_id
    (dispute,) = await read_disputes(house.bus, house.now)
    assert "may come again" in dispute.advice[0]
    told = said(await noroam("disputes", "resolve", CP, session_id, "write-off", stdin="y\n"))
    assert "written off" in told
    record = await find(house.bus, CP, session_id)
    assert "written_off" in record.status.flags
    assert await read_disputes(house.bus, house.now) == []
    gone = refused(await noroam("disputes", "resolve", CP, session_id, "retry"))
    assert f"{CP} has no disputed session {session_id}" in gone
    assert "No session waits" in said(await noroam("disputes", "list"))


async def test_nobody_answers_where_no_manager_drives(house: House, noroam: Run) -> None:
    trip = await disputed(house)
    assert house.driving is not None
    await house.driving.kill()
    arguments = ("disputes", "resolve", CP, trip.quote.session_id, "retry", "--timeout", "0.5")
    assert "no Session Manager answered for CP-1 within 0.5 s" in refused(await noroam(*arguments))


async def test_what_is_left_to_the_driver_leaves_nothing_to_decide(
    house: House, noroam: Run
) -> None:
    trip = await disputed(house)
    key = keys.disputed(CP, trip.quote.session_id)
    stored = await house.bus.read(key)
    state = {**json.loads(stored["state"]), "phase": "refunding", "released": True}
    status = {**json.loads(stored["status"]), "phase": "refunding"}
    await house.bus.write(key, {"state": json.dumps(state), "status": json.dumps(status)})
    (listed,) = json.loads(said(await noroam("disputes", "list", "--json")))
    assert (listed["released"], listed["decisions"]) == (True, [])
    told = refused(await noroam("disputes", "resolve", CP, trip.quote.session_id, "retry"))
    assert "left to the driver" in told


async def test_one_that_cannot_be_read_is_listed_with_gaps(house: House, noroam: Run) -> None:
    trip = await disputed(house)
    await house.bus.write(keys.disputed(CP, trip.quote.session_id), {"state": "{"})
    assert "cannot read the session" in said(await noroam("disputes", "list"))


async def test_station_software_resolves_as_the_command_does(house: House) -> None:
    trip = await disputed(house)
    async with Station.over(house.bus, CP) as station:
        (dispute,) = await station.disputes()
        wanted = DisputeResolveRequested(session_id=dispute.session_id, decision="retry")
        answer = await station.command(wanted, timeout=5)
    assert answer == DisputeResolved(session_id=trip.quote.session_id, decision="retry")


async def test_energy_that_came_after_the_payment_is_listed(house: House, noroam: Run) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await trip.pay(SPENT)
    await trip.stop()
    await house.advance(LIMITS.stop)
    await house.advance(LIMITS.approval)
    await house.send(trip.paid_out(SPENT))
    assert await house.phase() == "settled"
    await house.send(stopped(4_000))
    (found,) = json.loads(said(await noroam("disputes", "unbilled", "--json")))
    assert (found["session_id"], found["unbilled_wh"]) == (trip.quote.session_id, 1_000)
    assert "1000" in said(await noroam("disputes", "unbilled"))


async def test_a_private_session_is_loudly_marked(house: House, noroam: Run) -> None:
    house.private_id = PRIVATE_ID
    await house.drive()
    await house.send(started(PRIVATE_ID))
    shown = said(await noroam("status"))
    assert "charging (PRIVATE, no money)" in shown
    (state,) = json.loads(said(await noroam("status", "--json")))
    assert state["connectors"][0]["session"]["private"] is True
