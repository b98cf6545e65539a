"""Operations of the Core profile. Section numbers are those of OCPP 1.6 edition 2."""

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from sdk.events.body import Command
from sdk.events.ocpp16.remote_start_transaction import ChargingProfile
from sdk.events.operations.base import Answered
from sdk.fields import Frozen, IdTag, TransactionId


class RemoteStartTransaction(Command):
    """RemoteStartTransaction (5.11) on the envelope's connector, if it has one."""

    type: Literal["RemoteStartTransaction"] = "RemoteStartTransaction"
    id_tag: IdTag
    charging_profile: ChargingProfile | None = None


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


_PASSWORD = re.compile(r"[\x20-\x7e]{16,40}")
_HEX_OF_TWO_CASES = re.compile(r"(?=.*[a-f])(?=.*[A-F])([0-9a-fA-F]{2})+")


class ChangeConfiguration(Command):
    """ChangeConfiguration (5.3).

    AuthorizationKey is 16 to 40 printable characters of ASCII ("Improved security for OCPP 1.6-J",
    edition 3, 2.2). Hexadecimal digits are of one case: the charge point shows either them or the
    bytes that they stand for, and bytes have no case.
    """

    type: Literal["ChangeConfiguration"] = "ChangeConfiguration"
    key: str = Field(min_length=1, max_length=50)
    value: str = Field(max_length=500)

    @model_validator(mode="after")
    def _check_password(self) -> Self:
        if self.sets_password and not _PASSWORD.fullmatch(self.value):
            raise ValueError("AuthorizationKey: 16 to 40 printable characters")
        if self.sets_password and _HEX_OF_TWO_CASES.fullmatch(self.value):
            raise ValueError("AuthorizationKey: hexadecimal digits are of one case")
        return self

    @property
    def sets_password(self) -> bool:
        """Whether it changes what the charge point logs in with."""
        return self.key.casefold() == "authorizationkey"


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


class ChangeAvailability(Command):
    """ChangeAvailability (5.2) of the envelope's connector; 0 or none: the whole charge point."""

    type: Literal["ChangeAvailability"] = "ChangeAvailability"
    kind: Literal["Inoperative", "Operative"]


class ChangeAvailabilityAnswered(Answered):
    """`status` is Accepted, Rejected or Scheduled: after the transaction that runs."""

    type: Literal["ChangeAvailabilityAnswered"] = "ChangeAvailabilityAnswered"


class ClearCache(Command):
    """ClearCache (5.4)."""

    type: Literal["ClearCache"] = "ClearCache"


class ClearCacheAnswered(Answered):
    """`status` is Accepted or Rejected."""

    type: Literal["ClearCacheAnswered"] = "ClearCacheAnswered"


class ReplacePassword(Command):
    """ChangeConfiguration of AuthorizationKey to one that the gateway makes and shows to nobody.

    Not of OCPP itself; it is answered as ChangeConfiguration is.
    """

    type: Literal["ReplacePassword"] = "ReplacePassword"


class ReplacePasswordAnswered(Answered):
    """`status` as of ChangeConfiguration; when Accepted, the old password is refused from now."""

    type: Literal["ReplacePasswordAnswered"] = "ReplacePasswordAnswered"
