"""Charge point conversation: what the gateway tells of a charge point.

What may be asked of it is in `sdk.events.operations`. Section numbers are those of OCPP 1.6
edition 2; SW: "Improved security for OCPP 1.6-J", edition 3.
"""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.body import Body
from sdk.events.operations import *  # noqa: F403 - operations were part of this module
from sdk.events.operations import AnyAnswered, Operation
from sdk.fields import IdTag, Moment, TransactionId

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


class DataTransferAnswer(Body):
    """What the vendor's handler answers to the DataTransferReceived that caused it."""

    type: Literal["DataTransferAnswer"] = "DataTransferAnswer"
    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
    data: str | None = None


class DiagnosticsStatusChanged(Body):
    """DiagnosticsStatusNotification (4.4)."""

    type: Literal["DiagnosticsStatusChanged"] = "DiagnosticsStatusChanged"
    status: str


class FirmwareStatusChanged(Body):
    """FirmwareStatusNotification (4.5); `signed`: SignedFirmwareStatusNotification (SW 4.4)."""

    type: Literal["FirmwareStatusChanged"] = "FirmwareStatusChanged"
    status: str
    signed: bool = False
    request_id: int | None = None


class LogStatusChanged(Body):
    """LogStatusNotification (SW 4.1)."""

    type: Literal["LogStatusChanged"] = "LogStatusChanged"
    status: str
    request_id: int | None = None


class SecurityEventReported(Body):
    """SecurityEventNotification (SW 4.2)."""

    type: Literal["SecurityEventReported"] = "SecurityEventReported"
    event_type: str
    reported_at: Moment
    tech_info: str | None = None


class CertificateRequested(Body):
    """SignCertificate (SW 4.3); `accepted`: it is signed, and CertificateSigned follows."""

    type: Literal["CertificateRequested"] = "CertificateRequested"
    csr: str
    accepted: bool
    reason: str | None = None


class CertificateDelivered(Body):
    """A certificate that the charge point asked for was sent; `status` is what it said of it."""

    type: Literal["CertificateDelivered"] = "CertificateDelivered"
    serial_number: str
    expires_at: Moment
    status: str | None = None


class ReservationMade(Body):
    """The charge point took a reservation of the envelope's connector (0: any)."""

    type: Literal["ReservationMade"] = "ReservationMade"
    reservation_id: int
    id_tag: IdTag
    expires_at: Moment
    parent_id_tag: IdTag | None = None


class ReservationEnded(Body):
    """A reservation is over; `used`: by the transaction that is named."""

    type: Literal["ReservationEnded"] = "ReservationEnded"
    reservation_id: int
    reason: Literal["used", "expired", "cancelled", "replaced"]
    transaction_id: TransactionId | None = None


class ConfigurationDrifted(Body):
    """A configuration key is not as wanted, and could not be made so.

    `differs`: it took the value, and reports another one.
    """

    type: Literal["ConfigurationDrifted"] = "ConfigurationDrifted"
    key: str
    wanted: str
    reported: str | None = None
    reason: Literal["rejected", "not_supported", "readonly", "needs_reboot", "differs", "no_answer"]


class ConfigurationRestored(Body):
    """A configuration key that had drifted is as wanted again, or is not wanted any more."""

    type: Literal["ConfigurationRestored"] = "ConfigurationRestored"
    key: str


ChargePointEvent = Annotated[
    ChargePointConnected
    | ChargePointBooted
    | ChargePointDisconnected
    | ChargePointConfigChanged
    | ConnectorStatusChanged
    | DataTransferReceived
    | DataTransferAnswer
    | DiagnosticsStatusChanged
    | FirmwareStatusChanged
    | LogStatusChanged
    | SecurityEventReported
    | CertificateRequested
    | CertificateDelivered
    | ReservationMade
    | ReservationEnded
    | ConfigurationDrifted
    | ConfigurationRestored
    | Operation
    | AnyAnswered,
    Field(discriminator="type"),
]
