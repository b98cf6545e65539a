"""Charge points in quarantine as an operator sees and admits them: real processes, a real Redis."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from noroam_cli import NoroamCli

from cpg.gatekeeper import Gatekeeper
from cpg.quarantine import Quarantine
from cpg.security_profiles import Admitted
from sdk import quarantine
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.charge_point import (
    ChargePointConfigChanged,
)
from sdk.ids import utc_now
from sdk.quarantine import WaitingChargePoint
from sdk.register import Register, password_hash, password_matches

KEY = "credential key"
ADMIT = ("charge-point", "admit", "CP9", "--price-per-kwh", "0.3", "--unit", "ether")

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def noroam(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> Run:
    assert redis_bus is not None
    variables = {
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path / "data"),
        "KEYS_PASSWORD": "keystore password",
        "CREDENTIAL_KEY": KEY,
        "CHAIN_ID": "31337",
    }

    return NoroamCli(tmp_path, variables).ended


async def wait(bus: RedisBus, charge_point_id: str = "CP9", **fields: Any) -> WaitingChargePoint:
    """Put one into the quarantine, as the gateway does."""
    now = utc_now()
    entry = WaitingChargePoint(
        charge_point_id=charge_point_id,
        **{"vendor": "Acme [b]", "model": "One", "first_seen": now, "last_seen": now, **fields},
    )
    await quarantine.note(bus, entry)
    return entry


def done(result: CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def refused(result: CompletedProcess[str], code: int = 1) -> str:
    assert result.returncode == code, result.stdout
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("noroam: ").strip()


async def test_who_waits_is_listed_without_secrets(noroam: Run, redis_bus: RedisBus) -> None:
    assert done(noroam("charge-point", "waiting", "--json")) == []
    kept = password_hash("own", KEY)
    entry = await wait(
        redis_bus, serial_number="S1", firmware_version="1.2", address="::1", password_hash=kept
    )
    await wait(redis_bus, "CP8", contested=True)
    other, shown = done(noroam("charge-point", "waiting", "--json"))
    assert other["charge_point_id"] == "CP8"
    assert other["contested"]
    assert shown == {
        "charge_point_id": "CP9",
        "vendor": "Acme [b]",
        "model": "One",
        "serial_number": "S1",
        "firmware_version": "1.2",
        "address": "::1",
        "contested": False,
        "first_seen": shown["last_seen"],
        "last_seen": shown["last_seen"],
        "password_presented": True,
    }
    assert shown["last_seen"].startswith(f"{entry.last_seen:%Y-%m-%dT%H:%M:%S}")
    text = noroam("charge-point", "waiting").stdout
    for what in ("CP9", "Acme [b]", "One", "S1", "1.2", "::1", "presented", "several"):
        assert what in text
    assert kept not in text


async def test_the_presented_password_is_adopted(noroam: Run, redis_bus: RedisBus) -> None:
    await wait(redis_bus, password_hash=password_hash("own", KEY))
    async with redis_bus.follow() as follower:
        lane = await follower.subscribe("CP9", Lane.OCPP, after=None)
        result = noroam(*ADMIT, "--connectors", "2", "--name", "Shop", "--json", CREDENTIAL_KEY="")
        shown = done(result)
        assert "password" not in shown
        assert password_hash("own", KEY) not in result.stdout
        told = await anext(aiter(lane))
        assert told.envelope.body == ChargePointConfigChanged()
    config = await Register(redis_bus).get("CP9")
    assert config.did == shown["did"]
    assert (config.name, config.connectors, config.security_profile) == ("Shop", 2, 1)
    assert await redis_bus.read(keys.QUARANTINE) == {}

    keeper = Gatekeeper(redis_bus, KEY, quarantine=Quarantine(redis_bus, utc_now))
    header = "Basic " + base64.b64encode(b"CP9:own").decode()
    verdict = await keeper.check("/CP9", "ocpp1.6", header, "::1")
    assert isinstance(verdict, Admitted)


async def test_without_a_presented_password_one_is_made(noroam: Run, redis_bus: RedisBus) -> None:
    await wait(redis_bus)
    assert "CREDENTIAL_KEY: is missing" in refused(noroam(*ADMIT, CREDENTIAL_KEY=""), 2)
    shown = done(noroam(*ADMIT, "--json"))
    config = await Register(redis_bus).get("CP9")
    assert config.password_hash is not None
    assert password_matches(config.password_hash, shown["password"], KEY)


@pytest.mark.parametrize(
    ("option", "kept"),
    [(("--password", "mine"), password_hash("mine", KEY)), (("--no-password",), None)],
)
async def test_a_choice_of_password_goes_before_the_presented_one(
    noroam: Run, redis_bus: RedisBus, option: tuple[str, ...], kept: str | None
) -> None:
    await wait(redis_bus, password_hash=password_hash("own", KEY), contested=True)
    assert "password" not in done(noroam(*ADMIT, *option, "--json"))
    assert (await Register(redis_bus).get("CP9")).password_hash == kept


async def test_what_admit_refuses_changes_nothing(
    noroam: Run, redis_bus: RedisBus, tmp_path: Path
) -> None:
    assert refused(noroam(*ADMIT)) == "charge point CP9 is not waiting"
    await wait(redis_bus, password_hash=password_hash("own", KEY), contested=True)
    assert "came with different passwords" in refused(noroam(*ADMIT))
    assert "connectors: " in refused(noroam(*ADMIT, "--connectors", "0", "--no-password"))
    assert await Register(redis_bus).ids() == []
    assert list(await redis_bus.read(keys.QUARANTINE)) == ["CP9"]
    folder = tmp_path / "data" / "keys"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_registered_one_is_not_admitted_again(noroam: Run) -> None:
    done(noroam("charge-point", "add", *ADMIT[2:], "--json"))
    assert refused(noroam(*ADMIT)) == "charge point CP9 is registered already"


async def test_one_is_dismissed(noroam: Run, redis_bus: RedisBus) -> None:
    await wait(redis_bus)
    await wait(redis_bus, "CP8", last_seen=utc_now() - timedelta(days=8))
    assert "CP9 is forgotten" in noroam("charge-point", "dismiss", "CP9").stdout
    for gone in ("CP9", "CP8"):
        text = refused(noroam("charge-point", "dismiss", gone))
        assert text == f"charge point {gone} is not waiting"
    assert await redis_bus.read(keys.QUARANTINE) == {}
