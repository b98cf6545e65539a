"""The demo's dispute: an invented session that was not paid, with a wallet that really holds money.

Its highest voucher is signed by somebody else than the driver, so that the chain refuses to pay the
station; the one that gives all back is right: the dispute can be decided by a refund.
"""

from datetime import datetime, timedelta

from demo_history import FIRST_METER_WH, FIRST_TRANSACTION
from demo_points import TOKEN, DemoStation
from demo_sessions import GENERATED, account_of, charged, charging_session, quote_of
from demo_week import Visit
from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.events.service import QuoteOffered, Voucher
from session_manager.held import Held, write_dispute
from session_manager.session.state import Session

DEPOSIT = 6 * TOKEN
REFUND_ACCOUNT = account_of("refund 0")
"""Where a refund goes to."""
_HOURS_AGO = 3


async def write(bus: Bus, station: DemoStation, now: datetime) -> QuoteOffered:
    """Write the dispute before the station is registered; gives its quote, whose wallet to fund."""
    driver = new_key()
    visit = Visit(
        station.point.id,
        1,
        begins_at=now - timedelta(hours=_HOURS_AGO),
        driver=0,
        power_w=11_040,
        energy_wh=9_000,
        idle=timedelta(),
        stop_reason="consumer",
        failure=None,
    )
    _, quote = quote_of(station, visit, driver.address, DEPOSIT)
    used = charged(station, visit, FIRST_METER_WH)
    session = charging_session(quote, visit, used, FIRST_TRANSACTION - 1)
    disputed = _disputed(session, _channel(quote), driver, now - timedelta(hours=1))
    for each in write_dispute(
        station.point.id, 1, Held(Session()), disputed, disputed.timeline[-1][1]
    ):
        if each.key != keys.session(station.point.id, 1):
            await bus.write(each.key, each.fields or {})
    return quote


def _disputed(session: Session, channel: Channel, driver: SigningKey, since: datetime) -> Session:
    paid = session.cost
    wrong = Voucher(spent=paid, signature=channel.sign(channel.voucher(paid), new_key()))
    return session.model_copy(
        update={
            "phase": "disputed",
            "recovering": "executing",
            "zero": Voucher(spent=0, signature=channel.sign(channel.voucher(0), driver)),
            "voucher": wrong,
            "payout": wrong,
            "proposed": paid,
            "flags": (GENERATED, "settlement_reverted"),
            "timeline": (*session.timeline, ("disputed", since)),
        }
    )


def _channel(quote: QuoteOffered) -> Channel:
    return Channel(
        chain_id=quote.chain_id,
        deployment=Deployment(),
        session_id=quote.session_id,
        consumer=quote.session_key,
        provider=quote.provider,
        refund_account=quote.refund_account,
        token=quote.token,
        refund_opens_at=quote.refund_opens_at,
    )
