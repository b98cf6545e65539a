"""Desired configuration: pushed after a boot and a change, compared, and told where it differs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cpg_world import Ear, Json, Point, World

from sdk.bus import keys
from sdk.desired_configuration import DesiredConfiguration, read_drift
from sdk.events.charge_point import ConfigurationDrifted, ConfigurationRestored
from sdk.events.charging import StartRefused

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


class Keys:
    """The configuration keys of a charge point, which answers by them."""

    def __init__(self, point: Point, values: dict[str, str], **statuses: str) -> None:
        self.point = point
        self.values = values
        self.statuses = statuses
        self.readonly: set[str] = set()
        self.is_mute = False
        self.refused = ""
        """A key of which no report is given."""
        self.is_stubborn = False
        self.asked: list[tuple[str, Any]] = []

    async def serve(self) -> None:
        """Answer what comes, until cancelled."""
        while True:
            _, message_id, action, payload = json.loads(await self.point.socket.recv())
            if "key" in payload:
                self.asked.append((action, payload["key"]))
            if not self.is_mute:
                answer = self._answer(action, payload)
                await self.point.socket.send(json.dumps([*answer[:1], message_id, *answer[1:]]))

    def _answer(self, action: str, payload: Json) -> list[Any]:
        match action:
            case "GetConfiguration" if self.refused in payload["key"]:
                return [4, "InternalError", "", {}]
            case "GetConfiguration":
                return [3, self._report(payload["key"])]
            case "ChangeConfiguration":
                status = self.statuses.get(payload["key"], "Accepted")
                if status == "Accepted" and not self.is_stubborn:
                    self.values[payload["key"]] = payload["value"]
                return [3, {"status": status}]
            case _:
                return [4, "NotSupported", "", {}]

    def _report(self, names: list[str]) -> Json:
        known = [name for name in names if name in self.values]
        return {
            "configurationKey": [
                {"key": name, "readonly": name in self.readonly, "value": self.values[name]}
                for name in known
            ],
            "unknownKey": [name for name in names if name not in known],
        }


@asynccontextmanager
async def playing(played: Keys) -> AsyncIterator[Keys]:
    """Have a charge point answer by its keys."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(played.serve())
        try:
            yield played
        finally:
            task.cancel()


async def settled(world: World, cp: str) -> None:
    """Wait until all is as wanted."""
    await world.until(cp, lambda state: state.get("desired") == "")


async def drifted(ear: Ear) -> tuple[str, str, str, str | None]:
    """Wait for a drift: key, reason, wanted and reported value."""
    _, body = await ear.next(ConfigurationDrifted)
    return body.key, body.reason, body.wanted, body.reported


async def test_after_a_boot_what_differs_is_set(world: World, cp: str) -> None:
    wanted = DesiredConfiguration(world.bus)
    await wanted.set(cp, "MeterValueSampleInterval", "30")
    await wanted.set(cp, "MeterValuesSampledData", "Power.Active.Import,SoC")
    await wanted.set(cp, "AllowOfflineTxForUnknownId", "True")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        values = {
            "MeterValueSampleInterval": "60",
            "MeterValuesSampledData": " SoC, Power.Active.Import",
            "AllowOfflineTxForUnknownId": "true",
        }
        async with playing(Keys(point, values)) as played:
            await settled(world, cp)
        changed = [key for action, key in played.asked if action == "ChangeConfiguration"]
        assert changed == ["MeterValueSampleInterval"]
        assert played.asked[-1] == ("GetConfiguration", ["MeterValueSampleInterval"])
        assert played.values["MeterValueSampleInterval"] == "30"
        reported = await world.bus.read(keys.configuration(cp))
        assert '"30"' in reported["MeterValueSampleInterval"]
    assert "ConfigurationDrifted" not in await ear.all_within()
    assert await read_drift(world.bus, cp) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("Rejected", "rejected"),
        ("NotSupported", "not_supported"),
        ("RebootRequired", "needs_reboot"),
        ("readonly", "readonly"),
        ("stubborn", "differs"),
    ],
)
async def test_what_can_not_be_set_has_drifted_until_it_can(
    world: World, cp: str, status: str, reason: str
) -> None:
    await DesiredConfiguration(world.bus).set(cp, "Key", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        answer = status if status[0].isupper() else "Accepted"
        played = Keys(point, {"Key": "0"}, Key=answer)
        played.readonly = {"Key"} if status == "readonly" else set()
        played.is_stubborn = status == "stubborn"
        async with playing(played):
            assert await drifted(ear) == ("Key", reason, "1", "0")
        (drift,) = await read_drift(world.bus, cp)
        assert (drift.key, drift.reason, drift.wanted, drift.reported) == ("Key", reason, "1", "0")
    async with world.point(cp) as point, playing(Keys(point, {"Key": "1"})):
        _, restored = await ear.next(ConfigurationRestored)
        assert restored.key == "Key", "it is looked at again on a new socket, without a boot"
    assert await read_drift(world.bus, cp) == []


async def test_a_drift_is_told_once_and_again_for_another_reason(world: World, cp: str) -> None:
    wanted = DesiredConfiguration(world.bus)
    await wanted.set(cp, "Key", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        async with playing(Keys(point, {"Key": "0", "Other": "5"}, Key="Rejected")) as played:
            assert (await drifted(ear))[1] == "rejected"
            await wanted.set(cp, "Other", "6")
            while played.values["Other"] != "6":  # noqa: ASYNC110 - it is told by the gateway
                await asyncio.sleep(0.02)
            assert "ConfigurationDrifted" not in await ear.all_within()
            played.statuses["Key"] = "NotSupported"
            await wanted.set(cp, "Other", "7")
            assert (await drifted(ear))[1] == "not_supported"
            await wanted.remove(cp, "key")
            _, restored = await ear.next(ConfigurationRestored)
            assert restored.key == "Key"


async def test_who_does_not_answer_is_asked_again(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpg.configuration_calls._TIMEOUT_S", 0.2)
    monkeypatch.setattr("cpg.desired._RETRIES_S", (0.1, 0.1))
    await DesiredConfiguration(world.bus).set(cp, "Key", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        played = Keys(point, {"Key": "0"})
        played.is_mute = True
        async with playing(played):
            assert (await drifted(ear))[1] == "no_answer"
            played.is_mute = False
            await ear.next(ConfigurationRestored)
        assert played.values["Key"] == "1"


async def test_a_key_that_it_reports_only_by_an_error_holds_up_no_other(
    world: World, cp: str
) -> None:
    wanted = DesiredConfiguration(world.bus)
    await wanted.set(cp, "Odd", "1")
    await wanted.set(cp, "Usual", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        played = Keys(point, {"Odd": "0", "Usual": "0"}, Odd="Rejected")
        played.refused = "Odd"
        async with playing(played):
            assert await drifted(ear) == ("Odd", "rejected", "1", None)
    assert played.values == {"Odd": "0", "Usual": "1"}
    assert [drift.key for drift in await read_drift(world.bus, cp)] == ["Odd"]


async def test_who_reports_only_errors_does_not_answer(world: World, cp: str) -> None:
    await DesiredConfiguration(world.bus).set(cp, "Odd", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        played = Keys(point, {"Odd": "0"})
        played.refused = "Odd"
        async with playing(played):
            assert await drifted(ear) == ("Odd", "no_answer", "1", None)
    assert played.values == {"Odd": "0"}, "nothing is set blindly"


async def test_it_is_not_asked_for_ever(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpg.configuration_calls._TIMEOUT_S", 0.1)
    monkeypatch.setattr("cpg.desired._RETRIES_S", (0.0, 0.0))
    await DesiredConfiguration(world.bus).set(cp, "Key", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        played = Keys(point, {})
        played.is_mute = True
        async with playing(played):
            assert (await drifted(ear))[1] == "no_answer"
            await asyncio.sleep(4)
        assert len(played.asked) == 3
        assert "ConfigurationDrifted" not in await ear.all_within(0.1)


async def test_a_sessions_command_waits_for_one_call_at_the_most(world: World, cp: str) -> None:
    wanted = DesiredConfiguration(world.bus)
    for number in range(5):
        await wanted.set(cp, f"Key{number}", "1")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        played = Keys(point, {f"Key{number}": "0" for number in range(5)})
        async with playing(played):
            while len(played.asked) < 2:  # noqa: ASYNC110 - a socket tells nobody
                await asyncio.sleep(0.001)
            await world.command(cp, "StartCharging", id_tag="TAG")
            _, refused = await ear.next(StartRefused)
            assert refused.reason == "not_supported"
            await settled(world, cp)
        assert len(played.asked) == 7


async def test_nothing_wanted_asks_nothing(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        await point.tell("BootNotification", BOOT)
        await point.tell("Heartbeat", {})
        assert await point.hears_nothing()
        assert "desired" not in await world.state(cp)
