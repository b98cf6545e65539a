"""Credentials that their authority took back: attributes of its own DID (docs/protocol.md 1.5)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sdk.did.credential import read_credential
from sdk.did.errors import CredentialRevokedError
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.registry_events import Attribute, AttributeChanged, ChangedBlock
from sdk.did.vc_jwt import read_vc_jwt
from sdk.ids import Clock

REVOKED = "noroam/revoked"
LONGEST_LIST = 20_000
"""The most blocks that are read of an authority; several revocations may be in one."""
FRESH_FOR = timedelta(seconds=15)
_READ_AGAIN_AFTER = timedelta(minutes=10)


def revocation(token: str) -> Attribute:
    """Give the attribute of its authority's DID that takes a credential (compact JWS) back.

    Its value is what was signed, not the token: of a signature anybody can write a twin. Raises
    CredentialUnreadableError.
    """
    return Attribute(REVOKED, read_vc_jwt(token).digest)


def revoked_hashes(history: Iterable[ChangedBlock]) -> dict[bytes, int]:
    """Give what an authority revoked, oldest changes first: digest -> until when (s).

    It counts whoever owns the DID by now, so that an authority that is given up revokes on. Pure.
    """
    found: dict[bytes, int] = {}
    for block in history:
        for event in block.events:
            if isinstance(event, AttributeChanged) and event.attribute.name == REVOKED:
                found[event.attribute.value] = event.valid_to
    return found


@dataclass(slots=True)
class _List:
    """What is known of one authority: `changed_at` is the block of its newest change."""

    read_at: datetime
    checked_at: datetime
    changed_at: int = 0
    hashes: dict[bytes, int] = field(default_factory=dict)


class Revocations:
    """What the authorities of one chain revoked, as far as the chain tells it.

    A look is one call while an authority changed nothing, and none within FRESH_FOR of the last.
    """

    def __init__(self, registry: DidRegistry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._lists: dict[EthrDid, _List] = {}

    async def check(self, token: str) -> None:
        """Make sure that a verified credential is not revoked.

        Raises CredentialRevokedError, DidUnresolvableError; a ChainError while the chain can't be
        read: then nothing is known, and it is not to be relied on.
        """
        issuer = EthrDid.parse(read_credential(token).issuer)
        until = (await self.list_of(issuer)).get(revocation(token).value, 0)
        if until >= self._clock().timestamp():
            raise CredentialRevokedError(f"{issuer} revoked the credential")

    async def list_of(self, authority: EthrDid) -> dict[bytes, int]:
        """Give all that an authority revoked: digest -> until when, in seconds since 1970."""
        now = self._clock()
        known = self._lists.get(authority)
        if known is not None and now - known.checked_at < FRESH_FOR:
            return known.hashes
        if known is None or now - known.read_at >= _READ_AGAIN_AFTER:
            # From the start: a reorganisation may have taken away what was read before.
            known = _List(read_at=now, checked_at=now)
        history = await self._registry.history(authority, known.changed_at, LONGEST_LIST)
        known.hashes.update(revoked_hashes(history))
        known.changed_at = history[-1].number if history else known.changed_at
        known.checked_at = now
        self._lists[authority] = known
        return known.hashes
