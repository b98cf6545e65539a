"""Valid calls made wrong in every way that JSON and OCPP-J allow. Pure."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from fuzz_values import MOST, Raw, hostile_value, valid_call, write

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+|\S')
_HEADS = (0, 1, 3, 4, 5, 9, -2, 2.5, "2", True, None, [2], 10**20, Raw("2.0"), Raw("2e0"))
_IDS: tuple[object, ...] = (
    7,
    -1,
    1.5,
    None,
    True,
    {},
    [],
    ["x"],
    "",
    "i" * 37,
    "i" * 10_000,
    "a\x00b",
    "\U0001f50c",
)
_ACTIONS = ("heartbeat", "Heartbeat ", "", "RemoteStartTransaction", "NotifyEvent", "GetReport")
_NO_FRAMES = ("", " ", "null", "{}", "[]", "2", '"x"', "[2]", "[[]]", "\ufeff[]", "[,]", "\x00")


@dataclass(frozen=True, slots=True)
class Input:
    """A text message, and how it was made."""

    kind: str
    text: str


class Mutator:
    """Draws inputs; message ids are its own, and never used before unless that is the point."""

    def __init__(self, name: str, rng: Random, marker: str) -> None:
        """Begin all message ids with `name`."""
        self._name = name
        self._rng = rng
        self._marker = marker
        self._number = 0
        self._used = ["none-yet"]

    def new_id(self) -> str:
        """Give a message id."""
        self._number += 1
        return f"{self._name}-{self._number}"

    def draw(self, kinds: tuple[str, ...]) -> Input:
        """Make an input of one of these kinds (keys of `KINDS`)."""
        kind = self._rng.choice(kinds)
        call = valid_call(self._rng, self.new_id(), self._marker)
        self._used = [*self._used[-20:], call[1]]
        return Input(kind, KINDS[kind](self, call))

    def valid(self, call: list[Any]) -> str:
        """Change nothing."""
        return write(call)

    def swapped_values(self, call: list[Any]) -> str:
        """Put hostile values into the payload."""
        for _ in range(self._rng.choice((1, 1, 1, 2, 5))):
            places = list(_places(call[3]))
            if not places:
                call[3] = hostile_value(self._rng, self._marker)
                break
            container, name = self._rng.choice(places)
            container[name] = hostile_value(self._rng, self._marker)
        return write(call)

    def changed_names(self, call: list[Any]) -> str:
        """Take properties away, rename them, and add others."""
        for container, name in [place for place in _places(call[3]) if isinstance(place[0], dict)]:
            if self._rng.random() < 0.3 and name in container:
                value = container.pop(name)
                others = (name.upper(), name + " ", self._marker, "", "__proto__")
                if self._rng.random() < 0.5:
                    container[self._rng.choice(others)] = value
        if self._rng.random() < 0.5:
            call[3][self._marker] = hostile_value(self._rng, self._marker)
        return write(call)

    def repeated_id(self, call: list[Any]) -> str:
        """Take the id of another call."""
        call[1] = self._rng.choice(self._used)
        return write(call)

    def other_action(self, call: list[Any]) -> str:
        """Ask for what there is not."""
        odd: tuple[object, ...] = (
            *_ACTIONS,
            self._marker,
            "x" * 5000 + self._marker,
            [],
            {},
            5,
            None,
            "\x00",
        )
        call[2] = self._rng.choice(odd)
        return write(call)

    def other_head(self, call: list[Any]) -> str:
        """Change the message type."""
        call[0] = self._rng.choice(_HEADS)
        return write(call)

    def other_id(self, call: list[Any]) -> str:
        """Change the message id."""
        call[1] = self._rng.choice((*_IDS, Raw(r'"\ud800"'), Raw("1" * 500)))
        return write(call)

    def resized(self, call: list[Any]) -> str:
        """Take elements away, add some, or change their order."""
        match self._rng.randrange(4):
            case 0:
                del call[self._rng.randrange(len(call)) :]
            case 1:
                call.insert(self._rng.randrange(5), hostile_value(self._rng, ""))
            case 2:
                self._rng.shuffle(call)
            case _:
                call.append(deepcopy(call))
        return write(call)

    def flipped_bits(self, call: list[Any]) -> str:
        """Flip bits, without leaving ASCII."""
        text = list(write(call))
        for _ in range(self._rng.choice((1, 1, 2, 8))):
            at = self._rng.randrange(len(text))
            text[at] = chr(ord(text[at]) & 0x7F ^ 1 << self._rng.randrange(7))
        return "".join(text)

    def truncated(self, call: list[Any]) -> str:
        """Cut it off, or a piece out of it."""
        text = write(call)
        first, second = sorted(self._rng.choices(range(len(text)), k=2))
        return text[:first] + self._rng.choice(("", text[second:]))

    def shuffled_tokens(self, call: list[Any]) -> str:
        """Double, drop and exchange JSON tokens."""
        tokens = _TOKENS.findall(write(call))
        for _ in range(self._rng.choice((1, 1, 2, 10))):
            one, other = self._rng.choices(range(len(tokens)), k=2)
            match self._rng.randrange(3):
                case 0:
                    tokens[one], tokens[other] = tokens[other], tokens[one]
                case 1:
                    tokens.insert(one, tokens[other])
                case _:
                    tokens[one] = " "
        return "".join(tokens)

    def huge(self, call: list[Any]) -> str:
        """Fill a frame up to the longest that is taken."""
        room = MOST - len(write(call)) - 200
        filling = self._rng.choice(
            (
                "x" * room,
                Raw("[" * (room // 2) + "]" * (room // 2)),
                Raw('{"a":' * (room // 6) + "1" + "}" * (room // 6)),
                Raw("[" + "1," * (room // 2) + "1]"),
                Raw("1" * room),
            )
        )
        call[self._rng.choice((2, 3, 3))] = self._rng.choice((filling, {"data": filling}))
        return write(call)

    def many_readings(self, call: list[Any]) -> str:
        """Tell as many readings as a frame holds."""
        reading = '{"timestamp":"2024-05-06T07:08:09Z","sampledValue":[{"value":"%d"}]}'
        count = self._rng.choice((10, 100, 850))
        readings = ",".join(reading % number for number in range(count))
        call[2:] = "MeterValues", {"connectorId": 1, "meterValue": Raw(f"[{readings}]")}
        return write(call)

    def oversize(self, call: list[Any]) -> str:
        """Make a frame that is too long."""
        return write(call) + " " * (MOST + self._rng.choice((1, 100, 200_000)))

    def no_frame(self, _: list[Any]) -> str:
        """Send anything else."""
        return self._rng.choice((*_NO_FRAMES, "[" * 60_000, '{"a":' * 9_000, "[2,"))

    def unsolicited(self, call: list[Any]) -> str:
        """Answer what nobody asked."""
        payload = self._rng.choice((call[3], hostile_value(self._rng, self._marker)))
        result = [3, call[1], payload]
        error = [4, call[1], "InternalError", self._marker * 30, payload]
        return write(self._rng.choice((result, error, result[:2], error[:4], [*error, 1])))


def _places(value: object) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        names = list(value) if isinstance(value, dict) else range(len(value))
        for name in names:
            pairs += [(value, name), *_places(value[name])]
    return pairs


KINDS: dict[str, Callable[[Mutator, list[Any]], str]] = {
    "valid": Mutator.valid,
    "swapped values": Mutator.swapped_values,
    "changed names": Mutator.changed_names,
    "repeated id": Mutator.repeated_id,
    "other action": Mutator.other_action,
    "other head": Mutator.other_head,
    "other id": Mutator.other_id,
    "resized": Mutator.resized,
    "flipped bits": Mutator.flipped_bits,
    "truncated": Mutator.truncated,
    "shuffled tokens": Mutator.shuffled_tokens,
    "huge": Mutator.huge,
    "many readings": Mutator.many_readings,
    "oversize": Mutator.oversize,
    "no frame": Mutator.no_frame,
    "unsolicited": Mutator.unsolicited,
}
