"""What sums of rows come to, as those who read reports want it."""

from collections import defaultdict

from pydantic import Field

from sdk.fields import Frozen, Money
from sdk.records.sums import Cells, Kind, grouped, read_sums
from sdk.records.tables import OUTCOMES, code_of, word_of

_ADDENDUM = code_of(OUTCOMES, "addendum")
_NAMES = ("energy_wh", "unbilled_wh", "charging_s", "idle_s", "gas_used")
_BY_OUTCOME = frozenset({"settled", "refunded", "rejected"})


class TokenTotals(Frozen):
    """Sums in one token's smallest unit."""

    deposit: Money = 0
    spent: Money = 0
    refund: Money = 0
    tax: Money = 0


class Totals(Frozen):
    """Sums over sessions. Tests without money (`private`) count in nothing else.

    `settled`, `refunded` and `rejected` are those of `sessions` that ended so. `spent` of a token
    is the revenue. `tokens` is by `<chain id>:<token>`; `gas_fees` by chain id, in the chain's own
    token.
    """

    sessions: int = 0
    private: int = 0
    settled: int = 0
    refunded: int = 0
    rejected: int = 0
    energy_wh: int = 0
    unbilled_wh: int = 0
    charging_s: int = 0
    idle_s: int = 0
    gas_used: int = 0
    gas_fees: dict[str, Money] = Field(default_factory=dict)
    tokens: dict[str, TokenTotals] = Field(default_factory=dict)


def totals(cells: Cells) -> Totals:
    """Tell what sums come to."""
    counts: defaultdict[str, int] = defaultdict(int)
    fees: defaultdict[str, int] = defaultdict(int)
    tokens: dict[str, tuple[int, ...]] = {}
    merged = grouped(cells, lambda _: None).get(None, {})
    for key, number in merged.items():
        kind, sums = Kind._make(key), read_sums(number)
        if kind.outcome != _ADDENDUM:
            counts["private" if kind.private else "sessions"] += sums.rows
        if kind.private:
            continue
        outcome = word_of(OUTCOMES, kind.outcome)
        if outcome in _BY_OUTCOME:
            counts[outcome] += sums.rows
        for name in _NAMES:
            counts[name] += getattr(sums, name)
        fees[str(kind.chain_id)] += sums.gas_fee
        name = f"{kind.chain_id}:0x{kind.token.hex()}"
        amounts = (sums.deposit, sums.spent, sums.refund, sums.tax)
        held = tokens.get(name, (0,) * 4)
        tokens[name] = tuple(map(int.__add__, held, amounts))
    return Totals(
        **counts,
        gas_fees=dict(sorted(fees.items())),
        tokens={
            name: TokenTotals(deposit=sums[0], spent=sums[1], refund=sums[2], tax=sums[3])
            for name, sums in sorted(tokens.items())
        },
    )
