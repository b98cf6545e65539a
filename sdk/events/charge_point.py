"""Charge point conversation: what the gateway tells of a charge point, and typed OCPP operations.

An operation is a command named as OCPP names it, answered by `<Operation>Answered`, whose `outcome`
tells whether the charge point answered at all. Section numbers are those of OCPP 1.6 edition 2.
"""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.body import Body, Command
from sdk.fields import Frozen, IdTag, Moment, TransactionId

ConnectorStatus = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]

Outcome = Literal[
    "answered",
    "timeout",
    "offline",
    "expired",
    "not_supported",
    "call_error",
    "unknown",
]
"""`answered`: see `status`. `unknown`: it was sent, and no answer came
that says what became of it: the socket or gateway went away, or it could not be read."""


class ChargePointConnected(Body):
    """A socket of the charge point was accepted; `generation` rises with each one."""

    type: Literal["ChargePointConnected"] = "ChargePointConnected"
    generation: int


class ChargePointBooted(Body):
    """BootNotification (4.2) was accepted."""

    type: Literal["ChargePointBooted"] = "ChargePointBooted"
    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None


class ChargePointDisconnected(Body):
    """The socket of `generation` is gone."""

    type: Literal["ChargePointDisconnected"] = "ChargePointDisconnected"
    generation: int
    reason: Literal["closed", "silent", "superseded", "gateway_stopped", "gateway_lost"]


class ChargePointConfigChanged(Body):
    """`{CP}:config` was changed, once or more, or is gone: read it behind this event's cursor."""

    type: Literal["ChargePointConfigChanged"] = "ChargePointConfigChanged"


class ConnectorStatusChanged(Body):
    """StatusNotification (4.9); connector 0 is the charge point itself."""

    type: Literal["ConnectorStatusChanged"] = "ConnectorStatusChanged"
    status: ConnectorStatus
    error_code: str = "NoError"
    info: str | None = None
    changed_at: Moment


class DataTransferReceived(Body):
    """DataTransfer (4.3) from the charge point."""

    type: Literal["DataTransferReceived"] = "DataTransferReceived"
    vendor_id: str
    message_id: str | None = None
    data: str | None = None


class Answered(Body):
    """What is common to all answers of operations; `status` is the charge point's own word."""

    outcome: Outcome
    status: str | None = None


class RemoteStartTransaction(Command):
    """RemoteStartTransaction (5.11) on the envelope's connector."""

    type: Literal["RemoteStartTransaction"] = "RemoteStartTransaction"
    id_tag: IdTag


class RemoteStartTransactionAnswered(Answered):
    """`status` is Accepted or Rejected."""

    type: Literal["RemoteStartTransactionAnswered"] = "RemoteStartTransactionAnswered"


class RemoteStopTransaction(Command):
    """RemoteStopTransaction (5.12)."""

    type: Literal["RemoteStopTransaction"] = "RemoteStopTransaction"
    transaction_id: TransactionId


class RemoteStopTransactionAnswered(Answered):
    """`status` is Accepted or Rejected."""

    type: Literal["RemoteStopTransactionAnswered"] = "RemoteStopTransactionAnswered"


class LocalListEntry(Frozen):
    """One entry of a local authorization list; without `status` a differential one removes it."""

    id_tag: IdTag
    status: Literal["Accepted", "Blocked", "Expired", "Invalid"] | None = "Accepted"
    expires_at: Moment | None = None
    parent_id_tag: IdTag | None = None


class SendLocalList(Command):
    """SendLocalList (5.15)."""

    type: Literal["SendLocalList"] = "SendLocalList"
    list_version: int = Field(gt=0)
    update_type: Literal["Full", "Differential"]
    entries: tuple[LocalListEntry, ...] = ()


class SendLocalListAnswered(Answered):
    """`status` is Accepted, Failed, NotSupported or VersionMismatch."""

    type: Literal["SendLocalListAnswered"] = "SendLocalListAnswered"


class GetLocalListVersion(Command):
    """GetLocalListVersion (5.10)."""

    type: Literal["GetLocalListVersion"] = "GetLocalListVersion"


class GetLocalListVersionAnswered(Answered):
    """`list_version` is -1 where the charge point has no local lists."""

    type: Literal["GetLocalListVersionAnswered"] = "GetLocalListVersionAnswered"
    list_version: int | None = None


class ChangeConfiguration(Command):
    """ChangeConfiguration (5.3)."""

    type: Literal["ChangeConfiguration"] = "ChangeConfiguration"
    key: str = Field(min_length=1, max_length=50)
    value: str = Field(max_length=500)


class ChangeConfigurationAnswered(Answered):
    """`status` is Accepted, Rejected, RebootRequired or NotSupported."""

    type: Literal["ChangeConfigurationAnswered"] = "ChangeConfigurationAnswered"


class ConfigurationKey(Frozen):
    """One configuration key as the charge point reports it."""

    key: str
    readonly: bool
    value: str | None = None


class GetConfiguration(Command):
    """GetConfiguration (5.8); no keys asks for all."""

    type: Literal["GetConfiguration"] = "GetConfiguration"
    keys: tuple[str, ...] = ()


class GetConfigurationAnswered(Answered):
    """The configuration keys known and unknown to the charge point."""

    type: Literal["GetConfigurationAnswered"] = "GetConfigurationAnswered"
    configuration: tuple[ConfigurationKey, ...] = ()
    unknown_keys: tuple[str, ...] = ()


class TriggerMessage(Command):
    """TriggerMessage (5.17), for the envelope's connector where it has one."""

    type: Literal["TriggerMessage"] = "TriggerMessage"
    requested_message: Literal[
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
    ]


class TriggerMessageAnswered(Answered):
    """`status` is Accepted, Rejected or NotImplemented."""

    type: Literal["TriggerMessageAnswered"] = "TriggerMessageAnswered"


class UnlockConnector(Command):
    """UnlockConnector (5.18) on the envelope's connector."""

    type: Literal["UnlockConnector"] = "UnlockConnector"


class UnlockConnectorAnswered(Answered):
    """`status` is Unlocked, UnlockFailed or NotSupported."""

    type: Literal["UnlockConnectorAnswered"] = "UnlockConnectorAnswered"


class Reset(Command):
    """Reset (5.14)."""

    type: Literal["Reset"] = "Reset"
    kind: Literal["Hard", "Soft"] = "Soft"


class ResetAnswered(Answered):
    """`status` is Accepted or Rejected."""

    type: Literal["ResetAnswered"] = "ResetAnswered"


class DataTransfer(Command):
    """DataTransfer (5.6) to the charge point."""

    type: Literal["DataTransfer"] = "DataTransfer"
    vendor_id: str = Field(min_length=1, max_length=255)
    message_id: str | None = Field(default=None, max_length=50)
    data: str | None = None


class DataTransferAnswered(Answered):
    """`status` is Accepted, Rejected, UnknownMessageId or UnknownVendorId."""

    type: Literal["DataTransferAnswered"] = "DataTransferAnswered"
    data: str | None = None


Operation = (
    RemoteStartTransaction
    | RemoteStopTransaction
    | SendLocalList
    | GetLocalListVersion
    | ChangeConfiguration
    | GetConfiguration
    | TriggerMessage
    | UnlockConnector
    | Reset
    | DataTransfer
)

ChargePointEvent = Annotated[
    ChargePointConnected
    | ChargePointBooted
    | ChargePointDisconnected
    | ChargePointConfigChanged
    | ConnectorStatusChanged
    | DataTransferReceived
    | RemoteStartTransaction
    | RemoteStartTransactionAnswered
    | RemoteStopTransaction
    | RemoteStopTransactionAnswered
    | SendLocalList
    | SendLocalListAnswered
    | GetLocalListVersion
    | GetLocalListVersionAnswered
    | ChangeConfiguration
    | ChangeConfigurationAnswered
    | GetConfiguration
    | GetConfigurationAnswered
    | TriggerMessage
    | TriggerMessageAnswered
    | UnlockConnector
    | UnlockConnectorAnswered
    | Reset
    | ResetAnswered
    | DataTransfer
    | DataTransferAnswered,
    Field(discriminator="type"),
]
