"""`noroam api-key`: real processes over a real Redis."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from noroam_cli import NoroamCli

from sdk.api_keys import ApiKeys
from sdk.bus.redis_bus import RedisBus

KEY = "credential key"

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def api_key(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> Run:
    assert redis_bus is not None
    cli = NoroamCli(tmp_path, {"REDIS_URL": redis_url, "CREDENTIAL_KEY": KEY})
    return partial(cli.ended, "api-key")


async def test_a_key_is_shown_once_and_opens_until_it_is_revoked(
    api_key: Run, redis_bus: RedisBus
) -> None:
    made = json.loads(api_key("make", "board", "--role", "operator", "--json").stdout)
    keys = ApiKeys(redis_bus, KEY)
    stored = (await keys.stored())[made["id"]]
    assert keys.opens(stored, made["key"])
    assert (stored.name, stored.role, stored.requests_per_minute) == ("board", "operator", None)

    listed = api_key("list", "--json").stdout
    assert [key["id"] for key in json.loads(listed)] == [made["id"]]
    assert made["key"] not in listed
    assert stored.hash not in listed

    revoked = api_key("revoke", made["id"])
    assert revoked.stdout == f"{made['id']} (board) is revoked\n"
    assert not keys.opens((await keys.stored())[made["id"]], made["key"])
    assert json.loads(api_key("list", "--json").stdout)[0]["revoked_at"] is not None


async def test_people_read_tables(api_key: Run) -> None:
    made = api_key("make", "a clerk", "--role", "viewer", "--requests-per-minute", "60").stdout
    rows = dict(line.split(maxsplit=1) for line in made.splitlines()[:-1])
    assert rows["key"].startswith(f"nrm_{rows['id']}_")
    assert rows["requests_per_minute"] == "60"
    assert "only now" in made.splitlines()[-1]
    row = next(line for line in api_key("list").stdout.splitlines() if rows["id"] in line)
    assert [cell.strip() for cell in row.split("│")[2:4]] == ["a clerk", "viewer"]
    assert "never" in row


async def test_what_is_wrong_is_told_in_one_line(api_key: Run) -> None:
    ill_named = api_key("make", "a\nb", "--role", "viewer")
    assert (ill_named.returncode, len(ill_named.stderr.splitlines())) == (1, 1)
    assert api_key("make", "x", "--role", "viewer", "--requests-per-minute", "0").returncode == 1
    assert api_key("make", "x", "--role", "owner").returncode == 2
    assert api_key("make", "x").returncode == 2
    unknown = api_key("revoke", "nobody")
    assert (unknown.returncode, unknown.stderr) == (1, "noroam: there is no such API key\n")
    without = api_key("list", CREDENTIAL_KEY="")
    assert without.returncode == 2
    assert "CREDENTIAL_KEY" in without.stderr
    assert json.loads(api_key("list", "--json").stdout) == []
