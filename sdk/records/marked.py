"""Rows with the accounts of their drivers, out of the marks beside them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sdk.records import mark
from sdk.records.arrays import Array, np
from sdk.records.columns import ROW, Columns, are_paid, are_sessions
from sdk.records.errors import CorruptRecordError

ACCOUNT = np.dtype("V20")
_MARK = np.dtype([("session", "<u8"), ("account", ACCOUNT), ("rest", "V16")])


@dataclass(frozen=True)
class MarkedRows:
    """Rows of a charge point and month, and all marks that they can have."""

    blob: bytes | memoryview
    marks: bytes


class Marked:
    """Some rows, which are not copied, and the accounts of their drivers."""

    def __init__(self, parts: Sequence[MarkedRows]) -> None:
        """Take rows."""
        self._parts = parts
        self._rows = [np.frombuffer(part.blob, ROW) for part in parts]
        self._begins = np.cumsum([0, *map(len, self._rows)])

    @property
    def nbytes(self) -> int:
        """Tell how many bytes the rows are."""
        return int(self._begins[-1]) * ROW.itemsize

    @cached_property
    def accounts(self) -> Array:
        """Give each row's account, zeros where none is known. Raises CorruptRecordError."""
        found = np.zeros(self._begins[-1], ACCOUNT)
        for begin, rows, part in zip(self._begins[:-1], self._rows, self._parts, strict=True):
            _find(rows["session"], part.marks, found[begin : begin + len(rows)])
        return found

    @property
    def energy(self) -> Array:
        """Give the energy of each row: Wh."""
        return self._joined(rows["energy_wh"] for rows in self._rows)

    @property
    def are_paid(self) -> Array:
        """Tell of each row whether it is of no test without money."""
        return self._joined(map(are_paid, self._rows))

    @property
    def are_sessions(self) -> Array:
        """Tell of each row whether it is of a session, and no addendum."""
        return self._joined(map(are_sessions, self._rows))

    def some(self, wanted: Array) -> Columns:
        """Give some of the rows, by their numbers, which ascend."""
        ends = np.searchsorted(wanted, self._begins)
        return Columns(
            [
                rows[wanted[first:last] - begin].tobytes()
                for rows, begin, first, last in zip(
                    self._rows, self._begins[:-1], ends[:-1], ends[1:], strict=True
                )
            ]
        )

    def _joined(self, columns: Iterable[Array]) -> Array:
        return np.concatenate(list(columns))


def names_of(accounts: Array) -> list[bytes]:
    """Give accounts as bytes."""
    data, size = accounts.tobytes(), ACCOUNT.itemsize
    return [data[at : at + size] for at in range(0, len(data), size)]


def prefixes(accounts: Array) -> Array:
    """Give the first 8 bytes of each account as a number."""
    first = accounts.view("u1").reshape(-1, ACCOUNT.itemsize)[:, :8]
    return np.ascontiguousarray(first).view("<u8")[:, 0]


def numbered_accounts(accounts: Array) -> tuple[Array, Array]:
    """Give the different accounts, and for each one its place among them."""
    _, first, places = np.unique(prefixes(accounts), return_index=True, return_inverse=True)
    found = accounts[first]
    if (found[places] == accounts).all():
        return found, places
    # two accounts begin alike
    return np.unique(accounts, return_inverse=True)


def _find(sessions: Array, blob: bytes, accounts: Array) -> None:
    """Fill in the accounts of sessions that have a mark; no session has two."""
    if len(blob) % mark.LAYOUT.size:
        raise CorruptRecordError(f"marks end within a mark: {len(blob)} bytes")
    marks = np.frombuffer(blob, _MARK)
    if not len(marks) or not len(sessions):
        return
    begin = int(np.argmax(marks["session"] == sessions[0]))
    in_order = marks[begin : begin + len(sessions)]
    if len(in_order) == len(sessions) and (in_order["session"] == sessions).all():
        accounts[:] = in_order["account"]
        return
    order = np.argsort(marks["session"], kind="stable")
    known = marks[order]
    places = np.searchsorted(known["session"], sessions, "right") - 1
    is_known = (places >= 0) & (known["session"][places] == sessions)
    accounts[is_known] = known["account"][places[is_known]]
