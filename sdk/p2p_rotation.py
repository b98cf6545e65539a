"""Changing the P2P server's key without a time in which nobody answers for a published document.

The new key lies beside the old one until all documents name it; the P2P server, which looks at its
key file, then changes over by itself. An app that resolves in between waits for about a second.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.did.credential import (
    StationCredential,
    read_credential,
    trusted_authorities,
    verify_credential,
)
from sdk.did.errors import CredentialUnreadableError
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import Clock
from sdk.p2p.keys import P2pKey, load_key
from sdk.p2p_change_over import ChangeOver, KeyFiles
from sdk.register import ChargePointConfig, Register

_LOOK_S = 0.2
_OTHERS_WITHIN_S = 10.0


class Rotation:
    """Moves the stations of one P2P server to its next key; can be repeated at every step.

    Once the key file is changed it is `ChangeOver` that is repeated: this would make another key.
    """

    def __init__(
        self,
        bus: Bus,
        files: KeyFiles,
        clock: Clock,
        tell: Callable[[str], None],
        authorities: Iterable[str] = (),
    ) -> None:
        """`tell` hears what is done; of no `authorities` (DIDs) any one may issue.

        Raises KeyFileError, MalformedDidError.
        """
        if not files.present.exists():
            raise InvalidInputError(f"{files.present} does not exist: no P2P server has a key here")
        self._bus = bus
        self._files = files
        self._clock = clock
        self._tell = tell
        self._authorities = trusted_authorities(authorities)
        self.present = load_key(files.present)
        self.following = load_key(files.following)

    async def waiting(self) -> list[ChargePointConfig]:
        """Give the stations whose credential still names the present key.

        Raises UnavailableError where the server never announced itself.
        """
        await self._addresses()
        return [it for it in await self._stations() if self._waits(it)]

    async def _stations(self) -> list[ChargePointConfig]:
        ours = {self.present.ed25519, self.following.ed25519}
        stations = await Register(self._bus).list()
        return [it for it in stations if _vouched(it.credential) in ours]

    def _waits(self, station: ChargePointConfig) -> bool:
        return _vouched(station.credential) == self.present.ed25519

    async def move(self, credentials: Mapping[str, str], within: float) -> None:
        """Publish the documents with the next key, and change over.

        `credentials` are those of `waiting` over the next key, by charge point id; one of a station
        that has one already takes its place. Raises InvalidInputError when one is missing, about
        something else, or such that no app would trust it; nothing is changed then.
        UnavailableError when no document is published `within` so many seconds (repeat it), or no
        server changed over (start one).
        """
        ours = await self._stations()
        stations = [it for it in ours if self._waits(it) or it.charge_point_id in credentials]
        for station in stations:
            self._check(station, credentials.get(station.charge_point_id))
        selling = await self._selling(ours)
        await self._announce()
        change = ChangeOver(self._bus, self.present.peer_id, self.following.peer_id, self._clock)
        for station in stations:
            await self._store(station, credentials[station.charge_point_id])
        await self._until_published(selling, within)
        self._files.change_over()
        self._tell("the key file is changed; the P2P server changes over")
        await change.finish(within, self._tell)

    async def _selling(self, stations: Sequence[ChargePointConfig]) -> list[str]:
        """Give those whose document is published, with either key."""
        ids = [it.charge_point_id for it in stations]
        identities = await self._bus.read_many([keys.identity(each) for each in ids])
        return [
            each
            for each, identity in zip(ids, identities, strict=True)
            if identity.get("state") == "published"
        ]

    def _check(self, station: ChargePointConfig, token: str | None) -> None:
        if token is None:
            raise InvalidInputError(
                f"{station.charge_point_id} needs a credential over the next key"
            )
        authorities = self._authorities or trusted_authorities([read_credential(token).issuer])
        subject = verify_credential(token, authorities, self._clock()).subject
        about = (subject.charge_point_id, subject.did.lower(), subject.ed25519, subject.x25519)
        wanted = (station.charge_point_id, station.did.lower(), *_public(self.following))
        if about != wanted:
            raise InvalidInputError(
                f"the credential of {station.charge_point_id} is not over the next key"
            )

    async def _addresses(self) -> list[str]:
        entry = await self._bus.read(keys.p2p_server(self.present.peer_id))
        addresses = [str(it) for it in json.loads(entry.get("multiaddrs", "[]"))]
        if not addresses:
            raise UnavailableError("the P2P server never announced itself; start it first")
        return addresses

    async def _announce(self) -> None:
        to = f"/p2p/{self.following.peer_id}"
        moved = [it.rpartition("/p2p/")[0] + to for it in await self._addresses()]
        ed25519, x25519 = _public(self.following)
        fields = {
            "ed25519": ed25519,
            "x25519": x25519,
            "multiaddrs": json.dumps(moved),
            "updated_at": self._clock().isoformat(),
        }
        await self._bus.write(keys.p2p_server(self.following.peer_id), fields)
        await self._bus.add_member(keys.P2P_SERVERS, self.following.peer_id)

    async def _store(self, station: ChargePointConfig, token: str) -> None:
        fields: dict[str, Any] = {"credential": token}
        if station.p2p_peer_id is not None:
            fields["p2p_peer_id"] = self.following.peer_id
        await Register(self._bus).set(station.charge_point_id, **fields)

    async def _until_published(self, stations: Sequence[str], within: float) -> None:
        """Wait for all documents; for the last of them not for long, as the first are waiting."""
        left = set(stations)
        clock = asyncio.get_running_loop().time
        deadline = clock() + within
        while left and clock() < deadline:
            found = {it for it in left if await self._is_published(it)}
            if found and left == set(stations):
                deadline = min(deadline, clock() + _OTHERS_WITHIN_S)
            for each in sorted(found):
                self._tell(f"{each} is published with the next key")
            left -= found
            if left:
                await asyncio.sleep(_LOOK_S)
        if left and left == set(stations):
            raise UnavailableError(f"not published in time: {', '.join(sorted(left))}")
        for each in sorted(left):
            self._tell(f"{each} is not published yet: see `noroam status`")

    async def _is_published(self, charge_point_id: str) -> bool:
        identity = await self._bus.read(keys.identity(charge_point_id))
        document = json.loads(identity.get("document") or "{}")
        methods = document.get("verificationMethod", [])
        shown = {it.get("publicKeyHex") for it in methods}
        return identity.get("state") == "published" and self.following.ed25519 in shown


def _public(key: P2pKey) -> tuple[str, str]:
    return key.ed25519, key.x25519


def _vouched(token: str | None) -> str | None:
    if token is None:
        return None
    try:
        credential: StationCredential = read_credential(token)
    except CredentialUnreadableError:
        return None
    return credential.subject.ed25519
