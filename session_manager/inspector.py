"""Examines one station: what it should be, what the chain says of it, and what is to be shown."""

from collections.abc import Iterable, Mapping

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.chain.errors import ChainError
from sdk.did.credential import trusted_authorities
from sdk.did.errors import (
    CredentialRevokedError,
    DidError,
    DidUnresolvableError,
    MalformedDidError,
)
from sdk.did.identifier import EthrDid
from sdk.did.revocation import Revocations
from sdk.ids import Clock
from session_manager.identity import NotOnboarded, Servers, Trust, wanted_identity
from session_manager.publisher import Balances, Publisher
from session_manager.verdict import (
    Verdict,
    found_failing,
    found_lacking,
    found_published,
    identity_fields,
)


class Inspector:
    """Finds out how stations stand, publishes what differs, and writes `{CP}:identity`."""

    def __init__(
        self, bus: Bus, publisher: Publisher, authorities: Iterable[str], clock: Clock
    ) -> None:
        """Trust the authorities of these DIDs. Raises MalformedDidError."""
        self._bus = bus
        self._publisher = publisher
        self._authorities = trusted_authorities(authorities)
        self._revocations = Revocations(publisher.registry, clock)
        self._clock = clock

    async def inspect(
        self, charge_point_id: str, config: Mapping[str, str], servers: Servers
    ) -> Verdict:
        """Publish what should be, where the chain differs, and tell how it went."""
        trust = Trust(self._publisher.chain_id, self._authorities, self._clock())
        wanted = wanted_identity(charge_point_id, config, servers, trust)
        if isinstance(wanted, NotOnboarded):
            return found_lacking(wanted)
        try:
            await self._revocations.check(wanted.token)
            publication = await self._publisher.publish(wanted)
        except (ChainError, DidError) as error:
            return found_failing(error)
        return found_published(publication, wanted)

    async def still_holds(self, verdict: Verdict) -> bool:
        """Tell whether neither document nor credential has changed since on the chain.

        While it does not answer, they have not.
        """
        document = verdict.document
        if document is None or verdict.has_expired(self._clock()):
            return False
        try:
            if await self._publisher.changed_at(document.did) != document.changed_at:
                return False
            await self._revocations.check(verdict.token)
        except CredentialRevokedError:
            return False
        except (ChainError, DidUnresolvableError):
            return True
        return True

    async def record(
        self, charge_point_id: str, config: Mapping[str, str], verdict: Verdict
    ) -> None:
        """Write what is known to `{CP}:identity`. Raises BusUnavailableError."""
        did = _did(config)
        balances = await self._balances(did)
        fields = identity_fields(did, verdict, balances, self._clock())
        await self._bus.write(keys.identity(charge_point_id), fields)

    async def _balances(self, did: EthrDid | None) -> Balances | None:
        if did is None:
            return None
        try:
            return await self._publisher.balances(did.address)
        except ChainError:
            return None


def _did(config: Mapping[str, str]) -> EthrDid | None:
    try:
        return EthrDid.parse(config.get("did", ""))
    except MalformedDidError:
        return None
