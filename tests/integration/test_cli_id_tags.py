"""IdTags and configuration keys as an operator handles them: real processes, a real Redis."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from noroam_cli import NoroamCli

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.configuration import ReportedKey
from sdk.desired_configuration import Drift
from sdk.id_tags import IdTags
from sdk.ids import utc_now
from sdk.register import Register, checked_config

DID = f"did:ethr:0x7a69:0x{'1' * 40}"
CONFIGURATION = ("charge-point", "configuration")

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def noroam(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> Run:
    assert redis_bus is not None
    return NoroamCli(tmp_path, {"REDIS_URL": redis_url}).ended


def done(result: CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def refused(result: CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stdout
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("noroam: ").strip()


async def test_a_tag_is_added_changed_shown_and_removed(noroam: Run, redis_bus: RedisBus) -> None:
    options = ("--parent", "FLEET", "--expires", "2030-12-31", "--max-active", "2")
    made = done(noroam("id-tag", "add", "TaG", *options, "--note", "[b]Ann", "--json"))
    assert made == {
        "tag": "TaG",
        "status": "Accepted",
        "parent_id_tag": "FLEET",
        "expires_at": "2030-12-31T00:00:00.000Z",
        "max_active": 2,
        "note": "[b]Ann",
    }
    assert "TAG is registered already" in refused(noroam("id-tag", "add", "TAG"))
    clear = ("--parent", "none", "--expires", "never", "--max-active", "any", "--note", "")
    changed = done(noroam("id-tag", "set", "tag", "--blocked", *clear, "--json"))
    assert changed == {
        "tag": "TaG",
        "status": "Blocked",
        "parent_id_tag": None,
        "expires_at": None,
        "max_active": None,
        "note": "",
    }
    await redis_bus.write(keys.id_tag_active("TAG"), {"CP1 7": "2026-01-02T03:04:05+00:00"})
    shown = done(noroam("id-tag", "show", "TAG", "--json"))
    (active,) = shown["active"]
    assert (active["charge_point_id"], active["transaction_id"]) == ("CP1", 7)
    assert [each["tag"] for each in done(noroam("id-tag", "list", "--json"))] == ["TaG"]
    table = noroam("id-tag", "list").stdout
    for what in ("TaG", "Blocked", "never", "any"):
        assert what in table
    assert noroam("id-tag", "remove", "TAG").stdout == "TAG is removed\n"
    assert await IdTags(redis_bus).all() == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("add", "x" * 21), "tag: "),
        (("add", "T", "--expires", "soon"), "--expires: soon is no day or moment"),
        (("add", "T", "--max-active", "-1"), "--max-active: -1 is neither a number nor any"),
        (("set", "T", "--blocked"), "idTag T is not registered"),
        (("set", "T"), "nothing is to be changed"),
        (("remove", "T"), "idTag T is not registered"),
        (("show", "T"), "idTag T is not registered"),
    ],
)
def test_what_can_not_be_is_said_in_a_line(
    noroam: Run, arguments: tuple[str, ...], text: str
) -> None:
    assert refused(noroam("id-tag", *arguments)).startswith(text)


async def test_configuration_is_wanted_shown_and_forgotten(
    noroam: Run, redis_bus: RedisBus
) -> None:
    assert "is not registered" in refused(noroam(*CONFIGURATION, "show", "CP1"))
    config = {"charge_point_id": "CP1", "did": DID, "tariff": {"per_kwh": "1"}}
    await Register(redis_bus).add(checked_config(config))
    assert noroam(*CONFIGURATION, "want", "CP1", "HeartbeatInterval", "60").returncode == 0
    why = refused(noroam(*CONFIGURATION, "want", "CP1", "AuthorizationKey", "x"))
    assert why.startswith("AuthorizationKey cannot be wanted: ")
    now = utc_now()
    told = [
        ReportedKey(key="heartbeatInterval", value="300", readonly=True, at=now),
        ReportedKey(key="AuthorizationKey", at=now, is_hidden=True),
    ]
    fields = {each.key: each.model_dump_json() for each in told}
    await redis_bus.write(keys.configuration("CP1"), fields)
    drift = Drift(key="HeartbeatInterval", wanted="60", reason="readonly", since=now)
    await redis_bus.write(keys.drift("CP1"), {drift.key: drift.model_dump_json()})
    hidden, row = done(noroam(*CONFIGURATION, "show", "CP1", "--json"))
    assert (hidden["key"], hidden["hidden"], hidden["reported"]) == ("AuthorizationKey", True, None)
    assert row == {
        "key": "HeartbeatInterval",
        "reported": "300",
        "readonly": True,
        "hidden": False,
        "wanted": "60",
        "drift": "readonly",
    }
    table = noroam(*CONFIGURATION, "show", "CP1").stdout
    for what in ("HeartbeatInterval", "300", "60", "readonly", "(hidden)"):
        assert what in table
    assert noroam(*CONFIGURATION, "forget", "CP1", "heartbeatinterval").returncode == 0
    assert "is not wanted" in refused(noroam(*CONFIGURATION, "forget", "CP1", "HeartbeatInterval"))
