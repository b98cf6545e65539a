"""The message log: what a charge point and the gateway said to each other."""

from typing import Literal

from pydantic import Field

from sdk.message_log import Message, MessageOutcome, read_counts
from session_manager.api.charge_points import config_of
from session_manager.api.message_pages import behind, logged_messages
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Messages",)


class MessageQuery(Paging):
    """Which messages are wanted."""

    action: str | None = Field(
        default=None, max_length=50, description="Only of this action, such as BootNotification."
    )
    direction: Literal["received", "sent"] | None = Field(
        default=None, description="`sent`: asked by us."
    )
    outcome: MessageOutcome | None = Field(default=None, description="Only with this outcome.")

    def takes(self, message: Message) -> bool:
        """Tell whether a message is wanted."""
        pairs = (
            (self.action, message.action),
            (self.direction, message.direction),
            (self.outcome, message.outcome),
        )
        return all(wanted is None or wanted == found for wanted, found in pairs)


class MessageCounts(ApiModel):
    """What the gateway counted of a charge point since it was registered, by name."""

    counts: dict[str, int]


async def _list(asked: Asked) -> Reply:
    charge_point_id, query = asked.path["charge_point_id"], asked.query
    bus = asked.services.bus
    await config_of(bus, charge_point_id)
    kind = f"messages {charge_point_id}"
    place = place_of(kind, query, int, int, int)
    logged = behind(await logged_messages(bus, charge_point_id), place)
    found = [each for each in logged if query.takes(each.message)]
    items, cursor = page_of(kind, query, found, lambda each: list(each.place))
    shown = [each.message.model_dump(mode="json") for each in items]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": shown, "next_cursor": cursor}, headers=headers)


async def _counts(asked: Asked) -> MessageCounts:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    await config_of(bus, charge_point_id)
    return MessageCounts(counts=await read_counts(bus, charge_point_id))


ROUTES = (
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/messages",
        name="list_messages",
        summary="List the OCPP messages of a charge point, the newest first",
        description=(
            "IdTags, keys and passwords are masked. The log reaches back some hours to days, "
            "depending on how much is said; messages come into it up to a second later."
        ),
        role="viewer",
        handler=_list,
        query=MessageQuery,
        answer=Page[Message],
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/messages/counts",
        name="count_messages",
        summary="Tell what the gateway counted: what it tolerated, and what was wrong",
        role="viewer",
        handler=_counts,
        answer=MessageCounts,
        tags=_TAGS,
    ),
)
