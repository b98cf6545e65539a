"""Sessions in which one side fails: each pays out, and nobody is blocked."""

import os
import signal

import pytest
from machine import TOKEN, App, TestStation, World, living

from sdk.events.service import ChargingStatus
from sdk.station_state import StationState

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _session(state: StationState) -> ChargingStatus:
    session = state.connector(1).session
    assert session is not None
    return session


def _ended(state: StationState) -> bool:
    session = state.connector(1).session
    return session is not None and session.phase in ("settled", "refunded", "rejected")


async def test_a_start_that_fails_gives_everything_back(world: World) -> None:
    station = await world.station()
    charge_point = await world.charge_point(station, "--reject-start")
    app = await world.app(station, "--deposit", "2")
    receipt = await app.receipt()
    assert await app.process.wait() != 0
    assert charge_point.count("received RemoteStartTransaction") == 1
    assert receipt["outcome"] == "refunded"
    assert receipt["failure"] == "start_refused"
    assert (receipt["spent"], receipt["refund"]) == ("0", str(2 * TOKEN))
    await world.check(station, receipt)


async def test_a_silent_consumer_pays_its_last_voucher(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    app = await world.app(station, "--deposit", "20", "--silent-after-wh", "1200")
    await app.event("silent")
    signed = [int(event["spent"]) for event in app.events if event["event"] == "voucher"]
    session = _session(await world.until(station, _ended))
    assert session.phase == "settled"
    assert session.stop_reason == "voucher_overdue"
    assert session.voucher > 0
    assert session.voucher >= max(signed)
    receipt = await world.stored_receipt(station)
    assert int(receipt["spent"]) == session.voucher
    assert int(receipt["spent"]) <= session.cost
    assert receipt["flags"] == ["last_voucher"]
    await world.check(station, receipt)


async def test_a_silent_provider_can_not_keep_the_deposit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("silent-provider")
    async with living(folder) as alone:
        station = await alone.station()
        await alone.charge_point(station)
        app = await alone.app(station, "--deposit", "3", "--refund-after-silence", "2")
        quote = await app.event("quote")
        await app.charging(300)
        manager = alone.launcher.pids["session_manager"]
        os.kill(manager, signal.SIGSTOP)
        try:
            await app.event("waiting_for_refund")
            assert await alone.client.balance(quote["wallet"]) == 3 * TOKEN
            await alone.node.set_time(quote["refund_opens_at"] + 1)
            refunded = await app.event("refunded")
        finally:
            os.kill(manager, signal.SIGCONT)
        await _everything_came_back(alone, app, station, quote["wallet"], refunded["transaction"])


async def test_a_deposit_that_comes_after_the_deadline_is_taken_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("late-deposit")
    async with living(folder, DEPOSIT_TIMEOUT="2") as alone:
        station = await alone.station()
        await alone.charge_point(station)
        await alone.node.set_automine(False)
        app = await alone.app(station, "--deposit", "3")
        quote = await app.event("quote")
        rejected = await alone.until(station, _ended, 30)
        assert _session(rejected).phase == "rejected"
        await alone.node.set_automine(True)
        await alone.node.mine()
        await app.event("deposit_waits")
        assert await alone.client.balance(quote["wallet"]) == 3 * TOKEN
        await alone.node.set_time(quote["refund_opens_at"] + 1)
        refunded = await app.event("refunded")
        assert await app.process.wait() == 0
        assert refunded["refund"] == str(3 * TOKEN)
        assert await alone.client.balance(quote["wallet"]) == 0


async def _everything_came_back(
    alone: World, app: App, station: TestStation, wallet: str, transaction: str
) -> None:
    assert await app.process.wait() == 0
    mined = await alone.client.receipt(transaction)
    assert mined is not None
    assert mined["status"] == "0x1"
    number = int(mined["blockNumber"], 16)
    assert await alone.client.balance(wallet, tag=number) == 0
    assert await alone.client.balance(station.address) == TOKEN
    session = _session(await alone.until(station, _ended, 60))
    assert session.phase in ("settled", "refunded")
    receipt = await alone.stored_receipt(station)
    assert (receipt["spent"], receipt["refund"]) == ("0", str(3 * TOKEN))
    assert receipt["transaction_hash"] == transaction
