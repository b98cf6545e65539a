"""Adds up the sessions of each driver, out of rows and their marks. Pure.

Rows are looked at twice: who is among the first, by little of each row; then all sums of those.
"""

from collections.abc import Iterable, Sequence

from sdk.records.adding import add_rows
from sdk.records.arrays import WORD_BITS, carried, np, summed
from sdk.records.drivers import Consumers, ConsumerTotals, Order, Share, did_of
from sdk.records.mark import NOBODY
from sdk.records.marked import ACCOUNT, Marked, names_of, numbered_accounts, prefixes
from sdk.records.sums import Cells, Kind, grouped
from sdk.records.totals import totals

_WORD = np.uint64((1 << WORD_BITS) - 1)


class Ranking:
    """Tells which drivers are the first."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._accounts = np.zeros(0, ACCOUNT)
        self._sums = np.zeros((3, 0), np.int64)
        """Of each: the lower 32 bits of the Wh, the upper ones, and sessions."""

    def add(self, marked: Marked) -> None:
        """Add rows. Raises CorruptRecordError."""
        paid = np.flatnonzero(marked.are_paid)
        energy = marked.energy[paid]
        words = (energy & _WORD, energy >> np.uint64(WORD_BITS), marked.are_sessions[paid])
        accounts = np.concatenate((self._accounts, marked.accounts[paid]))
        self._accounts, places = numbered_accounts(accounts)
        self._sums = np.stack(
            [
                summed(np.concatenate((held, more)), places, len(self._accounts))
                for held, more in zip(self._sums, words, strict=True)
            ]
        )
        carried(self._sums[:2])

    def first(self, order: Order, limit: int) -> list[bytes]:
        """Give the accounts of the first drivers."""
        worth = self._energy() if order == "energy" else self._sums[2].tolist()
        known = [
            (-each, account)
            for account, each in zip(names_of(self._accounts), worth, strict=True)
            if account != NOBODY
        ]
        return [account for _, account in sorted(known)[:limit]]

    def consumers(self, first: Sequence[bytes], sums: "FirstDrivers") -> Consumers:
        """Tell what the drivers come to; `sums` are of the first ones."""
        shares = dict(
            zip(
                names_of(self._accounts),
                zip(self._sums[2].tolist(), self._energy(), strict=True),
                strict=True,
            )
        )
        unknown = shares.pop(NOBODY, (0, 0))
        count = len(shares)
        for account in first:
            del shares[account]
        return Consumers(
            consumers=count,
            items=tuple(sums.totals(first)),
            others=_share(shares.values()),
            unknown=_share([unknown]),
        )

    def _energy(self) -> list[int]:
        lower, upper, _ = self._sums.tolist()
        return [low + (high << WORD_BITS) for low, high in zip(lower, upper, strict=True)]


class FirstDrivers:
    """Adds up the rows of some drivers."""

    def __init__(self, accounts: Iterable[bytes]) -> None:
        """Begin with nothing."""
        self._wanted = sorted(accounts)
        self._prefixes = np.sort(prefixes(np.array(self._wanted, ACCOUNT)))
        self._cells: Cells = {}

    def add(self, marked: Marked) -> None:
        """Add rows; those of others are left out. Raises CorruptRecordError."""
        if not self._wanted:
            return
        place_of = {account: place for place, account in enumerate(self._wanted)}
        known, theirs = self._prefixes, prefixes(marked.accounts)
        at = np.minimum(np.searchsorted(known, theirs), len(known) - 1)
        rows = np.flatnonzero(known[at] == theirs)
        found = [place_of.get(account, -1) for account in names_of(marked.accounts[rows])]
        places = np.array(found, np.int64)
        add_rows(
            self._cells,
            marked.some(rows[places >= 0]),
            places[places >= 0],
            self._wanted.__getitem__,
        )

    def totals(self, accounts: Iterable[bytes]) -> Iterable[ConsumerTotals]:
        """Give the sums of each; a driver of several chains has the DID of the first of them."""
        parts = grouped(self._cells, lambda key: key[0])
        for account in accounts:
            chain_id = min(Kind._make(key).chain_id for key in parts[account])
            yield ConsumerTotals(
                consumer_did=did_of(chain_id, account), **dict(totals(parts[account]))
            )


def _share(sums: Iterable[tuple[int, int]]) -> Share:
    some = list(sums)
    return Share(
        sessions=sum(sessions for sessions, _ in some), energy_wh=sum(wh for _, wh in some)
    )
