"""The command line as an operator runs it: real processes over a real Redis."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from noroam_cli import NoroamCli

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import create_keystore, load_keystore
from sdk.did.credential import (
    StationSubject,
    check_subject,
    trusted_authorities,
    verify_credential,
)
from sdk.ids import utc_now
from sdk.p2p.keys import load_key
from sdk.register import Register, password_matches, station_did

ADD = ("charge-point", "add", "CP1", "--price-per-kwh", "0.3", "--unit", "ether")

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def noroam(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> Run:
    assert redis_bus is not None
    variables = {
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path / "data"),
        "KEYS_PASSWORD": "keystore password",
        "CREDENTIAL_KEY": "credential key",
        "CHAIN_ID": "31337",
    }

    return NoroamCli(tmp_path, variables).ended


def done(result: CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def refused(result: CompletedProcess[str], code: int = 1) -> str:
    assert result.returncode == code, result.stdout
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("noroam: ")
    return result.stderr.removeprefix("noroam: ").strip()


async def test_add_makes_a_station_with_key_did_and_password(
    noroam: Run, redis_bus: RedisBus, tmp_path: Path
) -> None:
    shown = done(noroam(*ADD, "--connectors", "2", "--name", "Shop", "--json"))
    (file,) = (tmp_path / "data" / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    address = load_keystore(file, "keystore password").address
    assert file.name == f"{address}.json"
    assert shown["address"] == address
    assert shown["did"] == f"did:ethr:0x7a69:{address}"
    assert shown["qr"] == [f"{shown['did']}?connector={n}" for n in (1, 2)]

    config = await Register(redis_bus).get("CP1")
    assert config.did == shown["did"]
    assert config.tariff.per_kwh == config.minimum_deposit == 3 * 10**17
    assert config.exposure_step == 3 * 10**16
    assert (config.connectors, config.name, config.security_profile) == (2, "Shop", 1)
    assert config.password_hash is not None
    assert len(shown["password"]) == 32
    assert password_matches(config.password_hash, shown["password"], "credential key")
    assert "password" not in done(noroam("charge-point", "show", "CP1", "--json"))
    assert await redis_bus.members(keys.STATIONS) == {"CP1"}


def test_what_is_shown_to_a_person_names_everything_needed(noroam: Run) -> None:
    text = noroam(*ADD, "--password", "my own password").stdout
    for what in ("did:ethr:0x7a69:0x", "?connector=1", "CP1", "300000000000000000"):
        assert what in text
    assert "my own password" not in text
    listed = noroam("charge-point", "list").stdout
    assert "CP1" in listed
    assert "did:ethr:0x7a69:0x" in listed


@pytest.mark.parametrize(
    "case",
    [
        (["--connectors", "0"], {}, 1, "connectors: "),
        (["--plug-type", "<b>"], {}, 1, "plug_types"),
        (["--minimum-deposit", "1e-30"], {}, 1, "finer than the token's smallest unit"),
        (["--credential-file", "missing.jwt"], {}, 1, "credential missing.jwt cannot be read"),
        (["--no-password", "--prompt-password"], {}, 1, "exclude each other"),
        (["--key-file", "missing.json"], {}, 1, "missing.json"),
        ([], {"KEYS_PASSWORD": ""}, 2, "KEYS_PASSWORD: is missing"),
        ([], {"CREDENTIAL_KEY": ""}, 2, "CREDENTIAL_KEY: is missing"),
        (
            [],
            {"REDIS_URL": "redis://:hush@127.0.0.1:1/0"},
            1,
            "redis://:***@127.0.0.1:1/0 does not",
        ),
        ([], {"REDIS_URL": ""}, 2, "REDIS_URL: is not set"),
    ],
)
async def test_what_add_refuses_changes_nothing(
    noroam: Run,
    redis_bus: RedisBus,
    tmp_path: Path,
    case: tuple[list[str], dict[str, str], int, str],
) -> None:
    options, more, code, text = case
    assert text in refused(noroam(*ADD, *options, **more), code)
    assert await Register(redis_bus).ids() == []
    assert await redis_bus.read(keys.config("CP1")) == {}
    folder = tmp_path / "data" / "keys"
    assert not folder.exists() or list(folder.iterdir()) == []


async def test_an_existing_id_and_a_key_in_use_are_refused(
    noroam: Run, redis_bus: RedisBus, tmp_path: Path
) -> None:
    done(noroam(*ADD, "--json"))
    (file,) = (tmp_path / "data" / "keys").iterdir()
    before = await redis_bus.read(keys.config("CP1"))
    assert refused(noroam(*ADD)) == "charge point CP1 is registered already"
    second = ("charge-point", "add", "CP2", "--price-per-kwh", "5", "--key-file", str(file))
    assert refused(noroam(*second)) == "did: belongs to charge point CP1"
    assert await redis_bus.read(keys.config("CP1")) == before
    assert await Register(redis_bus).ids() == ["CP1"]
    assert list((tmp_path / "data" / "keys").iterdir()) == [file]


async def test_a_given_keystore_is_taken(noroam: Run, tmp_path: Path) -> None:
    key = create_keystore(tmp_path / "elsewhere", "keystore password")
    file = tmp_path / "elsewhere" / f"{key.address}.json"
    wrong = noroam(*ADD, "--key-file", str(file), KEYS_PASSWORD="another")
    assert "the password does not open it" in refused(wrong)
    shown = done(noroam(*ADD, "--key-file", str(file), "--json"))
    assert shown["address"] == key.address
    copy = tmp_path / "data" / "keys" / file.name
    assert copy.read_bytes() == file.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600


async def test_set_changes_what_is_given_and_leaves_the_rest(
    noroam: Run, redis_bus: RedisBus, tmp_path: Path
) -> None:
    done(noroam(*ADD, "--json"))
    before = await Register(redis_bus).get("CP1")
    (tmp_path / "credential.jwt").write_text("a.b.c\n")
    change = ("charge-point", "set", "CP1", "--json")
    done(noroam(*change, "--credential-file", "credential.jwt", "--price-per-session", "7"))
    done(noroam(*change, "--password", "a new password"))
    after = await Register(redis_bus).get("CP1")
    assert after.credential == "a.b.c"
    assert after.tariff.per_kwh == before.tariff.per_kwh
    assert after.tariff.per_session == 7
    assert after.password_hash is not None
    assert password_matches(after.password_hash, "a new password", "credential key")
    kept = {"did", "connectors", "minimum_deposit", "exposure_step", "plug_types"}
    assert after.model_dump(include=kept) == before.model_dump(include=kept)
    done(noroam(*change, "--no-password"))
    assert (await Register(redis_bus).get("CP1")).password_hash is None


async def test_the_password_may_come_from_the_environment(noroam: Run, redis_bus: RedisBus) -> None:
    shown = done(noroam(*ADD, "--json", CHARGE_POINT_PASSWORD="from outside"))
    assert "password" not in shown
    config = await Register(redis_bus).get("CP1")
    assert config.password_hash is not None
    assert password_matches(config.password_hash, "from outside", "credential key")


async def test_set_refuses_what_is_wrong(noroam: Run, redis_bus: RedisBus) -> None:
    assert refused(noroam("charge-point", "set", "CP1", "--name", "x")) == (
        "charge point CP1 is not registered"
    )
    done(noroam(*ADD, "--json"))
    before = await redis_bus.read(keys.config("CP1"))
    assert "maximum_power_w" in refused(noroam("charge-point", "set", "CP1", "--power-w", "0"))
    assert await redis_bus.read(keys.config("CP1")) == before


async def test_remove_spares_a_session_unless_forced(
    noroam: Run, redis_bus: RedisBus, tmp_path: Path
) -> None:
    done(noroam(*ADD, "--json"))
    await redis_bus.write(keys.session("CP1", 1), {"phase": "charging"})
    remove = ("charge-point", "remove", "CP1")
    assert refused(noroam(*remove)) == "charge point CP1 has an open session on connector 1"
    assert await Register(redis_bus).ids() == ["CP1"]
    assert noroam(*remove, "--force").returncode == 0
    assert await Register(redis_bus).ids() == []
    assert len(list((tmp_path / "data" / "keys").iterdir())) == 1
    assert refused(noroam(*remove)) == "charge point CP1 is not registered"


async def test_list_and_status(noroam: Run, redis_bus: RedisBus) -> None:
    assert done(noroam("charge-point", "list", "--json")) == []
    done(noroam(*ADD, "--json"))
    await redis_bus.write(keys.state("CP1"), {"connected": "1"})
    await redis_bus.write(keys.connector("CP1", 1), {"status": "Available", "power_w": "0"})
    (listed,) = done(noroam("charge-point", "list", "--json"))
    assert listed["charge_point_id"] == "CP1"
    assert "password_hash" not in listed
    (state,) = done(noroam("status", "--json"))
    assert state["connected"] is True
    assert state["connectors"][0]["status"] == "Available"
    text = noroam("status").stdout
    assert "Available" in text
    assert "connected" in text


def test_p2p_key_is_made_once_and_shown_without_its_secret(noroam: Run, tmp_path: Path) -> None:
    first = done(noroam("p2p-key", "--json"))
    file = tmp_path / "data" / "p2p.key"
    assert file.stat().st_mode & 0o777 == 0o600
    key = load_key(file)
    assert first == {"peer_id": key.peer_id, "ed25519": key.ed25519, "x25519": key.x25519}
    assert done(noroam("p2p-key", "--json")) == first
    assert key.seed.hex() not in noroam("p2p-key").stdout
    file.write_text("rubbish")
    assert "p2p.key" in refused(noroam("p2p-key"))


AUTHORITY = {"AUTHORITY_PASSWORD": "authority password"}


async def test_an_authority_vouches_for_a_station(
    noroam: Run, redis_bus: RedisBus, tmp_path: Path
) -> None:
    authority = done(noroam("authority", "new", "authority", "--json", **AUTHORITY))
    station = done(noroam(*ADD, "--json"))
    peer = done(noroam("p2p-key", "--json"))
    issue = ("authority", "issue", "CP1", "--key-file", authority["key_file"])
    token = noroam(*issue, "--store", **AUTHORITY).stdout.strip()
    assert (await Register(redis_bus).get("CP1")).credential == token

    trusted = trusted_authorities([authority["did"]])
    credential = verify_credential(token, trusted, utc_now())
    subject = StationSubject(
        did=station["did"],
        charge_point_id="CP1",
        account=station["address"],
        ed25519=peer["ed25519"],
        x25519=peer["x25519"],
    )
    check_subject(credential, subject)
    assert credential.valid_until - credential.valid_from == timedelta(days=365)
    (file,) = (tmp_path / "authority").glob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600


async def test_an_authority_elsewhere_needs_neither_redis_nor_key_files(noroam: Run) -> None:
    authority = done(noroam("authority", "new", "authority", "--json", **AUTHORITY))
    did = station_did(31337, "0x" + "12" * 20)
    result = noroam(
        *("authority", "issue", "CP1", "--key-file", authority["key_file"], "--days", "7"),
        *("--did", did, "--ed25519", "ab" * 32, "--x25519", "cd" * 32),
        **AUTHORITY,
        REDIS_URL="",
    )
    credential = verify_credential(
        result.stdout.strip(), trusted_authorities([authority["did"]]), utc_now()
    )
    assert credential.subject.did == did
    assert credential.subject.ed25519 == "ab" * 32
    assert credential.valid_until - credential.valid_from == timedelta(days=7)


async def test_what_an_authority_refuses(noroam: Run, redis_bus: RedisBus) -> None:
    authority = done(noroam("authority", "new", "authority", "--json", **AUTHORITY))
    issue = ("authority", "issue", "CP1", "--key-file", authority["key_file"])
    did = ("--did", station_did(31337, "0x" + "12" * 20))
    keypair = ("--ed25519", "ab" * 32, "--x25519", "cd" * 32)
    assert "p2p.key does not exist" in refused(noroam(*issue, *did, **AUTHORITY))
    unknown = refused(noroam(*issue, *keypair, **AUTHORITY))
    assert unknown == "charge point CP1 is not registered"
    assert "AUTHORITY_PASSWORD: is missing" in refused(noroam(*issue, *did, *keypair), 2)
    wrong = noroam(*issue, *did, *keypair, AUTHORITY_PASSWORD="no")
    assert "the password does not open it" in refused(wrong)
    assert "belong together" in refused(noroam(*issue, *did, *keypair[:2], **AUTHORITY))
    assert "ed25519: " in refused(
        noroam(*issue, *did, "--ed25519", "x", "--x25519", "y", **AUTHORITY)
    )
    assert "did:ethr" in refused(noroam(*issue, "--did", "did:web:x", *keypair, **AUTHORITY))
    assert await Register(redis_bus).ids() == []


def test_schemas_are_written(noroam: Run, tmp_path: Path) -> None:
    assert noroam("schemas", "out").returncode == 0
    assert (
        json.loads((tmp_path / "out" / "Envelope.schema.json").read_text())["title"] == "Envelope"
    )
    (tmp_path / "file").write_text("")
    assert "file cannot be written" in refused(noroam("schemas", "file"))


def test_wrong_usage_is_told(noroam: Run) -> None:
    assert noroam("charge-point", "add", "CP1").returncode == 2
    assert "--price-per-kwh" in noroam("charge-point", "add", "CP1").stderr
    assert noroam("nonsense").returncode == 2
    for command in ((), ("charge-point",), ("charge-point", "add"), ("up",)):
        assert "Usage" in noroam(*command, "--help").stdout


def test_up_ends_when_a_setting_is_wrong(noroam: Run) -> None:
    result = noroam("up", REDIS_URL="http://127.0.0.1")
    assert refused(result, 2).startswith("REDIS_URL: should start with redis://")


def test_a_gas_account_is_made_once_and_opens_with_the_password(
    noroam: Run, tmp_path: Path
) -> None:
    made = done(noroam("gas-account", "gas", "--json"))
    file = tmp_path / made["key_file"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_keystore(file, "keystore password").address == made["address"]
    refused = noroam("gas-account", "gas", KEYS_PASSWORD="")
    assert refused.returncode == 2
    assert "KEYS_PASSWORD" in refused.stderr
