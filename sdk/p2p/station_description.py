"""What a consumer needs to know of a station, and who tells it."""

from collections.abc import Sequence
from typing import Protocol


class StationDescription(Protocol):
    """What a station's verified DID document says, as far as a consumer needs it.

    `maximum_power_w` is what the driver is shown, `provider` the station's account, `ed25519` its
    P2P server's key and `x25519` the one to seal to (64 hex digits each).
    """

    @property
    def did(self) -> str: ...  # noqa: D102
    @property
    def charge_point_id(self) -> str: ...  # noqa: D102
    @property
    def maximum_power_w(self) -> int: ...  # noqa: D102
    @property
    def provider(self) -> str: ...  # noqa: D102
    @property
    def ed25519(self) -> str: ...  # noqa: D102
    @property
    def x25519(self) -> str: ...  # noqa: D102
    @property
    def multiaddrs(self) -> Sequence[str]: ...  # noqa: D102


class Resolver(Protocol):
    """Resolves DIDs, and trusts only configured issuing authorities."""

    async def resolve(self, did: str) -> StationDescription:
        """Give the verified description; raises an InvalidInputError for one not to be trusted."""
        ...
