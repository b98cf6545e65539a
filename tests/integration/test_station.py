"""The embedding API over a real Redis, with the other side played by its bus messages."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.body import Body
from sdk.events.charge_point import (
    ConnectorStatusChanged,
)
from sdk.events.envelope import Envelope
from sdk.events.operations import (
    Reset,
    ResetAnswered,
)
from sdk.events.service import ChargingStatus
from sdk.events.station import (
    PublicKeyReported,
    PublicKeyRequested,
    SessionStopAccepted,
    SessionStopRequested,
    StationCommandRefused,
)
from sdk.register import Register, UnknownChargePointError, checked_config, station_did
from sdk.station import CommandTimeoutError, Station
from sdk.station_state import StateError

ROOT = Path(__file__).parents[2]
ACCOUNT = "0x" + "aB" * 20
DID = station_did(31337, ACCOUNT)
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SESSION = "0x" + "5" * 64

Answerer = Callable[[Envelope], list[Body]]


@pytest.fixture
async def bus(redis_bus: RedisBus) -> RedisBus:
    tariff = {"per_kwh": "1000"}
    config = {"charge_point_id": "CP1", "did": DID, "tariff": tariff, "connectors": 2}
    await Register(redis_bus).add(checked_config(config))
    return redis_bus


def envelope(body: Body, caused_by: Envelope | None = None, **more: object) -> Envelope:
    return Envelope.model_validate(
        {
            "id": uuid4(),
            "charge_point_id": "CP1",
            "at": AT,
            "caused_by": caused_by.id if caused_by else None,
            "body": body,
            **more,
        }
    )


@asynccontextmanager
async def answering(bus: RedisBus, asked: Lane, on: Lane, answer: Answerer) -> AsyncIterator[None]:
    """Play the other side: answer what comes on lane `asked` on lane `on`."""

    async def play() -> None:
        async for delivery in commands:
            for body in answer(delivery.envelope):
                await bus.publish(on, envelope(body, delivery.envelope))

    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        commands = await follower.subscribe("CP1", asked, after=None)
        playing = group.create_task(play())
        yield
        playing.cancel()


async def test_a_station_command_gets_its_own_answer(bus: RedisBus, redis_url: str) -> None:
    seen: list[Envelope] = []

    def answer(command: Envelope) -> list[Body]:
        seen.append(command)
        status = ChargingStatus(session_id=SESSION, phase="stopping")
        return [status, SessionStopAccepted(session_id=SESSION)]

    async with (
        answering(bus, Lane.IN, Lane.OUT, answer),
        Station.connect(redis_url, "CP1") as station,
    ):
        answer_body = await station.command(
            SessionStopRequested(session_id=SESSION), connector_id=2, timeout=5
        )
    assert answer_body == SessionStopAccepted(session_id=SESSION)
    (command,) = seen
    assert command.connector_id == 2
    assert command.session_id == SESSION
    assert command.peer_id is None


async def test_an_operation_goes_to_the_gateway(bus: RedisBus, redis_url: str) -> None:
    def answer(command: Envelope) -> list[Body]:
        assert isinstance(command.body, Reset)
        return [ResetAnswered(outcome="answered", status=command.body.kind)]

    async with (
        answering(bus, Lane.OCPP, Lane.IN, answer),
        Station.connect(redis_url, "CP1") as station,
    ):
        told = await station.command(Reset(kind="Hard", expires_at=station.within(5)), timeout=5)
    assert told == ResetAnswered(outcome="answered", status="Hard")


async def test_a_refusal_is_an_answer(bus: RedisBus, redis_url: str) -> None:
    refused = StationCommandRefused(command="PublicKeyRequested", reason="overloaded")
    async with (
        answering(bus, Lane.IN, Lane.OUT, lambda _: [refused]),
        Station.connect(redis_url, "CP1") as station,
    ):
        assert await station.command(PublicKeyRequested(), timeout=5) == refused


async def test_commands_at_once_are_not_mixed_up(bus: RedisBus, redis_url: str) -> None:
    def answer(command: Envelope) -> list[Body]:
        key = f"0x{command.connector_id:066x}"
        return [PublicKeyReported(did=DID, address=ACCOUNT, public_key=key)]

    async with (
        answering(bus, Lane.IN, Lane.OUT, answer),
        Station.connect(redis_url, "CP1") as station,
    ):
        answers = await asyncio.gather(
            *(station.command(PublicKeyRequested(), connector_id=n) for n in range(20))
        )
    keys_told = [told.public_key for told in answers if isinstance(told, PublicKeyReported)]
    assert keys_told == [f"0x{n:066x}" for n in range(20)]


async def test_no_answer_is_a_clear_error(bus: RedisBus, redis_url: str) -> None:
    assert bus is not None
    async with Station.connect(redis_url, "CP1") as station:
        with pytest.raises(CommandTimeoutError, match=r"CP1: no answer to Reset in 0.1 s"):
            await station.command(Reset(expires_at=station.within(1)), timeout=0.1)


async def test_events_of_both_directions_are_followed(bus: RedisBus, redis_url: str) -> None:
    before = ConnectorStatusChanged(status="Faulted", changed_at=AT)
    await bus.publish(Lane.IN, envelope(before, connector_id=1))
    changed = ConnectorStatusChanged(status="Charging", changed_at=AT)
    status = ChargingStatus(session_id=SESSION, phase="charging", energy_wh=5)
    found: list[Body] = []

    async def follow(station: Station) -> None:
        async for seen in station.events():
            found.append(seen.body)
            if len(found) == 2:
                return

    async with (
        asyncio.timeout(5),
        Station.connect(redis_url, "CP1") as station,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(follow(station))
        await asyncio.sleep(0.3)  # it follows from its first step on
        await bus.publish(Lane.IN, envelope(changed, connector_id=1))
        await bus.publish(Lane.OUT, envelope(status, connector_id=1, session_id=SESSION))
    assert changed in found
    assert status in found
    assert before not in found


async def test_a_loop_that_was_left_holds_nothing_up(bus: RedisBus, redis_url: str) -> None:
    changed = ConnectorStatusChanged(status="Charging", changed_at=AT)
    async with asyncio.timeout(5), Station.connect(redis_url, "CP1") as station:
        events = station.events()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(_first(events))
            await asyncio.sleep(0.3)
            await bus.publish(Lane.IN, envelope(changed))
        assert first.result().body == changed


async def _first(events: AsyncIterator[Envelope]) -> Envelope:
    return await anext(events)


async def test_an_error_inside_comes_out_as_it_is(bus: RedisBus, redis_url: str) -> None:
    assert bus is not None
    with pytest.raises(CommandTimeoutError):
        async with Station.connect(redis_url, "CP1") as station:
            await station.command(PublicKeyRequested(), timeout=0.05)


async def test_the_state_is_read_as_a_whole(bus: RedisBus, redis_url: str) -> None:
    status = ChargingStatus(session_id=SESSION, phase="charging", energy_wh=1500, deposit=2**200)
    boot = '{"vendor": "Acme", "model": "One"}'
    await bus.write(
        keys.state("CP1"),
        {"connected": "1", "boot": boot, "last_seen_at": "2026-01-02T03:04:05Z", "generation": "4"},
    )
    await bus.write(
        keys.connector("CP1", 2),
        {
            "status": "Charging",
            "error_code": "NoError",
            "transaction_id": "7",
            "id_tag": "",
            "energy_wh": "11500",
            "power_w": "7200",
        },
    )
    await bus.write(
        keys.session("CP1", 2), {"phase": "charging", "status": status.model_dump_json()}
    )
    await bus.write(
        keys.identity("CP1"), {"state": "published", "did": DID, "balance": str(10**30)}
    )
    async with Station.connect(redis_url, "CP1") as station:
        state = await station.state()
    assert state.connected
    assert state.boot is not None
    assert (state.boot.vendor, state.boot.model) == ("Acme", "One")
    assert state.last_seen_at == AT
    assert state.connector(1).session is None
    assert state.connector(1).status is None
    second = state.connector(2)
    assert (second.transaction_id, second.id_tag, second.power_w) == (7, None, 7200)
    assert second.session == status
    assert state.identity.balance == 10**30
    assert state.identity.qr == f"{DID}?connector=1"
    with pytest.raises(StateError, match="no connector 3"):
        state.connector(3)


async def test_state_that_cannot_be_read_is_told(bus: RedisBus, redis_url: str) -> None:
    await bus.write(keys.connector("CP1", 1), {"power_w": "strong"})
    async with Station.connect(redis_url, "CP1") as station:
        with pytest.raises(StateError, match=r"CP1: .*power_w"):
            await station.state()


async def test_one_that_is_not_registered_is_refused(bus: RedisBus, redis_url: str) -> None:
    assert bus is not None
    with pytest.raises(UnknownChargePointError, match="CP9"):
        async with Station.connect(redis_url, "CP9"):
            pass


async def test_without_redis_it_is_a_clear_error() -> None:
    with pytest.raises(BusUnavailableError):
        async with Station.connect("redis://127.0.0.1:1/0", "CP1"):
            pass


async def test_the_example_runs(bus: RedisBus, redis_url: str) -> None:
    changed = ConnectorStatusChanged(status="Charging", changed_at=AT)
    reported = PublicKeyReported(did=DID, address=ACCOUNT, public_key="0x02" + "ab" * 32)

    def answer(command: Envelope) -> list[Body]:
        return [reported] if isinstance(command.body, PublicKeyRequested) else []

    async with answering(bus, Lane.IN, Lane.OUT, answer):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "examples" / "embed.py"),
            redis_url,
            "CP1",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(20):
                assert (await process.stdout.readline()).decode() == f"CP1 offline {DID}\n"
                assert "PublicKeyReported" in (await process.stdout.readline()).decode()
                async with asyncio.TaskGroup() as group:
                    line = group.create_task(process.stdout.readline())
                    while not line.done():
                        await bus.publish(Lane.IN, envelope(changed, connector_id=1))
                        await asyncio.wait({line}, timeout=0.1)
                assert line.result().decode() == "03:04:05 1 ConnectorStatusChanged\n"
        finally:
            process.kill()
            await process.communicate()
