"""What is wrong, when it becomes an alert, and when it is over."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.alerts.alert import Acknowledgement, AlertSettings, Cause, Watched, alert_of, urgency
from sdk.alerts.causes import Disabled, PointSeen, Report, Seen, causes
from sdk.alerts.ledger import BROKEN_AFTER, Step, resumed, step
from sdk.alerts.store import read_settings
from sdk.disputes import Dispute

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
GAS = "0x" + "Aa" * 20
SESSION = "0x" + "12" * 32
SETTINGS = AlertSettings()
HERE: Mapping[str, str] = {"connected": "1", "last_seen_at": EARLIER.isoformat()}


def _point(**told: Any) -> PointSeen:
    usual: dict[str, Any] = {"connected": True, "state": HERE, "identity": {}}
    return PointSeen("CP-1", **{**usual, **told})


def _report(**told: Any) -> Report:
    return Report(**{"at": NOW, "chain_id": 5, "chain": "up", "gas_account": GAS, **told})


FAULTED = {"status": "Faulted", "error_code": "GroundFailure", "changed_at": EARLIER.isoformat()}
FINE = {"status": "Available", "error_code": "NoError"}
DISPUTE = Dispute(charge_point_id="CP-1", session_id=SESSION, since=EARLIER, connector_id=2)
POOR, RICH = {"balance": "99"}, {"balance": "100"}
WITH_LIMIT = AlertSettings(station_balance_below=100, gas_balance_below=1000)
HOOK = Disabled("abc", "ops", EARLIER, "it said 500")

CASES: tuple[tuple[Seen, AlertSettings, set[str]], ...] = (
    (Seen(NOW), SETTINGS, set()),
    (Seen(NOW, [_point()]), SETTINGS, set()),
    (Seen(NOW, [_point(connected=False)]), SETTINGS, {"offline:CP-1"}),
    (Seen(NOW, [_point(connected=False, state={})]), SETTINGS, set()),
    (Seen(NOW, [_point(connectors=[FINE, FAULTED])]), SETTINGS, {"faulted:CP-1:1"}),
    (Seen(NOW, [_point(connectors=[FAULTED, FINE])]), SETTINGS, {"faulted:CP-1:0"}),
    (Seen(NOW, [_point(connectors=[{}, FINE])]), SETTINGS, set()),
    (Seen(NOW, [_point(disputes=[DISPUTE])]), SETTINGS, {f"dispute:CP-1:{SESSION}"}),
    (Seen(NOW, [_point(identity=POOR)]), SETTINGS, set()),
    (Seen(NOW, [_point(identity=POOR)]), WITH_LIMIT, {"low_station_balance:CP-1"}),
    (Seen(NOW, [_point(identity=RICH)]), WITH_LIMIT, set()),
    (Seen(NOW, [_point(identity={"balance": "?"})]), WITH_LIMIT, set()),
    (Seen(NOW, reports=[_report()]), SETTINGS, set()),
    (Seen(NOW, reports=[_report(chain="degraded")]), SETTINGS, set()),
    (Seen(NOW, reports=[_report(chain="unknown")]), SETTINGS, set()),
    (Seen(NOW, reports=[_report(), _report(chain="down")]), SETTINGS, {"chain_down:5"}),
    (Seen(NOW, reports=[_report(gas_low=True)]), SETTINGS, {f"low_gas_balance:{GAS.lower()}"}),
    (Seen(NOW, reports=[_report(gas_low=True, gas_balance=1000)]), WITH_LIMIT, set()),
    (
        Seen(NOW, reports=[_report(gas_balance=999)]),
        WITH_LIMIT,
        {f"low_gas_balance:{GAS.lower()}"},
    ),
    (Seen(NOW, reports=[_report()]), WITH_LIMIT, set()),
    (Seen(NOW, disabled=[HOOK]), SETTINGS, {"webhook_disabled:abc"}),
    (Seen(NOW, disabled=[HOOK]), AlertSettings(muted=("webhook_disabled",)), set()),
)


@pytest.mark.parametrize(("seen", "settings", "wanted"), CASES)
def test_what_is_wrong(seen: Seen, settings: AlertSettings, wanted: set[str]) -> None:
    found = causes(seen, settings, ())
    assert set(found) == wanted
    assert all(name == cause.id for name, cause in found.items())


def test_a_cause_says_what_and_since_when() -> None:
    seen = Seen(NOW, [_point(connected=False, connectors=[{}, {}, FAULTED], disputes=[DISPUTE])])
    offline, fault, dispute = causes(seen, SETTINGS, ()).values()
    assert (offline.since, offline.facts) == (EARLIER, {"last_seen_at": EARLIER.isoformat()})
    assert (fault.connector_id, fault.severity, fault.since) == (2, "critical", EARLIER)
    assert fault.detail == "Connector 2 of CP-1 is faulted: GroundFailure."
    assert (dispute.session_id, dispute.connector_id, dispute.severity) == (SESSION, 2, "warning")


def test_what_is_left_to_the_driver_needs_nobody() -> None:
    released = DISPUTE.model_copy(update={"released": True})
    (cause,) = causes(Seen(NOW, [_point(disputes=[released])]), SETTINGS, ()).values()
    assert (cause.severity, cause.facts["released"]) == ("info", "yes")


def test_a_chain_that_only_some_reach() -> None:
    reports = [_report(), _report(chain="down", reason="no answer")]
    (some,) = causes(Seen(NOW, reports=reports), SETTINGS, ()).values()
    (all_,) = causes(Seen(NOW, reports=reports[1:]), SETTINGS, ()).values()
    assert some.id == all_.id
    assert some.detail == "Chain 5 can't be used by 1 of 2 Session Managers: no answer."
    assert all_.detail == "Chain 5 can't be used: no answer."


@pytest.mark.parametrize(("balance", "standing", "low"), [(99, False, True), (100, False, False)])
def test_a_balance_is_low_below_its_threshold(balance: int, *, standing: bool, low: bool) -> None:
    assert _is_low(balance, standing=standing) is low


@pytest.mark.parametrize(("balance", "low"), [(100, True), (109, True), (110, False)])
def test_a_low_balance_is_good_again_above_its_margin(balance: int, *, low: bool) -> None:
    assert _is_low(balance, standing=True) is low


def _is_low(balance: int, *, standing: bool) -> bool:
    seen = Seen(NOW, [_point(identity={"balance": str(balance)})])
    return bool(causes(seen, WITH_LIMIT, ["low_station_balance:CP-1"] if standing else ()))


OFFLINE = Cause(
    id="offline:CP-1", kind="offline", severity="warning", since=EARLIER, detail="CP-1 is offline."
)


def _run(*wrong: bool, seconds: int = 60, settings: AlertSettings = SETTINGS) -> list[Step]:
    steps, watched = [], dict[str, Watched]()
    for number, is_wrong in enumerate(wrong):
        at = NOW + timedelta(seconds=seconds * number)
        found = step(watched, {OFFLINE.id: OFFLINE} if is_wrong else {}, settings, at)
        steps.append(found)
        watched = dict(found.watched)
    return steps


def test_it_is_an_alert_after_its_hold_time_once() -> None:
    steps = _run(True, True, True, True)
    assert [len(each.raised) for each in steps] == [0, 0, 1, 0]
    assert steps[2].raised[0].raised_at == NOW + timedelta(seconds=120)


def test_a_short_absence_is_none() -> None:
    steps = _run(True, True, False, True, True)
    assert not any(each.raised or each.cleared for each in steps)


def test_it_is_over_after_its_clear_time() -> None:
    steps = _run(True, True, True, False, False)
    assert [len(each.cleared) for each in steps] == [0, 0, 0, 0, 1]
    assert not steps[-1].watched


def test_a_flicker_does_not_clear_it() -> None:
    steps = _run(*[True] * 3, False, True, False, True)
    assert not any(each.cleared for each in steps)
    assert steps[-1].watched[OFFLINE.id].gone_since is None


def test_without_hold_and_clear_times_all_is_at_once() -> None:
    steps = _run(True, False, settings=AlertSettings(offline_seconds=0, clear_seconds=0))
    assert (len(steps[0].raised), len(steps[1].cleared)) == (1, 1)


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 400))
def test_raised_and_cleared_take_turns(wrong: list[bool], seconds: int) -> None:
    steps = _run(*wrong, seconds=seconds)
    told = [kind for each in steps for kind in ["r"] * len(each.raised) + ["c"] * len(each.cleared)]
    assert "".join(told) in ("rc" * 40)[: len(told)]
    for at, each in enumerate(steps):
        if each.raised:
            assert all(wrong[at - min(at, 120 // seconds) : at + 1])
        if each.cleared:
            assert not wrong[at]


def test_after_a_pause_nothing_is_raised_at_once() -> None:
    before = _run(True, True)[-1].watched
    later = NOW + timedelta(hours=1)
    again = resumed(before, NOW, later)
    assert not step(again, {OFFLINE.id: OFFLINE}, SETTINGS, later).raised
    assert resumed(before, later - BROKEN_AFTER / 2, later) == before


def test_an_alert_outlives_a_pause() -> None:
    before = _run(True, True, True)[-1].watched
    later = NOW + timedelta(hours=1)
    after = step(resumed(before, NOW, later), {OFFLINE.id: OFFLINE}, SETTINGS, later)
    assert not after.raised
    assert after.watched[OFFLINE.id].raised_at == NOW + timedelta(seconds=120)


def test_an_acknowledgement_is_of_one_raising() -> None:
    (entry,) = _run(True, True, True)[-1].raised
    assert entry.raised_at is not None
    of_this = Acknowledgement(raised_at=entry.raised_at, by="Ada", at=NOW)
    of_other = of_this.model_copy(update={"raised_at": EARLIER})
    seen = [alert_of(entry, each) for each in (of_this, of_other, None)]
    assert [each and each.acknowledged_by for each in seen] == ["Ada", None, None]


def test_the_worst_is_first_then_the_newest() -> None:
    (entry,) = _run(True, True, True)[-1].raised
    found = [
        alert_of(entry.model_copy(update={"id": name, "severity": worst, "raised_at": at}))
        for name, worst, at in (
            ("a", "warning", EARLIER),
            ("b", "warning", NOW),
            ("c", "critical", EARLIER),
        )
    ]
    assert [each.id for each in sorted(filter(None, found), key=urgency)] == ["c", "b", "a"]


def test_settings_that_nobody_can_read_are_the_defaults() -> None:
    assert read_settings({}) == read_settings({"settings": "{"}) == SETTINGS
