"""The consumer that an app embeds, over real libp2p and Redis; the test plays the station."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from p2p_server.__main__ import serve
from p2p_server.settings import P2pServerSettings
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, new_key, recover_text
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel, session_id_of
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.errors import ContractsMissingError
from sdk.chain.safe import SafeTx
from sdk.chain.tokens import TokenInfo
from sdk.events import service, settlement
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.signed import SignedBody, read_payload
from sdk.ids import new_event_id, utc_now
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_settings import ConsumerSettings, Quote
from sdk.p2p.consumer_state import FileStore
from sdk.p2p.keys import P2pKey, load_key
from sdk.p2p.quote_check import channel_of
from sdk.tariff import Tariff, Usage, energy_cost, price_lines, tariff_hash, usage_of

CP = "CP-1"
TARIFF = Tariff(per_kwh=10**18)
DEPOSIT = 10**19
PINS = Deployment()
NO_HASH = "0x" + "0" * 64


@dataclass(frozen=True)
class Description:
    """A station's document, as a resolver would have verified it."""

    did: str
    provider: str
    ed25519: str
    multiaddrs: Sequence[str]
    charge_point_id: str = CP


@dataclass
class Registry:
    """A resolver; what it says can be changed."""

    description: Description

    async def resolve(self, did: str) -> Description:
        assert did == self.description.did
        return self.description


@dataclass
class Ledger:
    """A chain of two facts: which wallets were used, and whose contracts it has."""

    used: set[str] = field(default_factory=set)
    contracts: Deployment = field(default_factory=Deployment)

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
        self.quote: service.QuoteOffered | None = None
        self.spoil: dict[str, Any] = {}
        self.silent: set[str] = set()
        self.approved = asyncio.Event()
        self._bus = bus

    async def run(self) -> None:
        async with self._bus.follow() as follower:
            subscription = await follower.subscribe(CP, Lane.IN, after=None)
            async for delivery in subscription:
                self.seen.append(delivery.envelope)
                if delivery.envelope.type not in self.silent:
                    await self._answer(delivery.envelope)

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

    async def report(self, phase: service.Phase, wh: int = 0) -> None:
        self.phase, self.wh = phase, wh
        await self.say(self._status())

    async def propose(self, **spoiled: Any) -> None:
        quote, channel = self._terms()
        spent = energy_cost(TARIFF, self.wh)
        self.phase = "settling"
        fields = {
            "provider_did": self.did,
            "session_id": quote.session_id,
            "meter_start_wh": 500,
            "meter_stop_wh": 500 + self.wh,
            "energy_wh": self.wh,
            "deposit": DEPOSIT,
            "spent": spent,
            "refund": DEPOSIT - spent,
            "stop_reason": "consumer",
            "safe_signature": channel.sign(channel.voucher(spent), self.key),
        }
        proposal = settlement.SettlementProposed(**{**fields, **spoiled})
        await self.say(self._signed(settlement.SignedSettlementProposed, proposal))

    async def deliver(self, **spoiled: Any) -> None:
        quote, _ = self._terms()
        spent = energy_cost(TARIFF, self.wh)
        fields = {
            **quote.model_dump(include={"session_id", "charge_point_id", "connector_id", "wallet"}),
            **quote.model_dump(include={"provider", "refund_account", "token", "chain_id"}),
            "provider_did": self.did,
            "consumer_did": f"did:ethr:{CHAIN_ID:#x}:{quote.session_key}",
            "outcome": "settled",
            "energy_wh": self.wh,
            "tariff": TARIFF,
            "usage": self._usage(),
            "price_lines": price_lines(TARIFF, self._usage()),
            "deposit": DEPOSIT,
            "spent": spent,
            "refund": DEPOSIT - spent,
            "transaction_hash": NO_HASH,
            "previous": NO_HASH,
        }
        receipt = service.Receipt(**{**fields, **spoiled})
        await self.say(self._signed(service.ServiceDelivered, receipt))

    def _usage(self) -> Usage:
        return usage_of(TARIFF, [(utc_now(), 500), (utc_now(), 500 + self.wh)])

    async def _answer(self, envelope: Envelope) -> None:
        body = envelope.body
        assert isinstance(body, SignedBody)
        self._check_request(body)
        match body:
            case service.SignedQuoteRequested():
                await self._offer(envelope, body)
            case service.SignedServiceRequested():
                self.quote = read_payload(
                    read_payload(body, service.ServiceRequested).quote, service.QuoteOffered
                )
                self.peer_id, self.phase = envelope.peer_id, "verifying"
                await self.say(self._accepted(), envelope)
            case settlement.SignedVoucherReceived():
                self._take_voucher(read_payload(body, settlement.VoucherReceived))
            case settlement.SignedSettlementApproved():
                self._take_voucher(read_payload(body, settlement.SettlementApproved))
                self.approved.set()
            case service.SignedSessionResumed():
                self.peer_id = envelope.peer_id
                state = service.SessionStateReported(
                    connector_id=1, availability="busy", session=self._status()
                )
                await self.say(state, envelope)
            case service.SignedStopRequested():
                self.phase = "stopping"
                await self.say(self._status(), envelope)

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
            tariff=TARIFF,
            tariff_hash=tariff_hash(TARIFF),
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
        quote = draft.model_copy(update={**proofs, **self.spoil})
        await self.say(self._signed(service.SignedQuoteOffered, quote), envelope)

    def _accepted(self) -> service.ServiceAccepted:
        quote, _ = self._terms()
        return service.ServiceAccepted(
            session_id=quote.session_id, wallet=quote.wallet, deposit_until=utc_now()
        )

    def _status(self) -> service.ChargingStatus:
        quote, _ = self._terms()
        charged = self.phase not in ("verifying", "authorising", "starting")
        return service.ChargingStatus(
            session_id=quote.session_id,
            phase=self.phase,
            meter_start_wh=500 if charged else None,
            meter_wh=500 + self.wh if charged else None,
            energy_wh=self.wh,
            deposit=DEPOSIT,
            cost=energy_cost(TARIFF, self.wh),
            voucher=max(self.vouchers, default=0),
        )

    def _terms(self) -> tuple[service.QuoteOffered, Channel]:
        assert self.quote is not None
        return self.quote, channel_of(self.quote, PINS)

    def _signed(self, model: Any, payload: Any) -> Any:
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

    async def start_server(self) -> None:
        settings = P2pServerSettings(data_dir=self.folder, p2p_port=self.port, p2p_ws_port=0)
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
    async def consumer(self, chain: Any = None, **given: Any) -> AsyncIterator[Consumer]:
        settings = ConsumerSettings(CHAIN_ID, PINS, speed_limit=10**9, answer_seconds=2)
        account = new_key().address
        async with Consumer(
            settings, self.registry, chain or Ledger(), refund_account=account, **given
        ) as consumer:
            yield consumer

    @asynccontextmanager
    async def charging(self, **given: Any) -> AsyncIterator[tuple[Consumer, list[Any], Quote]]:
        """A session that charges, and the events that the app gets."""
        events: list[Any] = []
        async with self.consumer(**given) as consumer, asyncio.TaskGroup() as group:
            await consumer.connect(self.station.did)
            quote = await consumer.quote(1, DEPOSIT)
            await consumer.start(quote, nothing)
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


@pytest.fixture
async def world(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[World]:
    bus = redis_bus
    station = Station(bus, new_key())
    await bus.add_member(keys.STATIONS, CP)
    await bus.write(keys.config(CP), {"did": station.did})
    server_key = load_key(tmp_path / "p2p.key")
    registry = Registry(Description(station.did, station.key.address, server_key.ed25519, ()))
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(station.run())
        world = World(bus, tmp_path, station, registry, group)
        await world.start_server()
        yield world
        playing.cancel()
        await world.stop_server()


async def test_a_session_from_the_did_to_the_receipt(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, events, _):
        for wh in (50, 120, 130, 400):
            await station.report("charging", wh)
        await until(lambda: station.vouchers == [12 * 10**16, 4 * 10**17])
        await consumer.stop()
        await station.report("settling", 450)
        await station.propose()
        await station.approved.wait()
        assert station.vouchers[-1] == 45 * 10**16
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))
        assert consumer.state is not None
        assert consumer.state.receipt is not None
    signed = [event.spent for event in events if isinstance(event, happened.VoucherSigned)]
    assert signed == [12 * 10**16, 4 * 10**17]
    assert isinstance(events[-1], happened.ReceiptDelivered)
    assert events[-1].receipt.spent == 45 * 10**16
    assert happened.ProposalApproved in kinds(events)


async def test_all_of_the_deposit_is_the_most_that_is_signed(world: World) -> None:
    station = world.station
    async with world.charging():
        await station.report("charging", 10**6)
        await until(lambda: station.vouchers[-1:] == [DEPOSIT])
        await station.report("charging", 2 * 10**6)
        await asyncio.sleep(1.2)
        assert max(station.vouchers) == DEPOSIT


@pytest.mark.parametrize(
    "spoiled",
    [
        {"wallet": "0x" + "1" * 40},
        {"deposit": DEPOSIT + 1},
        {"refund_account": "0x" + "2" * 40},
        {"session_id": NO_HASH},
        {"chain_id": 1},
        {"tariff_hash": NO_HASH},
        {"refund_opens_at": 2**40},
        {"refund_opens_at": 1},
        {"expires_at": datetime.fromisoformat("2020-01-01T00:00:00Z")},
        {"provider": "0x" + "3" * 40},
        {"connector_id": 2},
        {"refund_signature": "0x" + "1" * 130},
        {"sweep_signature": "0x" + "1" * 130},
        {"charge_point_id": "CP-2"},
        {"minimum_deposit": DEPOSIT + 1},
    ],
)
async def test_a_quote_that_does_not_protect_the_driver_is_refused(
    world: World, spoiled: dict[str, Any]
) -> None:
    world.station.spoil = spoiled
    async with world.consumer() as consumer:
        await consumer.connect(world.station.did)
        with pytest.raises(errors.QuoteInvalidError):
            await consumer.quote(1, DEPOSIT)


async def test_a_wallet_that_was_used_and_a_false_signer_are_refused(world: World) -> None:
    async with world.consumer() as consumer:
        await consumer.connect(world.station.did)
        quote = await consumer.quote(1, DEPOSIT)
        assert quote.terms.wallet == channel_of(quote.terms, PINS).address

    class Used(Ledger):
        async def is_unused(self, address: str, token: str) -> bool:
            return not await super().is_unused(address, token)

    elsewhere = Ledger(contracts=Deployment(payout="0x" + "9" * 40))
    async with world.consumer(elsewhere) as consumer:
        await consumer.connect(world.station.did)
        with pytest.raises(ContractsMissingError):
            await consumer.quote(1, DEPOSIT)

    async with world.consumer(Used()) as consumer:
        await consumer.connect(world.station.did)
        with pytest.raises(errors.QuoteInvalidError, match="used before"):
            await consumer.quote(1, DEPOSIT)
        world.station.key = new_key()
        with pytest.raises(errors.QuoteInvalidError, match="not signed by"):
            await consumer.quote(1, DEPOSIT)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"spent": 45 * 10**16 + 1, "refund": DEPOSIT - 45 * 10**16 - 1},
        {"refund": 0},
        {"meter_start_wh": 400},
        {"energy_wh": 1},
        {"deposit": 1},
        {"session_id": NO_HASH},
        {"safe_signature": "0x" + "1" * 130},
    ],
)
async def test_a_wrong_proposal_is_not_signed(world: World, spoiled: dict[str, Any]) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        before = list(station.vouchers)
        await station.propose(**spoiled)
        await until(lambda: happened.ProposalDisputed in kinds(events))
        assert station.vouchers == before
        assert not station.approved.is_set()


@pytest.mark.parametrize(
    "spoiled", [{"spent": DEPOSIT, "refund": 0}, {"energy_wh": 1}, {"refund": 1}]
)
async def test_a_wrong_receipt_is_told(world: World, spoiled: dict[str, Any]) -> None:
    station = world.station
    async with world.charging() as (_, events, _quote):
        await station.report("charging", 450)
        await until(lambda: bool(station.vouchers))
        await station.deliver(**spoiled)
        await until(lambda: happened.ReceiptDisputed in kinds(events))


async def test_a_server_with_another_key_is_not_trusted(world: World) -> None:
    description = world.registry.description
    async with world.consumer() as consumer:
        stranger = P2pKey.generate()
        world.registry.description = replace(description, ed25519=stranger.ed25519)
        with pytest.raises(errors.StationUntrustedError):
            await consumer.connect(world.station.did)
        claimed = description.multiaddrs[0].rpartition("/")[0] + "/" + stranger.peer_id
        world.registry.description = replace(
            description, ed25519=stranger.ed25519, multiaddrs=(claimed,)
        )
        with pytest.raises(errors.StationUnreachableError):
            await consumer.connect(world.station.did)
    await world.bus.write(keys.config(CP), {"did": "did:ethr:0x7a69:0x" + "0" * 40})
    world.registry.description = description
    async with world.consumer() as consumer:
        with pytest.raises(errors.StationUntrustedError, match="wrong_station"):
            await consumer.connect(world.station.did)


async def test_an_error_leaves_the_consumer_as_it_is(world: World) -> None:
    async def stop_nothing() -> None:
        async with world.consumer() as consumer:
            await consumer.connect(world.station.did)
            await consumer.stop()

    with pytest.raises(errors.NoSessionError):
        await stop_nothing()


async def test_refusals_come_as_errors_with_their_reason(world: World) -> None:
    world.station.silent = {"QuoteRequested"}
    async with world.consumer() as consumer:
        with pytest.raises(errors.NoSessionError):
            await consumer.quote(1, DEPOSIT)
        await consumer.connect(world.station.did)
        with pytest.raises(errors.NoAnswerError):
            await consumer.quote(1, DEPOSIT)
        with pytest.raises(errors.NoSessionError):
            await consumer.stop()
        await world.bus.remove_member(keys.STATIONS, CP)
        await asyncio.sleep(2.1)
        with pytest.raises(errors.RequestRefusedError) as refused:
            await consumer.quote(1, DEPOSIT)
        assert refused.value.reason == "unknown_station"


async def test_the_session_goes_on_after_the_server_was_away(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, events, _):
        await station.report("charging", 200)
        await until(lambda: station.vouchers == [2 * 10**17])
        await world.stop_server()
        await until(lambda: happened.ConnectionLost in kinds(events))
        await station.report("charging", 350)
        await world.start_server()
        await until(lambda: happened.ConnectionRestored in kinds(events))
        assert "SessionResumed" in [envelope.type for envelope in station.seen]
        await until(lambda: station.vouchers[-1] == 35 * 10**16)
        await consumer.stop()
        await station.report("settling", 360)
        await station.propose()
        await station.approved.wait()
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))


async def test_an_answer_lost_with_the_connection_is_found_by_resuming(world: World) -> None:
    station = world.station
    station.silent = {"ServiceRequested"}
    async with world.consumer() as consumer:
        await consumer.connect(station.did)
        quote = await consumer.quote(1, DEPOSIT)
        station.quote = quote.terms
        station.phase = "verifying"
        sent: list[int] = []

        async def deposit(_: str, amount: int) -> None:
            sent.append(amount)

        await consumer.start(quote, deposit)
        assert sent == [DEPOSIT]


async def test_another_process_takes_the_session_up_from_the_file(world: World) -> None:
    station = world.station
    store = FileStore(world.folder / "session.json")
    async with world.charging(store=store):
        await station.report("charging", 200)
        await until(lambda: station.vouchers == [2 * 10**17])
    state = store.load()
    assert state is not None
    assert (world.folder / "session.json").stat().st_mode & 0o077 == 0
    await station.report("charging", 300)
    async with world.consumer(state=state, store=store) as consumer:
        await consumer.resume()
        await until(lambda: station.vouchers[-1] == 3 * 10**17)
        assert consumer.state is not None
        assert consumer.state.phase == "charging"


async def test_the_refund_is_taken_from_a_silent_station_once_it_opens(world: World) -> None:
    async with DevNode() as node:
        client = node.client()
        driver = node.accounts[1]
        chain = NodeChain(client, driver)
        async with world.consumer(chain) as consumer:
            await consumer.connect(world.station.did)
            quote = await consumer.quote(1, DEPOSIT)

            async def deposit(address: str, amount: int) -> None:
                await node.fund(address, amount)

            await consumer.start(quote, deposit)
            with pytest.raises(errors.RefundNotOpenError) as early:
                await consumer.refund()
            assert early.value.opens_at == quote.terms.refund_opens_at
            await node.set_time(quote.terms.refund_opens_at + 1)
            assert (await consumer.refund()).startswith("0x")
            assert await client.balance(quote.terms.refund_account) == DEPOSIT
            assert await client.balance(quote.terms.wallet) == 0
        await client.close()
