"""`noroam receipt`: get a receipt, and check receipts without any connection."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sdk import cli_options as options
from sdk.cli_context import print_json, read_text, run_on_bus
from sdk.errors import InvalidInputError
from sdk.records.errors import UnknownRecordError
from sdk.records.reading import find
from sdk.records.receipts import (
    CheckedChain,
    CheckedReceipt,
    check_chains,
    check_receipt,
    read_receipts,
)

app = typer.Typer(help="Get a receipt, or check receipts offline.", no_args_is_help=True)


@app.command()
def show(
    charge_point_id: options.Id,
    session_id: Annotated[str, typer.Argument(help="0x and 64 digits.")],
) -> None:
    """Write a session's receipt as JSON, as it was signed."""
    record = run_on_bus(lambda bus: find(bus, charge_point_id, session_id.lower()))
    if record.receipt is None:
        raise UnknownRecordError(f"session {session_id} has no receipt: nothing was paid out")
    print_json(record.receipt.model_dump(mode="json"))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="As JSON.", exists=True, dir_okay=False)],
    *,
    json_output: options.Json = False,
) -> None:
    """Check receipts offline; ends with 1 where one of them is not valid.

    Checked are the station's signature, spent + refund = deposit, the meter, the price line by
    line, and, of several, that each names the one before. Not checked is
    whether the chain has the transaction.
    """
    checked = [check_receipt(each) for each in read_receipts(read_text(file, "the file"))]
    chains = check_chains(checked)
    wrong = [each for each in checked if each.faults]
    broken = [each for each in chains if each.faults]
    if json_output:
        print_json(_as_json(checked, chains))
    else:
        for line in (*map(_receipt_line, checked), *map(_chain_line, chains)):
            typer.echo(line)
    if wrong:
        raise InvalidInputError(f"not valid: {wrong[0].faults[0]}")
    if broken:
        raise InvalidInputError(f"not one chain: {broken[0].faults[0]}")


def _as_json(checked: Sequence[CheckedReceipt], chains: Sequence[CheckedChain]) -> dict[str, Any]:
    faults = [*(each.faults for each in checked), *(each.faults for each in chains)]
    receipts = [{"valid": not each.faults, **each.model_dump(mode="json")} for each in checked]
    return {
        "valid": not any(faults),
        "receipts": receipts,
        "chains": [each.model_dump(mode="json") for each in chains],
    }


def _receipt_line(checked: CheckedReceipt) -> str:
    receipt = checked.receipt
    told = "unreadable"
    if receipt is not None:
        told = (
            f"{receipt.charge_point_id} {receipt.session_id} {receipt.outcome} "
            f"{receipt.energy_wh} Wh spent {receipt.spent} refund {receipt.refund}"
        )
        if "private" in receipt.flags:
            told += " TEST, no money"
    if not checked.faults:
        return f"valid    {told} signed by {checked.signer}"
    return f"INVALID  {told}: {'; '.join(checked.faults)}"


def _chain_line(chain: CheckedChain) -> str:
    told = f"{chain.charge_point_id} {len(chain.sessions)} receipts"
    if chain.faults:
        return f"BROKEN   {told}: {'; '.join(chain.faults)}"
    return f"chain    {told}, each names the one before{', from its first' * chain.begins}"
