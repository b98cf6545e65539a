"""Charge points of a load: as little work as can be, so that the server is what is measured."""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, cast

from benchmarks.frames import (
    BOOT,
    CLOSE,
    PING,
    PONG,
    START,
    STATUS,
    TEXT,
    BadFrameError,
    FrameReader,
    handshake,
    write_frame,
    write_meter_values,
)
from benchmarks.plan import PASSWORD, Plan
from sdk.ids import utc_now

CONNECTING_AT_ONCE = 16
_TEXTS = 5
_numbers = itertools.count(1)
_process = secrets.token_hex(12).encode()
Done = Callable[[bytes], object]


class RefusedError(Exception):
    """The server did not let a charge point in, or hung up before it did."""


class Tally:
    """What the charge points of a process saw; `asked` are the server's own calls."""

    def __init__(self) -> None:
        """Start at zero."""
        self.answers = self.asked = self.errors = 0
        self.texts: list[str] = []

    def error(self, text: str) -> None:
        """Count what should not have come; the first texts are kept."""
        self.errors += 1
        if len(self.texts) < _TEXTS:
            self.texts.append(text[:300])


class ChargePoint(asyncio.Protocol):
    """One socket; `pending` holds what each message waits for its answer with.

    With `strict`, a close that the charge point did not ask for is an error.
    """

    def __init__(self, plan: Plan, name: str, tally: Tally, *, strict: bool = True) -> None:
        """Be the charge point `name`; it knocks as soon as it is connected."""
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.writable = asyncio.Event()
        self.writable.set()
        self.pending: dict[bytes, Done] = {}
        self.transaction = 0
        self._request = handshake(plan.host, plan.port, name, PASSWORD)
        self._tally = tally
        self._strict = strict
        self._head = b""
        self._upgraded = False
        self._reader = FrameReader()
        self._readings = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if not self.opened.done():
            self.opened.set_exception(RefusedError(f"hung up before the upgrade: {exc}"))
        elif self._strict and self._upgraded:
            self._tally.error(f"the server hung up: {exc}")
        self.lost.set_result(None)
        self.writable.set()

    def pause_writing(self) -> None:
        """Hear that the server takes no more."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """Hear that it does again."""
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        """Take bytes: first of the handshake, then of frames."""
        if not self.opened.done():
            data = self._shake_hands(data)
        elif not self._upgraded:
            return
        try:
            for first, payload in self._reader.feed(data):
                self._take(first, payload)
        except BadFrameError as error:
            self._tally.error(str(error))
            self.hang_up()

    def send(self, message_id: bytes, message: bytes, done: Done) -> None:
        """Send a CALL; `done` gets the whole CALLRESULT."""
        self.pending[message_id] = done
        self.transport.write(write_frame(message))

    async def call(self, pattern: bytes, *values: bytes) -> Any:  # noqa: ANN401 - any answer
        """Send one of the patterns of `frames`, and give the payload of its CALLRESULT."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        message_id = new_message_id()
        self.send(message_id, pattern % (message_id, *values), answer.set_result)
        waiting: set[asyncio.Future[Any]] = {answer, self.lost}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise RefusedError("the server hung up")
        return json.loads(answer.result())[2]

    async def boot(self) -> None:
        """Boot. Raises RefusedError unless accepted."""
        answer = await self.call(BOOT)
        if answer["status"] != "Accepted":
            raise RefusedError(f"boot: {answer['status']}")

    async def start(self) -> None:
        """Open a transaction on connector 1, and keep its id."""
        answer = await self.call(START, now())
        self.transaction = answer["transactionId"]
        await self.call(STATUS, b"Charging", now())

    def send_meter_values(self, done: Done) -> None:
        """Send the next reading of the transaction."""
        self._readings += 1
        message_id = new_message_id()
        message = write_meter_values(message_id, self.transaction, now(), self._readings)
        self.send(message_id, message, done)

    def hang_up(self) -> None:
        """Close the socket, without a word."""
        self._strict = False
        self.transport.abort()

    def _shake_hands(self, data: bytes) -> bytes:
        """Take bytes of the server's answer; gives what follows it."""
        self._head += data
        head, end, frames = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        self._upgraded = head.startswith(b"HTTP/1.1 101 ")
        if self._upgraded:
            self.opened.set_result(None)
            return frames
        self.opened.set_exception(RefusedError(head.partition(b"\r\n")[0].decode()))
        self.hang_up()
        return b""

    def _take(self, first: int, payload: bytes) -> None:
        if first == TEXT:
            self._take_message(payload)
        elif first == PING:
            self.transport.write(write_frame(payload, PONG))
        elif first not in (PONG, CLOSE):
            self._tally.error(f"a frame that begins with {first:#x}")

    def _take_message(self, message: bytes) -> None:
        kind = message[:3]
        if kind == b"[3,":
            done = self.pending.pop(message.split(b'"', 2)[1], None)
            if done is None:
                self._tally.error(f"answers nothing: {message.decode()}")
                return
            self._tally.answers += 1
            done(message)
        elif kind == b"[2,":
            self._tally.asked += 1
            message_id = message.split(b'"', 2)[1]
            self.transport.write(write_frame(b'[4,"%b","NotImplemented","",{}]' % message_id))
        else:
            self._tally.error(message.decode(errors="replace"))


def new_message_id() -> bytes:
    """Give an id that no other message has, about as long as a UUID."""
    return b"%b-%08d" % (_process, next(_numbers))


def now() -> bytes:
    """Give the moment as OCPP writes it."""
    return b"%bZ" % utc_now().isoformat(timespec="milliseconds")[:23].encode()


async def connect(plan: Plan, name: str, tally: Tally, *, strict: bool = True) -> ChargePoint:
    """Connect and authenticate one. Raises RefusedError, OSError."""
    _, point = await asyncio.get_running_loop().create_connection(
        lambda: ChargePoint(plan, name, tally, strict=strict), plan.host, plan.port
    )
    await point.opened
    return point


async def boot_all(plan: Plan, tally: Tally, *, charging: bool = False) -> list[ChargePoint]:
    """Connect and boot all of a plan, some at a time; with `charging`, open transactions, too."""
    turns = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def enter(number: int) -> ChargePoint:
        async with turns:
            point = await connect(plan, plan.name(number), tally)
            await point.boot()
            if charging:
                await point.start()
            return point

    return await together(enter(number) for number in range(plan.count))


async def together(parts: Iterable[Coroutine[Any, Any, ChargePoint]]) -> list[ChargePoint]:
    """Run coroutines at once, and give what each gave."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part) for part in parts]
    return [task.result() for task in tasks]
