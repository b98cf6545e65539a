"""The words of a row as numbers. Tables only ever grow at their end: rows are kept for ever.

A word that a table lacks is written as `OTHER`: a row never fails for it, and the record has it.
"""

from collections.abc import Iterable

OTHER = "other"
_OTHER_CODE = 255
_OTHER_BIT = 31

OUTCOMES = ("rejected", "refunded", "settled", "addendum")
"""How a session ended. An `addendum` is no session: it tells more of one that has a row."""

STOP_REASONS = (
    "consumer",
    "operator",
    "deposit_used_up",
    "charge_point",
    "voucher_overdue",
    "ends_by",
    "charge_point_offline",
    "deposit_lost",
    "refund_opening",
)

FAILURES = (
    "deposit_missing",
    "deposit_short",
    "id_tag_refused",
    "authorise_timeout",
    "start_refused",
    "start_timeout",
    "stopped_before_start",
    "connector_faulted",
    "charge_point_offline",
    "deposit_lost",
    "refund_opening",
)

FLAGS = (
    "private",
    "clipped",
    "unbilled",
    "last_voucher",
    "meter_regress",
    "no_stop_transaction",
    "late_start",
    "clock_drift",
    "deposit_lost",
    "refunded_by_driver",
    "written_off",
    "settlement_chain_unavailable",
    "settlement_reverted",
    "settlement_gas_account_low",
    "settlement_deposit_gone",
    "generated",
)
"""`private`: a test without money; `clipped`: an amount was too large for the row; `generated`:
it never happened, and is there to show what one that did looks like."""


def code_of(table: tuple[str, ...], word: str | None) -> int:
    """Give a word's number: its place from 1 on; 0 for None."""
    if word is None:
        return 0
    return table.index(word) + 1 if word in table else _OTHER_CODE


def word_of(table: tuple[str, ...], code: int) -> str | None:
    """Give the word of a number; `OTHER` for one that a newer version wrote."""
    if code == 0:
        return None
    return table[code - 1] if code <= len(table) else OTHER


def bits_of(flags: Iterable[str]) -> int:
    """Give flags as bits, the first of the table lowest."""
    bits = 0
    for flag in flags:
        bits |= 1 << (FLAGS.index(flag) if flag in FLAGS else _OTHER_BIT)
    return bits


def flags_of(bits: int) -> tuple[str, ...]:
    """Give the flags of bits, in the table's order."""
    known = tuple(flag for place, flag in enumerate(FLAGS) if bits >> place & 1)
    return (*known, OTHER) if bits >> len(FLAGS) else known


PRIVATE_BIT = bits_of(["private"])
"""Marks a test without money."""
