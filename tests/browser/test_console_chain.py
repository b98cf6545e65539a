"""The chain's view in a real Chromium: how the node does, what waits, and connecting again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from console_look import LOOKS, check_look
from console_world import ConsoleWorld, console_world
from identity_manager import running_node
from identity_world import own_process
from playwright.async_api import Browser, expect

from sdk.bus.redis_bus import RedisBus
from sdk.bus.sent_journal import SentJournal
from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.sender import Sender


@pytest.fixture(scope="module")
def node() -> Iterator[DevNode]:
    with running_node() as node:
        yield node


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str, node: DevNode) -> AsyncIterator[ConsoleWorld]:
    assert redis_bus is not None
    async with (
        own_process(node, new_key()) as process,
        console_world(redis_url, process=process) as world,
    ):
        yield world


async def test_it_tells_how_the_node_does(
    world: ConsoleWorld, browser: Browser, node: DevNode
) -> None:
    page = await world.page(browser, role="viewer", path="/chain")
    await expect(page.locator("[data-figure=chain-id]")).to_have_text(str(CHAIN_ID))
    block = page.locator("[data-figure=block]")
    before = int((await block.inner_text()).replace(",", ""))
    await node.mine()
    await expect(block).not_to_have_text(f"{before:,}", timeout=8_000)
    await expect(page.get_by_text(node.accounts[0].address)).to_be_visible()
    await expect(page.locator("[data-figure=gas-balance]")).to_contain_text("ETH")
    await expect(page.get_by_role("button", name="Reconnect")).to_have_count(0)
    await expect(page.get_by_text("Latency of the last minutes")).to_be_visible(timeout=10_000)


async def test_an_operator_connects_again_and_sees_what_came_of_it(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path="/chain")
    await page.get_by_role("button", name="Reconnect").click()
    await expect(page.get_by_text("Connected: block")).to_be_visible()
    client = await world.client("operator")
    noted = await (await client.get(f"{world.url}/api/v1/audit?action=reconnect_chain")).json()
    assert [entry["who"]["name"] for entry in noted["items"]] == ["operator"]


async def test_what_waits_for_a_block_is_listed_until_there_is_one(
    world: ConsoleWorld, browser: Browser, node: DevNode
) -> None:
    client, key = node.client(), node.accounts[0]
    sender = Sender(client, key, journal=SentJournal(world.bus, CHAIN_ID, key.address))
    page = await world.page(browser, path="/chain")
    await expect(page.get_by_text("everything that was sent is in a block")).to_be_visible()
    await client.rpc("evm_setAutomine", False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(sender.send(key.address, b"", value=1))
        await expect(page.locator("[data-figure=pending]")).to_have_text("1", timeout=10_000)
        row = page.get_by_role("grid", name="Pending transactions").locator("tbody tr")
        await expect(row).to_contain_text("Transfer")
        await expect(row).to_contain_text("a block")
        await client.rpc("evm_setAutomine", True)
        await node.mine()
    assert sending.result().transaction_hash
    await expect(row).to_contain_text("confirmations", timeout=10_000)
    await client.close()


@pytest.mark.parametrize("look", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path, look: str
) -> None:
    page = await world.page(browser, path="/chain", bypass_csp=True, **LOOKS[look])
    await expect(page.locator("[data-figure=block]")).to_be_visible()
    if look in ("light", "dark"):
        await expect(page.locator(".console-chain-latency")).to_be_visible(timeout=10_000)
    await check_look(page, screenshots / f"console-chain-{look}.png")
