"""A station that the test plays over real libp2p and Redis: real signatures, no rules."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from p2p_server.__main__ import serve
from p2p_server.settings import P2pServerSettings
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, new_key, recover_text
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel, session_id_of
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.errors import ChainUnavailableError, ContractsMissingError
from sdk.chain.safe import SafeTx
from sdk.chain.tokens import TokenInfo
from sdk.events import service, settlement
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.signed import SignedBody, read_payload
from sdk.ids import new_event_id, utc_now
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_settings import ConsumerSettings, Deposit, Quote
from sdk.p2p.keys import load_key
from sdk.p2p.quote_check import channel_of
from sdk.tariff import Tariff, Usage, cost, needs_time, price_lines, tariff_hash, usage_of

CP = "CP-1"
TARIFF = Tariff(per_kwh=10**18)
DEPOSIT = 10**19
PINS = Deployment()
NO_HASH = "0x" + "0" * 64
METER_START = 500
BEFORE = ("verifying", "authorising", "starting")


Trick = Callable[[service.QuoteOffered, Channel, SigningKey], dict[str, Any]]
"""Gives what a quote says falsely, signatures included."""


@dataclass(frozen=True)
class Description:
    """A station's document, as a resolver would have verified it."""

    did: str
    provider: str
    ed25519: str
    multiaddrs: Sequence[str]
    charge_point_id: str = CP
    maximum_power_w: int = 22_000
    x25519: str = ""


@dataclass
class Registry:
    """A resolver; what it says can be changed."""

    description: Description

    async def resolve(self, did: str) -> Description:
        assert did == self.description.did
        return self.description


@dataclass
class Ledger:
    """A chain of three facts: which wallets were used, whose contracts it has, what was paid.

    `paid` is (wallet, transaction) -> spent and refund. The next `away` questions about a payout
    find no node; `asked` counts all of them.
    """

    used: set[str] = field(default_factory=set)
    contracts: Deployment = field(default_factory=Deployment)
    paid: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    away: int = 0
    asked: int = 0

    async def is_unused(self, address: str, token: str) -> bool:
        return (address, token) != ("", "") and address not in self.used

    async def check_contracts(self, deployment: Deployment) -> None:
        if deployment != self.contracts:
            raise ContractsMissingError("other contracts")

    async def block_time(self) -> int:
        return int(utc_now().timestamp())

    async def token(self, address: str) -> TokenInfo:
        return TokenInfo(address, 18, "")

    async def leftover(self, channel: Channel) -> int:
        raise AssertionError(f"nothing is left over here: {channel}")

    async def payout(self, channel: Channel, transaction_hash: str) -> tuple[int, int] | None:
        self.asked += 1
        if self.away:
            self.away -= 1
            raise ChainUnavailableError("no node answers")
        return self.paid.get((channel.address, transaction_hash))

    async def execute(
        self, channel: Channel, tx: SafeTx, provider_signature: str, own: SigningKey
    ) -> str:
        raise AssertionError(f"no payout here: {channel} {tx} {provider_signature} {own}")


class Station:
    """Plays the Session Manager of one station: real signatures, no rules."""

    def __init__(self, bus: RedisBus, key: SigningKey) -> None:
        self.key = key
        self.did = f"did:ethr:{CHAIN_ID:#x}:{key.address}"
        self.seen: list[Envelope] = []
        self.vouchers: list[int] = []
        self.phase: service.Phase = "idle"
        self.peer_id: str | None = None
        self.nonce = -1
        self.wh = 0
        self.tariff = TARIFF
        self.readings: list[tuple[datetime, int]] = []
        self.quote: service.QuoteOffered | None = None
        self.signed_quote: service.SignedQuoteOffered | None = None
        self.spoil: dict[str, Any] = {}
        self.trick: Trick = lambda *_: {}
        self.silent: set[str] = set()
        self.overloaded: set[str] = set()
        self.approved = asyncio.Event()
        self.ledger = Ledger()
        self.repeats: Callable[[], Awaitable[None]] | None = None
        """What is sent again after each SessionStateReported."""
        self.pays = True
        """Whether the ledger shows the payout of each receipt."""
        self._bus = bus

    async def run(self) -> None:
        async with self._bus.follow() as follower:
            subscription = await follower.subscribe(CP, Lane.IN, after=None)
            async for delivery in subscription:
                self.seen.append(delivery.envelope)
                if delivery.envelope.type in self.overloaded:
                    self.overloaded.discard(delivery.envelope.type)
                    await self._turn_away(delivery.envelope)
                elif delivery.envelope.type not in self.silent:
                    await self._answer(delivery.envelope)

    async def _turn_away(self, envelope: Envelope) -> None:
        refused = service.RequestRefused(request=envelope.type, reason="overloaded")
        await self.say(refused, envelope)

    async def say(self, body: Body, cause: Envelope | None = None) -> None:
        peer_id = cause.peer_id if cause else self.peer_id
        await self._bus.publish(
            Lane.OUT,
            Envelope(
                id=new_event_id(),
                charge_point_id=CP,
                at=utc_now(),
                caused_by=cause.id if cause else None,
                peer_id=peer_id,
                body=body,
            ),
        )

    async def report(
        self, phase: service.Phase, wh: int = 0, at: datetime | None = None, **spoiled: Any
    ) -> None:
        """Tell a phase and, once energy may flow, a reading."""
        self.phase, self.wh = phase, wh
        if phase not in BEFORE:
            self.readings.append((at or utc_now(), METER_START + wh))
        await self.say(self._status().model_copy(update=spoiled))

    async def propose(self, **spoiled: Any) -> None:
        quote, channel = self._terms()
        spent = spoiled.pop("spent", self.price)
        self.phase = "settling"
        fields = {
            "provider_did": self.did,
            "session_id": quote.session_id,
            "meter_start_wh": METER_START,
            "meter_stop_wh": METER_START + self.wh,
            "energy_wh": self.wh,
            "usage": self.usage if self.tells_usage else None,
            "deposit": DEPOSIT,
            "spent": spent,
            "refund": DEPOSIT - spent,
            "stop_reason": "consumer",
            "safe_signature": channel.sign(channel.voucher(spent), self.key),
        }
        proposal = settlement.SettlementProposed(**{**fields, **spoiled})
        await self.say(self.signed(settlement.SignedSettlementProposed, proposal))

    async def deliver(self, **spoiled: Any) -> None:
        quote, _ = self._terms()
        spent = self.price
        fields = {
            **quote.model_dump(include={"session_id", "charge_point_id", "connector_id", "wallet"}),
            **quote.model_dump(include={"provider", "refund_account", "token", "chain_id"}),
            "provider_did": self.did,
            "consumer_did": f"did:ethr:{CHAIN_ID:#x}:{quote.session_key}",
            "outcome": "settled",
            "energy_wh": self.wh,
            "tariff": self.tariff,
            "usage": self.usage,
            "price_lines": price_lines(self.tariff, self.usage),
            "deposit": DEPOSIT,
            "spent": spent,
            "refund": DEPOSIT - spent,
            "transaction_hash": NO_HASH,
            "previous": NO_HASH,
        }
        receipt = service.Receipt(**{**fields, **spoiled})
        if self.pays:
            payout = receipt.spent, receipt.refund
            self.ledger.paid[receipt.wallet, receipt.transaction_hash] = payout
        await self.say(self.signed(service.ServiceDelivered, receipt))

    @property
    def usage(self) -> Usage:
        """What was used, by all readings that were told."""
        return usage_of(self.tariff, self.readings)

    @property
    def tells_usage(self) -> bool:
        return bool(self.tariff.windows) or needs_time(self.tariff)

    @property
    def price(self) -> int:
        return min(DEPOSIT, cost(self.tariff, self.usage))

    async def _answer(self, envelope: Envelope) -> None:
        body = envelope.body
        assert isinstance(body, SignedBody)
        self._check_request(body)
        match body:
            case service.SignedQuoteRequested():
                await self._offer(envelope, body)
            case service.SignedServiceRequested():
                self.signed_quote = read_payload(body, service.ServiceRequested).quote
                self.quote = read_payload(self.signed_quote, service.QuoteOffered)
                self.peer_id, self.phase = envelope.peer_id, "verifying"
                await self.say(self._accepted(), envelope)
            case settlement.SignedVoucherReceived():
                self._take_voucher(read_payload(body, settlement.VoucherReceived))
            case settlement.SignedSettlementApproved():
                self._take_voucher(read_payload(body, settlement.SettlementApproved))
                self.approved.set()
            case service.SignedSessionResumed() if self.quote is None:
                refused = service.RequestRefused(request=body.type, reason="wrong_session")
                await self.say(refused, envelope)
            case service.SignedSessionResumed():
                await self._resume(envelope)
            case service.SignedStopRequested():
                self.phase = "stopping"
                await self.say(self._status(), envelope)

    async def _resume(self, envelope: Envelope) -> None:
        self.peer_id = envelope.peer_id
        state = service.SessionStateReported(
            connector_id=1,
            availability="busy",
            session=self._status(),
            quote=self.signed_quote,
        )
        await self.say(state, envelope)
        if self.repeats is not None:
            await self.repeats()

    def _check_request(self, body: SignedBody) -> None:
        content = json.loads(body.payload)
        assert content["provider_did"] == self.did
        assert content["nonce"] > self.nonce or content["type"] == "QuoteRequested"
        self.nonce = content["nonce"]
        if self.quote is not None:
            assert recover_text(body.payload, body.signature) == self.quote.session_key

    def _take_voucher(
        self, request: settlement.VoucherReceived | settlement.SettlementApproved
    ) -> None:
        quote, channel = self._terms()
        voucher = channel.voucher(request.spent)
        assert channel.is_signed_by(voucher, request.safe_signature, quote.session_key)
        self.vouchers.append(request.spent)

    async def _offer(self, envelope: Envelope, body: SignedBody) -> None:
        request = read_payload(body, service.QuoteRequested)
        now, nonce = utc_now(), "0x" + "77" * 32
        draft = service.QuoteOffered(
            **request.model_dump(include={"connector_id", "session_key", "refund_account"}),
            **request.model_dump(include={"consumer_nonce", "deposit", "token"}),
            provider_did=self.did,
            charge_point_id=CP,
            session_id=session_id_of(request.consumer_nonce, nonce),
            provider_nonce=nonce,
            provider=self.key.address,
            chain_id=CHAIN_ID,
            wallet=self.key.address,
            tariff=self.tariff,
            tariff_hash=tariff_hash(self.tariff),
            minimum_deposit=1,
            maximum_power_w=22_000,
            exposure_step=10**17,
            voucher_interval_s=30,
            ends_by=int(now.timestamp()) + 3600,
            refund_opens_at=int(now.timestamp()) + 7200,
            refund_signature="0x" + "0" * 130,
            sweep_signature="0x" + "0" * 130,
            expires_at=now + timedelta(seconds=60),
        )
        draft = draft.model_copy(update=self.spoil)
        channel = channel_of(draft, PINS)
        proofs = {
            "wallet": channel.address,
            "refund_signature": channel.sign(channel.gated_refund(), self.key),
            "sweep_signature": channel.sign(channel.sweep(), self.key),
        }
        tricks = self.trick(draft, channel, self.key)
        quote = draft.model_copy(update={**proofs, **self.spoil, **tricks})
        await self.say(self.signed(service.SignedQuoteOffered, quote), envelope)

    def _accepted(self) -> service.ServiceAccepted:
        quote, _ = self._terms()
        return service.ServiceAccepted(
            session_id=quote.session_id, wallet=quote.wallet, deposit_until=utc_now()
        )

    def _status(self) -> service.ChargingStatus:
        quote, _ = self._terms()
        charged = bool(self.readings)
        return service.ChargingStatus(
            session_id=quote.session_id,
            phase=self.phase,
            meter_start_wh=METER_START if charged else None,
            meter_wh=METER_START + self.wh if charged else None,
            energy_wh=self.wh,
            deposit=DEPOSIT,
            cost=self.price if charged else 0,
            usage=self.usage if charged and self.tells_usage else None,
            voucher=max(self.vouchers, default=0),
        )

    def _terms(self) -> tuple[service.QuoteOffered, Channel]:
        assert self.quote is not None
        return self.quote, channel_of(self.quote, PINS)

    def signed(self, model: Any, payload: Any) -> Any:
        text = payload.model_dump_json(exclude_none=True)
        return model(payload=text, signature=self.key.sign_text(text))


class Listening:
    """A service's context that tells the test when the service is ready."""

    def __init__(self, bus: RedisBus) -> None:
        self.name, self.bus, self.log = "p2p_server", bus, structlog.get_logger()
        self.stopping = asyncio.Event()
        self.addresses: asyncio.Queue[str] = asyncio.Queue()

    def ready(self, url: str) -> None:
        self.addresses.put_nowait(url)


@dataclass
class World:
    """What a test acts in."""

    bus: RedisBus
    folder: Path
    station: Station
    registry: Registry
    group: asyncio.TaskGroup
    port: int = 0
    server: Listening | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """Further settings of the P2P server."""

    async def start_server(self) -> None:
        settings = P2pServerSettings(
            data_dir=self.folder, p2p_port=self.port, p2p_ws_port=0, **self.options
        )
        self.server = Listening(self.bus)
        self._serving = self.group.create_task(serve(settings, self.server))  # type: ignore[arg-type]
        address = await self.server.addresses.get()
        self.port = int(address.split("/")[4])
        self.registry.description = replace(self.registry.description, multiaddrs=(address,))

    async def stop_server(self) -> None:
        assert self.server is not None
        self.server.stopping.set()
        await self._serving

    @asynccontextmanager
    async def consumer(
        self, chain: Any = None, speed: float = 10**9, looks: int = 60, **given: Any
    ) -> AsyncIterator[Consumer]:
        settings = ConsumerSettings(
            CHAIN_ID, PINS, speed_limit=speed, answer_seconds=2, payout_looks=looks
        )
        account = new_key().address
        chain = chain or self.station.ledger
        async with Consumer(
            settings, self.registry, chain, refund_account=account, **given
        ) as consumer:
            yield consumer

    @asynccontextmanager
    async def charging(
        self, deposit: Deposit | None = None, **given: Any
    ) -> AsyncIterator[tuple[Consumer, list[Any], Quote]]:
        """A session that charges, and the events that the app gets."""
        events: list[Any] = []
        async with self.consumer(**given) as consumer, asyncio.TaskGroup() as group:
            await consumer.connect(self.station.did)
            quote = await consumer.quote(1, DEPOSIT)
            await consumer.start(quote, deposit or nothing)
            listening = group.create_task(listen(consumer, events))
            await self.station.report("starting")
            await self.station.report("charging", 0)
            yield consumer, events, quote
            listening.cancel()


async def nothing(address: str, amount: int) -> None:
    assert address
    assert amount == DEPOSIT


async def listen(consumer: Consumer, events: list[Any]) -> None:
    async for event in consumer.status():
        events.append(event)  # noqa: PERF401 - read by others meanwhile


async def until(condition: Any, seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - two parties, no event of its own
            await asyncio.sleep(0.01)


def kinds(events: list[Any]) -> list[type]:
    return [type(event) for event in events]


@asynccontextmanager
async def played(bus: RedisBus, folder: Path) -> AsyncIterator[World]:
    """Play a station until the end."""
    station = Station(bus, new_key())
    await bus.add_member(keys.STATIONS, CP)
    await bus.write(keys.config(CP), {"did": station.did})
    server_key = load_key(folder / "p2p.key")
    registry = Registry(
        Description(
            station.did,
            station.key.address,
            server_key.ed25519,
            (),
            x25519=server_key.x25519,
        )
    )
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(station.run())
        world = World(bus, folder, station, registry, group)
        await world.start_server()
        yield world
        playing.cancel()
        await world.stop_server()
