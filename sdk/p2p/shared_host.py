"""What the sessions of one app share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sdk.p2p.dialing import Dialer
from sdk.p2p.host import P2pHost


@dataclass(frozen=True, slots=True)
class SharedHost:
    """A host that runs already, and the 32-byte seed of its key.

    `others` tells whether a session id is one that this app has or had.
    """

    host: P2pHost
    seed: bytes = field(repr=False)
    dialer: Dialer
    others: Callable[[str], bool]
