"""How disputes are shown on a terminal."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from sdk.cli_show import console, print_details, shown_amount
from sdk.disputes import Dispute, Unbilled


def print_disputes(found: Sequence[Dispute]) -> None:
    """Write disputes, a few lines each: what it is about, why it waits, what can be done."""
    out = console()
    if not found:
        out.print("No session waits for its payout.")
    for each in found:
        out.print(f"{_where(each)}  {each.session_id}", style="bold", markup=False)
        for name, text in (("since", _since(each)), ("why", _why(each)), ("pays", _pays(each))):
            out.print(f"  {name:<6} {text}", markup=False)
        for line in each.advice:
            out.print(f"  {'to do':<6} {line}", markup=False)


def print_dispute(found: Dispute) -> None:
    """Write all of one dispute."""
    print_details(
        {
            "session": found.session_id,
            "charge point": _where(found),
            "phase": found.phase or "cannot be read",
            "since": _since(found),
            "was to end": found.ends_as or "unknown",
            "why": _why(found),
            "stopped by": found.failure or found.stop_reason or "unknown",
            "flags": list(found.flags),
            "energy": f"{found.energy_wh} Wh",
            "station gets": _amount(found, found.payout),
            "cost": _amount(found, found.cost),
            "last voucher": _amount(found, found.voucher),
            "deposit": _amount(found, found.deposit),
            "token": f"{found.token} on chain {found.chain_id}",
            "wallet": found.wallet or "unknown",
            "refund account": found.refund_account or "unknown",
            "refund opens": found.refund_opens_at or "unknown",
            "can be decided": [each.replace("_", "-") for each in found.decisions],
            "to do": list(found.advice),
        }
    )


def print_unbilled(found: Sequence[Unbilled]) -> None:
    """Write energy that was found too late, one transaction per row."""
    table = Table("charge point", "transaction", "session", "not billed Wh", "stopped")
    for each in found:
        table.add_row(
            each.charge_point_id,
            str(each.transaction_id),
            each.session_id,
            str(each.unbilled_wh),
            f"{each.stopped_at:%Y-%m-%d %H:%M:%S}",
        )
    console().print(table)


def _where(found: Dispute) -> str:
    connector = "?" if found.connector_id is None else found.connector_id
    return f"{found.charge_point_id}/{connector}"


def _since(found: Dispute) -> str:
    return f"{found.since:%Y-%m-%d %H:%M:%S} UTC" if found.since else "unknown"


def _why(found: Dispute) -> str:
    if found.released:
        return "left to the driver"
    return ", ".join(_REASONS.get(each, each) for each in found.reasons) or "not known yet"


def _pays(found: Dispute) -> str:
    return f"{_amount(found, found.payout)} of {_amount(found, found.deposit)} to the station"


def _amount(found: Dispute, money: int | None) -> str:
    if money is None:
        return "nothing chosen"
    return shown_amount(money, found.token_decimals, found.token_symbol)


_REASONS: Mapping[str, str] = {
    "gas_account_low": "the gas account is too low",
    "chain_unavailable": "no node of the chain answered",
    "reverted": "the chain refused the transaction",
    "deposit_gone": "the wallet holds nothing",
}
