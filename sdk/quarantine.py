"""The quarantine: unknown charge points that were let in as far as BootNotification, and wait.

The gateway writes them down in the hash `keys.QUARANTINE`; the operator reads them here, and admits
one by registering it, or forgets it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit
from sdk.errors import InvalidInputError
from sdk.fields import ChargePointId, Frozen, Moment

KEPT = timedelta(days=7)
"""One that is not seen for so long is forgotten."""

Told = Annotated[str, StringConstraints(max_length=50)]


class NotWaitingError(InvalidInputError):
    """No charge point of this id waits in the quarantine."""


class WaitingChargePoint(Frozen):
    """What is known of a charge point that waits; nothing of it is proved.

    `vendor` to `firmware_version` are its BootNotification's, printable and at most 50 characters;
    `password_hash` is of the password that it presented last (None: none), as `password_hash()` of
    `sdk.register` makes it; `contested`: it came with more than one, so that there may be several.
    """

    charge_point_id: ChargePointId
    vendor: Told = ""
    model: Told = ""
    serial_number: Told = ""
    firmware_version: Told = ""
    address: Annotated[str, StringConstraints(max_length=100)] = ""
    password_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, repr=False
    )
    contested: bool = False
    first_seen: Moment
    last_seen: Moment


async def waiting(bus: Bus, now: datetime) -> list[WaitingChargePoint]:
    """Give all that wait, sorted by id; raises BusUnavailableError.

    Forgets those that were not seen for `KEPT` or are registered meanwhile, and what is unreadable.
    """
    stored = await bus.read(keys.QUARANTINE)
    entries = [entry for entry in map(_read, stored.values()) if entry is not None]
    seen = [entry for entry in entries if now - entry.last_seen < KEPT]
    configs = await bus.read_many([keys.config(entry.charge_point_id) for entry in seen])
    kept = [entry for entry, config in zip(seen, configs, strict=True) if not config]
    await forget(bus, *(stored.keys() - {entry.charge_point_id for entry in kept}))
    return sorted(kept, key=lambda entry: entry.charge_point_id)


async def find(bus: Bus, charge_point_id: str, now: datetime) -> WaitingChargePoint:
    """Give one that waits. Raises NotWaitingError, BusUnavailableError."""
    for entry in await waiting(bus, now):
        if entry.charge_point_id == charge_point_id:
            return entry
    raise NotWaitingError(f"charge point {charge_point_id} is not waiting")


async def note(bus: Bus, entry: WaitingChargePoint) -> None:
    """Write down one that waits. Raises BusUnavailableError."""
    text = entry.model_dump_json(exclude_defaults=True)
    await bus.write(keys.QUARANTINE, {entry.charge_point_id: text})


async def forget(bus: Bus, *charge_point_ids: str) -> None:
    """Take some out, as if they had never come. Raises BusUnavailableError."""
    if charge_point_ids:
        gone = {keys.QUARANTINE: charge_point_ids}
        await bus.apply(Commit(charge_point_ids[0], removed_fields=gone))


def oldest_of_most_frequent(entries: Iterable[WaitingChargePoint]) -> WaitingChargePoint:
    """Give whom to forget when there are too many; `entries` has one at least.

    It is the one not seen for longest among those of the address that most come from: who floods
    the quarantine pushes out his own.
    """
    by_address: dict[str, list[WaitingChargePoint]] = {}
    for entry in entries:
        by_address.setdefault(entry.address, []).append(entry)
    flood = max(by_address.values(), key=lambda group: len(group))  # noqa: PLW0108 - len is of Sized
    return min(flood, key=lambda entry: entry.last_seen)


def _read(text: str) -> WaitingChargePoint | None:
    try:
        return WaitingChargePoint.model_validate_json(text)
    except ValidationError:
        return None
