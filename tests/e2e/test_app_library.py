"""The driver's app in TypeScript, on Node: its arithmetic, and whole sessions with a station."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from gate import Gate
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from machine import ROOT, SPEED, TOKEN, App, TestStation, World, living, providing
from tariffs import curves, tariffs
from topology import hub

from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID
from sdk.did.authority import authority_did
from sdk.tariff import Tariff, Usage, price_lines, tariff_hash
from sdk.tariff.usage import end, idle_from, idle_to, usage_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

APP = ROOT / "examples" / "app"
NODE = ("node", "--import", "tsx")
PRICES = 200


async def run_script(name: str, argument: str) -> str:
    """Run one of the app's scripts to its end; gives what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(*NODE, f"test/{name}", argument), cwd=APP, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    return printed.decode()


def priced_cases() -> list[tuple[Tariff, Usage]]:
    """Make tariffs with what was used of them; the same each time."""
    cases = []

    @seed(6)
    @settings(
        max_examples=PRICES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tariffs(), curves(), st.lists(st.floats(0, 1), min_size=2, max_size=2))
    def collect(tariff: Tariff, curve: Any, full: list[float]) -> None:
        usage = usage_of(tariff, curve)
        length = curve[-1][0] - curve[0][0]
        begins, ends = sorted(full)
        usage = idle_to(
            idle_from(usage, curve[0][0] + length * begins), curve[0][0] + length * ends
        )
        cases.append((tariff, end(usage, curve[-1][0])))

    collect()
    return cases


async def test_prices_are_those_of_the_station(tmp_path: Path) -> None:
    cases = priced_cases()
    file = tmp_path / "cases.json"
    file.write_text(
        json.dumps(
            [
                {"tariff": tariff.model_dump(mode="json"), "usage": usage.model_dump(mode="json")}
                for tariff, usage in cases
            ]
        )
    )
    found = json.loads(await run_script("prices.ts", str(file)))
    assert len(found) == len(cases) >= PRICES
    assert len({line["item"] for one in found for line in one["lines"]}) == 7
    for (tariff, usage), one in zip(cases, found, strict=True):
        lines = [line.model_dump(mode="json") for line in price_lines(tariff, usage)]
        expected = [{**line, "quantity": str(line["quantity"])} for line in lines]
        assert [{k: v for k, v in line.items() if v is not None} for line in expected] == one[
            "lines"
        ]
        assert one["hash"] == tariff_hash(tariff)


@asynccontextmanager
async def charging_app(world: World, *stations: TestStation, **task: Any) -> AsyncIterator[App]:
    """Run the app on Node, a session at each station; without one it takes up what it kept."""
    payer = new_key()
    await world.node.fund(payer.address, 100 * TOKEN)
    argument = {
        "config": config_of(world),
        "labels": [station.qr for station in stations],
        "privateKey": f"0x{payer.secret.hex()}",
        "deposit": str(2 * TOKEN),
        "stopAfterWh": 1500,
        **task,
    }
    async with running(world, "whole-session.ts", argument) as app:
        yield app


@asynccontextmanager
async def running(world: World, name: str, argument: dict[str, Any]) -> AsyncIterator[App]:
    """Run one of the app's scripts; end it with the block."""
    process = await asyncio.create_subprocess_exec(
        *(*NODE, f"test/{name}", json.dumps(argument)), cwd=APP, stdout=asyncio.subprocess.PIPE
    )
    app = App(process)
    reader = world.readers.create_task(app.read())
    try:
        yield app
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reader
        print("\n".join(app.lines))  # noqa: T201 - shown when a test fails


def config_of(world: World, **config: Any) -> dict[str, Any]:
    """Give the app's config at this machine."""
    return {
        "chainUrl": world.node.http_url,
        "chainId": CHAIN_ID,
        "authorities": [authority_did(world.authority, CHAIN_ID)],
        "bootstrap": [],
        "speedLimit": SPEED * 2,
        **config,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(machine: World) -> AsyncIterator[World]:
    """The shared machine; what is started on it ends with these tests."""
    seen = len(machine.lines)
    yield machine
    await machine.stop_all()
    print("\n".join(machine.lines[seen:]))  # noqa: T201 - shown when a test fails


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def station(world: World) -> TestStation:
    """Give a station for tests that leave it free."""
    station = await world.station()
    await world.charge_point(station)
    return station


async def test_a_whole_session(world: World, station: TestStation) -> None:
    before = await world.client.balance(station.address)
    async with charging_app(world, station) as app:
        connected = await app.event("connected")
        assert connected["availability"] == "free"
        assert connected["station"]["chargePointId"] == station.id
        happened = await app.event("receipt")
        assert all(check["ok"] for check in happened["checks"])
        assert len(happened["checks"]) >= 7
        await world.check(station, happened["receipt"], before)
        assert int(happened["receipt"]["energy_wh"]) >= 1500
        assert await asyncio.wait_for(app.process.wait(), 15) == 0
    vouchers = [int(e["voucher"]) for e in app.events if e["event"] == "status"]
    assert len(set(vouchers)) > 3
    assert vouchers == sorted(vouchers)


async def test_two_sessions_at_once(world: World, station: TestStation) -> None:
    other = await world.station()
    await world.charge_point(other)
    async with charging_app(world, station, other) as app:
        assert await asyncio.wait_for(app.process.wait(), 90) == 0
        receipts = [event["receipt"] for event in app.events if event["event"] == "receipt"]
        assert {receipt["charge_point_id"] for receipt in receipts} == {station.id, other.id}


async def test_a_lost_connection_is_taken_up_again(world: World, station: TestStation) -> None:
    before = await world.client.balance(station.address)
    async with charging_app(world, station, stopAfterWh=6000, deposit=str(4 * TOKEN)) as app:
        await app.charging()
        await world.kill("p2p_server")
        lost = await app.event("status", when=lambda e: not e["connected"])
        await app.event(
            "status", when=lambda e: e["connected"] and e["energy_wh"] > lost["energy_wh"]
        )
        await world.check(station, await app.receipt(), before)


@pytest.mark.parametrize("lost", [(), ("quote", "voucher", "usage", "paid", "askedAt")])
async def test_an_app_that_starts_again_goes_on(
    world: World, station: TestStation, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    before = await world.client.balance(station.address)
    store = tmp_path / "sessions.json"
    async with charging_app(world, station, stopAfterWh=None, store=str(store)) as app:
        await app.event("status", when=lambda e: int(e["voucher"]) > 0)
        app.process.kill()
    kept = json.loads(store.read_text())
    (session_id,) = kept
    for name in lost:
        del kept[session_id][name]
    store.write_text(json.dumps(kept))
    async with charging_app(world, stopAfterWh=1, store=str(store)) as again:
        await world.check(station, await again.receipt(), before)
        assert await asyncio.wait_for(again.process.wait(), 15) == 0
    assert json.loads(store.read_text()) == {}


async def test_a_station_of_another_authority_is_not_paid(
    world: World, station: TestStation
) -> None:
    config = config_of(world, authorities=[authority_did(new_key(), CHAIN_ID)])
    async with charging_app(world, station, config=config) as app:
        error = await app.event("error")
        assert (error["code"], error["advice"]) == ("untrusted", "do_not_pay")
        assert not any(e["event"] in {"connected", "quote"} for e in app.events)


async def test_stations_nearby_are_shown_verified_and_what_is_taken_is_not_offered(
    world: World,
) -> None:
    station = await world.station()
    await world.charge_point(station)
    bootstrap = [world.launcher.urls["p2p_server"]]
    strange = config_of(
        world, bootstrap=bootstrap, authorities=[authority_did(new_key(), CHAIN_ID)]
    )

    def shows(availability: str) -> Callable[[dict[str, Any]], bool]:
        wanted = (station.did, [availability])
        return lambda event: (
            wanted in [(one["did"], one["availability"]) for one in event["stations"]]
        )

    async with running(world, "find.ts", config_of(world, bootstrap=bootstrap)) as finder:
        found = await finder.event("stations", when=shows("free"))
        (one,) = [one for one in found["stations"] if one["did"] == station.did]
        assert one["tariff"]["per_kwh"] == str(4 * TOKEN // 10)
        assert one["plug_types"]
        async with running(world, "find.ts", strange) as other:
            assert (await other.event("stations"))["stations"] == []
        async with charging_app(world, station, stopAfterWh=None, deposit=str(15 * TOKEN)) as app:
            await app.charging()
            await finder.event("stations", when=shows("busy"))
            async with charging_app(world, station) as second:
                assert (await second.event("connected"))["availability"] == "busy"
                error = await second.event("error")
                assert (error["code"], error["advice"]) == ("quote_refused", "other_connector")


async def test_the_direct_way_is_taken_while_it_is_there_and_else_a_hub(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with Gate() as gate, hub(tmp_path_factory.mktemp("hub")) as relay:
        both = {"P2P_ANNOUNCE": f"/ip4/127.0.0.1/tcp/{gate.port}", "P2P_HUBS": relay}
        folder = tmp_path_factory.mktemp("both-ways")
        async with providing(folder, world.node, world.authority, **both) as provider:
            gate.to = int(provider.launcher.urls["p2p_server"].split("/")[4])
            station = await provider.station()
            await provider.charge_point(station)
            await gate.shut()
            async with charging_app(provider, station) as app:
                assert (await app.charging())["over"] == relay.rpartition("/")[2]
                happened = await app.event("receipt")
                assert all(check["ok"] for check in happened["checks"])
                await provider.check(station, happened["receipt"])
                assert all("over" in e for e in app.events if e.get("phase") == "charging")
            await gate.open()
            task = {"stopAfterWh": 60_000, "deposit": str(50 * TOKEN)}
            async with charging_app(provider, station, **task) as app:
                assert "over" not in await app.charging()
                await gate.shut()
                over = await app.event("status", when=lambda e: "over" in e)
                assert over["over"] == relay.rpartition("/")[2]
                await gate.open()
                reached = over["energy_wh"]
                await app.event(
                    "status", when=lambda e: "over" not in e and e["energy_wh"] > reached
                )
                app.process.kill()


async def test_a_payout_is_left_to_the_driver_and_a_silent_station_pays_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with living(tmp_path_factory.mktemp("hand-over"), HAND_OVER="true") as world:
        cheap = await world.station(minimum=1, tariff=Tariff(per_kwh=1000), exposure_limit=9000)
        await world.charge_point(cheap)
        async with charging_app(world, cheap, takeBack=True, deposit="9000") as app:
            taken = await app.event("taken_back")
            receipt = await app.receipt()
            assert receipt["transaction_hash"] == taken["transaction_hash"]
            assert 0 < int(receipt["spent"]) < 10_000
            assert await world.client.balance(receipt["wallet"]) == 0
        station = await world.station()
        await world.charge_point(station)
        task = {"stopAfterWh": None, "takeBack": True, "deposit": str(9 * TOKEN)}
        async with charging_app(world, station, **task) as app:
            wallet = (await app.event("quote"))["wallet"]
            await app.event("too_early")
            manager = world.launcher.pids["session_manager"]
            os.kill(manager, signal.SIGSTOP)
            assert await world.client.balance(wallet) == 9 * TOKEN
            await world.node.increase_time(3600)
            await app.event("taken_back")
            assert (await app.event("ended"))["phase"] == "refunded"
            os.kill(manager, signal.SIGCONT)  # Frozen it would not end.
        assert await world.client.balance(wallet) == 0
        assert await world.client.balance(station.address) == TOKEN
