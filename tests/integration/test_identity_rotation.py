"""Rotating the P2P server's key: what is wrong changes nothing, and each step can be repeated."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from p2p_server.identity import announce
from p2p_server.key_file import until_stopping_or_new_key
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, new_key
from sdk.charge_point_config import ChargePointConfig, station_did
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.did.errors import CredentialExpiredError, UntrustedAuthorityError
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import utc_now
from sdk.p2p.keys import P2pKey, load_key
from sdk.p2p_change_over import ChangeOver, KeyFiles
from sdk.p2p_rotation import Rotation
from sdk.register import Register
from sdk.tariff import Tariff

HUB = "12D3KooWHub"


@dataclass
class Server:
    """A P2P server's key file, and stations whose credentials name it."""

    bus: RedisBus
    files: KeyFiles
    authority: SigningKey = field(default_factory=new_key)
    account: SigningKey = field(default_factory=new_key)
    told: list[str] = field(default_factory=list)

    def rotation(self) -> Rotation:
        trusted = [authority_did(self.authority, 31337)]
        return Rotation(self.bus, self.files, utc_now, self.told.append, trusted)

    def credential(
        self,
        key: P2pKey,
        charge_point_id: str = "CP-1",
        by: SigningKey | None = None,
        at: datetime | None = None,
    ) -> str:
        subject = StationSubject(
            did=station_did(31337, self.account.address),
            charge_point_id=charge_point_id,
            account=self.account.address,
            ed25519=key.ed25519,
            x25519=key.x25519,
        )
        authority = by or self.authority
        return issue_station_credential(authority, subject, at or utc_now(), timedelta(days=1))

    async def register(self) -> None:
        key = load_key(self.files.present)
        config = ChargePointConfig(
            charge_point_id="CP-1",
            did=station_did(31337, self.account.address),
            tariff=Tariff(per_kwh=1),
            credential=self.credential(key),
            p2p_peer_id=key.peer_id,
        )
        await Register(self.bus).add(config)
        await self.publish(key)

    async def start(self) -> None:
        """Announce what the key file holds now, as a server does when it starts."""
        key = load_key(self.files.present)
        direct = f"/ip4/127.0.0.1/tcp/4001/p2p/{key.peer_id}"
        hub = f"/ip4/127.0.0.2/tcp/1/p2p/{HUB}/p2p-circuit/p2p/{key.peer_id}"
        await announce(self.bus, key, [direct, hub], utc_now)

    async def publish(self, key: P2pKey) -> None:
        """Say that the chain has a document with `key`, as a Session Manager does."""
        document = {"verificationMethod": [{"publicKeyHex": key.ed25519}]}
        fields = {"state": "published", "document": json.dumps(document)}
        await self.bus.write(keys.identity("CP-1"), fields)


@pytest.fixture
async def server(redis_bus: RedisBus, tmp_path: Path) -> Server:
    made = Server(redis_bus, KeyFiles(tmp_path / "p2p.key"))
    load_key(made.files.present)
    await made.register()
    return made


async def test_without_all_credentials_nothing_is_changed(server: Server) -> None:
    await server.start()
    rotation = server.rotation()
    before = await Register(server.bus).get("CP-1")
    assert [it.charge_point_id for it in await rotation.waiting()] == ["CP-1"]
    with pytest.raises(InvalidInputError, match="CP-1 needs a credential"):
        await rotation.move({}, 1)
    for wrong in (
        server.credential(rotation.present),
        server.credential(rotation.following, "CP-2"),
    ):
        with pytest.raises(InvalidInputError, match="is not over the next key"):
            await rotation.move({"CP-1": wrong}, 1)
    assert await Register(server.bus).get("CP-1") == before
    assert await server.bus.members(keys.P2P_SERVERS) == {rotation.present.peer_id}
    assert load_key(server.files.present) == rotation.present


async def test_a_credential_that_no_app_would_trust_changes_nothing(server: Server) -> None:
    await server.start()
    rotation = server.rotation()
    before = await Register(server.bus).get("CP-1")
    old = server.credential(rotation.following, at=utc_now() - timedelta(days=2))
    with pytest.raises(CredentialExpiredError):
        await rotation.move({"CP-1": old}, 1)
    foreign = server.credential(rotation.following, by=new_key())
    with pytest.raises(UntrustedAuthorityError):
        await rotation.move({"CP-1": foreign}, 1)
    assert await Register(server.bus).get("CP-1") == before
    assert await server.bus.members(keys.P2P_SERVERS) == {rotation.present.peer_id}


async def test_another_credential_over_the_next_key_takes_the_place_of_the_first(
    server: Server,
) -> None:
    await server.start()
    rotation = server.rotation()
    for at in (utc_now() - timedelta(hours=1), utc_now()):
        token = server.credential(rotation.following, at=at)
        with pytest.raises(UnavailableError, match="not published in time"):
            await rotation.move({"CP-1": token}, 0.3)
        assert (await Register(server.bus).get("CP-1")).credential == token


async def test_without_a_server_or_a_document_the_key_stays(server: Server) -> None:
    rotation = server.rotation()
    with pytest.raises(UnavailableError, match="never announced itself"):
        await rotation.waiting()
    credentials = {"CP-1": server.credential(rotation.following)}
    with pytest.raises(UnavailableError, match="never announced itself"):
        await rotation.move(credentials, 1)
    await server.start()
    with pytest.raises(UnavailableError, match="not published in time: CP-1"):
        await rotation.move(credentials, 0.5)
    assert load_key(server.files.present) == rotation.present


async def test_it_goes_on_where_it_was_cut_off(server: Server) -> None:
    await server.start()
    first = server.rotation()
    with pytest.raises(UnavailableError):
        await first.move({"CP-1": server.credential(first.following)}, 0.5)
    entry = await server.bus.read(keys.p2p_server(first.following.peer_id))
    assert json.loads(entry["multiaddrs"]) == [
        f"/ip4/127.0.0.1/tcp/4001/p2p/{first.following.peer_id}",
        f"/ip4/127.0.0.2/tcp/1/p2p/{HUB}/p2p-circuit/p2p/{first.following.peer_id}",
    ]
    again = server.rotation()
    assert again.following == first.following
    assert await again.waiting() == []
    async with asyncio.TaskGroup() as group:
        moving = group.create_task(again.move({}, 10))
        await server.publish(again.following)
        while load_key(server.files.present) != again.following:  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.02)
        assert not moving.done(), "it waits for the server"
        await server.start()
    config = await Register(server.bus).get("CP-1")
    assert config.p2p_peer_id == again.following.peer_id
    assert await server.bus.members(keys.P2P_SERVERS) == {again.following.peer_id}
    assert load_key(server.files.former) == again.present
    assert server.told[-1].endswith(again.following.peer_id)


async def test_a_change_over_whose_end_nobody_saw_is_finished_with_the_same_key(
    server: Server,
) -> None:
    await server.start()
    assert await ChangeOver.begun(server.bus, server.files, utc_now) is None
    rotation = server.rotation()
    await server.publish(rotation.following)
    with pytest.raises(UnavailableError, match="start it again"):
        await rotation.move({"CP-1": server.credential(rotation.following)}, 0.5)
    assert load_key(server.files.present) == rotation.following

    again = await ChangeOver.begun(server.bus, server.files, utc_now)
    assert again is not None
    with pytest.raises(UnavailableError, match="start it again"):
        await again.finish(0.3, server.told.append)
    await server.start()
    await again.finish(5, server.told.append)
    assert server.told[-1].endswith(rotation.following.peer_id)
    assert await server.bus.members(keys.P2P_SERVERS) == {rotation.following.peer_id}
    assert await ChangeOver.begun(server.bus, server.files, utc_now) is None
    assert not server.files.following.exists()


async def test_without_a_key_there_is_nothing_to_rotate(
    redis_bus: RedisBus, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match="does not exist"):
        Server(redis_bus, KeyFiles(tmp_path / "none.key")).rotation()


async def test_a_server_notices_another_key_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "p2p.key"
    key, stopping = load_key(file), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(until_stopping_or_new_key(stopping, file, key))
        for text in ("", "rubbish", key.seed.hex(), "00"):
            file.write_text(text)
            await asyncio.sleep(1.1)
            assert not looking.done()
        file.write_text(P2pKey.generate().seed.hex())
    asked = asyncio.Event()
    asked.set()
    await until_stopping_or_new_key(asked, file, key)
