"""Rows by their columns, without a copy; only what reports are made of (`sdk.records.arrays`)."""

from collections.abc import Sequence
from typing import NamedTuple

from sdk.records.arrays import Array, np
from sdk.records.row import LAYOUT
from sdk.records.tables import OUTCOMES, PRIVATE_BIT, code_of

ROW = np.dtype(
    [
        ("version", "u1"),
        ("outcome", "u1"),
        ("stop_reason", "u1"),
        ("failure", "u1"),
        ("flags", "<u4"),
        ("ended_ms", "<i8"),
        ("started_ms", "<i8"),
        ("energy_wh", "<u8"),
        ("charging_s", "<u4"),
        ("idle_s", "<u4"),
        ("gas_used", "<u8"),
        ("chain_id", "<u8"),
        ("transaction_id", "<u4"),
        ("connector_id", "<u2"),
        ("zero", "<u2"),
        ("unbilled_wh", "<u4"),
        ("amounts", "<u4", (20,)),
        ("token", "V20"),
        ("session", "<u8"),
        ("session_rest", "V24"),
    ]
)
_WORDS = LAYOUT.size // 4
_TOKEN_WORDS = [12, 13, *range(37, 42)]
"""Where the chain's id and the token are, in words of 32 bits."""
_ADDENDUM = code_of(OUTCOMES, "addendum")


class Token(NamedTuple):
    """A token, or the chain's own: zeros."""

    chain_id: int
    token: bytes


class Columns:
    """Rows as arrays."""

    def __init__(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take rows; several parts are put together."""
        assert ROW.itemsize == LAYOUT.size  # noqa: S101 - two views of one thing
        blob = parts[0] if len(parts) == 1 else b"".join(parts)
        self.rows: Array = np.frombuffer(blob, ROW)
        """By the names of their fields."""
        self.words: Array = np.frombuffer(blob, "<u4").reshape(-1, _WORDS)
        """As words of 32 bits."""

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self.rows)

    def between(self, begin: int, end: int) -> "Columns":
        """Give the rows from a number up to another one."""
        return Columns([self.rows[begin:end].data.cast("B")])

    def tokens(self) -> tuple[list[Token], Array]:
        """Give the different tokens, of which there are few, and each row's place among them."""
        words = self.words[:, _TOKEN_WORDS]
        places = np.zeros(len(words), np.intp)
        found, left = list[Token](), np.arange(len(words))
        while len(left):
            places[left] = len(found)
            row = self.rows[left[0]]
            found.append(Token(int(row["chain_id"]), row["token"].tobytes()))
            left = left[(words[left] != words[left[0]]).any(axis=1)]
        return found, places


def are_sessions(rows: Array) -> Array:
    """Tell of each row whether it is of a session, and no addendum."""
    found: Array = rows["outcome"] != _ADDENDUM
    return found


def are_paid(rows: Array) -> Array:
    """Tell of each row whether it is of no test without money."""
    found: Array = rows["flags"] & PRIVATE_BIT == 0
    return found
