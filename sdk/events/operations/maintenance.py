"""Operations of FirmwareManagement and RemoteTrigger, and those of the security extension for them.

Section numbers are those of OCPP 1.6 edition 2; SW: those of "Improved security for OCPP 1.6-J",
edition 3.
"""

from typing import Literal

from sdk.events.body import Command
from sdk.events.ocpp16.get_log import LogParametersType
from sdk.events.ocpp16.signed_update_firmware import FirmwareType
from sdk.events.operations.base import Answered
from sdk.fields import Moment


class GetDiagnostics(Command):
    """GetDiagnostics (5.9): upload to `location`; `retry_interval` in seconds."""

    type: Literal["GetDiagnostics"] = "GetDiagnostics"
    location: str
    retries: int | None = None
    retry_interval: int | None = None
    start_time: Moment | None = None
    stop_time: Moment | None = None


class GetDiagnosticsAnswered(Answered):
    """The name of the file that will be uploaded is in `response`, if there is one."""

    type: Literal["GetDiagnosticsAnswered"] = "GetDiagnosticsAnswered"


class UpdateFirmware(Command):
    """UpdateFirmware (5.19): fetch from `location` at `retrieve_date` or later."""

    type: Literal["UpdateFirmware"] = "UpdateFirmware"
    location: str
    retrieve_date: Moment
    retries: int | None = None
    retry_interval: int | None = None


class UpdateFirmwareAnswered(Answered):
    """An answer without a status."""

    type: Literal["UpdateFirmwareAnswered"] = "UpdateFirmwareAnswered"


class SignedUpdateFirmware(Command):
    """SignedUpdateFirmware (SW 5.3)."""

    type: Literal["SignedUpdateFirmware"] = "SignedUpdateFirmware"
    request_id: int
    firmware: FirmwareType
    retries: int | None = None
    retry_interval: int | None = None


class SignedUpdateFirmwareAnswered(Answered):
    """`status`: Accepted, Rejected, AcceptedCanceled, InvalidCertificate or RevokedCertificate."""

    type: Literal["SignedUpdateFirmwareAnswered"] = "SignedUpdateFirmwareAnswered"


class GetLog(Command):
    """GetLog (SW 5.2)."""

    type: Literal["GetLog"] = "GetLog"
    log_type: Literal["DiagnosticsLog", "SecurityLog"]
    request_id: int
    log: LogParametersType
    retries: int | None = None
    retry_interval: int | None = None


class GetLogAnswered(Answered):
    """`status` is Accepted, Rejected or AcceptedCanceled; the file's name is in `response`."""

    type: Literal["GetLogAnswered"] = "GetLogAnswered"


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


class ExtendedTriggerMessage(Command):
    """ExtendedTriggerMessage (SW 5.1), for the envelope's connector where it has one."""

    type: Literal["ExtendedTriggerMessage"] = "ExtendedTriggerMessage"
    requested_message: Literal[
        "BootNotification",
        "LogStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "SignChargePointCertificate",
        "StatusNotification",
    ]


class ExtendedTriggerMessageAnswered(Answered):
    """`status` is Accepted, Rejected or NotImplemented."""

    type: Literal["ExtendedTriggerMessageAnswered"] = "ExtendedTriggerMessageAnswered"
