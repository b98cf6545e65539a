"""MeterValues of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

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
            "Hertz",
        ]
        | None
    ) = None


class MeterValueItem(OcppPart):
    timestamp: Moment
    sampled_value: Annotated[
        tuple[SampledValueItem, ...], Field(alias="sampledValue", min_length=1)
    ]


class MeterValuesRequest(OcppPart):
    """MeterValues.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]
    transaction_id: Annotated[int | None, Field(alias="transactionId")] = None
    meter_value: Annotated[tuple[MeterValueItem, ...], Field(alias="meterValue", min_length=1)]


class MeterValuesResponse(OcppPart):
    """MeterValues.conf."""
