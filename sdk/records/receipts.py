"""Receipts checked offline: signature, sums, meter, price lines, and the chain that they form.

What can't be seen offline is whether the transaction is on the chain.
"""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from sdk.chain.accounts import InvalidSignatureError, recover_text
from sdk.did.errors import MalformedDidError
from sdk.did.identifier import EthrDid
from sdk.errors import InvalidInputError
from sdk.events.service import Receipt, ServiceDelivered
from sdk.events.signed import PayloadError, read_payload
from sdk.faults import first_fault
from sdk.fields import ChargePointId, Frozen, SessionId
from sdk.tariff import energy_cost, needs_time, price_lines

FIRST = "0x" + "0" * 64
"""What a station's first receipt names as the one before."""
TOOK_LESS = frozenset({"last_voucher", "refunded_by_driver", "written_off", "private"})
"""Flags of a session whose station took less than the price."""
_MOST_WRAPPINGS = 4


class NotAReceiptError(InvalidInputError):
    """A text holds something else than receipts."""


class CheckedReceipt(Frozen):
    """One receipt with all that is wrong with it; `receipt` is None where it can't be read."""

    faults: tuple[str, ...]
    signer: str | None = None
    hash: str
    receipt: Receipt | None = None


class CheckedChain(Frozen):
    """The receipts of one station, and what is wrong between them."""

    charge_point_id: ChargePointId
    sessions: tuple[SessionId, ...]
    """In the order in which they name each other."""
    begins: bool
    """Whether the station's first receipt is among them."""
    faults: tuple[str, ...]


def read_receipts(text: str) -> list[ServiceDelivered]:
    """Read JSON, one or several, of bodies, envelopes, lists, or `{"receipt": ...}`.

    Raises NotAReceiptError.
    """
    try:
        found = _parsed(text)
        receipts = [receipt for value in found for receipt in _unwrapped(value, _MOST_WRAPPINGS)]
    except (ValueError, RecursionError) as error:
        raise NotAReceiptError(f"it is no receipt in JSON: {_first_line(error)}") from error
    if not receipts:
        raise NotAReceiptError("there is no receipt in it")
    return receipts


def check_receipt(signed: ServiceDelivered) -> CheckedReceipt:
    """Check one receipt by itself."""
    name = "0x" + sha256(signed.payload.encode()).hexdigest()
    try:
        receipt = read_payload(signed, Receipt)
    except PayloadError as error:
        return CheckedReceipt(faults=(str(error),), hash=name)
    try:
        signer = recover_text(signed.payload, signed.signature)
    except InvalidSignatureError as error:
        return CheckedReceipt(faults=(str(error),), hash=name, receipt=receipt)
    faults = {**_signer_faults(receipt, signer), **_sum_faults(receipt), **_meter_faults(receipt)}
    found = [fault for fault, is_so in faults.items() if is_so]
    price = _price_fault(receipt)
    return CheckedReceipt(
        faults=(*found, *([price] if price else [])), signer=signer, hash=name, receipt=receipt
    )


def check_chains(checked: Sequence[CheckedReceipt]) -> list[CheckedChain]:
    """Check, for each charge point of which there are several, that its receipts follow each other.

    Their order does not matter.
    """
    stations: dict[str, list[CheckedReceipt]] = {}
    for each in checked:
        if each.receipt is not None:
            stations.setdefault(each.receipt.charge_point_id, []).append(each)
    return [_chain(name, some) for name, some in sorted(stations.items()) if len(some) > 1]


def _signer_faults(receipt: Receipt, signer: str) -> dict[str, bool]:
    try:
        account = EthrDid.parse(receipt.provider_did).address
    except MalformedDidError as error:
        return {str(error): True}
    return {
        f"it is signed by {signer}, not by the provider": signer.lower()
        != receipt.provider.lower(),
        "the provider is not the account of its DID": account.lower() != receipt.provider.lower(),
    }


def _sum_faults(receipt: Receipt) -> dict[str, bool]:
    return {
        "spent and refund are not the deposit": (
            receipt.spent + receipt.refund != receipt.deposit and "written_off" not in receipt.flags
        ),
        "a refunded session spent something": (
            receipt.outcome == "refunded" and receipt.spent != 0
        ),
    }


def _meter_faults(receipt: Receipt) -> dict[str, bool]:
    start, stop, usage = receipt.meter_start_wh, receipt.meter_stop_wh, receipt.usage
    metered = 0 if start is None or stop is None else stop - start
    return {
        "the energy is not the difference of the readings": receipt.energy_wh != metered,
        "the usage is not of these readings": usage is not None
        and (usage.meter_start_wh, usage.meter_wh) != (start, stop),
        "the usage does not begin with the transaction": usage is not None
        and usage.started_at != receipt.started_at,
    }


def _price_fault(receipt: Receipt) -> str | None:
    tariff, usage = receipt.tariff, receipt.usage
    price = sum(line.amount for line in receipt.price_lines)
    if usage is not None:
        if receipt.price_lines != price_lines(tariff, usage):
            return "the price lines do not follow from tariff and usage"
    elif receipt.energy_wh and (tariff.windows or needs_time(tariff)):
        return "without its usage the price can't be computed"
    elif price != (energy_cost(tariff, receipt.energy_wh) if receipt.energy_wh else 0):
        return "the price lines do not follow from tariff and energy"
    due = min(price, receipt.deposit)
    if receipt.spent > due:
        return f"{receipt.spent} was spent, which is more than the price of {due}"
    excused = receipt.outcome == "refunded" or TOOK_LESS.intersection(receipt.flags)
    if receipt.spent < due and not excused:
        return f"{receipt.spent} was spent, and not the price of {due}"
    return None


def _chain(charge_point_id: str, some: Sequence[CheckedReceipt]) -> CheckedChain:
    named = {each.hash: each.receipt for each in some if each.receipt is not None}
    after = {receipt.previous: name for name, receipt in named.items()}
    heads = [name for name, receipt in named.items() if receipt.previous not in named]
    previous = Counter(receipt.previous for receipt in named.values())
    ordered: list[Receipt] = []
    at = heads[0] if heads else None
    while at is not None and len(ordered) < len(named):
        ordered.append(named[at])
        at = after.get(at)
    faults = {
        "a receipt is there twice": len(named) != len(some),
        "two receipts name the same one before": max(previous.values()) > 1,
        "a receipt between them is missing": len(heads) > 1,
        "they name each other in a circle": not heads,
    }
    accounts = {receipt.provider.lower() for receipt in named.values()}
    faults["they are of different stations"] = len(accounts) > 1
    return CheckedChain(
        charge_point_id=charge_point_id,
        sessions=tuple(receipt.session_id for receipt in ordered),
        begins=any(receipt.previous == FIRST for receipt in named.values()),
        faults=tuple(fault for fault, is_so in faults.items() if is_so),
    )


def _parsed(text: str) -> list[Any]:
    """Read one value after the other, however they are set out."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while rest := text[at:].lstrip():
        value, length = decoder.raw_decode(rest)
        found.append(value)
        at = len(text) - len(rest) + length
    return found


def _unwrapped(value: Any, deep: int) -> list[ServiceDelivered]:  # noqa: ANN401 - any JSON
    if deep == 0:
        raise ValueError("it is wrapped too often")
    if isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, list):
        return [each for item in value for each in _unwrapped(item, deep - 1)]
    if not isinstance(value, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - read_receipts tells of it
    for name in ("body", "receipt"):
        if name in value:
            return _unwrapped(value[name], deep - 1)
    return [ServiceDelivered.model_validate(value)]


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return first_fault(error)
    return str(error).partition("\n")[0]
