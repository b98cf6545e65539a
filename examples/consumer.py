"""The driver's app on a terminal: find the station, lock a deposit, charge, pay, keep the receipt.

    python examples/consumer.py --qr "did:ethr:0x7a69:0x...?connector=1" --chain-url http://...
        --authority did:ethr:0x7a69:0x... --deposit 5 --stop-after-wh 10000

Without --key-file it makes an account and has a local development chain fund it.
"""

import argparse
import asyncio
import json
import os
import sys
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from sdk import logs
from sdk.chain.accounts import SigningKey, load_keystore, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.sender import Sender
from sdk.did.identifier import QrCode
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.errors import InvalidInputError, NoroamError
from sdk.events.service import ChargingStatus, Receipt
from sdk.ids import utc_now
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_errors import RefundNotOpenError
from sdk.p2p.consumer_settings import ConsumerSettings
from sdk.p2p.consumer_state import FileStore, MemoryStore, Store
from sdk.units import format_amount

TOKEN = 10**18
FUNDS = 1000 * TOKEN
EXIT_FAILED = 1


@dataclass(frozen=True)
class Plan:
    """What the driver wants, from the command line."""

    did: str
    connector: int
    chain_id: int
    chain_urls: tuple[str, ...]
    authorities: tuple[str, ...]
    deposit: int
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


class Screen:
    """Shows a session to a person: a bar that fills with the deposit's use, then the receipt."""

    def __init__(self, deposit: int) -> None:
        self._console = Console()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
        )
        self._task = self._bar.add_task("", total=deposit, figures="")

    def say(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Tell one thing that happened."""
        text = " ".join(f"{name}={value}" for name, value in fields.items())
        self._bar.console.print(f"[bold]{kind}[/bold] {text}", highlight=False, soft_wrap=True)

    def status(self, status: ChargingStatus, cost: int, voucher: int) -> None:
        """Show power, energy, cost, voucher and what is left."""
        if status.phase == "charging":
            self._bar.start()
        left = format_amount(status.deposit - cost)
        figures = (
            f"{status.power_w or 0} W  {status.energy_wh} Wh  cost {format_amount(cost)}"
            f"  voucher {format_amount(voucher)}  left {left}"
        )
        self._bar.update(
            self._task, completed=cost, description=status.phase, figures=figures, refresh=True
        )

    def receipt(self, receipt: Receipt, balances: dict[str, int]) -> None:
        """Show where each token went."""
        self.close()
        table = Table(title="Receipt", show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("readings", f"{receipt.meter_start_wh} → {receipt.meter_stop_wh} Wh")
        for line in receipt.price_lines:
            price = f"{line.quantity} {line.unit} at {format_amount(line.price)}"
            table.add_row(line.item, f"{price} = {format_amount(line.amount)}")
        for name in ("deposit", "spent", "refund"):
            table.add_row(name, format_amount(getattr(receipt, name)))
        for name, amount in balances.items():
            table.add_row(f"balance of the {name}", format_amount(amount))
        self._console.print(table)
        self._console.print(f"transaction {receipt.transaction_hash}", soft_wrap=True)

    def close(self) -> None:
        """Take the bar off the screen."""
        self._bar.stop()


class Lines:
    """Writes one JSON object per event, for programs."""

    def say(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Tell one thing that happened."""
        print(json.dumps({"event": kind, **fields}), flush=True)

    def status(self, status: ChargingStatus, cost: int, voucher: int) -> None:
        """Tell a phase or a reading."""
        content = json.loads(status.model_dump_json(exclude_none=True))
        self.say("status", **{**content, "cost": str(cost), "voucher": str(voucher)})

    def receipt(self, receipt: Receipt, balances: dict[str, int]) -> None:
        """Tell the receipt, and what both sides hold now."""
        content = json.loads(receipt.model_dump_json(exclude_none=True))
        amounts = {name: str(amount) for name, amount in balances.items()}
        self.say("receipt", receipt=content, balances=amounts)

    def close(self) -> None:
        """Do nothing."""


class Drive:
    """One session, from the DID to the receipt."""

    def __init__(self, plan: Plan, show: Screen | Lines, client: ChainClient) -> None:
        self._plan = plan
        self._show = show
        self._client = client
        self._voucher = 0
        self._stopping = False
        self._deadline = float("inf")

    async def run(self, key: SigningKey) -> None:
        """Charge and pay. Raises FailedError and whatever the station or the chain refuses."""
        plan = self._plan
        settings = ConsumerSettings(plan.chain_id, Deployment(), speed_limit=plan.speed_limit)
        registry = DidRegistry(self._client, Deployment())
        resolver = StationResolver(registry, plan.authorities, utc_now)
        chain = NodeChain(self._client, key)
        store: Store = FileStore(plan.state_file) if plan.state_file else MemoryStore()
        async with Consumer(
            settings, resolver, chain, refund_account=key.address, store=store
        ) as consumer:
            station = await consumer.connect(plan.did)
            self._show.say("station", did=station.did, charge_point_id=station.charge_point_id)
            await self._begin(consumer, Sender(self._client, key))
            await self._follow(consumer)

    async def _begin(self, consumer: Consumer, wallet: Sender) -> None:
        quote = await consumer.quote(self._plan.connector, self._plan.deposit)
        terms = quote.terms
        self._show.say(
            "quote",
            session_id=terms.session_id,
            wallet=terms.wallet,
            per_kwh=str(terms.tariff.per_kwh),
            refund_opens_at=terms.refund_opens_at,
        )

        async def deposit(address: str, amount: int) -> None:
            mined = await wallet.send(address, b"", value=amount)
            self._show.say("deposit", amount=str(amount), transaction=mined.transaction_hash)

        await consumer.start(quote, deposit)
        if self._plan.stop_after_seconds is not None:
            self._deadline = monotonic() + self._plan.stop_after_seconds

    async def _follow(self, consumer: Consumer) -> None:
        quiet_since = monotonic()
        while True:
            event = await consumer.next_event(0.2)
            if event is not None:
                quiet_since = monotonic()
                await self._take(event, consumer)
            if isinstance(event, happened.LAST):
                return
            if monotonic() >= self._deadline:
                await self._stop(consumer)
            patience = self._plan.refund_after_silence
            if patience is not None and monotonic() - quiet_since > patience:
                await self._refund_when_open(consumer)
                return

    async def _take(self, event: happened.ConsumerEvent, consumer: Consumer) -> None:
        match event:
            case happened.StatusChanged(status=status, cost=cost):
                self._show.status(status, cost, self._voucher)
                await self._stop_when_due(status, consumer)
            case happened.VoucherSigned(spent=spent):
                self._voucher = spent
                self._show.say("voucher", spent=str(spent))
            case happened.ReceiptDelivered(receipt=receipt):
                self._show.receipt(receipt, await self._balances(receipt))
                if receipt.failure is not None:
                    raise FailedError(f"nothing was charged: {receipt.failure}")
            case happened.ReceiptDisputed(reason=reason) | happened.SessionRejected(reason=reason):
                raise FailedError(f"the session ended badly: {reason}")
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
            await consumer.stop()

    async def _refund_when_open(self, consumer: Consumer) -> None:
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
                self._show.say("refunded", transaction=transaction)
                return

    async def _balances(self, receipt: Receipt) -> dict[str, int]:
        return {
            "driver": await self._client.balance(receipt.refund_account, receipt.token),
            "station": await self._client.balance(receipt.provider, receipt.token),
            "wallet": await self._client.balance(receipt.wallet, receipt.token),
        }


NAMES: dict[type, str] = {
    happened.ProposalApproved: "approved",
    happened.ProposalDisputed: "disputed",
    happened.ConnectionLost: "connection_lost",
    happened.ConnectionRestored: "connection_restored",
    happened.RequestTurnedAway: "turned_away",
}


def _details(event: happened.ConsumerEvent) -> dict[str, str]:
    if isinstance(event, happened.ProposalApproved):
        return {"spent": str(event.proposal.spent), "refund": str(event.proposal.refund)}
    names = ("request", "reason")
    return {name: str(getattr(event, name)) for name in names if hasattr(event, name)}


async def open_account(plan: Plan, client: ChainClient) -> SigningKey:
    """Open the driver's account, or make one that the development chain funds."""
    if plan.key_file is not None:
        password = os.environ.get("KEYS_PASSWORD", "")
        return await asyncio.to_thread(load_keystore, plan.key_file, password)
    key = new_key()
    await client.rpc("anvil_setBalance", key.address, hex(FUNDS + plan.deposit))
    return key


async def main(plan: Plan) -> int:
    """Run one session; gives the exit code."""
    show = Lines() if plan.as_json else Screen(plan.deposit)
    client = ChainClient(plan.chain_urls, plan.chain_id)
    try:
        await Drive(plan, show, client).run(await open_account(plan, client))
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
    parser.add_argument("--deposit", type=_amount, default=5 * TOKEN, help="in whole tokens")
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


def _amount(text: str) -> int:
    try:
        return int(Decimal(text) * TOKEN)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{text} is no amount") from error


if __name__ == "__main__":
    logs.configure("consumer", "ERROR")
    sys.exit(asyncio.run(main(read_plan())))
