"""What a month's sessions come to, computed from their rows alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import add

from pydantic import Field

from sdk.bus.interface import Bus
from sdk.fields import ChargePointId, Frozen, Money
from sdk.records.errors import CorruptRecordError
from sdk.records.reading import row_bytes
from sdk.records.row import LAYOUT, checked
from sdk.records.tables import OUTCOMES, PRIVATE_BIT, code_of, word_of

_DAY_MS = 86_400_000
_ADDENDUM = code_of(OUTCOMES, "addendum")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Kind = tuple[int, bool, int, bytes]
"""Outcome, private, chain id, token."""
_Sums = list[int]
"""Rows, Wh, unbilled Wh, s, gas; deposit, spent, refund, tax, gas fee: each a low, a high word."""
_Parts = Iterable[tuple[_Kind, _Sums]]


class TokenTotals(Frozen):
    """Sums in one token's smallest unit."""

    deposit: Money = 0
    spent: Money = 0
    refund: Money = 0
    tax: Money = 0


class Totals(Frozen):
    """Sums over sessions. Tests without money (`private`) count in nothing else.

    `tokens` is by `<chain id>:<token>`; `gas_fees` by chain id, in the chain's own token.
    """

    sessions: int = 0
    private: int = 0
    energy_wh: int = 0
    unbilled_wh: int = 0
    charging_s: int = 0
    gas_used: int = 0
    gas_fees: dict[str, Money] = Field(default_factory=dict)
    tokens: dict[str, TokenTotals] = Field(default_factory=dict)


class Report(Frozen):
    """The sessions that ended in a month (YYYY-MM, UTC); days are YYYY-MM-DD."""

    month: str
    total: Totals
    by_outcome: dict[str, Totals]
    by_charge_point: dict[ChargePointId, Totals]
    by_day: dict[str, Totals]


async def month_report(bus: Bus, month: str, chosen: Sequence[str] | None = None) -> Report:
    """Add up a month. Raises CorruptRecordError, BusUnavailableError."""
    days: defaultdict[int, list[tuple[_Kind, _Sums]]] = defaultdict(list)
    stations: dict[str, dict[_Kind, _Sums]] = {}
    async for charge_point_id, blob in row_bytes(bus, month, chosen):
        try:
            found = _summed(checked(blob))
        except CorruptRecordError as error:
            raise CorruptRecordError(f"rows of {charge_point_id} in {month}: {error}") from error
        for (day, *_), part in found.items():
            days[day].append(part)
        stations[charge_point_id] = _folded(found.values())
    whole = _folded(part for each in stations.values() for part in each.items())
    outcomes: defaultdict[int, list[tuple[_Kind, _Sums]]] = defaultdict(list)
    for kind, sums in whole.items():
        outcomes[kind[0]].append((kind, sums))
    return Report(
        month=month,
        total=_totals(whole.items()),
        by_outcome={word_of(OUTCOMES, code) or "": _totals(outcomes[code]) for code in outcomes},
        by_charge_point={name: _totals(stations[name].items()) for name in sorted(stations)},
        by_day={_day(day): _totals(_folded(days[day]).items()) for day in sorted(days)},
    )


def _summed(blob: bytes) -> dict[tuple[int, int, int, int, bytes], tuple[_Kind, _Sums]]:
    """Add up one charge point's rows by day and kind; what is in here is done for each row."""
    sums: dict[tuple[int, int, int, int, bytes], _Sums] = {}
    for (
        _, outcome, _, _, bits, ended, _, energy, charging, _, gas, chain, _, _, _, unbilled,
        d0, d1, s0, s1, r0, r1, t0, t1, f0, f1, token, _,
    ) in LAYOUT.iter_unpack(blob):  # fmt: skip
        key = (ended // _DAY_MS, outcome, bits & PRIVATE_BIT, chain, token)
        held = sums.get(key)
        if held is None:
            sums[key] = [1, energy, unbilled, charging, gas, d0, d1, s0, s1, r0, r1, t0, t1, f0, f1]
            continue
        held[0] += 1
        held[1] += energy
        held[2] += unbilled
        held[3] += charging
        held[4] += gas
        held[5] += d0
        held[6] += d1
        held[7] += s0
        held[8] += s1
        held[9] += r0
        held[10] += r1
        held[11] += t0
        held[12] += t1
        held[13] += f0
        held[14] += f1
    return {key: ((key[1], bool(key[2]), key[3], key[4]), held) for key, held in sums.items()}


def _folded(parts: _Parts) -> dict[_Kind, _Sums]:
    folded: dict[_Kind, _Sums] = {}
    for kind, sums in parts:
        held = folded.get(kind)
        folded[kind] = sums if held is None else list(map(add, held, sums))
    return folded


def _totals(parts: _Parts) -> Totals:
    counts: defaultdict[str, int] = defaultdict(int)
    fees: defaultdict[str, int] = defaultdict(int)
    tokens: defaultdict[str, _Sums] = defaultdict(lambda: [0] * 4)
    for (outcome, private, chain, token), sums in parts:
        counts["private" if private else "sessions"] += 0 if outcome == _ADDENDUM else sums[0]
        if private:
            continue
        for name, value in zip(_NAMES, sums[1:5], strict=True):
            counts[name] += value
        words = sums[5:]
        *amounts, fee = map(_joined, words[::2], words[1::2])
        fees[str(chain)] += fee
        name = f"{chain}:0x{token.hex()}"
        tokens[name] = list(map(add, tokens[name], amounts))
    return Totals(
        **counts,
        gas_fees=dict(fees),
        tokens={
            name: TokenTotals(deposit=sums[0], spent=sums[1], refund=sums[2], tax=sums[3])
            for name, sums in sorted(tokens.items())
        },
    )


_NAMES = ("energy_wh", "unbilled_wh", "charging_s", "gas_used")


def _joined(low: int, high: int) -> int:
    return low + (high << 64)


def _day(number: int) -> str:
    return f"{_EPOCH + timedelta(days=number):%Y-%m-%d}"
