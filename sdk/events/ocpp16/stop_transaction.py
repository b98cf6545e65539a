"""StopTransaction of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class SampledValueItem(OcppPart):
    value: str
    context: (
        Literal[
            "Interruption.Begin",
            "Interruption.End",
            "Sample.Clock",
            "Sample.Periodic",
            "Transaction.Begin",
            "Transaction.End",
            "Trigger",
            "Other",
        ]
        | None
    ) = None
    format: Literal["Raw", "SignedData"] | None = None
    measurand: (
        Literal[
            "Energy.Active.Export.Register",
            "Energy.Active.Import.Register",
            "Energy.Reactive.Export.Register",
            "Energy.Reactive.Import.Register",
            "Energy.Active.Export.Interval",
            "Energy.Active.Import.Interval",
            "Energy.Reactive.Export.Interval",
            "Energy.Reactive.Import.Interval",
            "Power.Active.Export",
            "Power.Active.Import",
            "Power.Offered",
            "Power.Reactive.Export",
            "Power.Reactive.Import",
            "Power.Factor",
            "Current.Import",
            "Current.Export",
            "Current.Offered",
            "Voltage",
            "Frequency",
            "Temperature",
            "SoC",
            "RPM",
        ]
        | None
    ) = None
    phase: (
        Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"] | None
    ) = None
    location: Literal["Cable", "EV", "Inlet", "Outlet", "Body"] | None = None
    unit: (
        Literal[
            "Wh",
            "kWh",
            "varh",
            "kvarh",
            "W",
            "kW",
            "VA",
            "kVA",
            "var",
            "kvar",
            "A",
            "V",
            "K",
            "Celcius",
            "Celsius",
            "Fahrenheit",
            "Percent",
        ]
        | None
    ) = None


class TransactionDatum(OcppPart):
    timestamp: Moment
    sampled_value: Annotated[tuple[SampledValueItem, ...], Field(alias="sampledValue")]


class StopTransactionRequest(OcppPart):
    """StopTransaction.req."""

    id_tag: Annotated[str | None, Field(alias="idTag", max_length=20)] = None
    meter_stop: Annotated[int, Field(alias="meterStop")]
    timestamp: Moment
    transaction_id: Annotated[int, Field(alias="transactionId")]
    reason: (
        Literal[
            "EmergencyStop",
            "EVDisconnected",
            "HardReset",
            "Local",
            "Other",
            "PowerLoss",
            "Reboot",
            "Remote",
            "SoftReset",
            "UnlockCommand",
            "DeAuthorized",
        ]
        | None
    ) = None
    transaction_data: Annotated[
        tuple[TransactionDatum, ...] | None, Field(alias="transactionData")
    ] = None


class IdTagInfo(OcppPart):
    expiry_date: Annotated[Moment | None, Field(alias="expiryDate")] = None
    parent_id_tag: Annotated[str | None, Field(alias="parentIdTag", max_length=20)] = None
    status: Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]


class StopTransactionResponse(OcppPart):
    """StopTransaction.conf."""

    id_tag_info: Annotated[IdTagInfo | None, Field(alias="idTagInfo")] = None
