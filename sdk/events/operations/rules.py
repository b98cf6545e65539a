"""What OCPP 1.6 (edition 2) says of a request beyond its schema; checked before it is sent. Pure.

What breaks a rule would be refused by one charge point and taken for something else by another.
"""

from collections.abc import Iterator
from itertools import pairwise

from sdk.events.body import Body
from sdk.events.ocpp16.remote_start_transaction import ChargingProfile
from sdk.events.ocpp16.set_charging_profile import CsChargingProfiles
from sdk.events.operations.core import RemoteStartTransaction, UnlockConnector
from sdk.events.operations.local_list import SendLocalList
from sdk.events.operations.smart_charging import SetChargingProfile

Profile = ChargingProfile | CsChargingProfiles


def objection(body: Body, connector_id: int | None) -> str | None:
    """Give a rule that a request breaks; None: it may be sent. `connector_id`: the envelope's."""
    match body:
        case UnlockConnector():
            broken = _of_connector(connector_id)
        case RemoteStartTransaction():
            broken = _of_start(body, connector_id)
        case SetChargingProfile():
            broken = _of_placed_profile(body.cs_charging_profiles, connector_id or 0)
        case SendLocalList():
            broken = _of_list(body)
        case _:
            return None
    return next(broken, None)


def _of_connector(connector_id: int | None) -> Iterator[str]:
    """5.11, 5.18: it is about one connector, never about the charge point as a whole."""
    if connector_id == 0:
        yield "connectorId has to be above 0"


def _of_start(body: RemoteStartTransaction, connector_id: int | None) -> Iterator[str]:
    """5.11: a profile that comes with a start is for the transaction that it starts."""
    yield from _of_connector(connector_id)
    profile = body.charging_profile
    if profile is None:
        return
    if profile.charging_profile_purpose != "TxProfile":
        yield "the chargingProfile of a start has to be a TxProfile"
    if profile.transaction_id is not None:
        yield "the chargingProfile of a start has no transactionId"
    yield from _of_profile(profile)


def _of_placed_profile(profile: CsChargingProfiles, connector_id: int) -> Iterator[str]:
    """3.13.1, 5.16: which purpose goes with which connector."""
    purpose = profile.charging_profile_purpose
    if purpose == "TxProfile" and connector_id == 0:
        yield "a TxProfile needs a connectorId above 0"
    if purpose == "ChargePointMaxProfile" and connector_id != 0:
        yield "a ChargePointMaxProfile is for connectorId 0"
    yield from _of_profile(profile)


def _of_profile(profile: Profile) -> Iterator[str]:
    """3.13, 7.8, 7.13, 7.14: what makes a profile one that can be followed."""
    if profile.stack_level < 0:
        yield "stackLevel is below 0"
    if profile.charging_profile_kind == "Recurring" and profile.recurrency_kind is None:
        yield "a Recurring profile needs a recurrencyKind"
    if profile.charging_profile_purpose != "TxProfile" and profile.transaction_id is not None:
        yield "transactionId is for a TxProfile alone"
    periods = profile.charging_schedule.charging_schedule_period
    if not periods:
        yield "a chargingSchedule needs a chargingSchedulePeriod"
    starts = [period.start_period for period in periods]
    if starts and starts[0] != 0:
        yield "the first startPeriod has to be 0"
    if any(later <= before for before, later in pairwise(starts)):
        yield "each startPeriod has to be above the one before"
    if any(period.limit < 0 for period in periods):
        yield "a limit is below 0"


def _of_list(body: SendLocalList) -> Iterator[str]:
    """5.15, 7.1: one entry of an idTag, and in a full list each says what it is."""
    if len({entry.id_tag.casefold() for entry in body.entries}) < len(body.entries):
        yield "localAuthorizationList has an idTag twice"
    if body.update_type == "Full" and any(entry.removed for entry in body.entries):
        yield "each idTag of a Full list needs its idTagInfo"
