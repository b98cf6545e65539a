"""A charge point that means harm, on a well-formed WebSocket."""

import asyncio
import json
from typing import Any

from fuzz_frames import KINDS, Input, Mutator
from fuzz_history import History
from fuzz_oracle import Account, fault_of, judge
from fuzz_socket import TEXT, Ended, NotLetInError, RawSocket
from fuzz_values import MOST, Raw, hostile_value, write
from soak_random import seeded

SOUND = ("valid", "valid", "swapped values", "changed names", "repeated id")
"""Kinds that mostly leave the frame whole."""
RARE = ("oversize", "many readings")
ALL = tuple(kind for kind in KINDS if kind not in RARE) * 4 + RARE

_FEWEST_UNSOUND = 20
"""A socket is never closed for fewer unreadable frames than this."""
_ANSWER_S = 10.0
_BUSY = (429, 503)


class HostilePoint:
    """Sends batches of inputs, each followed by an honest heartbeat, and checks all that comes."""

    def __init__(self, name: str, ids: list[str], port: int, history: History) -> None:
        """Connect as any of `ids`, which must be registered."""
        self._id = name
        self._ids = ids
        self._port = port
        self._rng = seeded(history.seed, name)
        self._history = history
        self._mutator = Mutator(name, self._rng, history.marker)
        self._account = Account()

    async def run(self, end: float) -> None:
        """Send until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            try:
                socket = await RawSocket.open(self._port, f"/{self._rng.choice(self._ids)}")
            except NotLetInError as error:
                self._hold(error.status in _BUSY, f"not let in: {error}")
                await asyncio.sleep(0.3)
                continue
            self._account = Account()
            kinds = self._rng.choice((SOUND, ALL))
            try:
                while loop.time() < end and await self._batch(socket, kinds):
                    pass
            finally:
                socket.abort()

    async def _batch(self, socket: RawSocket, kinds: tuple[str, ...]) -> bool:
        """Send some inputs and await their answers; False when the socket was closed for them."""
        inputs = [self._mutator.draw(kinds) for _ in range(self._rng.choice((1, 1, 2, 5, 20)))]
        inputs.append(Input("heartbeat", f'[2,"{self._mutator.new_id()}","Heartbeat",{{}}]'))
        for item in inputs:
            self._history.note(self._id, item.kind, item.text)
            self._account.sent(item.text)
            await socket.send(item.text)
        try:
            async with asyncio.timeout(_ANSWER_S):
                while self._account.missing:
                    if not await self._take(socket, inputs):
                        return False
        except TimeoutError:
            self._hold(None, f"no answer to {self._account.missing}")
        return True

    async def _take(self, socket: RawSocket, inputs: list[Input]) -> bool:
        match await socket.receive():
            case Ended(code, reason):
                self._check_end(code, reason)
                return False
            case received:
                self._hold(received.opcode == TEXT, "an answer that is no text")
                frame = json.loads(received.payload)
                if frame[0] == 2:
                    await self._reply(socket, frame)
                else:
                    self._check_answer(frame, inputs)
        return True

    def _check_answer(self, frame: Any, inputs: list[Input]) -> None:
        fault = fault_of(frame, self._history.marker)
        self._hold(fault is None, f"{fault}: {str(frame)[:500]}")
        self._history.counts["refused" if frame[0] == 4 else "taken"] += 1
        self._account.got(frame)
        often = self._account.superfluous
        self._hold(not often, f"answered too often: {often}: {frame}")
        asked = [item for item in inputs if judge(item.text).message_id == frame[1]]
        # a flipped bit may make one id into another: then nobody can say what is answered
        if len(asked) == 1 and asked[0].kind in ("valid", "heartbeat"):
            self._hold(frame[0] == 3, f"{asked[0].text} is refused: {frame}")

    def _check_end(self, code: int | None, reason: str) -> None:
        is_flood = code == 1008 and self._account.unsound >= _FEWEST_UNSOUND
        is_oversize = code == 1009 and self._account.longest > MOST
        self._history.counts[f"closed {code}"] += 1
        after = f"after {self._account.unsound} unsound frames"
        self._hold(is_flood or is_oversize, f"closed by {code} {reason!r} {after}")

    async def _reply(self, socket: RawSocket, call: list[Any]) -> None:
        """Answer the gateway's own call, or not, or wrongly."""
        self._history.counts["asked"] += 1
        value = hostile_value(self._rng, self._history.marker)
        _, message_id, action, payload = call
        self._hold(isinstance(payload, dict), f"the gateway asks {call}")
        reply = self._rng.choice(
            (
                [3, message_id, {"status": "Accepted"}],
                [3, message_id, {"status": value}],
                [3, message_id, value],
                [3, message_id, {}, value],
                [4, message_id, "NotImplemented", "", {}],
                [4, message_id, value, value, value],
                [4, message_id],
                [3, message_id, Raw("1" * 5000)],
                [2, message_id, action, payload],
                None,
            )
        )
        if reply is None:
            return
        text = write(reply)
        self._history.note(self._id, "reply", text)
        self._account.sent(text)
        await socket.send(text)

    def _hold(self, condition: object, fault: str) -> None:
        self._history.hold(condition, fault, self._id)
