"""The simulated charge point against a real gateway: what tests and demo rely on."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from certificates import Ca
from cpg_world import Ear, Program, World, gateway_process, program, soon
from tls_world import tls_gateway
from websockets.asyncio.server import ServerConnection, serve

from sdk.bus import keys
from sdk.events.charge_point import (
    ChargePointDisconnected,
    ConnectorStatusChanged,
    DiagnosticsStatusChanged,
)
from sdk.events.charging import (
    ChargingStarted,
    ChargingStopped,
    IdTagAccepted,
    MeterValueReported,
    StartRefused,
)
from sdk.events.operations import GetLogAnswered, ReserveNowAnswered, ResetAnswered

FAST = ("--speed", "600", "--interval", "30")


@asynccontextmanager
async def simulated(url: str, cp: str, *options: str) -> AsyncIterator[Program]:
    """Run the example until it has connected, and on."""
    command = ("examples/charge_point.py", "--id", cp, "--url", url, *options)
    async with program(*command) as running:
        await running.until("connected")
        yield running


async def statuses(ear: Ear, *wanted: str) -> None:
    """Wait for these statuses of connector 1, in order."""
    for status in wanted:
        while True:
            envelope, told = await ear.next(ConnectorStatusChanged)
            if envelope.connector_id == 1 and told.status == status:
                break


async def authorize(world: World, cp: str, ear: Ear) -> IdTagAccepted:
    """Let the tag TAG in."""
    await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
    return (await ear.next(IdTagAccepted))[1]


async def test_a_session_by_remote_start_and_stop(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with simulated(world.url, cp, *FAST, "--authorize") as point:
        await statuses(ear, "Available")
        assert (await authorize(world, cp, ear)).local_list
        await world.command(cp, "StartCharging", id_tag="TAG")
        _, started = await ear.next(ChargingStarted)
        assert (started.id_tag, started.id_tag_status) == ("TAG", "Accepted")
        energy = [(await ear.next(MeterValueReported))[1].energy_wh or 0 for _ in range(3)]
        assert 100_000 < energy[0] < energy[1] < energy[2]
        await world.command(cp, "StopCharging", transaction_id=started.transaction_id)
        _, stopped = await ear.next(ChargingStopped)
        assert stopped.reason == "Remote"
        assert stopped.meter_stop_wh >= energy[-1]
        await statuses(ear, "Available")
        assert await point.end() == 0
    assert point.count("received RemoteStartTransaction TAG on 1") == 1
    assert point.count("received RemoteStopTransaction") == 1
    assert point.count("started transaction") == point.count("stopped transaction") == 1


async def test_without_local_lists_it_asks(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with simulated(world.url, cp, *FAST, "--no-local-list", "--authorize") as point:
        await world.command(cp, "StartCharging", id_tag="NOBODY")
        await point.until("idTag NOBODY may not charge")
        assert not (await authorize(world, cp, ear)).local_list
        await world.command(cp, "StartCharging", id_tag="TAG")
        _, started = await ear.next(ChargingStarted)
        assert started.id_tag_status == "Accepted"


async def test_it_stops_when_deauthorized_or_by_itself(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with simulated(world.url, cp, *FAST, "--stop-after-wh", "500"):
        await world.command(cp, "StartCharging", id_tag="NOBODY")
        _, stopped = await ear.next(ChargingStopped)
        assert stopped.reason == "DeAuthorized"
        await statuses(ear, "Available")
        await world.command(cp, "StartCharging", id_tag="TAG")
        _, stopped = await ear.next(ChargingStopped)
        assert stopped.reason == "Local"
        transaction = await world.bus.read(keys.transaction(cp, stopped.transaction_id))
        assert stopped.meter_stop_wh - int(transaction["meter_start_wh"]) >= 500


async def test_the_cable(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with simulated(world.url, cp, *FAST) as point:
        await statuses(ear, "Available")
        point.process.send_signal(signal.SIGUSR1)
        await statuses(ear, "Preparing")
        point.process.send_signal(signal.SIGUSR1)
        await statuses(ear, "Available")
        await world.command(cp, "StartCharging", id_tag="TAG")
        await ear.next(MeterValueReported)
        point.process.send_signal(signal.SIGUSR1)
        _, stopped = await ear.next(ChargingStopped)
        assert stopped.reason == "EVDisconnected"
        await statuses(ear, "Available")


async def test_one_that_rejects_and_one_that_is_faulted(world: World, cp: str) -> None:
    await world.register(f"{cp}-F")
    ear, faulted = await world.ear(cp), await world.ear(f"{cp}-F")
    async with (
        simulated(world.url, cp, "--reject-start") as point,
        simulated(world.url, f"{cp}-F", "--faulted"),
    ):
        await world.command(cp, "StartCharging", id_tag="TAG")
        assert (await ear.next(StartRefused))[1].reason == "rejected"
        assert await point.end() == 0
        assert point.count("received RemoteStartTransaction") == 1
        await statuses(faulted, "Faulted")
        await world.command(f"{cp}-F", "StartCharging", id_tag="TAG")
        assert (await faulted.next(StartRefused))[1].reason == "rejected"


async def test_a_reset_ends_the_transaction_and_boots_again(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with simulated(world.url, cp, *FAST) as point:
        await world.command(cp, "StartCharging", id_tag="TAG")
        await ear.next(ChargingStarted)
        await world.command(cp, "Reset", kind="Hard")
        assert (await ear.next(ResetAnswered))[1].status == "Accepted"
        assert (await ear.next(ChargingStopped))[1].reason == "HardReset"
        await ear.next(ChargePointDisconnected)
        await point.until("booted")
        await statuses(ear, "Available")


async def test_it_goes_on_when_its_gateway_is_killed(world: World, cp: str, redis_url: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with gateway_process(redis_url) as (first, url), simulated(url, cp, *FAST) as point:
        await world.command(cp, "StartCharging", id_tag="TAG")
        _, started = await ear.next(ChargingStarted)
        await ear.next(MeterValueReported)
        await first.end(signal.SIGKILL)
        await asyncio.sleep(0.5)
        port = int(url.rpartition(":")[2])
        async with gateway_process(redis_url, port):
            await world.until(cp, lambda state: state.get("connected") == "1")
            await point.until("connected")
            await ear.next(MeterValueReported)
            await world.command(cp, "StopCharging", transaction_id=started.transaction_id)
            _, stopped = await ear.next(ChargingStopped)
            assert await point.end() == 0
    assert stopped.transaction_id == started.transaction_id
    told = [item.body for item in ear.heard if isinstance(item.body, MeterValueReported)]
    times = [body.sampled_at for body in told]
    assert times == sorted(times), "what it could not tell is told late, in order"
    assert point.count("received RemoteStartTransaction") == 1
    assert point.count("booted") == 1


async def test_odd_answers_do_not_stop_it(cp: str) -> None:
    told: Counter[str] = Counter()

    async def central_system(socket: ServerConnection) -> None:
        async for data in socket:
            frame = json.loads(data)
            if frame[0] != 2:
                continue
            told[frame[2]] += 1
            answer: list[Any] = [4, frame[1], "InternalError", "", {}]
            if frame[2] == "BootNotification":
                boot = {"status": "Accepted", "currentTime": soon(0), "interval": 60}
                answer = [3, frame[1], boot]
            elif frame[2] == "Authorize":
                answer = [3, frame[1], {"unexpected": 1}]
            await socket.send(json.dumps(answer))
            if told["StatusNotification"] == 2 and not told["Authorize"]:
                start = {"idTag": "TAG", "connectorId": 1}
                await socket.send(json.dumps([2, "go", "RemoteStartTransaction", start]))

    async with serve(central_system, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:  # type: ignore[list-item]
        port = server.sockets[0].getsockname()[1]
        async with simulated(f"ws://127.0.0.1:{port}", cp, "--authorize") as point:
            await point.until("StatusNotification was refused")
            await point.until("idTag TAG may not charge")
            await asyncio.sleep(0.3)
            assert await point.end(seconds=2) == 0
    assert told == {"BootNotification": 1, "StatusNotification": 2, "Authorize": 1}


async def test_it_does_wrong_what_it_is_told_to(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    wrong = ("--answer", "ReserveNow=Rejected", "--answer", "GetLog=!NotSupported")
    async with simulated(world.url, cp, *wrong, "--fail", "upload"):
        await statuses(ear, "Available")
        fields: dict[str, Any] = {"reservation_id": 1, "id_tag": "TAG", "expiry_date": soon(60)}
        await world.command(cp, "ReserveNow", **fields)
        assert (await ear.next(ReserveNowAnswered))[1].status == "Rejected"
        log: dict[str, Any] = {
            "log_type": "SecurityLog",
            "request_id": 1,
            "log": {"remote_location": "ftp://a"},
        }
        await world.command(cp, "GetLog", connector_id=None, **log)
        assert (await ear.next(GetLogAnswered))[1].outcome == "not_supported"
        await world.command(cp, "GetDiagnostics", connector_id=None, location="ftp://a")
        for status in ("Uploading", "UploadFailed"):
            assert (await ear.next(DiagnosticsStatusChanged))[1].status == status


async def test_it_comes_by_tls_with_its_certificate(redis_url: str, tmp_path: Path) -> None:
    ca, cp = Ca(tmp_path), f"CP-{token_hex(4)}"
    own = ca.charge_point(cp)
    files = ("--ca-file", str(ca.root_file), "--certificate", str(own.certificate))
    async with tls_gateway(redis_url, ca.files()) as world:
        await world.register(cp, security_profile="3")
        async with simulated(world.wss, cp, *files, "--key", str(own.key)) as point:
            await world.until(cp, lambda state: state.get("connected") == "1")
            assert await point.end() == 0
        async with program("examples/charge_point.py", "--id", cp, "--url", world.url) as point:
            await point.until("refused with HTTP 401")


@pytest.mark.parametrize("wrong", [("--answer", "Reset"), ("--fail", "everything")])
async def test_a_wrong_command_line_is_refused(wrong: tuple[str, str]) -> None:
    async with program("examples/charge_point.py", *wrong) as point:
        assert await point.process.wait() == 2


async def test_it_ends_promptly_when_there_is_no_gateway(unused_tcp_port: int) -> None:
    url = f"ws://127.0.0.1:{unused_tcp_port}"
    async with program("examples/charge_point.py", "--url", url) as point:
        await point.until("no connection")
        assert await point.end(seconds=2) == 0
