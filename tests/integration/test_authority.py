"""An authority at work from the command line: a journal beside its key, and a real chain."""

import asyncio
import resource
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from noroam_cli import NoroamCli

from sdk.bus.redis_bus import RedisBus
from sdk.bus.sent_journal import SentJournal
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.did.credential import read_credential
from sdk.did.errors import CredentialRevokedError
from sdk.did.issued import IssuedJournal
from sdk.did.registry import DidRegistry
from sdk.did.revocation import Revocations
from sdk.errors import InvalidInputError
from sdk.ids import utc_now
from sdk.register import station_did

PEER = ("--ed25519", "ab" * 32, "--x25519", "cd" * 32)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def noroam(tmp_path: Path, chain_node: DevNode) -> NoroamCli:
    variables = {
        "DATA_DIR": str(tmp_path / "data"),
        "AUTHORITY_PASSWORD": "authority password",
        "CHAIN_ID": str(CHAIN_ID),
        "CHAIN_URLS": chain_node.http_url,
    }
    return NoroamCli(tmp_path, variables)


@pytest.fixture
async def authority(noroam: NoroamCli) -> dict[str, str]:
    made: dict[str, str] = await noroam.json("authority", "new", "authority")
    noroam.variables["AUTHORITY_KEY_FILE"] = made["key_file"]
    return made


async def issue(noroam: NoroamCli, charge_point_id: str, *more: str) -> str:
    did = station_did(CHAIN_ID, "0x" + "12" * 20)
    return await noroam.done("authority", "issue", charge_point_id, "--did", did, *PEER, *more)


async def check(chain: ChainClient, token: str) -> None:
    await Revocations(DidRegistry(chain, Deployment()), utc_now).check(token)


async def test_what_was_issued_is_listed_and_shown(
    noroam: NoroamCli, authority: dict[str, str], tmp_path: Path
) -> None:
    first = await issue(noroam, "CP1", "--days", "7")
    second = await issue(noroam, "CP2", "--until", "2030-12-31")
    (file,) = (tmp_path / "authority").glob("*.issued.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    listed: list[dict[str, Any]] = await noroam.json("authority", "list", CHAIN_URLS=NOWHERE)
    assert [(it["charge_point_id"], it["status"]) for it in listed] == [
        ("CP1", "valid"),
        ("CP2", "valid"),
    ]
    assert listed[1]["valid_until"].startswith("2030-12-31T00:00:00")
    assert listed[0]["issuer"] == authority["did"]
    shown = await noroam.json("authority", "show", listed[0]["id"][:8])
    assert shown["credential"] == first
    assert (await noroam.json("authority", "show", listed[1]["id"]))["credential"] == second
    assert listed[0]["id"][:16] in await noroam.done("authority", "list")
    assert "no credential" in await noroam.refused("authority", "show", "0000000000")
    assert "either" in await noroam.refused(
        *("authority", "issue", "CP1", "--did", "x", *PEER, "--days", "1", "--until", "2030-01-01")
    )


async def test_a_credential_is_revoked_and_its_own_account_pays(
    noroam: NoroamCli, authority: dict[str, str], chain_node: DevNode, chain: ChainClient
) -> None:
    token, other = await issue(noroam, "CP1"), await issue(noroam, "CP2")
    account = authority["did"].rpartition(":")[2]
    refused = await noroam.refused("authority", "revoke", "--charge-point", "CP1")
    assert refused.startswith(f"{account} can't pay for the gas")
    await check(chain, token)
    await chain_node.fund(account, 10**18)
    done = await noroam.json("authority", "revoke", "--charge-point", "CP1")
    assert len(done["transactions"]) == len(done["revoked"]) == 1
    with pytest.raises(CredentialRevokedError):
        await check(chain, token)
    await check(chain, other)

    again = await noroam.json("authority", "revoke", done["revoked"][0])
    assert again["transactions"] == []
    listed = await noroam.json("authority", "list")
    assert [it["status"] for it in listed] == ["revoked", "valid"]
    stands = await noroam.json("authority", "status")
    assert (stands["issued"], stands["valid"]) == (2, 1)
    assert stands["revoked"] == done["revoked"]
    assert stands["not_in_the_journal"] == stands["not_on_the_chain"] == []


async def test_a_gas_account_pays_for_many_in_one_transaction(
    noroam: NoroamCli, authority: dict[str, str], chain_node: DevNode, tmp_path: Path
) -> None:
    tokens = [await issue(noroam, f"CP{number}") for number in range(3)]
    (tmp_path / "lost.jwt").write_text(tokens[0])
    next((tmp_path / "authority").glob("*.issued.jsonl")).write_text("")
    tokens[1:] = [await issue(noroam, "CP9", "--days", str(days)) for days in (1, 2)]
    password = {"KEYS_PASSWORD": "gas password"}
    gas = await noroam.json("gas-account", "gas", **password)
    await chain_node.fund(gas["address"], 10**18)
    done = await noroam.json(
        *("authority", "revoke", "--charge-point", "CP9", "--credential-file", "lost.jwt"),
        **password,
        GAS_KEY_FILE=gas["key_file"],
    )
    assert len(done["revoked"]) == 3
    assert len(done["transactions"]) == 1
    stands = await noroam.json("authority", "status")
    assert len(stands["revoked"]) == 3
    assert len(stands["not_in_the_journal"]) == 1
    assert stands["balance"] == "0"
    assert authority["did"] == stands["did"]


async def test_only_its_own_credentials_can_be_revoked(
    noroam: NoroamCli, authority: dict[str, str], tmp_path: Path
) -> None:
    other = await noroam.json("authority", "new", "other")
    token = await issue(noroam, "CP1", "--key-file", other["key_file"])
    (tmp_path / "other.jwt").write_text(token)
    refused = await noroam.refused("authority", "revoke", "--credential-file", "other.jwt")
    assert "another authority's" in refused
    assert "nothing to revoke" in await noroam.refused("authority", "revoke")
    assert authority["did"] != other["did"]


async def test_a_credential_is_made_to_end_earlier(
    noroam: NoroamCli, authority: dict[str, str], chain_node: DevNode, chain: ChainClient
) -> None:
    token = await issue(noroam, "CP1", "--days", "300")
    await chain_node.fund(authority["did"].rpartition(":")[2], 10**18)
    (listed,) = await noroam.json("authority", "list")
    assert "it ends on" in await noroam.refused(
        "authority", "expire", listed["id"], "--days", "301"
    )
    newer = await noroam.done("authority", "expire", listed["id"], "--days", "3")
    with pytest.raises(CredentialRevokedError):
        await check(chain, token)
    await check(chain, newer)
    before, after = read_credential(token), read_credential(newer)
    assert after.subject == before.subject
    assert after.valid_until < utc_now() + timedelta(days=4)
    first, second = await noroam.json("authority", "list")
    assert (first["status"], second["status"]) == ("revoked", "valid")
    assert second["replaces"] == first["id"]


async def test_an_earlier_end_goes_into_the_register_with_store(
    noroam: NoroamCli,
    authority: dict[str, str],
    chain_node: DevNode,
    redis_bus: RedisBus,
    redis_url: str,
) -> None:
    assert redis_bus is not None
    online = {"REDIS_URL": redis_url, "KEYS_PASSWORD": "k", "CREDENTIAL_KEY": "c"}
    await chain_node.fund(authority["did"].rpartition(":")[2], 10**18)
    await noroam.json("charge-point", "add", "CP1", "--price-per-kwh", "1", **online)
    await noroam.done("p2p-key")
    await noroam.done("authority", "issue", "CP1", "--store", **online)
    (listed,) = await noroam.json("authority", "list")
    newer = await noroam.done(
        "authority", "expire", listed["id"], "--days", "3", "--store", **online
    )
    shown = await noroam.json("charge-point", "show", "CP1", **online)
    assert shown["credential"] == newer


async def test_what_cannot_be_revoked_is_not_replaced(
    noroam: NoroamCli, authority: dict[str, str], chain_node: DevNode, tmp_path: Path
) -> None:
    await issue(noroam, "CP1")
    journal = IssuedJournal.beside(tmp_path / authority["key_file"])
    (first,) = journal.read()
    expire = ("authority", "expire", first.id, "--days", "3", "--wait", "0")
    refused = await noroam.refused(*expire, code=2, CHAIN_URLS="")
    assert refused.startswith("CHAIN_URLS: is missing")
    assert "does not answer" in await noroam.refused(*expire, CHAIN_URLS=NOWHERE)
    assert "can't pay for the gas" in await noroam.refused(*expire)
    assert journal.read() == [first]

    await chain_node.fund(authority["did"].rpartition(":")[2], 10**18)
    await noroam.done("authority", "revoke", first.id)
    refused = await noroam.refused(*expire)
    assert refused == f"{first.short_id} is revoked: another one would undo that"
    assert len(journal.read()) == 1


async def test_a_credential_is_stored_only_for_the_station_of_the_register(
    noroam: NoroamCli, authority: dict[str, str], redis_bus: RedisBus, redis_url: str
) -> None:
    assert redis_bus is not None
    online: dict[str, Any] = {
        "REDIS_URL": redis_url,
        "KEYS_PASSWORD": "k",
        "CREDENTIAL_KEY": "c",
    }
    other = station_did(CHAIN_ID, "0x" + "12" * 20)
    store = ("authority", "issue", "CP1", "--did", other, *PEER, "--store")
    assert "is not registered" in await noroam.refused(*store, **online)
    added = await noroam.json("charge-point", "add", "CP1", "--price-per-kwh", "1", **online)
    refused = await noroam.refused(*store, **online)
    assert refused == f"the DID of CP1 is {added['did']} in the register"
    assert await noroam.json("authority", "list") == []
    assert authority["did"] != added["did"]


async def test_a_missing_variable_is_told_in_a_line(noroam: NoroamCli, tmp_path: Path) -> None:
    listed = await noroam.refused("authority", "list", code=2)
    assert listed == "AUTHORITY_KEY_FILE: is missing, and so is --key-file"
    del noroam.variables["CHAIN_ID"]
    for command in (
        ("authority", "new", "authority"),
        ("authority", "status", "--key-file", "none.json"),
        ("onboard", "CP1", "--price-per-kwh", "1"),
    ):
        told = await noroam.refused(*command, code=2)
        assert told == "CHAIN_ID: is missing, and so is --chain-id"
    assert not (tmp_path / "authority").exists()
    assert "is no file" in await noroam.refused("authority", "list", "--key-file", ".")


async def test_while_the_chain_is_away_nothing_is_said_to_be_revoked(
    noroam: NoroamCli, authority: dict[str, str]
) -> None:
    await issue(noroam, "CP1")
    away = await noroam.refused("authority", "revoke", "--charge-point", "CP1", CHAIN_URLS=NOWHERE)
    assert "does not answer" in away
    missing = await noroam.refused("authority", "status", code=2, CHAIN_URLS="")
    assert missing.startswith("CHAIN_URLS: is missing")
    (listed,) = await noroam.json("authority", "list")
    assert listed["status"] == "valid"
    assert listed["issuer"] == authority["did"]


async def test_a_line_that_was_cut_off_is_written_over(
    noroam: NoroamCli, authority: dict[str, str], tmp_path: Path
) -> None:
    first = await issue(noroam, "CP1")
    (file,) = (tmp_path / "authority").glob("*.issued.jsonl")
    with file.open("a") as cut_off:
        cut_off.write('{"issued":"eyJ')
    second = await issue(noroam, "CP2")
    journal = IssuedJournal.beside(tmp_path / authority["key_file"])
    assert [it.token for it in journal.read()] == [first, second]
    file.write_text("{}\n" + file.read_text())
    with pytest.raises(InvalidInputError, match="line 1 can't be read"):
        journal.read()


async def test_a_credential_that_the_journal_has_no_room_for_is_not_handed_out(
    noroam: NoroamCli, authority: dict[str, str], tmp_path: Path
) -> None:
    first = await issue(noroam, "CP1")
    journal = IssuedJournal.beside(tmp_path / authority["key_file"])
    (file,) = (tmp_path / "authority").glob("*.issued.jsonl")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 10, limits[1]))
    try:
        with pytest.raises(InvalidInputError, match="cannot be written"):
            journal.note_issued(first, utc_now())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [it.token for it in journal.read()] == [first]


async def test_an_authority_that_is_no_did_is_told_with_its_variable(noroam: NoroamCli) -> None:
    did = station_did(CHAIN_ID, "0x" + "12" * 20)
    told = await noroam.refused("identity", "show", did, code=2, AUTHORITY_DIDS="did:web:x")
    assert told.startswith("AUTHORITY_DIDS: ")
    assert "'did:web:x' is no did:ethr" in told


async def test_a_gas_account_that_services_use_as_well_pays_in_its_turn(
    noroam: NoroamCli,
    authority: dict[str, str],
    chain_node: DevNode,
    redis_bus: RedisBus,
    redis_url: str,
) -> None:
    await issue(noroam, "CP1")
    password = {"KEYS_PASSWORD": "gas password"}
    gas = await noroam.json("gas-account", "gas", **password)
    await chain_node.fund(gas["address"], 10**18)
    paying: dict[str, Any] = {**password, "GAS_KEY_FILE": gas["key_file"], "REDIS_URL": redis_url}
    journal = SentJournal(redis_bus, CHAIN_ID, gas["address"], lease_seconds=60)
    revoke = ("authority", "revoke", "--charge-point", "CP1")
    async with asyncio.TaskGroup() as group, journal.turn():
        revoking = group.create_task(noroam.json(*revoke, **paying))
        await asyncio.sleep(4)
        assert not revoking.done(), "a service has the turn"
    assert len(revoking.result()["transactions"]) == 1
    assert authority["did"] == revoking.result()["authority"]
