"""Changing the P2P server's key without a time in which nobody answers for a published document.

The new key lies beside the old one until all documents name it; the P2P server, which looks at its
key file, then changes over by itself. An app that resolves in between waits for about a second.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.did.credential import StationCredential, read_credential
from sdk.did.errors import CredentialUnreadableError
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import Clock
from sdk.p2p.keys import P2pKey, load_key
from sdk.register import ChargePointConfig, Register

_LOOK_S = 0.2
_OTHERS_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the P2P server's key is, the next one until it is used, and the one before."""

    present: Path

    @property
    def following(self) -> Path:
        """The key that is to come; made when first asked for."""
        return self.present.with_name(f"{self.present.name}.next")

    @property
    def former(self) -> Path:
        """The key that was used before."""
        return self.present.with_name(f"{self.present.name}.before")

    def change_over(self) -> None:
        """Put the next key in place; at each moment there is one. Raises InvalidInputError."""
        try:
            self.former.unlink(missing_ok=True)
            os.link(self.present, self.former)
            self.following.replace(self.present)
        except OSError as error:
            raise InvalidInputError(f"{self.present}: {error.strerror}") from error


class Rotation:
    """Moves the stations of one P2P server to its next key; can be repeated at every step."""

    def __init__(
        self, bus: Bus, files: KeyFiles, clock: Clock, tell: Callable[[str], None]
    ) -> None:
        """`tell` hears what is done. Raises KeyFileError."""
        if not files.present.exists():
            raise InvalidInputError(f"{files.present} does not exist: no P2P server has a key here")
        self._bus = bus
        self._files = files
        self._clock = clock
        self._tell = tell
        self.present = load_key(files.present)
        self.following = load_key(files.following)
        self._announced_at = clock()

    async def waiting(self) -> list[ChargePointConfig]:
        """Give the stations whose credential still names the present key."""
        stations = await Register(self._bus).list()
        return [it for it in stations if _vouched(it.credential) == self.present.ed25519]

    async def move(self, credentials: Mapping[str, str], within: float) -> None:
        """Publish the documents with the next key, and change over.

        `credentials` are those of `waiting` over the next key, by charge point id. Raises
        InvalidInputError when one is missing or about something else; nothing is changed then.
        UnavailableError when no document is published `within` so many seconds (repeat it), or no
        server changed over (start one).
        """
        stations = await self.waiting()
        for station in stations:
            self._check(station, credentials.get(station.charge_point_id))
        selling = await self._selling()
        await self._announce()
        for station in stations:
            await self._store(station, credentials[station.charge_point_id])
        await self._until_published(selling, within)
        self._files.change_over()
        self._tell("the key file is changed; the P2P server changes over")
        await self._until_answering(within)
        await self._bus.remove_member(keys.P2P_SERVERS, self.present.peer_id)
        self._tell(f"the P2P server answers as {self.following.peer_id}")

    async def _selling(self) -> list[str]:
        """Give the stations of this server whose document is published, with either key."""
        ours = {self.present.ed25519, self.following.ed25519}
        stations = await Register(self._bus).list()
        ids = [it.charge_point_id for it in stations if _vouched(it.credential) in ours]
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
        subject = read_credential(token).subject
        about = (subject.charge_point_id, subject.did.lower(), subject.ed25519, subject.x25519)
        wanted = (station.charge_point_id, station.did.lower(), *_public(self.following))
        if about != wanted:
            raise InvalidInputError(
                f"the credential of {station.charge_point_id} is not over the next key"
            )

    async def _announce(self) -> None:
        entry = await self._bus.read(keys.p2p_server(self.present.peer_id))
        addresses = [str(it) for it in json.loads(entry.get("multiaddrs", "[]"))]
        if not addresses:
            raise UnavailableError("the P2P server never announced itself; start it first")
        moved = [f"{it.rpartition('/p2p/')[0]}/p2p/{self.following.peer_id}" for it in addresses]
        ed25519, x25519 = _public(self.following)
        fields = {
            "ed25519": ed25519,
            "x25519": x25519,
            "multiaddrs": json.dumps(moved),
            "updated_at": self._clock().isoformat(),
        }
        await self._bus.write(keys.p2p_server(self.following.peer_id), fields)
        await self._bus.add_member(keys.P2P_SERVERS, self.following.peer_id)
        self._announced_at = self._clock()

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

    async def _until_answering(self, within: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not await self._answers():  # noqa: ASYNC110 - another process
                    await asyncio.sleep(_LOOK_S)
                return
        raise UnavailableError("the P2P server did not change over: start it again")

    async def _answers(self) -> bool:
        entry = await self._bus.read(keys.p2p_server(self.following.peer_id))
        return datetime.fromisoformat(entry["updated_at"]) > self._announced_at


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
