"""What an answered operation leaves behind; it is committed together with the answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cpg.peer import Peer
from sdk.bus.interface import StateWrite
from sdk.events.body import Body
from sdk.events.operations import Answered


@dataclass(frozen=True, slots=True)
class Effect:
    """State and facts that follow from an answer."""

    writes: Sequence[StateWrite] = ()
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Hash fields to delete: key -> names."""
    events: Sequence[tuple[Body, int | None]] = ()
    """Facts, each with its connector."""
    after: Callable[[], None] | None = None
    """Called once it is committed."""


EffectOf = Callable[[Peer, Any, int | None, Answered], Awaitable[Effect]]
"""(charge point, command, the envelope's connector, answer) -> effect; it may only read.

Raises BusUnavailableError: it is asked again then.
"""
