"""Operations of the LocalAuthListManagement profile (OCPP 1.6 edition 2)."""

from typing import Literal

from pydantic import Field

from sdk.events.body import Command
from sdk.events.operations.base import Answered
from sdk.fields import Frozen, IdTag, Moment


class LocalListEntry(Frozen):
    """One entry of a local authorization list; `removed`, in a differential one, takes it off."""

    id_tag: IdTag
    status: Literal["Accepted", "Blocked", "Expired", "Invalid"] = "Accepted"
    expires_at: Moment | None = None
    parent_id_tag: IdTag | None = None
    removed: bool = False


class SendLocalList(Command):
    """SendLocalList (5.15); entries that are too many for one message go in several.

    Each of them takes the next version, `list_version` and up.
    """

    type: Literal["SendLocalList"] = "SendLocalList"
    list_version: int = Field(gt=0)
    update_type: Literal["Full", "Differential"]
    entries: tuple[LocalListEntry, ...] = ()


class SendLocalListAnswered(Answered):
    """`status` is Accepted, Failed, NotSupported or VersionMismatch; the version it has now."""

    type: Literal["SendLocalListAnswered"] = "SendLocalListAnswered"
    list_version: int | None = None


class GetLocalListVersion(Command):
    """GetLocalListVersion (5.10)."""

    type: Literal["GetLocalListVersion"] = "GetLocalListVersion"


class GetLocalListVersionAnswered(Answered):
    """`list_version` is -1 where the charge point has no local lists."""

    type: Literal["GetLocalListVersionAnswered"] = "GetLocalListVersionAnswered"
    list_version: int | None = None


class SynchroniseLocalList(Command):
    """Make the charge point's local list what the registers of idTags say; not of OCPP itself."""

    type: Literal["SynchroniseLocalList"] = "SynchroniseLocalList"


class SynchroniseLocalListAnswered(Answered):
    """`status` as of SendLocalList; the version that it has now, and how many entries."""

    type: Literal["SynchroniseLocalListAnswered"] = "SynchroniseLocalListAnswered"
    list_version: int | None = None
    entries: int | None = None
