"""Identity conversation: the P2P server proves to an app that it speaks for a station's DID."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sdk.events.body import Body
from sdk.fields import Bytes32, Did, PeerId

Ed25519Signature = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{128}$")]


class IdentityChallenge(Body):
    """The app's challenge: `nonce` is 32 fresh random bytes, `did` the station it wants."""

    type: Literal["IdentityChallenge"] = "IdentityChallenge"
    did: Did
    nonce: Bytes32


class IdentityResponse(Body):
    """The P2P server's answer, made by itself.

    `signature` is Ed25519, by the key behind `server_peer_id`, over the UTF-8 bytes of
    `noroam-identity-v1`, DID, server peer id, consumer peer id and nonce, joined by newlines.
    """

    type: Literal["IdentityResponse"] = "IdentityResponse"
    did: Did
    nonce: Bytes32
    server_peer_id: PeerId
    consumer_peer_id: PeerId
    signature: Ed25519Signature


def identity_message(did: str, server_peer_id: str, consumer_peer_id: str, nonce: str) -> bytes:
    """Give the exact bytes that an IdentityResponse signs."""
    parts = ("noroam-identity-v1", did, server_peer_id, consumer_peer_id, nonce.lower())
    return "\n".join(parts).encode()


IdentityEvent = Annotated[IdentityChallenge | IdentityResponse, Field(discriminator="type")]
