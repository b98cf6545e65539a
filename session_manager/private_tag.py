"""The idTag that charges without money: in a charge point's register while it is configured."""

import json

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Guard, StateWrite

_MARK = "private"


async def keep_private_tag(
    bus: Bus, charge_point_id: str, private_id: str | None, guard: Guard
) -> None:
    """Put `private_id` into the register, and take out one that an earlier setting put there.

    Raises BusUnavailableError.
    """
    key = keys.id_tags(charge_point_id)
    register = await bus.read(key)
    stale = [tag for tag, entry in register.items() if _is_private(entry) and tag != private_id]
    entry = json.dumps({"valid_until": None, "of_session": False, _MARK: True})
    missing = private_id is not None and register.get(private_id) != entry
    if not stale and not missing:
        return
    writes = [StateWrite(key, {private_id: entry})] if private_id is not None else []
    await bus.apply(
        Commit(
            charge_point_id,
            guards=(guard,),
            writes=writes,
            removed_fields={key: stale} if stale else {},
        )
    )


def _is_private(entry: str) -> bool:
    try:
        return bool(json.loads(entry).get(_MARK))
    except (ValueError, AttributeError):
        return False
