"""The operators' page in a real Chromium, over the real console and a real Valkey."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from console_browser import open_console
from playwright.async_api import Browser, BrowserContext, Page, expect

from sdk.bus import keys
from sdk.bus.interface import Commit, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import NodeStatus
from sdk.embedded import EmbeddedServer
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.events.station import (
    AccountBalance,
    BalanceReported,
    ChainReconnected,
    DidPublished,
    PublicKeyReported,
    SessionStopAccepted,
)
from sdk.ids import new_event_id, utc_now
from session_manager.console import Console, ConsoleAddress

STATIC = Path(__file__).parents[2] / "dui" / "static"
POINT = "CP-1"
SESSION = "0x" + "ab" * 32
ACCOUNT = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
DID = f"did:ethr:0x7a69:{ACCOUNT}"
ETH = 10**18
PRICE = ETH // 4
DEPOSIT = 5 * ETH
NODE = NodeStatus(
    url="http://127.0.0.1:8545", chain_id=31337, connected=True, block_number=1204, latency_ms=2
)


WIDTHS = {"desktop": 1440, "phone": 390}


class Yard:
    """A scripted station: writes the state and events that gateway and manager would."""

    def __init__(self, bus: RedisBus) -> None:
        self.bus = bus
        self.chain = NODE
        self.energy_wh = 0
        self.second = 0

    async def register(self, point: str = POINT, connectors: int = 2) -> None:
        config = {"connectors": str(connectors), "tariff": json.dumps({"per_kwh": str(PRICE)})}
        boot = {"vendor": "Noroam", "model": "Simulated"}
        await self.bus.write(keys.config(point), config)
        await self.bus.write(keys.state(point), {"connected": "1", "boot": json.dumps(boot)})
        for number in range(1, connectors + 1):
            await self.bus.write(keys.connector(point, number), {"status": "Available"})
        identity = {
            "did": DID,
            "qr": f"{DID}?connector=1",
            "state": "published",
            "address": ACCOUNT,
            "balance": str(1234567890123456789),
            "gas_balance": str(9998 * ETH),
        }
        await self.bus.write(keys.identity(point), identity)
        await self.bus.add_member(keys.STATIONS, point)

    async def show(self, phase: str, **fields: Any) -> None:
        cost = self.energy_wh * PRICE // 1000
        status = ChargingStatus.model_validate(
            {
                "session_id": SESSION,
                "phase": phase,
                "transaction_id": 42,
                "energy_wh": self.energy_wh,
                "deposit": DEPOSIT,
                "cost": cost,
                "remaining": DEPOSIT - cost,
                "voucher": cost * 9 // 10,
                **fields,
            }
        )
        hash_ = {"phase": phase, "status": status.model_dump_json(), **self.receipt(phase, cost)}
        event = self.envelope(status, connector_id=1, session_id=SESSION)
        write = StateWrite(keys.session(POINT, 1), hash_)
        await self.bus.apply(Commit(POINT, writes=[write], events=[(Lane.OUT, event)]))

    async def charge(self, readings: int, step_wh: int = 90) -> None:
        await self.bus.write(
            keys.connector(POINT, 1),
            {"status": "Charging", "power_w": "11040", "transaction_id": "42"},
        )
        for _ in range(readings):
            self.second += 1
            self.energy_wh += step_wh
            power = 11_040 if self.second > 8 else 1_380 * self.second
            at = f"2026-03-01T10:{self.second // 60:02}:{self.second % 60:02}Z"
            await self.show("charging", sampled_at=at, power_w=power)
            await self.log("info", f"MeterValueReported energy_wh={self.energy_wh}", SESSION)

    async def log(self, level: str, text: str, session_id: str = "") -> None:
        at = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"at": at, "level": level, "service": "session_manager", "text": text}
        await self.bus.append_log([{**line, "session_id": session_id}])

    async def answer_commands(self) -> None:
        """Answer as the Session Manager does, for ever."""
        async with self.bus.follow() as follower:
            lane = await follower.subscribe(POINT, Lane.IN, after="0")
            async for delivery in lane:
                command = delivery.envelope
                body = ANSWERS.get(command.type)
                if body is not None:
                    await self.bus.publish(Lane.OUT, self.envelope(body, caused_by=command.id))
                if command.type == "SessionStopRequested":
                    await self.show("stopping", stop_reason="operator")

    @staticmethod
    def envelope(body: Body, **fields: Any) -> Envelope:
        given = {"id": new_event_id(), "charge_point_id": POINT, "at": utc_now()}
        return Envelope.model_validate({**given, "body": body.model_dump(), **fields})

    def receipt(self, phase: str, cost: int) -> dict[str, str]:
        if phase != "settled":
            return {}
        line = {"item": "energy", "quantity": self.energy_wh, "unit": "Wh", "price": str(PRICE)}
        payload = {
            "outcome": "settled",
            "energy_wh": self.energy_wh,
            "price_lines": [{**line, "amount": str(cost)}],
            "stopped_at": "2026-03-01T10:12:00.000Z",
            "deposit": str(DEPOSIT),
            "spent": str(cost),
            "refund": str(DEPOSIT - cost),
            "transaction_hash": "0x" + "9c" * 32,
        }
        return {"receipt": json.dumps({"payload": json.dumps(payload), "signature": "0x"})}


ANSWERS: dict[str, Body] = {
    "BalanceRequested": BalanceReported(
        chain_id=31337,
        block_number=1204,
        balances=(
            AccountBalance(account=ACCOUNT, role="station", token="0x" + "0" * 40, balance=3 * ETH),
        ),
    ),
    "PublicKeyRequested": PublicKeyReported(
        did=DID, address=ACCOUNT, public_key="0x02" + "79" * 32
    ),
    "DidPublishRequested": DidPublished(did=DID),
    "ChainReconnectRequested": ChainReconnected(chain_id=31337, block_number=1205, latency_ms=3),
    "SessionStopRequested": SessionStopAccepted(session_id=SESSION),
}


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    server = await EmbeddedServer.start(tmp_path)
    bus = RedisBus.from_url(server.url)
    yield Yard(bus)
    await bus.close()
    await server.stop()


@asynccontextmanager
async def _console(yard: Yard, port: int = 0) -> AsyncIterator[str]:
    address = ConsoleAddress("127.0.0.1", port, STATIC)
    console = Console(yard.bus, lambda: yard.chain, utc_now, address, answer_timeout=2.0)
    async with asyncio.TaskGroup() as tasks:
        url = await console.start()
        tasks.create_task(console.run())
        answering = tasks.create_task(yard.answer_commands())
        try:
            yield url
        finally:
            answering.cancel()
            await console.stop()


@pytest.fixture
async def url(yard: Yard) -> AsyncIterator[str]:
    assert (STATIC / "index.html").is_file(), "build the page first: npm run build in dui/"
    async with _console(yard) as url:
        yield url


def _overhear(page: Page) -> tuple[list[str], list[str]]:
    """Collect what the page complains of, and the addresses that it asks."""
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return said, asked


async def _look(page: Page, path: Path) -> None:
    """Keep a picture of the whole page, from its top."""
    await page.evaluate("window.scrollTo(0, 0)")
    await page.screenshot(path=path, full_page=True)


async def _complaints(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in results.response["violations"]
    ]


async def test_an_operator_watches_a_session_and_stops_it(
    yard: Yard, url: str, page: Page, screenshots: Path
) -> None:
    said, asked = _overhear(page)
    await yard.register()
    await open_console(page, yard.bus, url)
    session = page.get_by_role("region", name="Session")
    await expect(session.get_by_text("Nobody is charging here")).to_be_visible()

    await yard.show("verifying")
    await expect(session.get_by_text("Waiting for deposit")).to_be_visible()
    await yard.charge(40)
    energy = session.locator("[data-figure=energy]")
    await expect(energy).to_have_text("3.600")
    before = await session.locator("[data-figure=voucher]").inner_text()
    await yard.charge(10)
    await expect(energy).to_have_text("4.500")
    await expect(session.locator("[data-figure=voucher]")).not_to_have_text(before)
    await expect(page.get_by_text("energy_wh=4500")).to_be_visible()
    await _look(page, screenshots / "console-charging.png")

    await session.get_by_role("button", name="Stop the session").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Stop this session?")
    await dialog.get_by_role("button", name="Stop the session").click()
    await expect(session.get_by_text("The session is being stopped")).to_be_visible()
    await expect(session.get_by_text("stopped by the operator")).to_be_visible()

    await yard.show("settled", stop_reason="operator")
    await expect(session.locator("[data-figure=receipt-spent]")).to_have_text("1.125 ETH")
    await expect(session.locator("[data-figure=receipt-refund]")).to_have_text("3.875 ETH")
    await expect(session.get_by_text("0x9c9c9c9c")).to_be_visible()
    await _look(page, screenshots / "console-settled.png")

    assert said == []
    hosts = {address.split("/")[2] for address in asked if "://" in address}
    assert hosts == {url.removeprefix("http://")}


async def test_every_command_shows_its_real_answer(yard: Yard, url: str, page: Page) -> None:
    await yard.register()
    await open_console(page, yard.bus, url)
    for button, answer in (
        ("Balance", "3 ETH"),
        ("Public key", "0x02797979"),
        ("Republish DID", "the chain holds this document"),
        ("Reconnect to the node", "block 1,205, 3 ms"),
    ):
        await page.get_by_role("button", name=button, exact=True).click()
        await expect(page.get_by_role("region", name="Commands")).to_contain_text(answer)


async def test_the_log_can_be_paused_and_filtered(yard: Yard, url: str, page: Page) -> None:
    await yard.register()
    for number in range(200):
        await yard.log("info", f"line {number}")
    await yard.log("error", "the connector is faulted", SESSION)
    await open_console(page, yard.bus, url)
    log = page.get_by_role("region", name="Log", exact=True)
    await expect(log).to_contain_text("the connector is faulted")
    await expect(log).to_contain_text("201 lines")

    await log.get_by_label("Level").select_option("error")
    await expect(log).to_contain_text("1 of 201 lines match")
    await log.get_by_label("Level").select_option("debug")
    await log.get_by_label("Text in the log").fill("line 17")
    await expect(log).to_contain_text("11 of 201 lines match")
    await log.get_by_label("Text in the log").fill("")

    await log.get_by_role("button", name="Pause").click()
    await yard.log("info", "while paused")
    await expect(log).to_contain_text("202 lines")
    await log.get_by_text("202 lines").scroll_into_view_if_needed()
    await expect(log.get_by_text("while paused")).not_to_be_in_viewport()
    await log.get_by_role("button", name="Follow").click()
    await log.get_by_text("202 lines").scroll_into_view_if_needed()
    await expect(log.get_by_text("while paused")).to_be_in_viewport()

    await log.get_by_role("region", name="Log lines").hover()
    await page.mouse.wheel(0, -600)
    await expect(log.get_by_role("button", name="Follow")).to_be_visible()


async def test_it_says_what_is_down_and_comes_back_by_itself(
    yard: Yard, page: Page, screenshots: Path
) -> None:
    await yard.register()
    async with _console(yard) as url:
        await open_console(page, yard.bus, url)
        await expect(page.get_by_text("Chain 31337")).to_be_visible()
        yard.chain = replace(NODE, connected=False, error="no answer within 5 s")
        await yard.bus.write(keys.state(POINT), {"connected": "0"})
        await expect(page.get_by_text("node does not answer")).to_be_visible()
        await expect(page.get_by_text("CP-1 is not connected")).to_be_visible()
        await _look(page, screenshots / "console-down.png")
        await yard.log("info", "before the restart")
        await expect(page.get_by_text("before the restart")).to_be_visible()
    await expect(page.get_by_text("The connection to the console is lost")).to_be_visible()
    await expect(page.get_by_role("button", name="Balance")).to_be_disabled()
    await _look(page, screenshots / "console-disconnected.png")
    await yard.log("info", "while it was away")
    yard.chain = NODE
    async with _console(yard, port=int(url.rsplit(":", 1)[1])):
        await expect(page.get_by_text("while it was away")).to_be_visible(timeout=10_000)
        await expect(page.get_by_text("Console live")).to_be_visible()
        assert await page.get_by_text("before the restart").count() == 1


async def test_several_charge_points_are_chosen_by_name(yard: Yard, url: str, page: Page) -> None:
    await open_console(page, yard.bus, url)
    await expect(page.get_by_text("No charge point yet")).to_be_visible()
    await yard.register()
    await yard.register("CP-2", connectors=1)
    choice = page.get_by_label("Charge point", exact=True)
    await expect(choice).to_have_value(POINT)
    await expect(page.get_by_role("button", name="Connector 2")).to_be_visible()
    await choice.select_option("CP-2")
    await expect(page.get_by_role("button", name="Connector 2")).to_have_count(0)
    await page.reload()
    await expect(choice).to_have_value("CP-2")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_everyone_can_use_it(
    yard: Yard, url: str, browser: Browser, screenshots: Path, theme: Any, device: str
) -> None:
    context: BrowserContext = await browser.new_context(
        viewport={"width": WIDTHS[device], "height": 900}, color_scheme=theme, bypass_csp=True
    )
    page = await context.new_page()
    await yard.register()
    await yard.charge(50)
    await yard.log("warning", "CP-1 has not been heard for 90 s")
    await yard.log("error", "the node does not answer")
    await open_console(page, yard.bus, url)
    await expect(page.locator("[data-figure=energy]")).to_have_text("4.500")
    await page.get_by_role("button", name="Public key").click()
    await expect(page.get_by_text("0x02797979")).to_be_visible()
    await _look(page, screenshots / f"console-{device}-{theme}.png")
    complaints = await _complaints(page)
    await page.get_by_role("button", name="Stop the session").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.screenshot(path=screenshots / f"console-{device}-{theme}-stop.png")
    complaints += await _complaints(page)
    overflow = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    await context.close()

    assert complaints == []
    assert overflow <= 0


async def test_it_can_be_used_with_the_keyboard_alone(yard: Yard, url: str, page: Page) -> None:
    await yard.register()
    await yard.charge(5)
    await open_console(page, yard.bus, url)
    stop = page.get_by_role("button", name="Stop the session")
    await expect(stop).to_be_visible()
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await stop.evaluate("element => element === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_text("Charging", exact=True).first).to_be_visible()
