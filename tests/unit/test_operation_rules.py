"""What OCPP says of a request beyond its schema."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sdk.events.ocpp16.messages import REQUESTS
from sdk.events.operations.mapping import command_of
from sdk.events.operations.rules import objection

LATER = datetime(2030, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def profile(purpose: str = "TxProfile", periods: Any = ((0, 16),), **more: Any) -> Json:
    return {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": at, "limit": most} for at, most in periods],
        },
        **more,
    }


def placed(connector_id: int, purpose: str = "TxProfile", **more: Any) -> tuple[str, Json]:
    body = profile(purpose, **more)
    return "SetChargingProfile", {"connectorId": connector_id, "csChargingProfiles": body}


def start(**more: Any) -> tuple[str, Json]:
    return "RemoteStartTransaction", {"idTag": "T", **more}


def listed(kind: str, *entries: Json) -> tuple[str, Json]:
    content = {"listVersion": 1, "updateType": kind, "localAuthorizationList": list(entries)}
    return "SendLocalList", content


def entry(tag: str, status: str | None = "Accepted") -> Json:
    return {"idTag": tag} | ({"idTagInfo": {"status": status}} if status else {})


BROKEN: list[tuple[tuple[str, Json], str]] = [
    (("UnlockConnector", {"connectorId": 0}), "connectorId"),
    (start(connectorId=0), "connectorId"),
    (start(chargingProfile=profile("TxDefaultProfile")), "TxProfile"),
    (start(chargingProfile=profile(transactionId=5)), "transactionId"),
    (start(chargingProfile=profile(periods=())), "chargingSchedulePeriod"),
    (placed(0), "TxProfile needs"),
    (placed(1, "ChargePointMaxProfile"), "ChargePointMaxProfile"),
    (placed(1, "TxDefaultProfile", transactionId=5), "transactionId"),
    (placed(1, periods=()), "chargingSchedulePeriod"),
    (placed(1, periods=((1, 16),)), "first startPeriod"),
    (placed(1, periods=((0, 16), (60, 8), (60, 4))), "each startPeriod"),
    (placed(1, periods=((0, 16), (60, 8), (30, 4))), "each startPeriod"),
    (placed(1, periods=((0, -0.1),)), "limit"),
    (placed(1, stackLevel=-1), "stackLevel"),
    (placed(1, chargingProfileKind="Recurring"), "recurrencyKind"),
    (listed("Differential", entry("a"), entry("A", None)), "twice"),
    (listed("Full", entry("A"), entry("B", None)), "idTagInfo"),
]
SOUND = [
    ("UnlockConnector", {"connectorId": 1}),
    start(),
    start(connectorId=1, chargingProfile=profile(periods=((0, 0), (60, 8)))),
    placed(1, transactionId=5),
    placed(0, "ChargePointMaxProfile"),
    placed(0, "TxDefaultProfile"),
    placed(2, "TxDefaultProfile", chargingProfileKind="Recurring", recurrencyKind="Daily"),
    listed("Full"),
    listed("Full", entry("A"), entry("B", "Blocked")),
    listed("Differential", entry("A", None), entry("B")),
    ("ChangeAvailability", {"connectorId": 0, "type": "Operative"}),
]


def told(asked: tuple[str, Json]) -> str | None:
    action, payload = asked
    return objection(*command_of(REQUESTS[action].model_validate(payload), LATER))


@pytest.mark.parametrize(("asked", "named"), BROKEN)
def test_what_breaks_a_rule_is_named(asked: tuple[str, Json], named: str) -> None:
    assert named in (told(asked) or "")


@pytest.mark.parametrize("asked", SOUND)
def test_what_the_text_allows_is_sent(asked: tuple[str, Json]) -> None:
    assert told(asked) is None
