"""Sessions for tests: a station and a driver with real keys, and a session in every phase."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.safe import ZERO
from sdk.chain.tokens import TokenInfo
from sdk.events.charge_point import (
    ChargePointDisconnected,
)
from sdk.events.charging import (
    ChargingStarted,
    ChargingStopped,
    IdTagAccepted,
    MeterValueReported,
    StartRefused,
)
from sdk.events.service import (
    Phase,
    QuoteOffered,
    QuoteRequested,
    ServiceRequested,
    SignedQuoteOffered,
    StopRequested,
    Voucher,
)
from sdk.events.settlement import (
    DepositConfirmed,
    SettlementApproved,
    SettlementExecuted,
    VoucherReceived,
)
from sdk.events.signed import Request, SignedBody, read_payload
from sdk.register import ChargePointConfig, station_did
from sdk.tariff import Tariff
from session_manager.quotes import Quotes, QuoteTerms
from session_manager.session.deadlines import DeadlineExpired, Limits, rearm
from session_manager.session.machine import transition
from session_manager.session.private import PrivateStarted
from session_manager.session.state import Session, Timer
from session_manager.session.step import Step, change
from session_manager.session.table import SessionEvent

CP = "CP-1"
CHAIN_ID = 31337
PEER = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo"
OTHER_PEER = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X"
STATION = SigningKey.from_bytes(b"\x11" * 32)
DRIVER = SigningKey.from_bytes(b"\x22" * 32)
STRANGER = SigningKey.from_bytes(b"\x33" * 32)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DEPLOYMENT = Deployment()
TERMS = QuoteTerms(
    chain_id=CHAIN_ID,
    valid=60,
    session=3600,
    refund_margin=600,
    voucher_interval=30,
    voucher_grace=45,
)
COIN = TokenInfo(ZERO, 18, "")
LIMITS = Limits()
PRICE = 1_000
"""Price of 1,000 Wh."""
DEPOSIT = 10_000
STEP = 500
TRANSACTION = 7
METER_START = 50_000
HASH = "0x" + "ab" * 32

R = TypeVar("R", bound=Request)


def station_config(**changes: Any) -> ChargePointConfig:
    fields: dict[str, Any] = {
        "charge_point_id": CP,
        "connectors": 2,
        "tariff": Tariff(per_kwh=PRICE),
        "did": station_did(CHAIN_ID, STATION.address),
        "maximum_power_w": 22_000,
        "minimum_deposit": 1_000,
        "exposure_step": STEP,
    }
    return ChargePointConfig.model_validate(fields | changes)


@dataclass
class App:
    """A driver's app: signs requests with rising nonces."""

    key: SigningKey = DRIVER
    nonce: int = 0
    did: str = field(default_factory=lambda: station_config().did)
    now: datetime = NOON

    def request(self, kind: type[R], **fields: Any) -> R:
        """Fill in what every request has; `nonce`, `expires_at` and all others can be given."""
        self.nonce += 1
        common = {
            "provider_did": self.did,
            "nonce": self.nonce,
            "expires_at": self.now + timedelta(seconds=60),
        }
        return kind.model_validate(common | fields)

    def sign(self, request: Request) -> dict[str, str]:
        """Give the wire form of a request."""
        payload = request.model_dump_json(exclude_none=True)
        kind: str = request.type  # type: ignore[attr-defined]
        return {"type": kind, "payload": payload, "signature": self.key.sign_text(payload)}

    def quote_request(self, **fields: Any) -> QuoteRequested:
        """Ask for a quote on connector 1."""
        asked = {
            "connector_id": 1,
            "session_key": self.key.address,
            "refund_account": self.key.address,
            "consumer_nonce": "0x" + "cc" * 32,
            "deposit": DEPOSIT,
        }
        return self.request(QuoteRequested, **(asked | fields))

    def service_request(self, signed: SignedQuoteOffered, **fields: Any) -> ServiceRequested:
        """Take a quote, with voucher 0."""
        quote = read_payload(signed, QuoteOffered)
        taken = {
            "session_id": quote.session_id,
            "quote": signed,
            "voucher": self.voucher(quote, 0),
        }
        return self.request(ServiceRequested, **(taken | fields))

    def voucher(self, quote: QuoteOffered, spent: int) -> Voucher:
        """Sign that the station may take `spent` in all."""
        channel = station_quotes().channel(quote)
        return Voucher(spent=spent, signature=channel.sign(channel.voucher(spent), self.key))

    def voucher_event(self, quote: QuoteOffered, spent: int) -> VoucherReceived:
        """Send a higher voucher."""
        return self._paying(VoucherReceived, quote, spent)

    def approval(self, quote: QuoteOffered, spent: int) -> SettlementApproved:
        """Approve the final price."""
        return self._paying(SettlementApproved, quote, spent)

    def stop(self, quote: QuoteOffered) -> StopRequested:
        """End the session."""
        return self.request(StopRequested, session_id=quote.session_id)

    def _paying(self, kind: type[R], quote: QuoteOffered, spent: int) -> R:
        signature = self.voucher(quote, spent).signature
        return self.request(
            kind, session_id=quote.session_id, spent=spent, safe_signature=signature
        )


def station_quotes(key: SigningKey = STATION) -> Quotes:
    return Quotes(key, DEPLOYMENT, TERMS)


def offer(provider_nonce: str = "0x" + "dd" * 32, **fields: Any) -> SignedQuoteOffered:
    """A quote of the station for the driver."""
    request = App().quote_request(**fields)
    return station_quotes().offer(request, station_config(), COIN, provider_nonce, NOON)


def read_quote(signed: SignedQuoteOffered) -> QuoteOffered:
    return read_payload(signed, QuoteOffered)


def as_signed(kind: type[SignedBody], wire: dict[str, str]) -> SignedBody:
    return kind.model_validate(wire)


# One quote serves all machine tests: signing is the slow part.
SIGNED_QUOTE = offer()
QUOTE = read_quote(SIGNED_QUOTE)
SESSION_ID = QUOTE.session_id


def deposited(amount: int = DEPOSIT) -> DepositConfirmed:
    return DepositConfirmed(session_id=SESSION_ID, amount=amount, block_number=1)


def accepted(tag: str) -> IdTagAccepted:
    return IdTagAccepted(id_tag=tag, local_list=True)


def started(tag: str, **fields: Any) -> ChargingStarted:
    given = {
        "transaction_id": TRANSACTION,
        "id_tag": tag,
        "meter_start_wh": METER_START,
        "started_at": NOON,
    }
    return ChargingStarted.model_validate(given | fields)


def reading(energy_wh: int | None, seconds: float = 60, **fields: Any) -> MeterValueReported:
    """A reading of so many Wh since the start."""
    meter = None if energy_wh is None else METER_START + energy_wh
    given = {
        "transaction_id": TRANSACTION,
        "sampled_at": NOON + timedelta(seconds=seconds),
        "energy_wh": meter,
        "power_w": 11_000,
    }
    return MeterValueReported.model_validate(given | fields)


def stopped(energy_wh: int, seconds: float = 3_000, **fields: Any) -> ChargingStopped:
    given = {
        "transaction_id": TRANSACTION,
        "meter_stop_wh": METER_START + energy_wh,
        "stopped_at": NOON + timedelta(seconds=seconds),
    }
    return ChargingStopped.model_validate(given | fields)


def executed(spent: int, deposit: int = DEPOSIT) -> SettlementExecuted:
    return SettlementExecuted(
        session_id=SESSION_ID,
        transaction_hash=HASH,
        block_number=2,
        deposit=deposit,
        spent=spent,
        refund=deposit - spent,
        gas_used=350_000,
    )


def expired(timer: Timer) -> DeadlineExpired:
    return DeadlineExpired(timer, NOON)


def run(session: Session, *events: SessionEvent, now: datetime = NOON) -> Session:
    """Give the session after `events`, with its timers."""
    for event in events:
        session = rearm(session, transition(session, event).session, LIMITS, now)
    return session


def last(session: Session, *events: SessionEvent) -> Step:
    """Give the step of the last event."""
    return transition(run(session, *events[:-1]), events[-1])


def held() -> Session:
    session = run(Session(), App().service_request(SIGNED_QUOTE))
    return change(session, peer_id=PEER)


TAG = held().id_tag or ""


def voucher(spent: int) -> VoucherReceived:
    return App().voucher_event(QUOTE, spent)


def approval(spent: int) -> SettlementApproved:
    return App().approval(QUOTE, spent)


def in_phase(phase: Phase) -> Session:
    """A session in `phase`; one that charged delivered 3,000 Wh and holds a voucher over 2,000."""
    return SESSIONS[phase]


def _sessions() -> dict[Phase, Session]:
    verifying = held()
    authorising = run(verifying, deposited())
    starting = run(authorising, accepted(TAG))
    charging = run(starting, started(TAG), reading(3_000), voucher(2_000))
    stopping = run(charging, App().stop(QUOTE))
    settling = run(stopping, stopped(3_000))
    executing = run(settling, approval(3_000))
    refunding = run(starting, StartRefused(id_tag=TAG, reason="rejected"))
    return {
        "idle": Session(),
        "verifying": verifying,
        "authorising": authorising,
        "starting": starting,
        "charging": charging,
        "stopping": stopping,
        "settling": settling,
        "executing": executing,
        "refunding": refunding,
        "settled": run(executing, executed(3_000)),
        "refunded": run(refunding, executed(0)),
        "rejected": run(verifying, App().stop(QUOTE), deposited(0)),
        "disputed": run(executing, expired("execution")),
    }


SESSIONS = _sessions()


def private_started(transaction_id: int = TRANSACTION) -> PrivateStarted:
    """A transaction that the operator's own idTag started."""
    begun = started("FREE", transaction_id=transaction_id)
    return PrivateStarted(station_quotes().private(station_config(), begun, 1, NOON), begun)


def private() -> Session:
    """A test without money that charges."""
    return run(Session(), private_started())


def offline(session: Session) -> Session:
    return run(session, ChargePointDisconnected(generation=1, reason="silent"))
