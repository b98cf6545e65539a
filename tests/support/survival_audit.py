"""Whether a cell's tokens and energy are all where they should be, to the last unit."""

from dataclasses import dataclass

from machine import TOKEN
from survival_app import DEPOSIT
from survival_cell import ENDED, Cell

from sdk.bus import keys
from sdk.events.service import Receipt
from sdk.records.reading import months, rows

PER_KWH = 4 * TOKEN // 10


@dataclass(frozen=True)
class Balances:
    """What the chain says at the end."""

    wallet: int
    station: int
    """More than it had before."""
    refund_account: int


async def audit(cell: Cell, end: str) -> list[str]:
    """Give everything that is wrong with how a cell ended; nothing, if all is right."""
    balances = await _balances(cell)
    faults = [] if end in ENDED or end == "disputed" else [f"it hangs in {end or 'no phase'}"]
    if cell.trouble is not None:
        faults.append(f"the app or charge point failed: {cell.trouble}")
    total = balances.wallet + balances.station + balances.refund_account
    checks = {
        f"{total} of {cell.app.deposited} is there: {balances}": total == cell.app.deposited,
    }
    if end in ("settled", "refunded"):
        receipt = await _receipt(cell)
        if receipt is None:
            faults.append("there is no record with a receipt")
        else:
            checks |= _of_receipt(cell, end, receipt, balances)
            checks |= _of_energy(cell, receipt)
            checks |= await _of_transaction(cell, receipt)
    else:
        paid = balances.station + balances.refund_account
        checks[f"{end}, and {balances} was paid out"] = paid == 0
    if end == "rejected":
        checks["rejected with a deposit"] = cell.app.deposited == 0
        checks["there is no record"] = await cell.record() is not None
        checks["the app was not told"] = cell.app_is_gone or cell.app.rejected is not None
    listed, paid_out = await _rows(cell), (balances.station, balances.refund_account)
    checks[f"the reports say {listed}"] = end not in ENDED or listed == [
        (end, cell.app.deposited, *paid_out)
    ]
    checks["the connector is not free"] = await _is_free(cell) or end not in ENDED
    if not cell.charge_point.is_gone and not cell.charge_point.forgot:
        left = await _transaction(cell)
        checks[f"transaction {left} is open"] = not left
    return faults + [text for text, holds in checks.items() if not holds]


async def _balances(cell: Cell) -> Balances:
    balance, app = cell.world.client.balance, cell.app
    return Balances(
        wallet=await balance(app.wallet) if app.wallet else 0,
        station=await balance(cell.station.address) - TOKEN,
        refund_account=await balance(app.refund_account),
    )


async def _receipt(cell: Cell) -> Receipt | None:
    record = await cell.record()
    if record is None or record.receipt is None:
        return None
    return Receipt.model_validate_json(record.receipt.payload)


async def _rows(cell: Cell) -> list[tuple[str, int, int, int]]:
    """Read what reports say of this cell's session."""
    bus, cp = cell.world.bus, cell.station.id
    found = rows(bus, await months(bus, [cp]), [cp])
    return [
        (row.outcome, row.deposit, row.spent, row.refund)
        async for row in found
        if row.session_id == cell.app.session_id
    ]


async def _is_free(cell: Cell) -> bool:
    fields = await cell.world.bus.read(keys.session(cell.station.id, 1))
    return fields.get("phase", "idle") in {*ENDED, "idle"}


async def _transaction(cell: Cell) -> str:
    fields = await cell.world.bus.read(keys.connector(cell.station.id, 1))
    return fields.get("transaction_id", "")


def _of_receipt(cell: Cell, end: str, receipt: Receipt, balances: Balances) -> dict[str, bool]:
    app = cell.app
    given = (receipt.spent, receipt.refund, receipt.deposit)
    return {
        f"{end}, and the receipt says {receipt.outcome}": receipt.outcome == end,
        "spent and refund are not the deposit": sum(given[:2]) == given[2] == DEPOSIT,
        f"the receipt says {given}, and the chain {balances}": (
            (balances.wallet, balances.station, balances.refund_account) == (0, *given[:2])
        ),
        "another wallet, account or session": (
            (receipt.wallet, receipt.refund_account, receipt.provider, receipt.session_id)
            == (app.wallet, app.refund_account, cell.station.address, app.session_id)
        ),
        f"the app has no receipt: {app.troubles}": cell.app_is_gone or app.receipt is not None,
        "the app has another receipt": app.receipt is None or app.receipt == receipt,
        f"{receipt.spent} was spent, and {app.store.signed} signed": (
            receipt.spent in app.store.signed
        ),
        f"{receipt.spent} was spent, and {cell.paid} signed long before": (
            receipt.spent >= cell.paid
        ),
        "a refund with a price": end != "refunded" or receipt.spent == 0,
    }


def _of_energy(cell: Cell, receipt: Receipt) -> dict[str, bool]:
    """Compare with what the charge point knows to have delivered."""
    done = [each for each in cell.charge_point.transactions if each.status == "Accepted"]
    delivered = sum(
        (each.meter_stop or cell.charge_point.meter_wh) - each.meter_start for each in done
    )
    price = receipt.energy_wh * PER_KWH // 1000
    told_all = not {"no_stop_transaction", "late_start"} & {*receipt.flags}
    return {
        f"{len(done)} transactions": len(done) <= 1,
        f"{receipt.energy_wh} Wh counted, {delivered} delivered, flags {receipt.flags}": (
            receipt.energy_wh == delivered if told_all else receipt.energy_wh <= delivered
        ),
        f"{receipt.spent} spent for {price}, flags {receipt.flags}": (
            receipt.outcome == "refunded"
            or receipt.spent == price
            or ("last_voucher" in receipt.flags and receipt.spent < price)
        ),
        f"a last voucher of one who was there: {cell.app.troubles}": (
            cell.app_is_gone or "last_voucher" not in receipt.flags
        ),
    }


async def _of_transaction(cell: Cell, receipt: Receipt) -> dict[str, bool]:
    mined = await cell.world.client.receipt(receipt.transaction_hash)
    return {"the payout is not on the chain": mined is not None and mined["status"] == "0x1"}
