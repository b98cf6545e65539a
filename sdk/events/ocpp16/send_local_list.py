"""SendLocalList of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class IdTagInfo(OcppPart):
    expiry_date: Annotated[Moment | None, Field(alias="expiryDate")] = None
    parent_id_tag: Annotated[str | None, Field(alias="parentIdTag", max_length=20)] = None
    status: Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]


class LocalAuthorizationListItem(OcppPart):
    id_tag: Annotated[str, Field(alias="idTag", max_length=20)]
    id_tag_info: Annotated[IdTagInfo | None, Field(alias="idTagInfo")] = None


class SendLocalListRequest(OcppPart):
    """SendLocalList.req."""

    list_version: Annotated[int, Field(alias="listVersion")]
    local_authorization_list: Annotated[
        tuple[LocalAuthorizationListItem, ...] | None, Field(alias="localAuthorizationList")
    ] = None
    update_type: Annotated[Literal["Differential", "Full"], Field(alias="updateType")]


class SendLocalListResponse(OcppPart):
    """SendLocalList.conf."""

    status: Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]
