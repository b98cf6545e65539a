"""What is shown of sessions: the models of the answers, and running ones out of their hashes."""

from collections.abc import Mapping
from typing import Any, Literal

from sdk.events.service import (
    ChargingStatus,
    Phase,
    QuoteOffered,
    ServiceDelivered,
    SignedQuoteOffered,
)
from sdk.fields import EnergyWh, Moment, Money, PowerW
from sdk.tariff import PriceLine
from session_manager.api.stored import json_object
from session_manager.api.values import ApiModel

ENDED = frozenset({"", "idle", "settled", "refunded", "rejected", "disputed"})
"""Phases in which no session runs on a connector."""
_TOLD = (
    "session_id",
    "transaction_id",
    "energy_wh",
    "power_w",
    "soc_percent",
    "sampled_at",
    "deposit",
    "cost",
    "remaining",
    "voucher",
    "private",
    "stop_reason",
    "flags",
)
_ABSENT = {"energy_wh": 0, "deposit": "0", "cost": "0", "remaining": "0", "voucher": "0"}


class RunningSession(ApiModel):
    """A session that runs on a connector; money in the token's smallest unit."""

    charge_point_id: str
    connector_id: int
    session_id: str
    phase: Phase
    transaction_id: int | None
    energy_wh: EnergyWh
    power_w: PowerW | None
    soc_percent: int | None
    sampled_at: Moment | None
    deposit: Money
    cost: Money
    remaining: Money
    voucher: Money
    private: bool
    stop_reason: str | None
    flags: list[str]


class EndedSession(ApiModel):
    """A session that ended; money in the token's smallest unit, the gas fee in the chain's own.

    `unbilled_wh` was delivered and never billed; `idle_s` is the part of `charging_s` in which the
    car was full.
    """

    charge_point_id: str
    connector_id: int
    session_id: str
    outcome: str
    private: bool
    started_at: Moment | None
    ended_at: Moment
    stop_reason: str | None
    failure: str | None
    flags: list[str]
    transaction_id: int | None
    energy_wh: EnergyWh
    unbilled_wh: EnergyWh
    charging_s: int
    idle_s: int
    chain_id: int
    token: str
    deposit: Money
    spent: Money
    refund: Money
    tax: Money
    gas_used: int
    gas_fee: Money
    consumer_did: str | None
    """None for viewers, and where the driver is not known."""


class Step(ApiModel):
    """A phase and when it began."""

    phase: Phase
    at: Moment


class CurveSummary(ApiModel):
    """The readings of a session in short."""

    readings: int
    begin: Moment | None = None
    end: Moment | None = None
    energy_wh: int | None = None
    lowest_w: int | None = None
    highest_w: int | None = None


class ReadingShown(ApiModel):
    """One reading: milliseconds since 1970, the meter's register, power and state of charge."""

    at_ms: int
    energy_wh: int
    power_w: int | None
    soc_percent: int | None


class ReceiptCheck(ApiModel):
    """What a check of a receipt found: its hash, who signed it, and all that is wrong with it."""

    hash: str
    signer: str | None
    faults: list[str]


class SessionTransaction(ApiModel):
    """A transaction on the chain."""

    kind: Literal["payout"]
    hash: str


class SessionRecordShown(ApiModel):
    """The record of a session that ended; `quote` and `receipt` are as they were signed.

    `quoted`, `price`, `receipt_check`, `consumer_did` and `transactions` are read out of these.
    `messages_path` is where the charge point's messages are, behind the API's base.
    """

    session_id: str
    charge_point_id: str
    connector_id: int
    outcome: str
    ended_at: Moment
    status: ChargingStatus
    quote: SignedQuoteOffered | None
    receipt: ServiceDelivered | None
    timeline: list[Step]
    curve: CurveSummary
    readings: list[ReadingShown]
    gas_used: int
    quoted: QuoteOffered | None
    price: list[PriceLine]
    receipt_check: ReceiptCheck | None
    consumer_did: str | None
    transactions: list[SessionTransaction]
    messages_path: str


def running_session(
    charge_point_id: str, connector_id: int, session: Mapping[str, str]
) -> dict[str, Any] | None:
    """Make the JSON of a `RunningSession`; None where none runs."""
    status = json_object(session.get("status"))
    phase = session.get("phase", "")
    if status is None or phase in ENDED:
        return None
    told = {name: status.get(name, _ABSENT.get(name)) for name in _TOLD}
    return {
        **told,
        "charge_point_id": charge_point_id,
        "connector_id": connector_id,
        "phase": phase,
        "private": bool(told["private"]),
        "flags": told["flags"] or [],
    }
