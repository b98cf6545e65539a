"""What a station tells everybody: that it is there, what it sells, and what is free. PURE.

Signed by the P2P server's Ed25519 key, which is that of the station's DID document; short-lived.
"""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from sdk.errors import InvalidInputError
from sdk.events.identity import Ed25519Signature
from sdk.events.service import Availability
from sdk.faults import first_fault
from sdk.fields import (
    NATIVE_TOKEN,
    Address,
    ChargePointId,
    ConnectorId,
    Did,
    Frozen,
    Moment,
    PowerW,
)
from sdk.p2p.keys import P2pKey, verify_ed25519
from sdk.tariff import Tariff

LONGEST_ANNOUNCEMENT = 16 * 1024
"""Bytes of one announcement on the wire."""
LONGEST_LIFE = timedelta(minutes=10)
CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far a sender's clock may be ahead."""
_PREFIX = "noroam-announcement-v1\n"

ShortText = Annotated[str, StringConstraints(max_length=100)]
PublicKey = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
Multiaddr = Annotated[str, StringConstraints(pattern=r"^/", max_length=300)]


class AnnouncementError(InvalidInputError):
    """An announcement that can't be read, is not signed by its key, or does not hold now."""


class AnnouncedConnector(Frozen):
    """One connector, and whether a driver could have it now."""

    connector_id: ConnectorId = Field(ge=1)
    availability: Availability


class StationAnnouncement(Frozen):
    """The payload: `at` rises with each; after `expires_at` it is forgotten.

    All but `at`, `expires_at` and `connectors` stands in the DID document too; where the two
    differ, the announcement is not to be believed.
    """

    did: Did
    charge_point_id: ChargePointId
    ed25519: PublicKey
    multiaddrs: tuple[Multiaddr, ...] = Field(min_length=1, max_length=32)
    name: ShortText
    maximum_power_w: PowerW
    plug_types: tuple[ShortText, ...] = Field(max_length=32)
    tariff: Tariff
    token: Address = NATIVE_TOKEN
    connectors: tuple[AnnouncedConnector, ...] = Field(min_length=1, max_length=64)
    at: Moment
    expires_at: Moment


class SignedAnnouncement(Frozen):
    """On the wire: `payload` is the JSON of StationAnnouncement, signed as it is.

    `signature` is Ed25519 over the UTF-8 bytes of `noroam-announcement-v1`, a newline, and payload.
    """

    payload: str = Field(min_length=2, max_length=LONGEST_ANNOUNCEMENT)
    signature: Ed25519Signature


def sign_announcement(announcement: StationAnnouncement, key: P2pKey) -> bytes:
    """Write an announcement for the wire, signed by the P2P server's key."""
    payload = announcement.model_dump_json()
    signature = "0x" + key.sign((_PREFIX + payload).encode()).hex()
    return SignedAnnouncement(payload=payload, signature=signature).model_dump_json().encode()


def read_announcement(data: bytes, now: datetime) -> StationAnnouncement:
    """Read what came from anybody, and check its signature and its times.

    Whether `ed25519` speaks for `did` only the DID document tells. Raises AnnouncementError.
    """
    if len(data) > LONGEST_ANNOUNCEMENT:
        raise AnnouncementError(f"longer than {LONGEST_ANNOUNCEMENT} bytes")
    try:
        signed = SignedAnnouncement.model_validate_json(data)
        announcement = StationAnnouncement.model_validate_json(signed.payload)
    except ValidationError as error:
        raise AnnouncementError(f"unreadable: {first_fault(error)}") from error
    message = (_PREFIX + signed.payload).encode()
    signature = bytes.fromhex(signed.signature[2:])
    if not verify_ed25519(announcement.ed25519[2:], message, signature):
        raise AnnouncementError("not signed by the key that it names")
    fault = _fault_of_times(announcement, now)
    if fault is not None:
        raise AnnouncementError(fault)
    return announcement


def _fault_of_times(announcement: StationAnnouncement, now: datetime) -> str | None:
    if now >= announcement.expires_at:
        return "expired"
    if announcement.at > now + CLOCK_TOLERANCE:
        return "from the future"
    if announcement.expires_at > announcement.at + LONGEST_LIFE:
        return f"holds longer than {LONGEST_LIFE}"
    return None
