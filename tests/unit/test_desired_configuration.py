"""What can be wanted of a charge point, and when a value is as wanted."""

from datetime import UTC, datetime, timedelta

import pytest

from cpg.calls import Answer, Answered, NotSent, Refused, Unknown
from cpg.drift import Finding, differing, effect_of, refusal
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.memory_bus import MemoryBus
from sdk.desired_configuration import (
    DesiredConfiguration,
    DesiredConfigurationError,
    Drift,
    check_desired,
    is_same_value,
    read_drift,
)
from sdk.events.charge_point import ConfigurationDrifted, ConfigurationRestored
from sdk.events.operations import ConfigurationKey
from sdk.register import Register, UnknownChargePointError, checked_config

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DID = f"did:ethr:0x7a69:0x{'1' * 40}"


@pytest.mark.parametrize(
    ("wanted", "reported", "same"),
    [
        ("30", "30", True),
        ("30", " 30 ", True),
        ("30", "30.0", True),
        ("030", "30", True),
        ("30", "3", False),
        ("True", "true", True),
        ("true", "false", False),
        ("A,B", "B, A", True),
        ("A,B", "A", False),
        ("A", "a", False),
        ("", "", True),
        ("0", "", False),
        ("-0", "0", True),
        ("9007199254740993", "9007199254740992", False),
        ("nan", "nan", True),
        ("1e3", "1000", False),
        ("x", None, False),
    ],
)
def test_a_value_may_be_written_in_another_way(
    wanted: str,
    reported: str | None,
    same: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert is_same_value(wanted, reported) is same


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AuthorizationKey", "x"),
        ("authorizationkey", "x"),
        ("SecurityProfile", "2"),
        ("", "x"),
        ("k" * 51, "x"),
        ("k\n", "x"),
        ("k", "v" * 501),
        ("k", "a\x00"),
    ],
)
def test_what_can_not_be_wanted_is_refused(key: str, value: str) -> None:
    with pytest.raises(DesiredConfigurationError):
        check_desired(key, value)


async def test_what_is_wanted_is_kept_and_told_to_the_gateway() -> None:
    bus = MemoryBus()
    wanted = DesiredConfiguration(bus)
    with pytest.raises(UnknownChargePointError):
        await wanted.set("CP", "Key", "1")
    config = {"charge_point_id": "CP", "did": DID, "tariff": {"per_kwh": "1"}}
    await Register(bus).add(checked_config(config))
    async with bus.follow() as follower:
        told = await follower.subscribe("CP", Lane.OCPP, after=None)
        await wanted.set("CP", "key", "0")
        await wanted.set("CP", "Key", "1")
        await wanted.set("CP", "Other", "2")
        assert await wanted.get("CP") == {"Key": "1", "Other": "2"}, "a key has one spelling"
        await wanted.remove("CP", "OTHER")
        assert await wanted.get("CP") == {"Key": "1"}
        delivery = await told.take()
        assert delivery is not None
        assert delivery.envelope.type == "ChargePointConfigChanged"
    with pytest.raises(DesiredConfigurationError, match="is not wanted"):
        await wanted.remove("CP", "Other")


async def test_drift_of_what_is_wanted_no_more_is_not_shown() -> None:
    bus = MemoryBus()
    drift = Drift(key="K", wanted="1", reported="0", reason="rejected", since=NOW)
    await bus.write(keys.drift("CP"), {"K": drift.model_dump_json(), "X": "{}", "Y": "bad"})
    await bus.write(keys.desired("CP"), {"K": "1", "Y": "2"})
    assert await read_drift(bus, "CP") == [drift]


def test_what_can_not_be_written_is_not_tried() -> None:
    wanted = {"A": "1", "B": "1", "C": "1", "D": "1"}
    told = [
        ConfigurationKey(key="a", readonly=False, value="1"),
        ConfigurationKey(key="B", readonly=True, value="0"),
        ConfigurationKey(key="C", readonly=False),
    ]
    reported = {item.key.casefold(): item for item in told}
    assert differing(wanted, reported) == {"B": Finding("readonly", "0"), "C": None, "D": None}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answered({"status": "Accepted"}), None),
        (Answered({"status": "RebootRequired"}), "needs_reboot"),
        (Answered({"status": "Rejected"}), "rejected"),
        (Answered({"status": "NotSupported"}), "not_supported"),
        (Refused("NotImplemented"), "not_supported"),
        (Refused("InternalError"), "rejected"),
        (Unknown(timed_out=True), "no_answer"),
        (NotSent(), "no_answer"),
    ],
)
def test_an_answer_says_why_it_is_not_as_wanted(answer: Answer, reason: str | None) -> None:
    assert refusal(answer) == reason


def test_a_drift_keeps_its_beginning_while_its_reason_is_the_same() -> None:
    later = NOW + timedelta(hours=1)
    wanted = {"A": "1", "B": "1"}
    first = effect_of("CP", wanted, {"A": Finding("rejected", "0")}, {}, NOW)
    assert [type(fact) for fact, _ in first.events] == [ConfigurationDrifted]
    stored = dict(first.writes[1].fields or {})
    same = effect_of("CP", wanted, {"A": Finding("rejected", "5")}, stored, later)
    assert same.events == []
    (text,) = (same.writes[1].fields or {}).values()
    kept = Drift.model_validate_json(text)
    assert (kept.since, kept.reported) == (NOW, "5")
    other = effect_of("CP", wanted, {"A": Finding("readonly", "0")}, stored, later)
    assert [type(fact) for fact, _ in other.events] == [ConfigurationDrifted]
    none = effect_of("CP", wanted, {}, stored, later)
    assert none.events == [(ConfigurationRestored(key="A"), None)]
    assert none.removed == {keys.drift("CP"): ["A"]}
    assert none.writes[0].fields == {"desired": ""}
