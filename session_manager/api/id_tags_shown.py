"""The idTags of the operators' register: the models of requests and answers. Pure."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from sdk.fields import Moment
from sdk.id_tags import IdTagEntry, PrintableIdTag
from session_manager.api.conditions import without_defaults
from session_manager.api.values import ApiModel, GivenMoment

_MostActive = Annotated[int, Field(ge=0, le=1_000_000)]
_Note = Annotated[str, StringConstraints(max_length=200)]


class NewIdTag(ApiModel):
    """An idTag to register, in the spelling in which it is told to charge points.

    `max_active`: how many transactions it may have at a time; null: any number; 0: it is blocked.
    `note` is for people, and told to no charge point.
    """

    id_tag: PrintableIdTag
    status: Literal["Accepted", "Blocked"] = "Accepted"
    parent_id_tag: PrintableIdTag | None = None
    expires_at: GivenMoment | None = None
    max_active: _MostActive | None = None
    note: _Note = ""

    def entry(self) -> IdTagEntry:
        """Give what is to be in the register."""
        return IdTagEntry(tag=self.id_tag, **self.model_dump(exclude={"id_tag"}))


class RegisteredIdTag(ApiModel):
    """An idTag as it is registered; see `NewIdTag`."""

    id_tag: str
    status: Literal["Accepted", "Blocked"]
    parent_id_tag: str | None
    expires_at: Moment | None
    max_active: int | None
    note: str


class IdTagChange(ApiModel):
    """What is to be changed; what is left out stays, and null takes away."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    status: Literal["Accepted", "Blocked"] = "Accepted"
    parent_id_tag: PrintableIdTag | None = None
    expires_at: GivenMoment | None = None
    max_active: _MostActive | None = None
    note: _Note = ""


class Active(ApiModel):
    """A transaction that an idTag started, and that was not stopped as far as is known."""

    charge_point_id: str
    transaction_id: int
    since: datetime


class ActiveList(ApiModel):
    """The transactions of an idTag at all charge points, the oldest first."""

    items: list[Active]


def registered_id_tag(entry: IdTagEntry) -> RegisteredIdTag:
    """Give an entry of the register as the API names its fields."""
    return RegisteredIdTag(id_tag=entry.tag, **entry.model_dump(exclude={"tag"}))
