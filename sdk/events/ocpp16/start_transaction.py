"""StartTransaction of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class StartTransactionRequest(OcppPart):
    """StartTransaction.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]
    id_tag: Annotated[str, Field(alias="idTag", max_length=20)]
    meter_start: Annotated[int, Field(alias="meterStart")]
    reservation_id: Annotated[int | None, Field(alias="reservationId")] = None
    timestamp: Moment


class IdTagInfo(OcppPart):
    expiry_date: Annotated[Moment | None, Field(alias="expiryDate")] = None
    parent_id_tag: Annotated[str | None, Field(alias="parentIdTag", max_length=20)] = None
    status: Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]


class StartTransactionResponse(OcppPart):
    """StartTransaction.conf."""

    id_tag_info: Annotated[IdTagInfo, Field(alias="idTagInfo")]
    transaction_id: Annotated[int, Field(alias="transactionId")]
