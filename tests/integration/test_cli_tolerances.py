"""`noroam charge-point add|set --tolerate`: real processes over a real Redis."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from noroam_cli import NoroamCli

from sdk.bus.redis_bus import RedisBus
from sdk.register import Register


def run(redis_url: str, folder: Path, *arguments: str) -> CompletedProcess[str]:
    variables = {
        "REDIS_URL": redis_url,
        "DATA_DIR": str(folder / "data"),
        "KEYS_PASSWORD": "keystore password",
        "CREDENTIAL_KEY": "credential key",
        "CHAIN_ID": "31337",
    }
    return NoroamCli(folder, variables).ended("charge-point", *arguments)


async def test_tolerances_are_added_shown_kept_and_taken_back(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path
) -> None:
    def shown(*arguments: str) -> Any:
        result = run(redis_url, tmp_path, *arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)["tolerances"]

    add = ("add", "CP1", "--price-per-kwh", "1")
    assert shown(*add, "--tolerate", "numeric-ids", "--tolerate", "casing") == [
        "casing",
        "numeric_ids",
    ]
    assert shown("set", "CP1", "--name", "Shop") == ["casing", "numeric_ids"]
    assert len(shown("set", "CP1", "--tolerate", "all")) == 5
    assert len((await Register(redis_bus).get("CP1")).tolerances) == 5
    refused = run(redis_url, tmp_path, "set", "CP1", "--tolerate", "everything")
    assert refused.returncode == 1
    assert "extra-properties" in refused.stderr
    assert len(shown("show", "CP1")) == 5
    assert shown("set", "CP1", "--tolerate", "none") == []
    text = run(redis_url, tmp_path, "show", "CP1").stdout
    assert any(line.split() == ["tolerances", "none"] for line in text.splitlines())
