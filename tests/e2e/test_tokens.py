"""Sessions that are paid in an ERC-20 of 6 decimals, by tariffs of all kinds."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from dollars import DOLLAR, Dollars, compiled
from machine import TOKEN, App, TestStation, World, living
from stranger import stranger

from sdk.chain.accounts import SigningKey, create_keystore, new_key
from sdk.chain.sender import Sender
from sdk.events.service import Receipt
from sdk.fields import NATIVE_TOKEN
from sdk.tariff import Tariff, Window, price_lines

pytestmark = pytest.mark.asyncio(loop_scope="session")

NO_LIMIT = 10**12


@dataclass
class Bank:
    """A machine that takes dollars, and drivers who have some."""

    world: World
    dollars: Dollars
    gas: Sender
    folder: Path

    async def station(self, tariff: Tariff) -> TestStation:
        return await self.world.station(
            tariff=tariff,
            token=self.dollars.address,
            minimum=DOLLAR // 2,
            exposure_limit=NO_LIMIT,
        )

    async def driver(self, amount: int) -> SigningKey:
        key = new_key()
        password = self.world.env["KEYS_PASSWORD"]
        await asyncio.to_thread(create_keystore, self.folder, password, key)
        await self.world.node.fund(key.address, TOKEN)
        await self.dollars.mint(self.gas, key.address, amount)
        return key

    async def app(self, station: TestStation, driver: SigningKey, *options: str) -> App:
        key_file = self.folder / f"{driver.address}.json"
        token = ("--token", self.dollars.address)
        return await self.world.app(station, "--key-file", str(key_file), *token, *options)

    async def balances(self, *accounts: str) -> list[int]:
        client = self.world.client
        return [await self.dollars.balance(client, account) for account in accounts]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    dollars = Dollars(await asyncio.to_thread(compiled))
    folder = tmp_path_factory.mktemp("tokens")
    async with living(folder, TOKENS=dollars.address, HAND_OVER="true") as world:
        gas = Sender(world.client, world.node.accounts[1])
        await dollars.put(gas)
        yield Bank(world, dollars, gas, folder / "drivers")


def read_receipt(told: dict[str, object]) -> Receipt:
    return Receipt.model_validate_json(json.dumps(told))


async def test_a_session_is_paid_in_a_token_to_the_last_unit(bank: Bank) -> None:
    station = await bank.station(Tariff(per_kwh=Decimal("123456.789")))
    await bank.world.charge_point(station)
    driver = await bank.driver(20 * DOLLAR)
    app = await bank.app(station, driver, "--deposit", "3.5", "--stop-after-wh", "1500")
    quote = await app.event("quote")
    assert (quote["token_decimals"], quote["token_symbol"]) == (6, "USDx")
    assert quote["per_kwh"] == "123456.789"
    receipt = read_receipt(await app.receipt())
    assert await app.process.wait() == 0
    assert (receipt.token_decimals, receipt.token_symbol) == (6, "USDx")
    assert receipt.deposit == 3_500_000
    assert receipt.spent == receipt.energy_wh * 123_456_789 // 10**6
    assert receipt.refund == receipt.deposit - receipt.spent
    assert await bank.balances(station.address, driver.address, receipt.wallet) == [
        receipt.spent,
        20 * DOLLAR - receipt.spent,
        0,
    ]
    assert await bank.world.client.balance(station.address) == TOKEN
    assert app.count('"reading_disputed"') == app.count('"disputed"') == 0


async def test_every_part_of_a_tariff_reaches_the_receipt(bank: Bank) -> None:
    tariff = Tariff(
        per_kwh=400_000,
        per_session=50_000,
        per_minute=60_000,
        idle_per_minute=100_000,
        tax_percent=Decimal("19.5"),
        windows=(
            Window(start="00:00", end="12:00", per_kwh=Decimal("300000.5"), per_minute=30_000),
            Window(start="12:00", end="24:00", per_kwh=Decimal("200000.25")),
        ),
        timezone="Europe/Berlin",
    )
    station = await bank.station(tariff)
    await bank.world.charge_point(station)
    driver = await bank.driver(10 * DOLLAR)
    app = await bank.app(station, driver, "--deposit", "5", "--stop-after-wh", "1500")
    assert Tariff.model_validate((await app.event("quote"))["tariff"]) == tariff
    receipt = read_receipt(await app.receipt())
    assert receipt.tariff == tariff
    assert receipt.usage is not None
    assert receipt.price_lines == price_lines(tariff, receipt.usage)
    assert {"energy", "session", "time", "tax"} <= {line.item for line in receipt.price_lines}
    assert all(line.window for line in receipt.price_lines if line.item in ("energy", "time"))
    assert sum(line.amount for line in receipt.price_lines) == receipt.spent > 0
    net = sum(line.amount for line in receipt.price_lines if line.item != "tax")
    assert receipt.spent == net + net * 195 // 1000
    assert (receipt.usage.until - receipt.usage.started_at).total_seconds() > 1
    assert app.count('"reading_disputed"') == app.count('"disputed"') == 0
    assert await bank.balances(station.address, driver.address, receipt.wallet) == [
        receipt.spent,
        10 * DOLLAR - receipt.spent,
        0,
    ]


async def test_a_token_that_is_not_allowed_is_refused(bank: Bank) -> None:
    station = await bank.station(Tariff(per_kwh=400_000))
    await bank.world.charge_point(station)
    other = await replace(bank.dollars, salt=b"\1" * 32).put(bank.gas)
    app = await bank.world.app(station, "--token", other)
    assert "token_not_allowed" in (await app.event("failed"))["reason"]
    async with stranger(bank.world.launcher.urls["p2p_server"], station) as peer:
        for token in (other, NATIVE_TOKEN):
            refused = await peer.ask(peer.quote_request(DOLLAR, token=token))
            assert (refused["type"], refused["reason"]) == ("QuoteRefused", "token_not_allowed")
        offered = await peer.ask(peer.quote_request(DOLLAR, token=bank.dollars.address))
    assert offered["type"] == "QuoteOffered"


async def test_what_is_no_token_is_refused_by_the_app(bank: Bank) -> None:
    station = await bank.station(Tariff(per_kwh=400_000))
    app = await bank.world.app(station, "--token", new_key().address)
    assert (await app.event("failed"))["error"] == "NotATokenError"


async def test_an_amount_finer_than_the_token_is_refused(bank: Bank) -> None:
    station = await bank.station(Tariff(per_kwh=400_000))
    token = ("--token", bank.dollars.address)
    app = await bank.world.app(station, *token, "--deposit", "0.0000001")
    assert "finer" in (await app.event("failed"))["reason"]


async def test_a_payout_that_is_left_to_the_driver_is_taken(bank: Bank) -> None:
    station = await bank.station(Tariff(per_kwh=400_000))
    await bank.world.charge_point(station, "--reject-start")
    driver = await bank.driver(DOLLAR)
    app = await bank.app(station, driver, "--deposit", "1")
    paid = (await app.event("payout"))["transaction"]
    receipt = read_receipt(await app.receipt())
    assert (receipt.transaction_hash, receipt.outcome) == (paid, "refunded")
    assert (receipt.spent, receipt.refund, receipt.failure) == (0, DOLLAR, "start_refused")
    assert await bank.balances(driver.address, receipt.wallet) == [DOLLAR, 0]
    mined = await bank.world.client.receipt(paid)
    assert mined is not None
    assert mined["from"].lower() == driver.address.lower()


async def test_an_app_that_dies_twice_pays_its_deposit_once(bank: Bank) -> None:
    station = await bank.station(Tariff(per_kwh=400_000))
    await bank.world.charge_point(station)
    driver = await bank.driver(20 * DOLLAR)
    options = ("--deposit", "5", "--state-file", str(bank.folder / "session.json"))
    app = await bank.app(station, driver, *options)
    session_id = (await app.event("quote"))["session_id"]
    await app.event("status", when=lambda event: event["phase"] == "verifying")
    await bank.world.stop(app, signal.SIGKILL)
    again = await bank.app(station, driver, *options)
    await again.event("resumed")
    await again.charging(300)
    await bank.world.stop(again, signal.SIGKILL)
    last = await bank.app(station, driver, *options, "--stop-after-wh", "1500")
    receipt = read_receipt(await last.receipt())
    assert await last.process.wait() == 0
    assert (receipt.session_id, receipt.deposit) == (session_id, 5 * DOLLAR)
    assert app.count('"event": "deposit"') + again.count('"event": "deposit"') <= 1
    assert last.count('"quote"') == last.count('"event": "deposit"') == 0
    assert await bank.balances(station.address, driver.address, receipt.wallet) == [
        receipt.spent,
        20 * DOLLAR - receipt.spent,
        0,
    ]
    new = await bank.app(station, driver, *options, "--stop-after-wh", "500")
    assert (await new.event("quote"))["session_id"] != session_id
    assert read_receipt(await new.receipt()).session_id != session_id
