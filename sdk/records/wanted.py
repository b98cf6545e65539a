"""Picks rows out of their bytes, before any of them is decoded. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from struct import Struct

from sdk.errors import InvalidInputError
from sdk.records.row import LAYOUT, Row, ended_of
from sdk.records.tables import FAILURES, OUTCOMES, PRIVATE_BIT, STOP_REASONS, code_of

ANY = "any"
"""Of `failure`: whichever, but some."""
_LOOKED_AT = Struct("<x3BIQ44xH86x20s8s24x")
_FEW = 32


@dataclass(frozen=True)
class Wanted:
    """What rows have to be; None, and empty: whatever. `begin_ms` is included, `end_ms` is not.

    `sessions`: the first 8 bytes of their session ids.
    """

    begin_ms: int | None = None
    end_ms: int | None = None
    outcome: str | None = None
    connector_id: int | None = None
    failure: str | None = None
    stop_reason: str | None = None
    token: str | None = None
    is_private: bool | None = None
    sessions: frozenset[bytes] | None = None

    def __post_init__(self) -> None:
        """Refuse what no row can match. Raises InvalidInputError."""
        for word, table in (
            (self.outcome, OUTCOMES),
            (self.failure, (*FAILURES, ANY)),
            (self.stop_reason, STOP_REASONS),
        ):
            if word is not None and word not in table:
                raise InvalidInputError(f"{word!r} is none of {', '.join(table)}")
        if None not in (self.begin_ms, self.end_ms) and not self.begin < self.end:
            raise InvalidInputError("the time ends before it begins")

    @property
    def begin(self) -> int:
        """Give the first moment: ms since 1970."""
        return self.begin_ms or 0

    @property
    def end(self) -> int:
        """Give the moment behind the last: ms since 1970."""
        return 2**62 if self.end_ms is None else self.end_ms

    @cached_property
    def is_about_time_alone(self) -> bool:
        """Tell whether nothing but the time of its end decides about a row."""
        names = ("outcome", "connector_id", "failure", "stop_reason", "token", "is_private")
        return self.sessions is None and all(getattr(self, name) is None for name in names)

    def takes(self, row: Row) -> bool:
        """Tell whether a row is wanted."""
        return (
            self.begin <= row.ended_ms < self.end
            and self.outcome in (None, row.outcome)
            and self.connector_id in (None, row.connector_id)
            and (row.failure is not None if self.failure == ANY else self._fails_so(row))
            and self.stop_reason in (None, row.stop_reason)
            and (self.token is None or self.token.lower() == row.token)
            and self.is_private in (None, "private" in row.flags)
            and (self.sessions is None or bytes.fromhex(row.session_id[2:18]) in self.sessions)
        )

    def numbers(self, blob: bytes, first: int = 0) -> Iterator[tuple[int, int]]:
        """Give end and number of the rows that are wanted; `first` is the number of the first."""
        begin, end = self.begin, self.end
        if self.is_about_time_alone:
            for number, ended in enumerate(ended_of(blob), first):
                if begin <= ended < end:
                    yield ended, number
            return
        if self._has_none(blob):
            return
        outcome, stop = code_of(OUTCOMES, self.outcome), code_of(STOP_REASONS, self.stop_reason)
        failures = self._failures
        connector, sessions, private = self.connector_id, self.sessions, self.is_private
        token = None if self.token is None else bytes.fromhex(self.token[2:])
        for number, (
            its_outcome, its_stop, its_failure, bits, ended, its_connector, its_token, session,
        ) in enumerate(_LOOKED_AT.iter_unpack(blob), first):  # fmt: skip
            if (
                begin <= ended < end
                and outcome in (0, its_outcome)
                and stop in (0, its_stop)
                and (failures is None or its_failure in failures)
                and connector in (None, its_connector)
                and token in (None, its_token)
                and private in (None, bool(bits & PRIVATE_BIT))
                and (sessions is None or session in sessions)
            ):
                yield ended, number

    def of(self, blob: bytes) -> bytes:
        """Give the rows that are wanted out of several, in their order."""
        size = LAYOUT.size
        return b"".join(blob[n * size : (n + 1) * size] for _, n in self.numbers(blob))

    def includes(self, oldest: int, newest: int) -> bool:
        """Tell whether all rows that ended within a span are wanted."""
        return self.is_about_time_alone and self.begin <= oldest and newest < self.end

    def excludes(self, oldest: int, newest: int) -> bool:
        """Tell whether no row that ended within a span is wanted."""
        return oldest >= self.end or newest < self.begin

    def _has_none(self, blob: bytes) -> bool:
        """Tell whether none of a few sessions is among rows, without a look at each row."""
        few = self.sessions
        return few is not None and len(few) <= _FEW and not any(each in blob for each in few)

    @property
    def _failures(self) -> frozenset[int] | None:
        if self.failure is None:
            return None
        if self.failure == ANY:
            return frozenset(range(1, 256))
        return frozenset({code_of(FAILURES, self.failure)})

    def _fails_so(self, row: Row) -> bool:
        return self.failure in (None, row.failure)
