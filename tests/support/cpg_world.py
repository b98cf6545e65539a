"""A gateway on a real socket and a real Valkey, and charge points of several kinds to meet it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect

from cpg.connection import Rules
from cpg.gatekeeper import Gatekeeper
from cpg.register import Entry
from cpg.server import Gateway
from sdk import logs
from sdk.bus import keys
from sdk.bus.interface import Follower, Subscription
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.ids import Clock, new_event_id, utc_now
from sdk.message_log import read_counts
from sdk.tariff import Tariff

CREDENTIAL_KEY = "k" * 32
ROOT = Path(__file__).parents[2]
B = TypeVar("B", bound=Body)
Json = dict[str, Any]


def soon(seconds: float = 60) -> str:
    """Give a moment from now as a timestamp."""
    return (utc_now() + timedelta(seconds=seconds)).isoformat()


class Point:
    """A charge point that speaks plain frames, and answers what it is asked by `answers`."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.asked: list[tuple[str, Json]] = []
        self.answers: dict[str, Json | list[Any] | None] = {}
        """Action -> payload of the CALLRESULT, [code] of the CALLERROR, or None for silence."""
        self._numbers = count(1)

    async def tell(self, action: str, payload: Json, message_id: str | None = None) -> Json:
        """Send a CALL and give the payload of its CALLRESULT."""
        frame = await self.call(action, payload, message_id)
        assert frame[0] == 3, frame
        return dict(frame[2])

    async def call(self, action: str, payload: Json, message_id: str | None = None) -> list[Any]:
        """Send a CALL and give the frame that answers it."""
        message_id = message_id or f"m{next(self._numbers)}"
        await self.socket.send(json.dumps([2, message_id, action, payload]))
        return await self.answer_to(message_id)

    async def answer_to(self, message_id: str, seconds: float = 5) -> list[Any]:
        """Wait for the answer to a message of ours; what we are asked meanwhile is answered."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.take()
                if frame[0] != 2 and frame[1] == message_id:
                    return frame

    async def until_asked(self, action: str, seconds: float = 5) -> Json:
        """Wait for a CALL of this action, and give its payload."""
        async with asyncio.timeout(seconds):
            while True:
                for at, (name, payload) in enumerate(self.asked):
                    if name == action:
                        del self.asked[at]
                        return payload
                await self.take()

    async def take(self) -> list[Any]:
        """Take one frame; answer it if it asks."""
        frame: list[Any] = json.loads(await self.socket.recv())
        if frame[0] == 2:
            self.asked.append((frame[2], frame[3]))
            await self._answer(frame[1], self.answers.get(frame[2]))
        return frame

    async def hears_nothing(self, seconds: float = 0.3) -> bool:
        """Tell whether nothing comes for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.take()
        except TimeoutError:
            return True
        return False

    async def start(self, tag: str, connector_id: int = 1, **changes: Any) -> Json:
        """Send a StartTransaction."""
        payload = {"connectorId": connector_id, "idTag": tag, "meterStart": 100}
        return await self.tell("StartTransaction", {**payload, "timestamp": soon(0), **changes})

    async def stop(self, transaction_id: int, meter: int = 600, **changes: Any) -> Json:
        """Send a StopTransaction."""
        payload = {"transactionId": transaction_id, "meterStop": meter, "timestamp": soon(0)}
        return await self.tell("StopTransaction", {**payload, **changes})

    async def meter(self, *values: tuple[str, int], transaction_id: int | None = None) -> Json:
        """Send MeterValues with (timestamp, Wh) of connector 1."""
        payload: Json = {"connectorId": 1}
        if transaction_id is not None:
            payload["transactionId"] = transaction_id
        payload["meterValue"] = [
            {"timestamp": at, "sampledValue": [{"value": str(wh)}]} for at, wh in values
        ]
        return await self.tell("MeterValues", payload)

    async def _answer(self, message_id: str, answer: Json | list[Any] | None) -> None:
        if isinstance(answer, dict):
            await self.socket.send(json.dumps([3, message_id, answer]))
        elif answer is not None:
            await self.socket.send(json.dumps([4, message_id, answer[0], "", {}]))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Point]:
    """Connect a charge point to a URL that ends in its id."""
    async with connect(url, subprotocols=["ocpp1.6"], compression=None) as socket:  # type: ignore[list-item]
        yield Point(socket)


class Ear:
    """Hears what the gateway tells of one charge point."""

    def __init__(self, subscription: Subscription) -> None:
        self._events = aiter(subscription)
        self.heard: list[Envelope] = []

    async def next(self, kind: type[B], seconds: float = 5) -> tuple[Envelope, B]:
        """Wait for the next event of a kind; those before it are kept in `heard`."""
        async with asyncio.timeout(seconds):
            while True:
                envelope = (await anext(self._events)).envelope
                self.heard.append(envelope)
                if isinstance(envelope.body, kind):
                    return envelope, envelope.body

    async def all_within(self, seconds: float = 0.3) -> list[str]:
        """Give the types of all that comes for so long."""
        seen = len(self.heard)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self.heard.append((await anext(self._events)).envelope)
        except TimeoutError:
            return [envelope.type for envelope in self.heard[seen:]]


class Bench:
    """The bus side: registers charge points, commands them, hears and reads what is told."""

    def __init__(self, bus: RedisBus, follower: Follower) -> None:
        self.bus = bus
        self.follower = follower

    async def register(self, charge_point_id: str, **fields: str) -> None:
        """Write a charge point's configuration."""
        config = {
            "did": f"did:ethr:0x7a69:0x{'1' * 40}",
            "tariff": json.dumps(Tariff(per_kwh=1000).model_dump(mode="json")),
            "connectors": "2",
            **fields,
        }
        await self.bus.write(keys.config(charge_point_id), config)
        await self.bus.add_member(keys.STATIONS, charge_point_id)

    async def permit(self, charge_point_id: str, tag: str, entry: Entry | None = None) -> None:
        """Put a tag into the register."""
        text = (entry or Entry()).to_json()
        await self.bus.write(keys.id_tags(charge_point_id), {tag: text})

    async def command(
        self, charge_point_id: str, kind: str, /, connector_id: int | None = 1, **fields: Any
    ) -> UUID:
        """Send a command to the gateway; give its id."""
        body = {"type": kind, "expires_at": soon(), **fields}
        envelope = Envelope.model_validate(
            {
                "id": new_event_id(),
                "charge_point_id": charge_point_id,
                "connector_id": connector_id,
                "at": utc_now(),
                "body": body,
            }
        )
        await self.bus.publish(Lane.OCPP, envelope)
        return envelope.id

    async def ear(self, charge_point_id: str, after: str | None = None) -> Ear:
        """Hear what is told from now on ("0": from the start)."""
        return Ear(await self.follower.subscribe(charge_point_id, Lane.IN, after=after))

    async def state(self, charge_point_id: str) -> dict[str, str]:
        """Read `{CP}:charge_point`."""
        return await self.bus.read(keys.state(charge_point_id))

    async def connector(self, charge_point_id: str, connector_id: int = 1) -> dict[str, str]:
        """Read `{CP}:connector:<n>`."""
        return await self.bus.read(keys.connector(charge_point_id, connector_id))

    async def until(self, charge_point_id: str, holds: Callable[[dict[str, str]], bool]) -> None:
        """Wait until `{CP}:charge_point` is as wanted."""
        async with asyncio.timeout(5):
            while not holds(await self.state(charge_point_id)):  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.02)


class World(Bench):
    """A gateway of its own in this process."""

    def __init__(self, bus: RedisBus, follower: Follower, url: str, gateway: Gateway) -> None:
        super().__init__(bus, follower)
        self.url = url
        self.gateway = gateway

    @asynccontextmanager
    async def point(self, charge_point_id: str) -> AsyncIterator[Point]:
        """Connect a charge point; it must be registered."""
        async with connected(f"{self.url}/any/prefix/{charge_point_id}") as point:
            yield point

    async def counted(self, charge_point_id: str, name: str, least: int = 1) -> int:
        """Wait until so many are counted, as counts come late; give how many there are then."""
        async with asyncio.timeout(5):
            while (count := (await read_counts(self.bus, charge_point_id))[name]) < least:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.05)
        return count


class Program:
    """A child process whose lines are kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    def count(self, text: str) -> int:
        """Count the lines so far that hold `text`."""
        return sum(text in line for line in self.lines)

    async def until(self, text: str, seconds: float = 10) -> str:
        """Wait for the next line that holds `text`, and give it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := (await self.process.stdout.readline()).decode().rstrip():
                self.lines.append(line)
                if text in line:
                    return line
        raise AssertionError(f"it ended without {text!r}: {self.lines}")

    async def end(self, how: signal.Signals = signal.SIGTERM, seconds: float = 5) -> int:
        """Send a signal and give the exit code; what it still said is kept."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(seconds):
            rest, _ = await self.process.communicate()
        self.lines += rest.decode().splitlines()
        return self.process.returncode or 0


@asynccontextmanager
async def program(*command: str, **environment: str) -> AsyncIterator[Program]:
    """Run `python <command>` from the repository's root, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    running = Program(process)
    try:
        yield running
    finally:
        await running.end(signal.SIGKILL)


@asynccontextmanager
async def gateway_process(redis_url: str, port: int = 0) -> AsyncIterator[tuple[Program, str]]:
    """Run a gateway as a process of its own; give it and its URL."""
    settings = {"REDIS_URL": redis_url, "CREDENTIAL_KEY": CREDENTIAL_KEY, "CPG_PORT": str(port)}
    async with program("-m", "cpg", **settings, LOG_LEVEL="ERROR") as running:
        ready = await running.until("ready cpg ")
        yield running, ready.split()[2]


@asynccontextmanager
async def gateway_in_process(
    redis_url: str,
    *,
    owner: str = "test",
    silence: float = 60,
    call_timeout: float = 2,
    clock: Clock = utc_now,
    **limits: float,
) -> AsyncIterator[World]:
    """Run a gateway in this process; `limits` are more of its `Rules`."""
    bus = RedisBus.from_url(redis_url)
    rules = Rules(owner, 60, silence, call_timeout, **limits)
    gateway = Gateway(bus, Gatekeeper(bus, CREDENTIAL_KEY), rules, clock, logs.get_logger("cpg"))
    try:
        async with bus.follow() as follower, asyncio.TaskGroup() as group:
            _, port = await gateway.start("127.0.0.1", 0, follower, group)
            try:
                yield World(bus, follower, f"ws://127.0.0.1:{port}", gateway)
            finally:
                await gateway.stop()
    finally:
        await bus.close()
