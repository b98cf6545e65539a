"""RemoteStopTransaction of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class RemoteStopTransactionRequest(OcppPart):
    """RemoteStopTransaction.req."""

    transaction_id: Annotated[int, Field(alias="transactionId")]


class RemoteStopTransactionResponse(OcppPart):
    """RemoteStopTransaction.conf."""

    status: Literal["Accepted", "Rejected"]
