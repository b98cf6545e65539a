"""The transactions of a charge point, in the order in which they were told."""

import sys
from array import array
from collections.abc import Mapping, Sequence
from struct import Struct

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import EnergyWh, Frozen, Moment

_ID = Struct(">I")
_TYPE = "I"
"""Of an array of 32-bit numbers, in the machine's own order."""


class LoggedTransaction(Frozen):
    """One transaction; `energy_wh` is what it has taken so far, or in all."""

    transaction_id: int
    connector_id: int
    id_tag: str
    id_tag_status: str | None = None
    meter_start_wh: EnergyWh
    meter_stop_wh: EnergyWh | None = None
    energy_wh: EnergyWh
    started_at: Moment
    stopped_at: Moment | None = None
    stop_reason: str | None = None


def written_id(transaction_id: int) -> bytes:
    """Write an id for `{CP}:tx_ids`."""
    return _ID.pack(transaction_id)


async def read_transaction_ids(
    bus: Bus, charge_point_id: str, *, newest_first: bool = True, after: int | None = None
) -> Sequence[int]:
    """Read the ids behind the transaction `after`; none where that is not of this charge point.

    Raises BusUnavailableError.
    """
    (written,) = await bus.read_blobs([keys.transaction_ids(charge_point_id)])
    ids = array(_TYPE, written[: len(written) // _ID.size * _ID.size])
    if sys.byteorder == "little":
        ids.byteswap()
    if newest_first:
        ids.reverse()
    if after is None:
        return ids
    try:
        return ids[ids.index(after) + 1 :]
    except (ValueError, OverflowError):
        return ()


async def read_transactions_of(
    bus: Bus, charge_point_id: str, ids: Sequence[int]
) -> tuple[LoggedTransaction, ...]:
    """Read these, in their order; without those that are kept no more. Raises BusUnavailableError.

    What can't be read is left out.
    """
    hashes = await bus.read_many([keys.transaction(charge_point_id, number) for number in ids])
    found = (_read(number, fields) for number, fields in zip(ids, hashes, strict=True) if fields)
    return tuple(each for each in found if each is not None)


def logged_transaction(transaction_id: int, fields: Mapping[str, str]) -> LoggedTransaction:
    """Read a transaction's hash, which is not empty. Raises ValueError, KeyError: it is damaged."""
    start = int(fields["meter_start_wh"])
    register = int(fields.get("meter_stop_wh") or fields.get("energy_wh") or start)
    return LoggedTransaction.model_validate(
        {**fields, "transaction_id": transaction_id, "energy_wh": max(0, register - start)}
    )


def _read(transaction_id: int, fields: Mapping[str, str]) -> LoggedTransaction | None:
    try:
        return logged_transaction(transaction_id, fields)
    except (ValueError, KeyError):
        return None
