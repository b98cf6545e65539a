"""Charging conversation, manager and gateway: authorise, start, meter, stop.

All bodies speak of the envelope's charge point and connector.
"""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.body import Body, Command
from sdk.fields import EnergyWh, IdTag, Moment, PowerW, TransactionId

CommandRefusal = Literal[
    "offline",
    "expired",
    "timeout",
    "rejected",
    "not_supported",
    "call_error",
    "superseded",
]
"""Why the gateway or the charge point did not do as asked; `timeout`: no answer in time."""


class AuthorizeIdTag(Command):
    """Let `id_tag` charge on this charge point, until it is revoked or `valid_until`."""

    type: Literal["AuthorizeIdTag"] = "AuthorizeIdTag"
    id_tag: IdTag
    valid_until: Moment


class IdTagAccepted(Body):
    """`id_tag` is in the register; `local_list` tells whether the charge point holds it too."""

    type: Literal["IdTagAccepted"] = "IdTagAccepted"
    id_tag: IdTag
    local_list: bool


class IdTagRefused(Body):
    """`id_tag` could not be registered."""

    type: Literal["IdTagRefused"] = "IdTagRefused"
    id_tag: IdTag
    reason: CommandRefusal


class RevokeIdTag(Command):
    """Take `id_tag` out of the register and, as far as it can be done, of the local list."""

    type: Literal["RevokeIdTag"] = "RevokeIdTag"
    id_tag: IdTag


class IdTagRevoked(Body):
    """`id_tag` is out of the register; nobody can start with it any more."""

    type: Literal["IdTagRevoked"] = "IdTagRevoked"
    id_tag: IdTag


class StartCharging(Command):
    """Start a transaction for `id_tag` (RemoteStartTransaction)."""

    type: Literal["StartCharging"] = "StartCharging"
    id_tag: IdTag


class ChargingStarted(Body):
    """The charge point opened a transaction (StartTransaction); `meter_start_wh` is its register.

    `id_tag_status` is what the register said of the tag; only "Accepted" may charge.
    """

    type: Literal["ChargingStarted"] = "ChargingStarted"
    transaction_id: TransactionId
    id_tag: IdTag
    id_tag_status: Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"] = "Accepted"
    meter_start_wh: EnergyWh
    started_at: Moment


class StartRefused(Body):
    """The charge point did not take the start."""

    type: Literal["StartRefused"] = "StartRefused"
    id_tag: IdTag
    reason: CommandRefusal


class MeterValueReported(Body):
    """One reading (MeterValues, or transactionData of StopTransaction); absent is not zero.

    `energy_wh` is the register Energy.Active.Import.Register, Outlet, no phase.
    """

    type: Literal["MeterValueReported"] = "MeterValueReported"
    transaction_id: TransactionId | None = None
    sampled_at: Moment
    energy_wh: EnergyWh | None = None
    power_w: PowerW | None = None
    current_a: float | None = None
    voltage_v: float | None = None
    soc_percent: int | None = None
    context: str = "Sample.Periodic"


class StopCharging(Command):
    """Stop a transaction (RemoteStopTransaction)."""

    type: Literal["StopCharging"] = "StopCharging"
    transaction_id: TransactionId


class StopRefused(Body):
    """The charge point did not take the stop; the transaction may still run."""

    type: Literal["StopRefused"] = "StopRefused"
    transaction_id: TransactionId
    reason: CommandRefusal


class ChargingStopped(Body):
    """The charge point closed a transaction (StopTransaction)."""

    type: Literal["ChargingStopped"] = "ChargingStopped"
    transaction_id: TransactionId
    meter_stop_wh: EnergyWh
    stopped_at: Moment
    reason: str = "Local"
    id_tag: IdTag | None = None


class CommandOutcomeUnknown(Body):
    """`command` was sent, and no answer came before the gateway went away; it is not sent again."""

    type: Literal["CommandOutcomeUnknown"] = "CommandOutcomeUnknown"
    command: str


ChargingEvent = Annotated[
    AuthorizeIdTag
    | IdTagAccepted
    | IdTagRefused
    | RevokeIdTag
    | IdTagRevoked
    | StartCharging
    | ChargingStarted
    | StartRefused
    | MeterValueReported
    | StopCharging
    | StopRefused
    | ChargingStopped
    | CommandOutcomeUnknown,
    Field(discriminator="type"),
]
