"""What the sessions of each driver come to, out of rows and their marks. Pure.

Rows are looked at twice: who is among the first, by little of each row; then all sums of those.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Literal

from eth_utils.address import to_checksum_address

from sdk.did.identifier import EthrDid
from sdk.fields import EnergyWh, Frozen
from sdk.records.mark import NOBODY, accounts_in_order, accounts_of
from sdk.records.row import (
    LAYOUT,
    energy_of,
    paid_rows_of,
    paid_sessions_of,
    session_words_of,
    sessions_of,
)
from sdk.records.sums import Cells, Kind, add_rows, grouped
from sdk.records.totals import Totals, totals

Order = Literal["energy", "sessions"]


class ConsumerTotals(Totals):
    """One driver."""

    consumer_did: str


class Share(Frozen):
    """Sessions of several drivers, tests without money left out."""

    sessions: int
    energy_wh: EnergyWh


class Consumers(Frozen):
    """The first drivers, all behind them, and sessions of nobody that is known."""

    consumers: int
    items: tuple[ConsumerTotals, ...]
    others: Share
    unknown: Share


@dataclass(frozen=True)
class MarkedRows:
    """Rows of a charge point and month, and the marks of that month."""

    blob: bytes
    marks: bytes

    @cached_property
    def accounts(self) -> list[bytes]:
        """Give each row's driver. Raises CorruptRecordError."""
        in_order = accounts_in_order(self.marks, session_words_of(self.blob))
        if in_order is not None:
            return in_order
        known = accounts_of(self.marks).get
        return [known(session, NOBODY) for session in sessions_of(self.blob)]


class Ranking:
    """Tells which drivers are the first."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._energy: defaultdict[bytes, int] = defaultdict(int)
        self._sessions: Counter[bytes] = Counter()

    def add(self, rows: MarkedRows) -> None:
        """Add rows. Raises CorruptRecordError."""
        accounts, energy = rows.accounts, self._energy
        for account, wh in compress(
            zip(accounts, energy_of(rows.blob), strict=True), paid_rows_of(rows.blob)
        ):
            energy[account] += wh
        sessions = paid_sessions_of(rows.blob)
        self._sessions.update(compress(accounts, sessions) if 0 in sessions else accounts)

    def first(self, order: Order, limit: int) -> list[bytes]:
        """Give the accounts of the first drivers."""
        worth = self._energy if order == "energy" else self._sessions
        known = (self._energy.keys() | self._sessions.keys()) - {NOBODY}
        return sorted(known, key=lambda account: (-worth[account], account))[:limit]

    def consumers(self, first: Iterable[bytes], sums: "FirstDrivers") -> Consumers:
        """Tell what the drivers come to; `sums` are of the first ones."""
        known = (self._energy.keys() | self._sessions.keys()) - {NOBODY}
        return Consumers(
            consumers=len(known),
            items=tuple(sums.totals(first)),
            others=self._share(known.difference(first)),
            unknown=self._share([NOBODY]),
        )

    def _share(self, accounts: Iterable[bytes]) -> Share:
        some = list(accounts)
        return Share(
            sessions=sum(self._sessions[account] for account in some),
            energy_wh=sum(self._energy[account] for account in some),
        )


class FirstDrivers:
    """Adds up the rows of some drivers."""

    def __init__(self, accounts: Iterable[bytes]) -> None:
        """Begin with nothing."""
        self._wanted = frozenset(accounts)
        self._cells: Cells = {}

    def add(self, rows: MarkedRows) -> None:
        """Add rows; those of others are left out. Raises CorruptRecordError."""
        size, wanted = LAYOUT.size, self._wanted
        found = [each for each in enumerate(rows.accounts) if each[1] in wanted]
        blob = b"".join(rows.blob[number * size : (number + 1) * size] for number, _ in found)
        add_rows(self._cells, blob, [account for _, account in found])

    def totals(self, accounts: Iterable[bytes]) -> Iterable[ConsumerTotals]:
        """Give the sums of each; a driver of several chains has the DID of the first of them."""
        parts = grouped(self._cells, lambda kind: kind.label)
        for account in accounts:
            chain_id = min(Kind._make(key).chain_id for key in parts[account])
            yield ConsumerTotals(
                consumer_did=did_of(chain_id, account), **dict(totals(parts[account]))
            )


def did_of(chain_id: int, account: bytes) -> str:
    """Name the DID of a driver's account."""
    return str(EthrDid(chain_id, to_checksum_address(account)))
