"""The alert desk's lease: one Session Manager at a time evaluates and sends."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Guard, Outcome, StateWrite
from sdk.errors import UnavailableError


class LeaseLostError(UnavailableError):
    """Another Session Manager does it now; what was not written is its to do."""


class Desk(Protocol):
    """What works while its process holds the lease."""

    async def run(self, guard: Guard) -> None:
        """Work until cancelled; raises LeaseLostError."""
        ...


async def write_guarded(
    bus: Bus,
    guard: Guard,
    fields: Mapping[str, Mapping[str, str]],
    removed: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Set fields of the desk's hashes and remove others, all or nothing, while the lease is ours.

    Raises LeaseLostError, BusUnavailableError.
    """
    writes = [StateWrite(key, told) for key, told in fields.items() if told]
    gone = {key: names for key, names in (removed or {}).items() if names}
    commit = Commit(keys.ALERT_DESK, guards=(guard,), writes=writes, removed_fields=gone)
    if await bus.apply(commit) is Outcome.FENCED:
        raise LeaseLostError("another Session Manager has the alert desk")
