"""The transactions of a charge point, in the order in which they were told."""

from collections.abc import Mapping, Sequence
from struct import Struct

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import EnergyWh, Frozen, Moment

_ID = Struct(">I")


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


async def read_transactions(
    bus: Bus,
    charge_point_id: str,
    *,
    newest_first: bool = True,
    after: int | None = None,
    limit: int = 100,
) -> tuple[LoggedTransaction, ...]:
    """Read up to `limit` behind the transaction `after`; none where that is not of this one.

    Raises BusUnavailableError.
    """
    (written,) = await bus.read_blobs([keys.transaction_ids(charge_point_id)])
    ids = [number for (number,) in _ID.iter_unpack(written[: len(written) // 4 * 4])]
    page = _page(ids[::-1] if newest_first else ids, after, limit)
    hashes = await bus.read_many([keys.transaction(charge_point_id, number) for number in page])
    pairs = zip(page, hashes, strict=True)
    return tuple(logged_transaction(number, fields) for number, fields in pairs if fields)


def logged_transaction(transaction_id: int, fields: Mapping[str, str]) -> LoggedTransaction:
    """Read a transaction's hash, which is not empty."""
    start = int(fields["meter_start_wh"])
    register = int(fields.get("meter_stop_wh") or fields.get("energy_wh") or start)
    return LoggedTransaction.model_validate(
        {**fields, "transaction_id": transaction_id, "energy_wh": max(0, register - start)}
    )


def _page(ids: Sequence[int], after: int | None, limit: int) -> Sequence[int]:
    if after is None:
        return ids[:limit]
    try:
        begin = ids.index(after) + 1
    except ValueError:
        return ()
    return ids[begin : begin + limit]
