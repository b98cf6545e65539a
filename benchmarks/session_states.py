"""Many stations with a session in charging each, put into Redis as services would leave them."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from eth_keyfile.keyfile import create_keyfile_json
from redis.asyncio import Redis

from benchmarks.plan import charge_point_id
from sdk.bus import keys
from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.safe import ZERO
from sdk.chain.tokens import NATIVE_DECIMALS, TokenInfo
from sdk.events.charging import ChargingStarted, IdTagAccepted, MeterValueReported
from sdk.events.service import QuoteOffered, QuoteRequested, ServiceRequested, Voucher
from sdk.events.settlement import DepositConfirmed
from sdk.events.signed import read_payload
from sdk.ids import utc_now
from sdk.register import ChargePointConfig, station_did
from sdk.tariff import Tariff
from session_manager.held import Held, write_session
from session_manager.quotes import Quotes, QuoteTerms
from session_manager.session.deadlines import Limits, rearm
from session_manager.session.machine import transition
from session_manager.session.state import Session
from session_manager.session.step import change
from session_manager.session.table import SessionEvent

PREFIX = "SM"
METER_START_WH = 50_000
TRANSACTION = 7
DEPOSIT = 10**19
WRITTEN_AT_ONCE = 100
PEER = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo"
_TERMS = QuoteTerms(
    chain_id=CHAIN_ID,
    valid=600,
    session=8 * 3600,
    refund_margin=3600,
    voucher_interval=3600,
    voucher_grace=3600,
)
_NATIVE = TokenInfo(ZERO, NATIVE_DECIMALS, "")
_ROUNDS = 1
"""Of the key's derivation: a thousand files with the rounds of real ones take minutes to open."""


@dataclass(frozen=True, slots=True)
class ChargingStation:
    """One station, its key, its driver's key, and its session in charging."""

    config: ChargePointConfig
    key: SigningKey
    driver: SigningKey
    session: Session

    @property
    def name(self) -> str:
        """The charge point's id."""
        return self.config.charge_point_id

    @property
    def quotes(self) -> Quotes:
        """The station's quotes."""
        return Quotes(self.key, Deployment(), _TERMS)


def charging_station(number: int) -> ChargingStation:
    """Make a station whose session has just begun to charge."""
    key, driver = new_key(), new_key()
    config = ChargePointConfig(
        charge_point_id=charge_point_id(PREFIX, number),
        did=station_did(CHAIN_ID, key.address),
        tariff=Tariff(per_kwh=4 * 10**17),
        exposure_step=DEPOSIT,
    )
    quotes = Quotes(key, Deployment(), _TERMS)
    session = _charging(_service_requested(quotes, config, driver))
    return ChargingStation(config, key, driver, session)


async def store(url: str, folder: Path, password: str, count: int) -> list[ChargingStation]:
    """Register `count` stations, store their sessions, and write their keys to `folder`."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    stations = [charging_station(number) for number in range(count)]
    async with Redis.from_url(url) as redis:
        for at in range(0, count, WRITTEN_AT_ONCE):
            pipe = redis.pipeline(transaction=False)
            for station in stations[at : at + WRITTEN_AT_ONCE]:
                _store(pipe, station)
                _write_key(folder, password, station.key)
            await pipe.execute()
    return stations


def _store(pipe: Any, station: ChargingStation) -> None:  # noqa: ANN401 - untyped in redis-py
    name = station.name
    pipe.hset(keys.config(name), mapping={**station.config.to_hash(), "version": "1"})
    pipe.sadd(keys.STATIONS, name)
    pipe.hset(keys.state(name), mapping={"connected": "1"})
    pipe.hset(keys.connector(name, 1), mapping={"status": "Charging"})
    for write in write_session(name, 1, Held(Session()), station.session, None):
        pipe.hset(write.key, mapping=dict(write.fields or {}))


def _write_key(folder: Path, password: str, key: SigningKey) -> None:
    content = create_keyfile_json(key.secret, password.encode(), iterations=_ROUNDS)
    path = folder / f"{key.address}.json"
    path.write_text(json.dumps(content), encoding="utf-8")


def _service_requested(
    quotes: Quotes, config: ChargePointConfig, driver: SigningKey
) -> ServiceRequested:
    now = utc_now()
    common = {"provider_did": config.did, "expires_at": now + timedelta(minutes=1)}
    asked = QuoteRequested.model_validate(
        {
            **common,
            "nonce": 1,
            "connector_id": 1,
            "session_key": driver.address,
            "refund_account": driver.address,
            "consumer_nonce": _random_bytes32(),
            "deposit": DEPOSIT,
        }
    )
    signed = quotes.offer(asked, config, _NATIVE, _random_bytes32(), now)
    quote = read_payload(signed, QuoteOffered)
    channel = quotes.channel(quote)
    voucher = Voucher(spent=0, signature=channel.sign(channel.voucher(0), driver))
    taken = {"nonce": 2, "session_id": quote.session_id, "quote": signed, "voucher": voucher}
    return ServiceRequested.model_validate({**common, **taken})


def _charging(request: ServiceRequested) -> Session:
    session = _after(Session(), request)
    session_id, tag = session.terms.session_id, session.id_tag or ""
    events: tuple[SessionEvent, ...] = (
        DepositConfirmed(session_id=session_id, amount=DEPOSIT, block_number=1),
        IdTagAccepted(id_tag=tag, local_list=True),
        ChargingStarted(
            transaction_id=TRANSACTION,
            id_tag=tag,
            meter_start_wh=METER_START_WH,
            started_at=utc_now(),
        ),
    )
    for event in events:
        session = _after(session, event)
    return change(session, peer_id=PEER, nonce=request.nonce)


def read_until(session: Session, energy_wh: int) -> Session:
    """Let a session that has just begun to charge deliver so much."""
    reading = MeterValueReported(
        transaction_id=TRANSACTION,
        sampled_at=utc_now() + timedelta(hours=1),
        energy_wh=METER_START_WH + energy_wh,
    )
    return transition(session, reading).session


def _after(session: Session, event: SessionEvent) -> Session:
    return rearm(session, transition(session, event).session, Limits(), utc_now())


def _random_bytes32() -> str:
    return "0x" + secrets.token_hex(32)
