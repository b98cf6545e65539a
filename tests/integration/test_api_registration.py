"""Registering charge points and idTags over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_answers import promised, refused
from api_world import KEYS_PASSWORD, ApiWorld, api_world
from cpg_world import CREDENTIAL_KEY

from sdk import quarantine
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import load_keystore
from sdk.ids import utc_now
from sdk.quarantine import WaitingChargePoint
from sdk.register import Register, password_hash, password_matches

PRICE = {"per_kwh": "400000000000000000"}
DID = f"did:ethr:0x7a69:0x{'2' * 40}"
GIVEN = "a-password-of-24-letters"


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url, keys_dir=tmp_path / "keys") as world:
        yield world


async def _add(api: ApiWorld, charge_point_id: str = "CP-9", **more: Any) -> Any:
    body = {"charge_point_id": charge_point_id, "tariff": PRICE, "did": DID, **more}
    return await api.call("POST", "/charge-points", body)


async def test_a_charge_point_is_registered_with_a_key_of_its_own(
    api: ApiWorld, tmp_path: Path
) -> None:
    body = {"charge_point_id": "CP-9", "tariff": {**PRICE, "tax_percent": "19"}, "connectors": 2}
    told = await api.call("POST", "/charge-points", body)
    made = promised("register_charge_point", told)
    assert told.headers["Location"] == "/api/v1/charge-points/CP-9/config"
    assert told.headers["Cache-Control"] == "no-store"
    key = load_keystore(tmp_path / "keys" / f"{made['address']}.json", KEYS_PASSWORD)
    assert made["did"] == f"did:ethr:0x7a69:{key.address}"
    assert made["minimum_deposit"] == "476000000000000000"
    config = await Register(api.bus).get("CP-9")
    assert config.password_hash is not None
    assert password_matches(config.password_hash, made["password"], CREDENTIAL_KEY)
    assert (config.security_profile, config.connectors) == (1, 2)


async def test_its_password_is_never_shown_again(api: ApiWorld) -> None:
    made = (await _add(api, password=GIVEN)).json
    assert made["password"] is None
    told = await api.get("/charge-points/CP-9/config", role="viewer")
    shown = promised("get_charge_point_config", told)
    assert shown["password_required"] is True
    assert GIVEN not in told.text
    assert "hash" not in told.text


async def test_a_charge_point_without_password(api: ApiWorld) -> None:
    made = (await _add(api, security_profile=0)).json
    assert (made["password"], made["password_required"]) == (None, False)
    refused(await _add(api, "CP-8", security_profile=0, password=GIVEN), 422)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"connectors": 0}, "/connectors"),
        ({"connectors": "2"}, "/connectors"),
        ({"colour": "red"}, "/colour"),
        ({"tariff": {"per_kwh": "1", "per_litre": "1"}}, "/tariff/per_litre"),
        ({"tariff": {"per_kwh": "-1"}}, "/tariff/per_kwh"),
        (
            {"tariff": {**PRICE, "windows": [{"start": "1", "end": "2", "x": 1}]}},
            "/tariff/windows/0/start",
        ),
        ({"password": "short"}, "/password"),
        ({"did": "did:web:example"}, "/did"),
        ({"charge_point_id": "a b"}, "/charge_point_id"),
    ],
)
async def test_what_is_wrong_is_named(api: ApiWorld, change: dict[str, Any], pointer: str) -> None:
    body = {"charge_point_id": "CP-9", "tariff": PRICE, "did": DID, **change}
    told = await api.call("POST", "/charge-points", body)
    refused(told, 422)
    assert pointer in [each["pointer"] for each in told.json["errors"]]
    assert await Register(api.bus).ids() == []


async def test_an_id_is_registered_once(api: ApiWorld) -> None:
    assert (await _add(api)).status == 201
    refused(await _add(api), 409)
    assert "CP-9" in refused(await _add(api, "CP-8"), 422)  # the DID belongs to it


async def test_no_key_is_made_without_keys_password(redis_bus: RedisBus, redis_url: str) -> None:
    del redis_bus
    async with api_world(redis_url) as api:
        told = await _add(api, did=None)
        assert "KEYS_PASSWORD" in refused(told, 422)
        assert (await _add(api)).status == 201


async def test_only_administrators_register(api: ApiWorld) -> None:
    body = {"charge_point_id": "CP-9", "tariff": PRICE, "did": DID}
    refused(await api.call("POST", "/charge-points", body, role="operator"), 403)
    await _add(api)
    path = "/charge-points/CP-9"
    refused(await api.call("PATCH", f"{path}/config", {"name": "x"}, role="operator"), 403)
    refused(await api.call("DELETE", path, role="operator"), 403)
    refused(await api.call("POST", f"{path}/password", {}, role="operator"), 403)
    refused(await api.get("/quarantine", role="operator"), 403)


async def test_what_a_charge_point_is_is_changed(api: ApiWorld) -> None:
    await _add(api, exposure_limit="5", tolerances=["casing"])
    path = "/charge-points/CP-9/config"
    change = {"name": "New", "exposure_limit": None, "tariff": {"per_kwh": "7"}}
    found = promised("change_charge_point_config", await api.call("PATCH", path, change))
    assert (found["name"], found["exposure_limit"], found["tariff"]["per_kwh"]) == (
        "New",
        None,
        "7",
    )
    assert found["tolerances"] == ["casing"]
    assert found == (await api.get(path)).json
    refused(await api.call("PATCH", path, {"name": None}), 422)
    refused(await api.call("PATCH", path, {"password_hash": "0" * 64}), 422)
    unchanged = await api.call("PATCH", path, {})
    assert unchanged.json == found
    refused(await api.call("PATCH", "/charge-points/NOBODY/config", {"name": "x"}), 404)


async def test_a_security_profile_is_changed(api: ApiWorld) -> None:
    await _add(api, password=GIVEN)
    await Register(api.bus).set("CP-9", next_security_profile=2)
    path = "/charge-points/CP-9/config"
    for profile in (3, 2, 0):
        found = (await api.call("PATCH", path, {"security_profile": profile})).json
        assert (found["security_profile"], found["next_security_profile"]) == (profile, None)
    refused(await api.call("PATCH", path, {"security_profile": 4}), 422)
    refused(await api.call("PATCH", path, {"security_profile": None}), 422)


async def test_a_profile_with_password_needs_one(api: ApiWorld) -> None:
    await _add(api, security_profile=0)
    path = "/charge-points/CP-9/config"
    for profile in (1, 2):
        told = await api.call("PATCH", path, {"security_profile": profile})
        refused(told, 422)
        assert [each["pointer"] for each in told.json["errors"]] == ["/security_profile"]
    assert (await api.get(path)).json["security_profile"] == 0
    await api.call("POST", "/charge-points/CP-9/password", {})
    assert (await api.call("PATCH", path, {"security_profile": 2})).status == 200


async def test_one_whose_gateway_died_may_be_given_a_password(api: ApiWorld) -> None:
    await _add(api)
    await api.bus.write(keys.state("CP-9"), {"connected": "1", "gateway": "dead"})
    await api.bus.write(keys.GATEWAYS, {"dead": (utc_now() - timedelta(seconds=9)).isoformat()})
    assert (await api.call("POST", "/charge-points/CP-9/password", {})).status == 200


async def test_a_change_of_what_was_changed_meanwhile_is_412(api: ApiWorld) -> None:
    await _add(api)
    path = "/charge-points/CP-9/config"
    old = {"If-Match": (await api.get(path)).headers["ETag"]}
    changed = await api.call("PATCH", path, {"name": "A"}, headers=old)
    assert changed.status == 200
    refused(await api.call("PATCH", path, {"name": "B"}, headers=old), 412)
    refused(await api.call("DELETE", "/charge-points/CP-9", headers=old), 412)
    new = {"If-Match": changed.headers["ETag"]}
    assert (await api.get(path)).headers["ETag"] == changed.headers["ETag"]
    assert (await api.get(path)).json["name"] == "A"
    assert (await api.call("DELETE", "/charge-points/CP-9", headers=new)).status == 204
    refused(await api.get(path), 404)


async def test_of_many_changes_of_one_version_one_is_made(api: ApiWorld) -> None:
    await _add(api)
    path = "/charge-points/CP-9/config"
    old = {"If-Match": (await api.get(path)).headers["ETag"]}
    told = await asyncio.gather(
        *(api.call("PATCH", path, {"name": str(n)}, headers=old) for n in range(8))
    )
    assert sorted(each.status for each in told) == [200] + [412] * 7


async def test_a_busy_charge_point_is_removed_by_force_only(api: ApiWorld) -> None:
    await _add(api)
    await api.bus.write(keys.connector("CP-9", 1), {"transaction_id": "5"})
    refused(await api.call("DELETE", "/charge-points/CP-9"), 409)
    refused(await api.call("PATCH", "/charge-points/CP-9/config", {"connectors": 2}), 409)
    assert (await api.call("DELETE", "/charge-points/CP-9?force=true")).status == 204
    refused(await api.call("DELETE", "/charge-points/CP-9"), 404)


async def test_a_new_password_is_shown_once(api: ApiWorld) -> None:
    await _add(api, security_profile=2, password=GIVEN)
    path = "/charge-points/CP-9/password"
    made = promised("set_password", await api.call("POST", path, {}))
    config = await Register(api.bus).get("CP-9")
    assert config.security_profile == 2
    assert config.password_hash == password_hash(made["password"], CREDENTIAL_KEY)
    given = await api.call("POST", path, {"password": GIVEN})
    assert given.json["password"] is None
    await api.bus.write(keys.state("CP-9"), {"connected": "1"})
    assert "ReplacePassword" in refused(await api.call("POST", path, {}), 409)


async def _wait(api: ApiWorld, charge_point_id: str, **more: Any) -> None:
    now = utc_now()
    entry = WaitingChargePoint(
        charge_point_id=charge_point_id,
        vendor="V",
        first_seen=now - timedelta(hours=1),
        last_seen=now,
        **more,
    )
    await quarantine.note(api.bus, entry)


async def test_one_that_waits_is_admitted_with_its_own_password(api: ApiWorld) -> None:
    kept = password_hash(GIVEN, CREDENTIAL_KEY)
    await _wait(api, "NEW", password_hash=kept)
    listed = await api.get("/quarantine")
    assert kept not in listed.text
    (waiting,) = promised("list_waiting_charge_points", listed)["items"]
    assert (waiting["charge_point_id"], waiting["password_presented"]) == ("NEW", True)
    told = await api.call("POST", "/quarantine/NEW/admit", {"tariff": PRICE, "did": DID})
    assert promised("admit_charge_point", told)["password"] is None
    assert (await Register(api.bus).get("NEW")).password_hash == kept
    assert (await api.get("/quarantine")).json["items"] == []
    refused(await api.call("POST", "/quarantine/NEW/admit", {"tariff": PRICE, "did": DID}), 409)


async def test_one_that_waits_without_password_is_given_one(api: ApiWorld) -> None:
    await _wait(api, "NEW")
    told = await api.call("POST", "/quarantine/NEW/admit", {"tariff": PRICE, "did": DID})
    assert len(told.json["password"]) == 32


async def test_a_contested_one_needs_a_choice(api: ApiWorld) -> None:
    await _wait(api, "NEW", contested=True, password_hash="0" * 64)
    body = {"tariff": PRICE, "did": DID}
    refused(await api.call("POST", "/quarantine/NEW/admit", body), 409)
    told = await api.call("POST", "/quarantine/NEW/admit", {**body, "password": GIVEN})
    assert told.status == 201


async def test_one_that_waits_is_dismissed(api: ApiWorld) -> None:
    await _wait(api, "NEW")
    assert (await api.call("DELETE", "/quarantine/NEW")).status == 204
    refused(await api.call("DELETE", "/quarantine/NEW"), 404)
    refused(await api.call("POST", "/quarantine/NEW/admit", {"tariff": PRICE}), 404)


async def test_id_tags_are_registered_changed_and_removed(api: ApiWorld) -> None:
    body = {"id_tag": "Fleet/1", "max_active": 2, "expires_at": "2030-01-01T00:00:00Z"}
    told = await api.call("POST", "/id-tags", body, role="operator")
    made = promised("add_id_tag", told)
    assert told.headers["Location"].endswith("/id-tags/Fleet%2F1")
    assert made["expires_at"] == "2030-01-01T00:00:00.000Z"
    refused(await api.call("POST", "/id-tags", {"id_tag": "FLEET/1"}), 409)
    path = "/id-tags/fleet%2F1"
    shown = await api.get(path)
    assert promised("get_id_tag", shown) == made
    assert shown.headers["ETag"] == told.headers["ETag"]
    again = await api.get(path, headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status == 304
    change = {"status": "Blocked", "expires_at": None}
    old = {"If-Match": shown.headers["ETag"]}
    changed = promised("change_id_tag", await api.call("PATCH", path, change, headers=old))
    assert (changed["status"], changed["expires_at"], changed["max_active"]) == ("Blocked", None, 2)
    refused(await api.call("PATCH", path, change, headers=old), 412)
    refused(await api.call("PATCH", path, {"status": "Odd"}), 422)
    refused(await api.call("PATCH", path, {"id_tag": "OTHER"}), 422)
    assert promised("list_active_of_id_tag", await api.get(f"{path}/active"))["items"] == []
    refused(await api.call("DELETE", path, headers=old), 412)
    assert (await api.call("DELETE", path)).status == 204
    for method in ("GET", "DELETE"):
        refused(await api.call(method, path), 404)


async def test_pages_of_id_tags(api: ApiWorld) -> None:
    for number in range(5):
        await api.call("POST", "/id-tags", {"id_tag": f"T{number}"})
    first = promised("list_id_tags", await api.get("/id-tags?limit=3"))
    rest = (await api.get(f"/id-tags?limit=3&cursor={first['next_cursor']}")).json
    assert [each["id_tag"] for each in (*first["items"], *rest["items"])] == [
        f"T{number}" for number in range(5)
    ]
    assert rest["next_cursor"] is None


async def test_viewers_see_no_id_tags(api: ApiWorld) -> None:
    refused(await api.get("/id-tags", role="viewer"), 403)
    refused(await api.call("POST", "/id-tags", {"id_tag": "T"}, role="viewer"), 403)


@pytest.mark.parametrize("name", [".", ".."])
async def test_ids_that_no_path_can_name_are_refused(api: ApiWorld, name: str) -> None:
    body = {"charge_point_id": name, "tariff": PRICE}
    assert "charge_point_id" in refused(await api.call("POST", "/charge-points", body), 422)
    refused(await api.call("POST", "/id-tags", {"id_tag": name}), 422)
    assert (await api.get("/charge-points")).json["items"] == []
