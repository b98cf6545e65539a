"""When a connector can be sold, and what anyone who asks is told."""

from dataclasses import replace

import pytest

from sdk.availability import availability
from sdk.events.service import Phase
from session_manager.availability import Situation, hindrance
from session_manager.session.table import PHASES

ONLINE = {"connected": "1"}
READY = {"status": "Available", "transaction_id": ""}
FREE = Situation(
    known=True,
    phase="idle",
    station=ONLINE,
    connector=READY,
    onboarded=True,
    chain_up=True,
    gas_low=False,
)


@pytest.mark.parametrize("phase", ["idle", "settled", "refunded", "rejected"])
@pytest.mark.parametrize("status", ["Available", "Preparing"])
def test_a_connector_that_is_free_and_ready_can_be_sold(phase: Phase, status: str) -> None:
    assert hindrance(replace(FREE, phase=phase, connector=READY | {"status": status})) is None


def test_a_transaction_that_the_charge_point_forgot_is_no_obstacle() -> None:
    forgotten = READY | {"transaction_id": "7", "suspect_since": "2026-06-01T12:00:00Z"}
    assert hindrance(replace(FREE, connector=forgotten)) is None
    assert availability("idle", ONLINE, forgotten) == "free"
    assert availability("charging", ONLINE, forgotten) == "busy"


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (replace(FREE, known=False), "unknown_connector"),
        (replace(FREE, phase="verifying"), "busy"),
        (replace(FREE, phase="refunding"), "busy"),
        (replace(FREE, station={"connected": "0"}), "offline"),
        (replace(FREE, station={}), "offline"),
        (replace(FREE, station=ONLINE | {"gateway": "g"}, dead=frozenset({"g"})), "offline"),
        (replace(FREE, onboarded=False), "not_onboarded"),
        (replace(FREE, chain_up=False), "chain_unavailable"),
        (replace(FREE, gas_low=True), "gas_account_low"),
        (replace(FREE, connector=READY | {"status": "Faulted"}), "connector_faulted"),
        (replace(FREE, connector=READY | {"transaction_id": "7"}), "transaction_open"),
        (replace(FREE, connector=READY | {"status": "Finishing"}), "connector_unavailable"),
        (replace(FREE, connector={}), "connector_unavailable"),
    ],
)
def test_each_hindrance_is_named(situation: Situation, reason: str) -> None:
    assert hindrance(situation) == reason


def test_the_first_hindrance_is_told() -> None:
    situation = replace(FREE, phase="charging", station={}, chain_up=False)
    assert hindrance(situation) == "busy"


@pytest.mark.parametrize(
    ("phase", "station", "connector", "answer"),
    [
        ("idle", ONLINE, READY, "free"),
        ("charging", ONLINE, READY, "busy"),
        ("idle", ONLINE, READY | {"transaction_id": "7"}, "busy"),
        ("idle", {}, READY, "offline"),
        ("idle", ONLINE, {"status": "Unavailable"}, "unavailable"),
        ("settled", ONLINE, {}, "unavailable"),
    ],
)
def test_anyone_learns_how_a_connector_stands(
    phase: Phase, station: dict[str, str], connector: dict[str, str], answer: str
) -> None:
    assert availability(phase, station, connector) == answer


def test_what_a_dead_gateway_holds_is_offline() -> None:
    held = ONLINE | {"gateway": "g"}
    assert availability("idle", held, READY, frozenset({"g"})) == "offline"
    assert availability("idle", held, READY, frozenset({"other"})) == "free"


def test_what_can_be_sold_is_shown_as_free() -> None:
    for phase in PHASES:
        sold = hindrance(replace(FREE, phase=phase)) is None
        assert (availability(phase, ONLINE, READY) == "free") == sold


@pytest.mark.parametrize(
    ("station", "connector"),
    [(ONLINE, READY | {"reserved": "7"}), (ONLINE | {"reserved": "7"}, READY)],
)
def test_what_is_reserved_is_not_sold(station: dict[str, str], connector: dict[str, str]) -> None:
    situation = replace(FREE, station=station, connector=connector)
    assert hindrance(situation) == "connector_unavailable"
    assert availability("idle", station, connector) == "unavailable"
    over = replace(FREE, station=station | {"reserved": ""}, connector=READY | {"reserved": ""})
    assert hindrance(over) is None
