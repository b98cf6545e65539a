"""What a transaction offers for its gas (EIP-1559), and what its replacement must offer. Pure."""

from typing import NamedTuple

_BUMP_NUMERATOR, _BUMP_DENOMINATOR = 9, 8
"""12.5 % more: nodes replace a transaction for 10 %, some of their chains for an eighth."""


class Fees(NamedTuple):
    """What is paid per unit of gas at most, and of that to the block's maker; wei."""

    most: int
    tip: int

    def covers(self, base_fee: int) -> bool:
        """Tell whether a block with this base fee can take it."""
        return self.most >= base_fee


def first_fees(base_fee: int, tip: int, cap: int | None) -> Fees:
    """Offer twice the base fee and the tip, but not more than `cap`."""
    most = 2 * base_fee + tip
    if cap is not None:
        most = min(most, cap)
    return Fees(most, min(tip, most))


def raised_fees(before: Fees, base_fee: int, tip: int, cap: int | None) -> Fees | None:
    """Offer an eighth more of both, or what a new one would; None where `cap` forbids it."""
    wanted = first_fees(base_fee, tip, None)
    most = max(_raised(before.most), wanted.most)
    if cap is not None:
        most = min(most, cap)
    raised = Fees(most, max(_raised(before.tip), min(wanted.tip, most)))
    if raised.most < _raised(before.most) or raised.tip > raised.most:
        return None
    return raised


def _raised(fee: int) -> int:
    return -(-fee * _BUMP_NUMERATOR // _BUMP_DENOMINATOR)
