"""The register keeps what a charge point is; what it refuses changes nothing."""

import asyncio
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.memory_bus import MemoryBus
from sdk.register import (
    ChargePointBusyError,
    ChargePointConfig,
    ChargePointExistsError,
    ConfigError,
    Register,
    UnknownChargePointError,
    checked_config,
    password_hash,
    password_matches,
    station_did,
)
from sdk.tariff import Tariff

ACCOUNT = "0x" + "aB" * 20


def config(charge_point_id: str = "CP1", account: str = ACCOUNT, **more: Any) -> ChargePointConfig:
    return checked_config(
        {
            "charge_point_id": charge_point_id,
            "did": station_did(31337, account),
            "tariff": Tariff(per_kwh=3 * 10**17),
            "connectors": 2,
            **more,
        }
    )


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def register(bus: MemoryBus) -> Register:
    return Register(bus)


def test_a_configuration_survives_its_hash() -> None:
    full = config(
        name="Shop \N{EURO SIGN}",
        plug_types=("CCS", "Type 2"),
        minimum_deposit=2**200,
        credential="a.b.c",
        password_hash="ab" * 32,
        security_profile=1,
        p2p_peer_id="12D3KooWB7AbCpAu3BCATo2gBXTswmygFsr7vd8ZRn3PQsGG4bGq",
    )
    fields = full.to_hash()
    assert all(isinstance(value, str) for value in fields.values())
    assert ChargePointConfig.from_hash("CP1", fields) == full
    assert "credential" not in config().to_hash()


def test_did_and_qr_text() -> None:
    station = config()
    assert station.did == f"did:ethr:0x7a69:{ACCOUNT}"
    assert station.qr_text(2) == f"did:ethr:0x7a69:{ACCOUNT}?connector=2"
    assert station.chain_id == 31337
    assert station.address == ACCOUNT


def test_the_exposure_step_is_the_price_of_100_wh() -> None:
    assert config().exposure_step == 3 * 10**16
    assert config(tariff={"per_kwh": "0"}).exposure_step == 1
    assert config(exposure_step=7).exposure_step == 7


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"charge_point_id": "CP{1}"}, "charge_point_id"),
        ({"charge_point_id": "x" * 49}, "charge_point_id"),
        ({"connectors": 0}, "connectors"),
        ({"tariff": {"per_kwh": "-1"}}, "tariff"),
        ({"tariff": {"per_kwh": 0.3}}, "tariff"),
        ({"did": "did:ethr:0x1:0x12"}, "did"),
        ({"did": "did:web:example.org"}, "did"),
        ({"password_hash": "plain"}, "password_hash"),
        ({"maximum_power_w": 0}, "maximum_power_w"),
        ({"plug_types": ["<b>"]}, "plug_types"),
    ],
)
def test_what_is_not_valid_is_refused_by_name(change: dict[str, Any], name: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name}"):
        checked_config({**dict(config()), **change})


def test_passwords_are_kept_as_keyed_hashes() -> None:
    kept = password_hash("open sesame", "credential key")
    assert len(kept) == 64
    assert "open" not in kept
    assert password_matches(kept, "open sesame", "credential key")
    assert password_matches(kept, b"open sesame", "credential key")
    assert not password_matches(kept, "open sesam", "credential key")
    assert not password_matches(kept, "open sesame", "another key")


async def test_add_get_list(register: Register, bus: MemoryBus) -> None:
    await register.add(config("CP2", "0x" + "2" * 40))
    await register.add(config("CP1"))
    assert await register.get("CP1") == config("CP1")
    assert [each.charge_point_id for each in await register.list()] == ["CP1", "CP2"]
    assert await bus.members(keys.STATIONS) == {"CP1", "CP2"}


async def test_an_existing_one_is_not_replaced(register: Register) -> None:
    await register.add(config())
    with pytest.raises(ChargePointExistsError, match="CP1"):
        await register.add(config(account="0x" + "3" * 40, name="other"))
    assert await register.get("CP1") == config()


async def test_of_two_that_add_at_once_one_wins(register: Register) -> None:
    results = await asyncio.gather(
        register.add(config(name="a")), register.add(config(name="b")), return_exceptions=True
    )
    assert [type(result) for result in results].count(ChargePointExistsError) == 1


async def test_a_did_belongs_to_one_charge_point(register: Register, bus: MemoryBus) -> None:
    await register.add(config())
    with pytest.raises(ConfigError, match=r"did: belongs to charge point CP1"):
        await register.add(config("CP2", ACCOUNT.lower()))
    await register.add(config("CP3", "0x" + "3" * 40))
    with pytest.raises(ConfigError, match=r"did: belongs to charge point CP1"):
        await register.set("CP3", did=config().did)
    assert await bus.members(keys.STATIONS) == {"CP1", "CP3"}
    assert (await register.get("CP3")).address == "0x" + "3" * 40


async def test_set_changes_only_what_is_given(register: Register) -> None:
    await register.add(config(credential="a.b.c", password_hash="ab" * 32))
    changed = await register.set("CP1", name="new", password_hash=None)
    assert changed == config(credential="a.b.c", name="new")
    assert await register.get("CP1") == changed


async def test_set_at_once_loses_nothing(register: Register) -> None:
    await register.add(config())
    await asyncio.gather(
        register.set("CP1", name="new"),
        register.set("CP1", connectors=4),
        register.set("CP1", minimum_deposit=5),
    )
    assert await register.get("CP1") == config(name="new", connectors=4, minimum_deposit=5)


@pytest.mark.parametrize(
    "change", [{"connectors": -1}, {"colour": "red"}, {"charge_point_id": "CP9"}]
)
async def test_a_refused_change_changes_nothing(register: Register, change: dict[str, Any]) -> None:
    await register.add(config())
    with pytest.raises(ConfigError):
        await register.set("CP1", **change)
    assert await register.get("CP1") == config()


async def test_unknown_ones_are_told(register: Register) -> None:
    for work in (register.get("CP1"), register.set("CP1", name="x"), register.remove("CP1")):
        with pytest.raises(UnknownChargePointError, match="CP1"):
            await work


async def test_removed_ones_can_come_again(register: Register, bus: MemoryBus) -> None:
    await register.add(config())
    of_the_machine = (keys.identity, keys.desired, keys.drift, keys.reservations, keys.local_list)
    for key in of_the_machine:
        await bus.write(key("CP1"), {"did": "x"})
    await bus.write(keys.connector("CP1", 2), {"status": "Reserved", "reserved": "1"})
    await bus.write(keys.state("CP1"), {"reserved": "1", "generation": "3"})
    await register.remove("CP1")
    assert await register.list() == []
    assert await bus.members(keys.STATIONS) == set()
    for key in of_the_machine:
        assert await bus.read(key("CP1")) == {}
    assert await bus.read(keys.connector("CP1", 2)) == {}
    state = await bus.read(keys.state("CP1"))
    assert (state["reserved"], state["generation"]) == ("", "3")
    await register.add(config(name="again"))
    assert (await register.get("CP1")).name == "again"


@pytest.mark.parametrize(
    ("key", "fields", "what"),
    [
        (keys.session("CP1", 2), {"phase": "charging"}, "open session on connector 2"),
        (keys.connector("CP1", 1), {"transaction_id": "7"}, "open transaction on connector 1"),
        (keys.disputes("CP1"), {"0x12": "2026-01-01T00:00:00Z"}, "dispute"),
    ],
)
async def test_a_busy_one_is_removed_only_by_force(
    register: Register, bus: MemoryBus, key: str, fields: dict[str, str], what: str
) -> None:
    await register.add(config())
    await bus.write(key, fields)
    with pytest.raises(ChargePointBusyError, match=what):
        await register.remove("CP1")
    assert await register.get("CP1") == config()
    await register.remove("CP1", force=True)
    assert await register.ids() == []


@pytest.mark.parametrize(
    "change", [{"connectors": 1}, {"did": station_did(31337, "0x" + "cD" * 20)}]
)
async def test_an_open_session_keeps_its_account_and_its_connector(
    register: Register, bus: MemoryBus, change: dict[str, Any]
) -> None:
    await register.add(config())
    await bus.write(keys.session("CP1", 2), {"phase": "charging"})
    with pytest.raises(ChargePointBusyError, match="connector 2"):
        await register.set("CP1", **change)
    assert await register.get("CP1") == config()
    await bus.write(keys.session("CP1", 2), {"phase": "settled"})
    await register.set("CP1", **change)
    assert await register.get("CP1") != config()


async def test_an_ended_session_is_no_obstacle(register: Register, bus: MemoryBus) -> None:
    await register.add(config())
    await bus.write(keys.session("CP1", 1), {"phase": "settled"})
    await bus.write(keys.connector("CP1", 1), {"transaction_id": ""})
    await register.remove("CP1")
    assert await register.ids() == []


async def test_what_is_stored_and_broken_is_told(register: Register, bus: MemoryBus) -> None:
    await bus.write(keys.config("CP1"), {"tariff": "{"})
    await bus.add_member(keys.STATIONS, "CP1")
    with pytest.raises(ConfigError, match="CP1"):
        await register.get("CP1")
    await register.remove("CP1")
    assert await register.ids() == []
