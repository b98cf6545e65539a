"""One way to a station: envelopes over a stream, sealed where a hub carries them."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sdk.events.envelope import Envelope, read_envelope
from sdk.events.identity import IdentityChallenge, IdentityResponse
from sdk.events.sealed import Sealed
from sdk.events.service import RequestRefused
from sdk.events.signed import SignedBody
from sdk.fields import Frozen, Moment
from sdk.p2p.dialing import Frames
from sdk.p2p.seal import SealError, open_sealed, seal

HUB_REFUSALS = frozenset(
    {"too_many_requests", "overloaded", "unknown_station", "unknown_type", "expired"}
)
"""With these a hub itself may refuse; anything else in clear would be made up by it."""


class Way:
    """Writes and reads envelopes; `hub` is the hub's peer id, None for a direct way.

    `key` opens what is sealed for the app; `station_key` is the document's X25519 key.
    """

    def __init__(
        self, frames: Frames, key: X25519PrivateKey, station_key: str, hub: str | None = None
    ) -> None:
        self.frames = frames
        self.hub = hub
        self._key = key
        self._station_key = station_key

    async def write(self, envelope: Envelope) -> None:
        """Send one envelope. Raises as `Stream.write_frame`, SealError."""
        if self.hub is not None and not isinstance(envelope.body, IdentityChallenge):
            envelope = seal(envelope, self._station_key, _expiry(envelope))
        await self.frames.write_frame(envelope.to_json().encode())

    async def read(self, timeout: float | None = None) -> Envelope:  # noqa: ASYNC109 - as Stream's
        """Give the next envelope.

        Raises as `Stream.read_frame`; UnreadableEnvelopeError, and SealError for what is not sealed
        for us or should be: the next one may be right.
        """
        envelope = read_envelope(await self.frames.read_frame(timeout))
        if isinstance(envelope.body, Sealed):
            return open_sealed(envelope, self._key)
        if self.hub is not None and not _may_be_clear(envelope):
            raise SealError(f"{envelope.type} came in clear over a hub")
        return envelope

    def reset(self) -> None:
        """End it now."""
        self.frames.reset()


def _may_be_clear(envelope: Envelope) -> bool:
    body = envelope.body
    if isinstance(body, RequestRefused):
        return body.reason in HUB_REFUSALS
    return isinstance(body, IdentityResponse)


class _Expiring(Frozen):
    expires_at: Moment


def _expiry(envelope: Envelope) -> datetime | None:
    body = envelope.body
    if not isinstance(body, SignedBody):
        return None
    return _Expiring.model_validate_json(body.payload).expires_at
