"""An operator's day with the console alone: each task from a cold page, by what a person clicks.

The services, the chain, the charge points and the driver's app are real; what was done is looked up
in Redis, on the chain or at the charge point.
"""

import asyncio
import csv
import json
import os
import secrets
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from demo_world import DemoWorld, Seat, demo_world, until
from playwright.async_api import Locator, Page, expect

import demo_dispute
from demo_programs import EXAMPLES
from sdk.bus import keys
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID
from sdk.ids import utc_now
from sdk.records.record import SessionRecord, decode_record
from sdk.records.row import Row, decode_rows

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(200)]

SPEED = 40
PATIENT = 30_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, chromium: str
) -> AsyncIterator[DemoWorld]:
    folder = tmp_path_factory.mktemp("tasks")
    async with demo_world(folder, chromium, days=40, speed=SPEED) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def world(house: DemoWorld) -> AsyncIterator[DemoWorld]:
    """The house, whose seats are all left after a test."""
    yield house
    await house.leave()


async def go(page: Page, view: str) -> None:
    """Choose a view in the navigation."""
    await page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
    await expect(page.get_by_role("heading", level=1, name=view)).to_be_visible(timeout=PATIENT)


async def go_to_point(page: Page, name: str) -> None:
    """Open a charge point by its name, from the list of all."""
    await go(page, "Charge points")
    await page.get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(name)


async def confirmed(page: Page, button: Locator) -> None:
    """Click a button that asks once, and say yes."""
    label = (await button.inner_text()).strip()
    await button.click(timeout=PATIENT)
    await page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()


async def rows(world: DemoWorld, name: str, month: str) -> list[Row]:
    blob = (await world.bus.read_blobs([keys.rows(name, month)]))[0]
    return list(decode_rows(name, blob))


async def all_rows(world: DemoWorld) -> list[Row]:
    return [
        row
        for name in world.house.stations
        for month in await world.bus.read(keys.row_months(name))
        for row in await rows(world, name, month)
    ]


async def record(world: DemoWorld, name: str, session_id: str) -> SessionRecord:
    """Wait for the record of a session that ends."""

    async def is_there() -> bool:
        return any(await world.bus.read_blobs([keys.record(name, session_id)]))

    await until(is_there, f"a record of {session_id}")
    return decode_record((await world.bus.read_blobs([keys.record(name, session_id)]))[0])


async def drive(world: DemoWorld, name: str) -> tuple[asyncio.subprocess.Process, str]:
    """Have a driver charge at connector 1; gives the app and the session's id."""
    house = world.house
    qr = house.stations[name].config.qr_text()
    app = await house.demo.start_quietly(
        f"app-{secrets.token_hex(3)}.log",
        str(EXAMPLES / "consumer.py"),
        *("--qr", qr, "--authority", house.authority, "--chain-url", house.chain_url),
        *("--deposit", "20", "--speed-limit", str(SPEED * 2)),
    )

    async def charges() -> bool:
        fields = await world.bus.read(keys.session(name, 1))
        status: dict[str, Any] = json.loads(fields.get("status") or "{}")
        return status.get("phase") == "charging" and status["energy_wh"] > 0

    await until(charges, f"a session at {name}")
    return app, (await world.bus.read(keys.session(name, 1)))["session_id"]


def untroubled(*seats: Seat) -> None:
    assert [seat.troubles for seat in seats if seat.troubles] == []


async def test_find_the_faulted_connector(world: DemoWorld) -> None:
    seat = await world.seat(role="viewer")
    page = seat.page
    await go(page, "Charge points")
    await page.get_by_label("Status").select_option("Faulted")
    await expect(page.get_by_role("article")).to_have_count(1)
    await page.get_by_role("link", name="Town hall").click()
    broken = page.get_by_role("region", name="Connector 2")
    await expect(broken).to_contain_text("Faulted")
    await expect(broken).to_contain_text("InternalError")
    await expect(page.get_by_role("region", name="Connector 1")).not_to_contain_text("Faulted")
    assert (await world.bus.read(keys.connector("DEMO-2", 2)))["status"] == "Faulted"
    untroubled(seat)


async def test_see_why_a_session_failed(world: DemoWorld) -> None:
    seat = await world.seat(role="viewer")
    page = seat.page
    await go(page, "Sessions")
    await page.get_by_label("Charge point", exact=True).select_option("DEMO-3")
    await page.get_by_label("Failure").select_option("any")
    table = page.get_by_role("grid", name="Ended sessions")
    await expect(table.get_by_role("row")).not_to_have_count(1)
    await expect(table.get_by_role("row").nth(1)).to_contain_text("invented for the demo")
    await table.get_by_role("row").nth(1).get_by_role("link").first.click()
    why = page.get_by_role("region", name="How it ended")
    await expect(why).to_contain_text("The charge point would not start")
    session_id = page.url.rpartition("/")[2]
    assert (await record(world, "DEMO-3", session_id)).status.failure == "start_refused"
    untroubled(seat)


async def test_refund_a_dispute(world: DemoWorld) -> None:
    [session_id] = await world.bus.read(keys.disputes("DEMO-1"))
    quote = json.loads((await world.bus.read(keys.disputed("DEMO-1", session_id)))["quote"])
    seat = await world.seat(role="operator")
    page = seat.page
    await go(page, "Disputes")
    waiting = page.get_by_role("listitem").filter(has_text="DEMO-1, connector 1")
    await expect(waiting).to_contain_text("Not paid out")
    await expect(waiting).to_contain_text("invented for the demo")
    await confirmed(page, waiting.get_by_role("button", name="Refund everything"))
    await expect(page.get_by_text("No disputes")).to_be_visible(timeout=PATIENT)
    ended = await record(world, "DEMO-1", session_id)
    assert ended.outcome == "refunded"
    assert await world.bus.read(keys.disputes("DEMO-1")) == {}
    client = ChainClient([world.house.chain_url], CHAIN_ID)
    try:
        assert await client.balance(quote["wallet"]) == 0
        assert await client.balance(demo_dispute.REFUND_ACCOUNT) == demo_dispute.DEPOSIT
    finally:
        await client.close()
    untroubled(seat)


async def test_restart_a_charge_point(world: DemoWorld) -> None:
    before = (await world.bus.read(keys.state("DEMO-2")))["booted_at"]
    seat = await world.seat(role="operator")
    page = seat.page
    await go_to_point(page, "Town hall")
    await confirmed(page, page.get_by_role("button", name="Restart", exact=True))
    await expect(page.get_by_text("The charge point accepted it")).to_be_visible(timeout=PATIENT)

    async def booted() -> bool:
        state = await world.bus.read(keys.state("DEMO-2"))
        return state["booted_at"] > before and state["connected"] == "1"

    await until(booted, "DEMO-2 boots again")
    assert "received Reset" in world.log("DEMO-2")
    untroubled(seat)


async def test_change_a_price(world: DemoWorld) -> None:
    seat = await world.seat(role="administrator")
    page = seat.page
    await go_to_point(page, "Old mill")
    await page.get_by_role("link", name="Change the price").click()
    form = page.get_by_role("form", name="Price")
    await form.get_by_label("A kWh,").first.fill("0.61")
    await form.get_by_role("button", name="Save the price").click()
    await expect(form.get_by_text("Saved.")).to_be_visible(timeout=PATIENT)
    tariff = json.loads((await world.bus.read(keys.config("DEMO-3")))["tariff"])
    assert tariff["per_kwh"] == str(61 * 10**16)
    assert tariff["per_session"] == str(5 * 10**17)
    untroubled(seat)


async def test_admit_a_new_charge_point(world: DemoWorld) -> None:
    password = secrets.token_hex(12)
    await world.house.demo.start_quietly(
        "NEW-1.log",
        str(EXAMPLES / "charge_point.py"),
        *("--id", "NEW-1", "--url", world.house.launcher.urls["cpg"], "--password", password),
    )

    async def waits() -> bool:
        return "NEW-1" in await world.bus.read(keys.QUARANTINE)

    await until(waits, "NEW-1 waits to be admitted")
    seat = await world.seat(role="administrator")
    page = seat.page
    await go(page, "Charge points")
    waiting = page.get_by_role("region", name="Waiting to be admitted")
    await (
        waiting.get_by_role("listitem")
        .filter(has_text="NEW-1")
        .get_by_role("button", name="Admit")
        .click()
    )
    form = page.get_by_role("form", name="Admit NEW-1")
    await form.get_by_label("Price of a kWh").fill("0.5")
    await form.get_by_role("button", name="Admit NEW-1").click()
    await expect(page.get_by_text("NEW-1 is registered")).to_be_visible(timeout=PATIENT)
    assert "NEW-1" in await world.bus.members(keys.STATIONS)

    async def connected() -> bool:
        return (await world.bus.read(keys.state("NEW-1"))).get("connected") == "1"

    await until(connected, "NEW-1 connects by itself")
    untroubled(seat)


async def test_print_its_label(world: DemoWorld, tmp_path: Path) -> None:
    seat = await world.seat(role="viewer")
    page = seat.page
    await go(page, "Identity")
    await page.get_by_role("link", name="DEMO-2", exact=False).first.click()
    label = page.get_by_role("region", name="Label")
    await label.get_by_label("Connector").select_option("2")
    await expect(label.get_by_role("img")).to_be_visible()
    async with page.expect_download() as downloading:
        await label.get_by_role("link", name="PDF").click()
    download = await downloading.value
    assert "DEMO-2" in download.suggested_filename
    await download.save_as(tmp_path / "label.pdf")
    assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF")
    await page.evaluate("window.print = () => { window.wasPrinted = true }")
    await label.get_by_role("button", name="Print").click()
    await page.wait_for_function("window.wasPrinted === true")
    untroubled(seat)


async def test_export_last_month(world: DemoWorld, tmp_path: Path) -> None:
    month = f"{utc_now().replace(day=1) - timedelta(days=1):%Y-%m}"
    wanted = [row for name in world.house.stations for row in await rows(world, name, month)]
    assert wanted
    seat = await world.seat(role="operator")
    page = seat.page
    await go(page, "Sessions")
    await page.get_by_label("Ended", exact=True).select_option(label="Last month")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="CSV").click()
    path = tmp_path / "sessions.csv"
    await (await downloading.value).save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        found = {line["session_id"]: line for line in csv.DictReader(file)}
    assert set(found) == {row.session_id for row in wanted}
    for row in wanted:
        line = found[row.session_id]
        assert (int(line["energy_wh"]), int(line["spent"])) == (row.energy_wh, row.spent)
    untroubled(seat)


async def test_find_a_drivers_session_by_receipt(world: DemoWorld) -> None:
    paid = [row for row in await rows(world, "DEMO-1", f"{utc_now():%Y-%m}") if row.spent]
    assert paid
    kept = await record(world, "DEMO-1", paid[0].session_id)
    assert kept.receipt is not None
    seat = await world.seat(role="operator")
    page = seat.page
    await go(page, "Sessions")
    await page.get_by_role("button", name="Find by receipt").click()
    await page.get_by_label("Receipt or hash").fill(kept.receipt.model_dump_json())
    await page.get_by_role("button", name="Find", exact=True).click()
    await expect(page.get_by_text("It is exactly the receipt")).to_be_visible(timeout=PATIENT)
    await page.get_by_role("link", name="Open the session").click()
    await expect(page).to_have_url(f"{world.url}/sessions/DEMO-1/{kept.session_id}")
    receipt = page.get_by_role("region", name="Receipt")
    await expect(receipt).to_contain_text("Signature, sums and price are right")
    untroubled(seat)


async def test_free_a_stuck_cable(world: DemoWorld) -> None:
    assert "received UnlockConnector" not in world.log("DEMO-1")
    seat = await world.seat(role="operator")
    page = seat.page
    await go_to_point(page, "Market square")
    connector = page.get_by_role("region", name="Connector 1")
    await confirmed(page, connector.get_by_role("button", name="Unlock the cable"))
    await expect(connector.get_by_text("The connector is unlocked")).to_be_visible(timeout=PATIENT)
    assert "received UnlockConnector" in world.log("DEMO-1")
    untroubled(seat)


async def test_watch_a_session_in_two_browsers_stop_it_and_see_who_did(world: DemoWorld) -> None:
    app, session_id = await drive(world, "DEMO-1")
    operator, viewer = await world.seat(role="operator"), await world.seat(role="viewer")
    for seat in (operator, viewer):
        await go_to_point(seat.page, "Market square")
    seen = [seat.page.get_by_role("region", name="Connector 1") for seat in (operator, viewer)]
    for region in seen:
        await expect(region).to_contain_text("Charging", timeout=PATIENT)
        await expect(region).to_contain_text("Left of the deposit")
    before = await seen[0].inner_text()
    await expect(seen[0]).not_to_have_text(before, timeout=PATIENT)
    stop = seen[1].get_by_role("button", name="Stop the session")
    assert await stop.count() == 0 or await stop.is_disabled()
    await confirmed(operator.page, seen[0].get_by_role("button", name="Stop the session"))
    ended = await record(world, "DEMO-1", session_id)
    assert ended.status.stop_reason == "operator"
    assert await asyncio.wait_for(app.wait(), 60) == 0
    untroubled(operator, viewer)
    await world.leave()

    seat = await world.seat(role="operator")
    page = seat.page
    await go(page, "Sessions")
    table = page.get_by_role("grid", name="Ended sessions")
    await table.get_by_role("row").nth(1).get_by_role("link").first.click()
    await expect(page).to_have_url(f"{world.url}/sessions/DEMO-1/{session_id}")
    who = page.get_by_role("region", name="Who did something")
    await expect(who).to_contain_text("operator stopped this session")
    untroubled(seat)


async def test_spot_a_charge_point_that_earns_nothing(world: DemoWorld) -> None:
    seat = await world.seat(role="viewer")
    page = seat.page
    await go(page, "Reports")
    await expect(page.get_by_text("earned nothing:")).to_be_visible(timeout=PATIENT)
    row = page.get_by_role("grid", name="Charge points").get_by_role("row")
    poor = row.filter(has_text="Earns nothing")
    await expect(poor.filter(has_text="Old mill")).to_have_count(1)
    for name in ("Market square", "Town hall"):
        await expect(poor.filter(has_text=name)).to_have_count(0)
    since = utc_now() - timedelta(days=29)
    earned = dict.fromkeys(world.house.stations, 0)
    for each in await all_rows(world):
        earned[each.charge_point_id] += each.spent if each.ended_at > since else 0
    assert [name for name, spent in earned.items() if spent == 0] == ["DEMO-3"]
    untroubled(seat)


async def test_sign_in_with_the_password_go_on_and_sign_out(world: DemoWorld) -> None:
    seat = await world.seat(role=None, path="/charge-points/DEMO-2")
    page = seat.page
    await page.get_by_label("Name").fill("demo")
    await page.get_by_label("Password").fill("a wrong password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    await page.get_by_label("Password").fill(world.house.password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Town hall", timeout=PATIENT)
    cookies = await page.context.cookies()
    assert cookies
    assert {(each["httpOnly"], each["sameSite"]) for each in cookies} == {(True, "Strict")}
    await page.get_by_role("button", name="Account of demo").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert (await page.request.get(f"{world.url}/api/v1/charge-points")).status == 401


async def test_a_viewer_can_look_and_do_nothing(world: DemoWorld) -> None:
    seat = await world.seat(role="viewer", path="/charge-points/DEMO-2")
    page = seat.page
    await expect(page.get_by_role("region", name="Connector 1")).to_be_visible(timeout=PATIENT)
    for name in ("Restart", "Unlock the cable", "Take out of service"):
        button = page.get_by_role("button", name=name, exact=True).first
        assert await button.count() == 0 or await button.is_disabled()
    answer = await page.request.post(
        f"{world.url}/api/v1/charge-points/DEMO-2/operations/Reset",
        data={"type": "Hard"},
        headers={"X-Noroam-Console": "1"},
    )
    assert answer.status == 403
    await go(page, "Settings")
    await expect(page.get_by_role("link", name="Accounts")).to_have_count(0)
    untroubled(seat)


async def test_the_page_lives_on_when_the_server_was_killed(world: DemoWorld) -> None:
    seat = await world.seat(role="viewer")
    page = seat.page
    await go(page, "Charge points")
    tile = page.get_by_role("article").filter(has_text="Old mill")
    await expect(tile).to_contain_text("Online", timeout=PATIENT)
    launcher = world.house.launcher
    killed = launcher.pids["session_manager"]
    os.kill(killed, signal.SIGKILL)
    await expect(page.get_by_text("The connection to the console is lost")).to_be_visible()
    await launcher.wait_ready("session_manager", after_pid=killed)
    await expect(page.get_by_text("The connection to the console is lost")).to_have_count(
        0, timeout=PATIENT
    )
    world.house.charge_points["DEMO-3"].terminate()
    await expect(tile).to_contain_text("Offline", timeout=PATIENT)
