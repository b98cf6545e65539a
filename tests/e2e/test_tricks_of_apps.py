"""Apps that cheat with the chain, one test for each trick: the station gets what it is owed.

Tricks with what an app signs are in the contract tests; a deposit that is short is among the
refusals.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from machine import TOKEN, World, living
from own_app import DEPOSIT, own_app
from stranger import Stranger, stranger

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.errors import TransactionRevertedError
from sdk.chain.sender import Sender
from sdk.chain.settlement import execute, read_wallet
from sdk.events.service import QuoteOffered, Receipt, ServiceDelivered
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.events.signed import read_payload
from sdk.p2p import consumer_events as happened
from sdk.p2p.quote_check import channel_of
from sdk.station_state import StationState

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSES = "0x60006000fd"
"""Code that reverts whatever it is sent."""


async def test_an_app_believes_a_receipt_only_once_the_chain_shows_its_payout(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        driver = app.consumer._driver
        assert driver is not None
        delivered: asyncio.Queue[ServiceDelivered] = asyncio.Queue()
        with monkeypatch.context() as held:
            held.setattr(driver, "_hear_receipt", delivered.put)
            await app.consumer.stop()
            async with asyncio.timeout(20):
                true = await delivered.get()
        receipt = read_payload(true, Receipt)
        no_payout = await app.gas.send(app.payer.address, b"", value=1)
        forged = receipt.model_copy(update={"transaction_hash": no_payout.transaction_hash})
        text = forged.model_dump_json(exclude_none=True)
        await driver._hear_receipt(
            ServiceDelivered(payload=text, signature=station.key.sign_text(text))
        )
        awaited: happened.PayoutAwaited = await app.until(happened.PayoutAwaited)
        assert "no payout of the wallet" in awaited.reason
        await driver._hear_receipt(true)
        assert await app.receipt() == receipt
        assert await app.balances() == (receipt.spent, DEPOSIT - receipt.spent, 0)


async def test_a_second_deposit_comes_back_with_the_first(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.pay(app.terms.wallet, DEPOSIT)
        await app.consumer.stop()
        receipt = await app.receipt()
        assert receipt.deposit == 2 * DEPOSIT
        assert receipt.spent == receipt.energy_wh * 4 * TOKEN // 10_000
        assert await app.balances() == (receipt.spent, 2 * DEPOSIT - receipt.spent, 0)


async def test_a_deposit_after_the_payout_is_swept_back_once(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.consumer.stop()
        receipt = await app.receipt()
        assert await app.consumer.sweep() is None
        await app.pay(app.terms.wallet, DEPOSIT)
        assert await app.consumer.sweep() is not None
        assert await app.balances() == (receipt.spent, 2 * DEPOSIT - receipt.spent, 0)
        with pytest.raises(TransactionRevertedError):
            await app.execute(app.channel.sweep(), app.terms.sweep_signature)


async def test_a_wallet_that_the_app_deploys_pays_all_the_same(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.deploy()
        await app.consumer.stop()
        receipt = await app.receipt()
        assert receipt.spent == receipt.energy_wh * 4 * TOKEN // 10_000
        assert await app.balances() == (receipt.spent, DEPOSIT - receipt.spent, 0)


async def test_an_early_refund_reverts_and_changes_nothing(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.deploy()
        terms, channel = app.terms, app.channel
        with pytest.raises(TransactionRevertedError):
            await app.execute(channel.gated_refund(), terms.refund_signature)
        wallet = await read_wallet(world.client, channel)
        assert (wallet.deployed, wallet.nonce, wallet.balance) == (True, 0, DEPOSIT)
        await app.consumer.stop()
        receipt = await app.receipt()
        assert await app.balances() == (receipt.spent, DEPOSIT - receipt.spent, 0)


async def test_the_app_alone_moves_nothing(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.deploy()
        channel, terms = app.channel, app.terms
        all_of_it = channel.voucher(0)
        own = channel.sign(all_of_it, app.key)
        for forged in (own, terms.refund_signature, terms.sweep_signature, "0x" + "00" * 65):
            with pytest.raises(TransactionRevertedError):
                await app.execute(all_of_it, forged)
        with pytest.raises(TransactionRevertedError):
            await app.execute(channel.sweep(), terms.sweep_signature)
        await app.consumer.stop()
        receipt = await app.receipt()
        assert receipt.spent > 0
        assert await app.balances() == (receipt.spent, DEPOSIT - receipt.spent, 0)


async def test_a_refund_after_the_payout_reverts(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.consumer.stop()
        receipt = await app.receipt()
        await app.pay(app.terms.wallet, 5)
        for tx, signature in (
            (app.channel.gated_refund(), app.terms.refund_signature),
            (app.channel.voucher(receipt.spent), app.terms.refund_signature),
        ):
            with pytest.raises(TransactionRevertedError):
                await app.execute(tx, signature)
        assert await app.balances() == (receipt.spent, DEPOSIT - receipt.spent, 5)


async def test_an_app_that_pays_out_itself_pays_what_was_proposed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has both signatures for exactly that, and says nothing; the station finds it done."""
    station = await world.station()
    await world.charge_point(station)
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        await app.deploy()
        proposals: asyncio.Queue[SignedSettlementProposed] = asyncio.Queue()
        monkeypatch.setattr(app.consumer._driver, "_hear_proposal", proposals.put)
        await app.consumer.stop()
        async with asyncio.timeout(20):
            proposal = read_payload(await proposals.get(), SettlementProposed)
        payout = app.channel.voucher(proposal.spent)
        own = await app.execute(payout, proposal.safe_signature)
        delivered = await app.until((happened.ReceiptDelivered, happened.ReceiptDisputed))
        receipt = read_payload(delivered.signed, Receipt)
        assert (receipt.transaction_hash, receipt.spent) == (own, proposal.spent)
        assert await app.balances() == (proposal.spent, DEPOSIT - proposal.spent, 0)


async def test_a_refund_account_that_reverts_keeps_nobody_from_being_paid(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    hostile = new_key().address
    await world.client.rpc("anvil_setCode", hostile, REFUSES)
    async with own_app(world, station, refund_account=hostile) as app:
        await app.start()
        await app.charging()
        await app.consumer.stop()
        receipt = await app.receipt()
        assert receipt.spent == receipt.energy_wh * 4 * TOKEN // 10_000 > 0
        left = DEPOSIT - receipt.spent
        assert await app.balances() == (receipt.spent, 0, left)
        # A sweep that it refuses too would lock the rest for good: it is not sent.
        assert await app.consumer.sweep() is None
        await world.client.rpc("anvil_setCode", hostile, "0x")
        assert await app.consumer.sweep() is not None
        assert await app.balances() == (receipt.spent, left, 0)


async def test_two_connectors_are_not_held_for_one_deposit(world: World) -> None:
    """The same quote is no second session, and its wallet no second deposit."""
    station = await world.station(connectors=2)
    await world.charge_point(station, "--connectors", "2")
    async with own_app(world, station) as app:
        await app.start()
        await app.charging()
        state = app.consumer.state
        assert state is not None
        assert state.quote is not None
        quote = json.loads(state.quote.model_dump_json())
        async with stranger(world.launcher.urls["p2p_server"], station) as peer:
            peer.key, peer._nonce = app.key, 10**6
            voucher = {"spent": "0", "signature": _voucher_0(peer, app.channel)}
            answer = await peer.ask(
                peer.signed(
                    "ServiceRequested",
                    session_id=app.terms.session_id,
                    quote=quote,
                    voucher=voucher,
                )
            )
        assert (answer["type"], answer["reason"]) == ("ServiceRejected", "busy")
        await app.consumer.stop()
        receipt = await app.receipt()
        assert await app.balances() == (receipt.spent, DEPOSIT - receipt.spent, 0)


def _voucher_0(peer: Stranger, channel: Channel) -> str:
    return channel.sign(channel.voucher(0), peer.key)


@pytest_asyncio.fixture(loop_scope="session")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A machine of its own, whose chain's time can be moved."""
    async with living(tmp_path_factory.mktemp("alone"), VOUCHER_GRACE="500") as world:
        yield world


async def test_nothing_is_taken_back_before_the_last_voucher_pays(alone: World) -> None:
    """An app falls silent and waits for its refund: the station pays itself out before it opens."""
    station = await alone.station()
    await alone.charge_point(station)
    app = await alone.app(station, "--deposit", "100", "--silent-after-wh", "1500")
    quote = await app.event("quote")
    await app.event("silent", 60)
    signed = max(int(event["spent"]) for event in app.events if event["event"] == "voucher")
    assert await alone.client.balance(quote["wallet"]) == 100 * TOKEN
    margin = int(alone.env["CHAIN_MARGIN_SECONDS"])
    await alone.node.set_time(quote["refund_opens_at"] - margin + 1)
    await alone.until(station, lambda state: _phase(state) == "settled", 30)
    receipt = await alone.stored_receipt(station)
    assert int(receipt["spent"]) >= signed > 0
    assert receipt["stop_reason"] == "refund_opening"
    assert "last_voucher" in receipt["flags"]
    await alone.check(station, receipt)
    block = await alone.client.block()
    assert block.timestamp < quote["refund_opens_at"]


def _phase(state: StationState) -> str | None:
    session = state.connector(1).session
    return session.phase if session else None


async def test_a_deposit_after_the_deadline_comes_back_by_the_refund(alone: World) -> None:
    station = await alone.station()
    await alone.charge_point(station)
    async with stranger(alone.launcher.urls["p2p_server"], station) as peer:
        quote = await peer.ask(peer.quote_request(TOKEN))
        terms = QuoteOffered.model_validate_json(quote["payload"])
        channel = channel_of(terms, Deployment())
        accepted = await peer.ask(
            peer.signed(
                "ServiceRequested",
                session_id=terms.session_id,
                quote=quote,
                voucher={"spent": "0", "signature": _voucher_0(peer, channel)},
            )
        )
        assert accepted["type"] == "ServiceAccepted"
        assert (await peer.told("ServiceRejected", 30))["reason"] == "deposit_missing"
        await alone.node.fund(terms.wallet, TOKEN)
        await alone.node.mine()
        await asyncio.sleep(1)
        assert (await peer.ask(peer.quote_request(TOKEN)))["type"] == "QuoteOffered"
        key = peer.key
    refund = channel.gated_refund()
    signatures = {
        channel.consumer: channel.sign(refund, key),
        channel.provider: terms.refund_signature,
    }
    gas = Sender(alone.client, alone.node.accounts[3])
    with pytest.raises(TransactionRevertedError):
        await execute(alone.client, gas, channel, refund, signatures)
    await alone.node.set_time(terms.refund_opens_at)
    paid = await execute(alone.client, gas, channel, refund, signatures)
    assert (paid.deposit, paid.spent, paid.refund) == (TOKEN, 0, TOKEN)
    assert await alone.client.balance(terms.refund_account) == TOKEN
    assert await alone.client.balance(station.address) == TOKEN
