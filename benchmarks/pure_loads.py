"""What is measured of single calls, in this process: no machine, no other process."""

from datetime import timedelta
from time import perf_counter

from benchmarks.figures import percentile
from benchmarks.parts import Part, Values
from benchmarks.session_states import ChargingStation, charging_station, read_until
from sdk.events.settlement import SignedVoucherReceived, VoucherReceived
from sdk.ids import utc_now
from sdk.tariff import Tariff, cost, usage_of
from session_manager.consumers import covers
from session_manager.requests import check_owner, open_request
from session_manager.session.machine import transition
from session_manager.session.state import Session

CHECKS, WARM_UP = 500, 50
DELIVERED_WH = 20_000
READINGS, EVERY_S = 1_440, 10
STEP_WH = 60
PRICINGS = 100


async def voucher_check() -> Values:
    """Take vouchers that rise, as a Session Manager takes them: read, recover, compare, keep."""
    station = charging_station(0)
    session = read_until(station.session, DELIVERED_WH)
    samples: list[float] = []
    for number in range(1, CHECKS + 1):
        signed = _voucher(station, number)
        began = perf_counter()
        session = _take(station, session, signed)
        samples.append((perf_counter() - began) * 1000)
    return {"settlement.voucher_check": percentile(samples[WARM_UP:], 50)}


async def four_hours() -> Values:
    """Count and price four hours of readings, one each ten seconds."""
    tariff = Tariff(per_kwh=4 * 10**17)
    first = utc_now()
    readings = [
        (first + timedelta(seconds=EVERY_S * number), STEP_WH * number)
        for number in range(READINGS + 1)
    ]
    samples: list[float] = []
    for _ in range(PRICINGS):
        began = perf_counter()
        cost(tariff, usage_of(tariff, readings))
        samples.append((perf_counter() - began) * 1000)
    return {"tariff.4h_1440_readings": percentile(samples, 50)}


PURE_LOADS = (
    Part(("settlement.voucher_check",), f"{CHECKS} rising vouchers each", voucher_check),
    Part(("tariff.4h_1440_readings",), f"{PRICINGS} times each", four_hours),
)


def _voucher(station: ChargingStation, number: int) -> SignedVoucherReceived:
    quote = station.session.terms
    channel, spent = station.quotes.channel(quote), number * 10**12
    request = VoucherReceived(
        provider_did=quote.provider_did,
        session_id=quote.session_id,
        nonce=station.session.nonce + number,
        expires_at=utc_now() + timedelta(minutes=1),
        spent=spent,
        safe_signature=channel.sign(channel.voucher(spent), station.driver),
    )
    payload = request.model_dump_json(exclude_none=True)
    return SignedVoucherReceived(payload=payload, signature=station.driver.sign_text(payload))


def _take(station: ChargingStation, session: Session, signed: SignedVoucherReceived) -> Session:
    opened = open_request(signed, signed.type, station.config.did, utc_now())
    fault = opened if isinstance(opened, str) else check_owner(opened, session)
    if isinstance(opened, str) or fault or not isinstance(opened.request, VoucherReceived):
        raise LookupError(f"a voucher is refused: {fault}")
    if not covers(station.quotes.channel(session.terms), opened.request, session):
        raise LookupError("a voucher's signature is refused")
    step = transition(session, opened.request)
    if step.refused is not None:
        raise LookupError(f"a voucher is refused: {step.refused}")
    return step.session
