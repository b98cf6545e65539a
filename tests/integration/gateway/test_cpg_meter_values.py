"""Readings and timestamps as charge points send them, to what is told of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cpg_world import Json, World, soon

from sdk.bus import keys
from sdk.events.charge_point import (
    ConnectorStatusChanged,
)
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported

POWER = {"measurand": "Power.Active.Import"}


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([{"value": "1500"}], {"energy_wh": 1500, "context": "Sample.Periodic"}),
        ([{"value": "1.5", "unit": "kWh", "context": "Trigger"}], {"energy_wh": 1500}),
        ([{"value": "1500", "location": "Inlet"}], {"energy_wh": None}),
        ([{"value": "1500", "phase": "L1"}], {"energy_wh": None}),
        ([{"value": "0" * 3000, "format": "SignedData"}, {"value": "7"}], {"energy_wh": 7}),
        ([{"value": "7.2", "unit": "kW", **POWER}], {"power_w": 7200, "energy_wh": None}),
        ([{"value": "5", "phase": f"L{n}", **POWER} for n in (1, 2, 3)], {"power_w": 15}),
        ([{"value": "20", "measurand": "Temperature", "unit": "Celcius"}], {"energy_wh": None}),
        ([{"value": "20", "measurand": "Temperature", "unit": "Celsius"}], {"energy_wh": None}),
        ([{"value": "no number"}, {"value": "80.4", "measurand": "SoC"}], {"soc_percent": 80}),
    ],
)
@pytest.mark.parametrize("transaction", [True, False])
async def test_a_reading_is_told_by_its_meaning(
    world: World,
    cp: str,
    samples: list[Json],
    expected: Json,
    *,
    transaction: bool,
) -> None:
    ear = await world.ear(cp)
    item = {"timestamp": soon(-1), "sampledValue": samples}
    payload: dict[str, Any] = {"connectorId": 2, "meterValue": [item]}
    async with world.point(cp) as point:
        if transaction:
            payload["transactionId"] = (await point.start("NOBODY", 2))["transactionId"]
        assert await point.tell("MeterValues", payload) == {}
        envelope, told = await ear.next(MeterValueReported)
    assert (envelope.connector_id, told.transaction_id) == (2, payload.get("transactionId"))
    assert {name: getattr(told, name) for name in expected} == expected


async def test_the_last_readings_of_a_stop_are_taken_like_others(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    data: list[Json] = [
        {
            "timestamp": soon(-50),
            "sampledValue": [
                {"value": "0.1", "unit": "kWh", "context": "Transaction.Begin"},
                {"value": "5", "measurand": "Current.Import", "phase": "L1"},
            ],
        },
        {"timestamp": soon(-40), "sampledValue": [{"value": "x", "format": "SignedData"}]},
        {"timestamp": soon(-30), "sampledValue": []},
    ]
    async with world.point(cp) as point:
        number = (await point.start("NOBODY", timestamp=soon(-60)))["transactionId"]
        assert await point.stop(number, transactionData=data) == {}
        told = [(await ear.next(MeterValueReported))[1] for _ in data]
        _, stopped = await ear.next(ChargingStopped)
    assert [body.transaction_id for body in told] == [number] * 3
    assert [body.energy_wh for body in told] == [100, None, None]
    assert (told[0].current_a, told[0].context) == (5, "Transaction.Begin")
    assert stopped.meter_stop_wh == 600


async def test_readings_that_can_not_be_read_do_not_hold_up_a_stop(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    data = [{"timestamp": "yesterday", "sampledValue": [{"value": "1"}]}]
    async with world.point(cp) as point:
        number = (await point.start("NOBODY"))["transactionId"]
        assert await point.stop(number, transactionData=data) == {}
    _, stopped = await ear.next(ChargingStopped)
    assert stopped.transaction_id == number
    assert "MeterValueReported" not in [item.type for item in ear.heard]


@pytest.mark.parametrize("number", [999_999_999, 0, -1, 2**62])
async def test_readings_of_a_transaction_that_nobody_knows_are_answered(
    world: World, cp: str, number: int
) -> None:
    async with world.point(cp) as point:
        await point.meter((soon(-1), 700), transaction_id=number)
        assert (await world.connector(cp))["energy_wh"] == "700"
        assert await world.bus.read(keys.transaction(cp, number)) == {}


async def test_the_main_meter_is_kept_and_not_told_of_a_connector(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    item = {"timestamp": soon(-1), "sampledValue": [{"value": "900"}]}
    async with world.point(cp) as point:
        await point.tell("MeterValues", {"connectorId": 0, "meterValue": [item]})
    assert (await world.connector(cp, 0))["energy_wh"] == "900"
    assert "MeterValueReported" not in await ear.all_within()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00.5Z", datetime(2026, 5, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-05-01T04:30:00.123456789-05:30", datetime(2026, 5, 1, 10, 0, 0, 123_000, UTC)),
    ],
)
async def test_timestamps_are_read_with_offset_and_any_fraction(
    world: World, cp: str, text: str, moment: datetime
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell(
            "StatusNotification",
            {"connectorId": 1, "status": "Charging", "errorCode": "NoError", "timestamp": text},
        )
        assert (await ear.next(ConnectorStatusChanged))[1].changed_at == moment
        number = (await point.start("NOBODY", timestamp=text))["transactionId"]
        assert (await ear.next(ChargingStarted))[1].started_at == moment
        await point.meter((text, 200), transaction_id=number)
        assert (await ear.next(MeterValueReported))[1].sampled_at == moment
        await point.stop(number, timestamp=text)
        assert (await ear.next(ChargingStopped))[1].stopped_at == moment
        now = (await point.tell("Heartbeat", {}))["currentTime"]
        assert datetime.fromisoformat(now).strftime("%FT%T.%f")[:-3] + "Z" == now


@pytest.mark.parametrize("text", ["yesterday", "", "1e9", "2026-13-01T00:00:00Z"])
async def test_a_time_that_can_not_be_read_is_refused_but_never_for_a_stop(
    world: World, cp: str, text: str
) -> None:
    status = {"connectorId": 1, "status": "Charging", "errorCode": "NoError", "timestamp": text}
    start = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": text}
    item = {"timestamp": text, "sampledValue": [{"value": "1"}]}
    async with world.point(cp) as point:
        for action, payload in (
            ("StatusNotification", status),
            ("StartTransaction", start),
            ("MeterValues", {"connectorId": 1, "meterValue": [item]}),
        ):
            answer = await point.call(action, payload)
            assert answer[2:] == ["PropertyConstraintViolation", "timestamp: not a date-time", {}]
        number = (await point.start("A"))["transactionId"]
        assert await point.stop(number, timestamp=text) == {}
        assert await point.stop(number + 10**6, timestamp=text) == {}
