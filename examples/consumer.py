"""The driver's app on a terminal: find the station, lock a deposit, charge, pay, keep the receipt.

    python examples/consumer.py --qr "did:ethr:0x7a69:0x...?connector=1" --chain-url http://...
        --authority did:ethr:0x7a69:0x... --deposit 5 --stop-after-wh 10000

Without --key-file it makes an account and has a local development chain fund it. With --state-file
it takes up again what an earlier run left unfinished.
"""

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from consumer_screen import Lines, Money, Screen
from sdk import logs
from sdk.amounts import read_amount
from sdk.chain.accounts import SigningKey, load_keystore, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.tokens import TokenInfo, Tokens
from sdk.did.identifier import QrCode
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.errors import InvalidInputError, NoroamError
from sdk.events.service import ChargingStatus, QuoteOffered, Receipt
from sdk.events.signed import read_payload
from sdk.fields import NATIVE_TOKEN
from sdk.ids import utc_now
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_errors import NoAnswerError, RefundNotOpenError
from sdk.p2p.consumer_settings import ConsumerSettings
from sdk.p2p.consumer_state import ConsumerState, FileStore, MemoryStore, Store
from sdk.p2p.quote_check import channel_of

FUNDS = 1000 * 10**18
RETRY_S = 5.0
EXIT_FAILED = 1


@dataclass(frozen=True)
class Plan:
    """What the driver wants, from the command line."""

    did: str
    connector: int
    chain_id: int
    chain_urls: tuple[str, ...]
    authorities: tuple[str, ...]
    token: str
    deposit: str
    stop_after_wh: int | None
    stop_after_seconds: float | None
    silent_after_wh: int | None
    refund_after_silence: float | None
    speed_limit: float
    key_file: Path | None
    state_file: Path | None
    as_json: bool


class FailedError(NoroamError):
    """The session did not end with a receipt that is right."""


class Drive:
    """One session, from the DID to the receipt."""

    def __init__(self, plan: Plan, show: Screen | Lines, client: ChainClient, deposit: int) -> None:
        self._plan = plan
        self._show = show
        self._client = client
        self._deposit = deposit
        self._voucher = 0
        self._stopping = False
        self._deadline = float("inf")

    async def run(self, key: SigningKey) -> None:
        """Charge and pay. Raises FailedError and whatever the station or the chain refuses."""
        plan = self._plan
        settings = ConsumerSettings(
            plan.chain_id, Deployment(), plan.token, speed_limit=plan.speed_limit
        )
        registry = DidRegistry(self._client, Deployment())
        resolver = StationResolver(registry, plan.authorities, utc_now)
        chain = NodeChain(self._client, key)
        store: Store = FileStore(plan.state_file) if plan.state_file else MemoryStore()
        left = unfinished(plan.state_file)
        async with Consumer(
            settings, resolver, chain, refund_account=key.address, state=left, store=store
        ) as consumer:
            if left is None:
                await self._begin(consumer, chain)
            else:
                await self._go_on(consumer, chain, left)
            if plan.stop_after_seconds is not None:
                self._deadline = monotonic() + plan.stop_after_seconds
            await self._follow(consumer, chain)

    async def _begin(self, consumer: Consumer, chain: NodeChain) -> None:
        station = await consumer.connect(self._plan.did)
        self._show.say("station", did=station.did, charge_point_id=station.charge_point_id)
        quote = await consumer.quote(self._plan.connector, self._deposit)
        self._show.quote(quote.terms)

        async def deposit(address: str, amount: int) -> None:
            await self._send(chain, quote.terms.token, address, amount)

        await consumer.start(quote, deposit)

    async def _go_on(self, consumer: Consumer, chain: NodeChain, left: ConsumerState) -> None:
        self._show.say("resumed", did=left.did, deposited=left.deposited)

        async def deposit(address: str, amount: int) -> None:
            await self._send(chain, token, address, amount)

        token = read_payload(left.quote, QuoteOffered).token if left.quote else self._plan.token
        await consumer.resume(deposit)

    async def _send(self, chain: NodeChain, token: str, address: str, amount: int) -> None:
        transaction = await chain.transfer(token, address, amount)
        self._show.say("deposit", amount=str(amount), transaction=transaction)

    async def _follow(self, consumer: Consumer, chain: NodeChain) -> None:
        quiet_since = monotonic()
        while True:
            event = await consumer.next_event(0.2)
            if event is not None:
                quiet_since = monotonic()
                await self._take(event, consumer)
            if isinstance(event, happened.SessionRejected):
                await self._after_rejection(event, consumer, chain)
            if isinstance(event, happened.RefundOpened):
                await self._refund_when_open(consumer, chain)
                return
            if isinstance(event, happened.LAST):
                return
            if monotonic() >= self._deadline:
                await self._stop(consumer)
            patience = self._plan.refund_after_silence
            if patience is not None and monotonic() - quiet_since > patience:
                await self._refund_when_open(consumer, chain)
                return

    async def _take(self, event: happened.ConsumerEvent, consumer: Consumer) -> None:
        match event:
            case happened.StatusChanged(status=status, cost=cost):
                self._show.status(status, cost, self._voucher)
                await self._stop_when_due(status, consumer)
            case happened.VoucherSigned(spent=spent):
                self._voucher = spent
                self._show.say("voucher", spent=str(spent))
            case happened.PayoutReleased(proposal=proposal):
                self._show.say("released", spent=str(proposal.spent), refund=str(proposal.refund))
                self._show.say("payout", transaction=await consumer.take_payout())
            case happened.ReceiptDelivered(receipt=receipt):
                self._show.receipt(receipt, await self._balances(receipt))
                await self._sweep(consumer)
                if receipt.failure is not None:
                    raise FailedError(f"nothing was charged: {receipt.failure}")
            case happened.ReceiptDisputed(reason=reason):
                raise FailedError(f"the session ended badly: {reason}")
            case happened.SessionRejected(reason=reason):
                self._show.say("rejected", reason=reason)
            case _:
                self._show.say(NAMES[type(event)], **_details(event))

    async def _stop_when_due(self, status: ChargingStatus, consumer: Consumer) -> None:
        plan = self._plan
        if plan.silent_after_wh is not None and status.energy_wh >= plan.silent_after_wh:
            self._show.say("silent")
            os._exit(0)
        enough = plan.stop_after_wh is not None and status.energy_wh >= plan.stop_after_wh
        if enough and status.phase == "charging":
            await self._stop(consumer)

    async def _stop(self, consumer: Consumer) -> None:
        if not self._stopping:
            self._stopping = True
            self._show.say("stop")
            try:
                await consumer.stop()
            except NoAnswerError as error:  # it is asked again; the refund is the last resort
                self._stopping = False
                self._deadline = monotonic() + RETRY_S
                self._show.say("stop_unanswered", reason=str(error))

    async def _after_rejection(
        self, event: happened.SessionRejected, consumer: Consumer, chain: NodeChain
    ) -> None:
        """Take back a deposit that came when the station waited no more. Raises FailedError."""
        state = consumer.state
        if state is None or state.quote is None or not state.deposited:
            raise FailedError(f"the session ended badly: {event.reason}")
        quote = read_payload(state.quote, QuoteOffered)
        held = await self._client.balance(quote.wallet, quote.token)
        if not held:
            raise FailedError(f"the session ended badly: {event.reason}")
        self._show.say("deposit_waits", wallet=quote.wallet, amount=str(held))
        await self._refund_when_open(consumer, chain)

    async def _refund_when_open(self, consumer: Consumer, chain: NodeChain) -> None:
        told = False
        while True:
            try:
                transaction = await consumer.refund()
            except RefundNotOpenError as error:
                if not told:
                    self._show.say("waiting_for_refund", opens_at=error.opens_at)
                told = True
                await asyncio.sleep(1)
            else:
                await self._tell_refund(consumer, chain, transaction)
                return

    async def _tell_refund(self, consumer: Consumer, chain: NodeChain, transaction: str) -> None:
        """Tell what the wallet paid: perhaps the station was faster, with the last voucher."""
        state = consumer.state
        paid = None
        if state is not None and state.quote is not None:
            quote = read_payload(state.quote, QuoteOffered)
            paid = await chain.payout(channel_of(quote, Deployment()), transaction)
        spent, refund = paid or (0, self._deposit)
        kind = "paid_out" if spent else "refunded"
        self._show.say(kind, transaction=transaction, spent=str(spent), refund=str(refund))

    async def _sweep(self, consumer: Consumer) -> None:
        """Take back what came into the wallet too late to be paid out."""
        transaction = await consumer.sweep()
        if transaction is not None:
            self._show.say("swept", transaction=transaction)

    async def _balances(self, receipt: Receipt) -> dict[str, int]:
        return {
            "driver": await self._client.balance(receipt.refund_account, receipt.token),
            "station": await self._client.balance(receipt.provider, receipt.token),
            "wallet": await self._client.balance(receipt.wallet, receipt.token),
        }


NAMES: dict[type, str] = {
    happened.ProposalApproved: "approved",
    happened.PayoutAwaited: "payout_awaited",
    happened.ProposalDisputed: "disputed",
    happened.ReadingDisputed: "reading_disputed",
    happened.ConnectionLost: "connection_lost",
    happened.ConnectionRestored: "connection_restored",
    happened.RequestTurnedAway: "turned_away",
    happened.RefundOpened: "refund_opened",
    happened.RefundTaken: "refund_taken",
    happened.SessionFailed: "session_failed",
}


def _details(event: happened.ConsumerEvent) -> dict[str, str]:
    if isinstance(event, happened.ProposalApproved):
        return {"spent": str(event.proposal.spent), "refund": str(event.proposal.refund)}
    names = ("request", "reason", "advice", "over", "transaction_hash")
    return {name: str(getattr(event, name)) for name in names if hasattr(event, name)}


def unfinished(state_file: Path | None) -> ConsumerState | None:
    """Read the session that an earlier run left. Raises InvalidInputError for another file."""
    state = FileStore(state_file).load() if state_file else None
    if state is None or state.phase in ("settled", "refunded"):
        return None
    # A deposit that was sent may come after the session was rejected: it is looked for again.
    return None if state.phase == "rejected" and not state.deposited else state


async def open_account(plan: Plan, client: ChainClient, deposit: int) -> SigningKey:
    """Open the driver's account, or make one that the development chain funds."""
    if plan.key_file is not None:
        password = os.environ.get("KEYS_PASSWORD", "")
        return await asyncio.to_thread(load_keystore, plan.key_file, password)
    key = new_key()
    native = deposit if plan.token == NATIVE_TOKEN else 0
    await client.rpc("anvil_setBalance", key.address, hex(FUNDS + native))
    return key


async def drive(plan: Plan, show: Screen | Lines, client: ChainClient, deposit: int) -> None:
    """Run one session with an account of the driver's. Raises as `Drive.run`."""
    key = await open_account(plan, client, deposit)
    await Drive(plan, show, client, deposit).run(key)


async def main(plan: Plan) -> int:
    """Run one session; gives the exit code."""
    show: Screen | Lines = Lines() if plan.as_json else Screen(0, Money())
    client = ChainClient(plan.chain_urls, plan.chain_id)
    try:
        token: TokenInfo = await Tokens(client).read(plan.token)
        deposit = read_amount(plan.deposit, str(token.decimals))
        if not plan.as_json:
            show = Screen(deposit, Money(token.decimals, token.symbol))
        await drive(plan, show, client, deposit)
    except NoroamError as error:
        show.say("failed", error=type(error).__name__, reason=str(error))
        return EXIT_FAILED
    finally:
        show.close()
        await client.close()
    return 0


def read_plan(arguments: list[str] | None = None) -> Plan:
    """Read the command line; a fault ends the program with exit code 2."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Formatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--qr", help="the text of the station's QR code")
    where.add_argument("--did", help="the station's DID")
    parser.add_argument("--connector", type=int, help="instead of the QR code's")
    parser.add_argument("--chain-url", action="append", required=True)
    parser.add_argument("--authority", action="append", required=True, help="a DID to trust")
    parser.add_argument(
        "--token", default=NATIVE_TOKEN, help="an ERC-20 instead of the chain's own"
    )
    parser.add_argument("--deposit", default="5", help="in whole tokens")
    parser.add_argument("--stop-after-wh", type=int)
    parser.add_argument("--stop-after-seconds", type=float)
    parser.add_argument("--silent-after-wh", type=int, help="vanish, as a broken phone would")
    parser.add_argument("--refund-after-silence", type=float, metavar="SECONDS")
    parser.add_argument("--speed-limit", type=float, default=1.0, help="of a simulated station")
    parser.add_argument("--key-file", type=Path, help="keystore; password in KEYS_PASSWORD")
    parser.add_argument("--state-file", type=Path, help="keep the session here")
    parser.add_argument("--json", action="store_true", dest="as_json", help="one line per event")
    given = vars(parser.parse_args(arguments))
    try:
        target = QrCode.parse(given.pop("qr") or given["did"])
    except InvalidInputError as error:
        parser.error(str(error))
    given["chain_urls"] = tuple(given.pop("chain_url"))
    given["authorities"] = tuple(given.pop("authority"))
    given.update(did=str(target.did), chain_id=target.did.chain_id)
    given["connector"] = given["connector"] or target.connector_id
    return Plan(**given)


class _Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    pass


if __name__ == "__main__":
    logs.configure("consumer", "ERROR")
    sys.exit(asyncio.run(main(read_plan())))
