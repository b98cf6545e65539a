"""The messages of one socket, one after the other: requests are answered, answers are handed on.

What one socket may take is bounded everywhere: so many messages wait (then its TCP window closes),
so many are handled before other sockets have their turn, so many a second are handled at all.
"""

import time

from pydantic import ValidationError

from cpg.desk import Desk, Messages, Spawn, Used
from cpg.frames import (
    Call,
    CallError,
    CallResult,
    Malformed,
    read_frame,
    write_error,
    write_result,
)
from cpg.turns import Turns
from cpg.validation import Violation
from cpg.wire import Wire
from sdk.bus.interface import BusUnavailableError, OverloadedError
from sdk.leaky_count import LeakyCount
from sdk.logs import Logger
from sdk.message_log import TOLERATED

_NOTHING: Used = frozenset()
_MOST_WAITING = 16
_AT_ONCE = 8
_MOST_MALFORMED = 50
_FORGIVEN_PER_S = 1.0
_POLICY = 1008
_SHORTEST_S = 0.002
"""The loop's timers count in ms: a shorter pause would be none."""


class Exchange:
    """Reads what a wire brings; see `cpg.wire.Receiver`."""

    __slots__ = (
        "_allowance",
        "_busy",
        "_desk",
        "_log",
        "_malformed",
        "_messages",
        "_paused",
        "_spawn",
        "_turns",
        "_waiting",
        "_wire",
    )

    def __init__(
        self,
        wire: Wire,
        desk: Desk,
        turns: Turns,
        messages: Messages,
        spawn: Spawn,
        log: Logger,
    ) -> None:
        """Let `desk` answer what `wire` brings, as often as `turns` allows."""
        self._wire = wire
        self._desk = desk
        self._turns = turns
        self._messages = messages
        self._spawn = spawn
        self._log = log
        self._allowance = turns.allowance()
        self._waiting: list[bytes] = []
        self._busy = False
        self._paused = False
        self._malformed: LeakyCount | None = None

    def message(self, data: bytes) -> None:
        """See `Receiver`."""
        self._wire.seen_at = self._wire.heard_at
        self._waiting.append(data)
        if len(self._waiting) >= _MOST_WAITING and not self._paused:
            self._paused = True
            self._wire.pause()
        if not self._busy:
            self._go_on()

    def control(self) -> None:
        """See `Receiver`: a ping costs as much as a message."""
        self._allowance.spend()
        if not self._busy and self._allowance.is_overdrawn:
            self._go_on()

    def writable(self) -> None:
        """See `Receiver`."""
        if not self._busy:
            self._go_on()

    def look(self, now: float) -> None:
        """See `Receiver`."""
        self._desk.look(now)

    def lost(self) -> None:
        """See `Receiver`."""
        waiting, self._waiting = self._waiting, []
        for data in waiting:  # what it answered before it went is what it did
            frame = read_frame(data, self._desk.tolerances)
            if isinstance(frame, CallResult | CallError):
                self._desk.take(frame)
        self._desk.lost()

    def _go_on(self) -> None:
        self._busy = False
        for _ in range(_AT_ONCE):
            if self._has_to_wait():
                return
            if not self._waiting or self._wire.choked:
                break
            self._allowance.spend()
            if not self._handle(self._waiting.pop(0)):
                self._busy = True
                return
        else:
            if self._waiting:
                self._busy = True
                self._turns.next(self._go_on)
        if self._paused and len(self._waiting) < _MOST_WAITING:
            self._paused = False
            self._wire.resume()

    def _has_to_wait(self) -> bool:
        pause = self._allowance.pause(time.monotonic())
        if pause <= 0:
            return False
        self._messages.count(self._desk.charge_point_id, "throttled")
        self._busy = self._paused = True
        self._wire.pause()
        self._turns.later(max(pause, _SHORTEST_S), self._go_on)
        return True

    def _handle(self, data: bytes) -> bool:
        """Handle a message; False: it goes on in the background, and then `_go_on` is called."""
        began = time.monotonic()
        frame = read_frame(data, self._desk.tolerances)
        match frame:
            case Call():
                payload = self._desk.at_once(frame)
                if payload is None:
                    self._spawn(self._work(frame, began))
                    return False
                answer = write_result(frame.message_id, payload)
                self._reply(frame, answer, began, used=frame.tolerated)
            case CallResult() | CallError():
                if not self._desk.take(frame):
                    self._stray(len(data), began)
            case Malformed():
                self._reject(frame, len(data), began)
        return True

    async def _work(self, call: Call, began: float) -> None:
        used: Used | None = None
        try:
            payload, used = await self._desk.answer(call)
            answer = write_result(call.message_id, payload)
        except Violation as violation:
            answer = write_error(call.message_id, violation.code, violation.description)
        except (BusUnavailableError, OverloadedError) as error:
            self._log.warning(
                "%s can't be kept now: %s",
                call.action[:50],
                error,
                charge_point_id=self._desk.charge_point_id,
            )
            answer = write_error(call.message_id, "InternalError", "try again later")
        except ValidationError:
            answer = write_error(call.message_id, "PropertyConstraintViolation", "out of range")
        except Exception:  # noqa: BLE001 - a fault of ours must not end the socket, nor the gateway
            self._log.exception(
                "%s could not be handled",
                call.action[:50],
                charge_point_id=self._desk.charge_point_id,
            )
            answer = write_error(call.message_id, "InternalError")
        self._reply(call, answer, began, used=used)
        self._go_on()

    def _reply(self, call: Call, answer: bytes, began: float, *, used: Used | None) -> None:
        """Send an answer and log it; without `used` it was refused."""
        self._wire.send(answer)
        cp, messages = self._desk.charge_point_id, self._messages
        messages.heard(
            cp, call.action, call.raw, answer, began, time.monotonic(), valid=used == _NOTHING
        )
        if used is None:
            messages.count(cp, "refused")
        elif used:
            for kind in used:
                messages.count(cp, TOLERATED[kind])

    def _stray(self, size: int, at: float) -> None:
        cp = self._desk.charge_point_id
        self._messages.stray(cp, size, "an answer that nothing waits for", at)
        self._messages.count(cp, "stray_answers")

    def _reject(self, frame: Malformed, size: int, at: float) -> None:
        cp = self._desk.charge_point_id
        self._messages.unreadable(cp, size, frame.reason, at)
        self._messages.count(cp, "malformed")
        if frame.answers is not None:
            self._desk.give_up(frame.answers)
        if self._malformed is None:
            self._malformed = LeakyCount(_MOST_MALFORMED, _FORGIVEN_PER_S)
        if not self._malformed.add(at):
            self._log.warning("too many malformed frames: closing", charge_point_id=cp)
            self._waiting.clear()
            self._wire.close(_POLICY, "too many malformed frames")
        elif frame.message_id is not None:
            self._wire.send(write_error(frame.message_id, "FormationViolation", frame.reason))
