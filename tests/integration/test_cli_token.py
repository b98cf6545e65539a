"""A charge point that sells for an ERC-20 token: its unit comes from a real chain."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from noroam_cli import NoroamCli

from sdk import quarantine
from sdk.bus.redis_bus import RedisBus
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.fields import NATIVE_TOKEN
from sdk.ids import utc_now
from sdk.quarantine import WaitingChargePoint
from sdk.register import Register

ADD = ("charge-point", "add", "CP1", "--price-per-kwh", "0.3", "--unit", "token", "--json")
NOWHERE = "http://127.0.0.1:9"

Result = CompletedProcess[str]
Run = Callable[..., Awaitable[Result]]
PutContract = Callable[[str], Awaitable[str]]


@pytest.fixture
def noroam(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> Run:
    assert redis_bus is not None
    variables = {
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path / "data"),
        "KEYS_PASSWORD": "keystore password",
        "CREDENTIAL_KEY": "credential key",
        "CHAIN_ID": str(CHAIN_ID),
    }

    return NoroamCli(tmp_path, variables).run


def done(result: Result) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


async def test_the_chain_says_how_many_decimals_a_token_has(
    noroam: Run, redis_bus: RedisBus, chain_node: DevNode, put_contract: PutContract
) -> None:
    token, urls = await put_contract("NamedToken"), chain_node.http_url
    limit = ("--exposure-limit", "1.5")
    shown = done(await noroam(*ADD, *limit, "--token", token, CHAIN_URLS=urls))
    assert (shown["token"], shown["exposure_limit"]) == (token, "1500000")
    assert (shown["tariff"]["per_kwh"], shown["minimum_deposit"]) == ("300000", "300000")
    change = ("charge-point", "set", "CP1", "--unit", "token", "--json")
    done(await noroam(*change, "--exposure-limit", "2", CHAIN_URLS=urls))
    assert (await Register(redis_bus).get("CP1")).exposure_limit == 2_000_000
    done(await noroam(*change, "--exposure-limit", "none", CHAIN_URLS=urls))
    assert (await Register(redis_bus).get("CP1")).exposure_limit is None


async def test_the_chains_own_token_needs_no_chain(noroam: Run) -> None:
    shown = done(await noroam(*ADD, "--token", "native"))
    assert (shown["token"], shown["tariff"]["per_kwh"]) == (NATIVE_TOKEN, str(3 * 10**17))


@pytest.mark.parametrize(
    ("token", "url", "why"),
    [
        ("0x" + "12" * 20, "", "CHAIN_URLS: is missing"),
        ("0x" + "12" * 20, "chain", "tells no decimals"),
        ("0x" + "12" * 20, NOWHERE, "give the number of decimals as --unit instead"),
        ("0x1234", "chain", "is no address of a contract"),
    ],
)
async def test_what_is_no_token_registers_nothing(
    noroam: Run, redis_bus: RedisBus, chain_node: DevNode, token: str, url: str, why: str
) -> None:
    urls = chain_node.http_url if url == "chain" else url
    result = await noroam(*ADD, "--token", token, CHAIN_URLS=urls)
    assert result.returncode == (1 if url else 2)
    assert result.stderr.count("\n") == 1
    assert why in result.stderr
    assert await Register(redis_bus).ids() == []


async def test_one_out_of_quarantine_takes_the_same_prices(
    noroam: Run, redis_bus: RedisBus, chain_node: DevNode, put_contract: PutContract
) -> None:
    entry = WaitingChargePoint(
        charge_point_id="CP9", vendor="A", model="B", first_seen=utc_now(), last_seen=utc_now()
    )
    await quarantine.note(redis_bus, entry)
    shown = done(
        await noroam(
            *("charge-point", "admit", "CP9", "--price-per-kwh", "0.3", "--unit", "token"),
            *("--price-per-minute", "0.01", "--tax-percent", "19", "--maximum-price", "40"),
            *("--price-window", "22:00-06:00 kwh=0.2", "--timezone", "Europe/Berlin"),
            *("--token", await put_contract("NamedToken"), "--json"),
            CHAIN_URLS=chain_node.http_url,
        )
    )
    tariff = shown["tariff"]
    assert (tariff["per_minute"], tariff["maximum"]) == ("10000", "40000000")
    assert tariff["windows"][0]["per_kwh"] == "200000"
    assert (tariff["tax_percent"], tariff["timezone"]) == ("19", "Europe/Berlin")
