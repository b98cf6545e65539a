"""The message log: what a charge point and the gateway said to each other."""

from typing import Any, Literal

import orjson
from pydantic import Field

from sdk.message_log import Message, MessageOutcome, read_counts
from sdk.settings import MASK
from session_manager.api.charge_points import config_asked
from session_manager.api.event_shown import shown
from session_manager.api.message_pages import Logged, logged_messages
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Messages",)
_FRAMES = ("request", "answer")


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
    await config_asked(asked)
    charge_point_id, query = asked.path["charge_point_id"], asked.query
    kind = f"messages {charge_point_id}"
    place = place_of(kind, query, int, int, int)
    found: list[Logged] = []
    async for logged in logged_messages(asked.services.bus, charge_point_id, place):
        if query.takes(logged.message):
            found.append(logged)
        if len(found) > query.limit:
            break
    items, cursor = page_of(kind, query, found, lambda each: list(each.place))
    shows_tags = asked.principal.may("operator")
    content = [message_shown(each.message, shows_tags=shows_tags) for each in items]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": content, "next_cursor": cursor}, headers=headers)


def message_shown(message: Message, *, shows_tags: bool) -> dict[str, Any]:
    """Give a message as JSON; without `shows_tags`, vendors' data and signed samples are masked."""
    told = message.model_dump(mode="json")
    return told if shows_tags else {**told, **{name: _masked(told[name]) for name in _FRAMES}}


def _masked(frame: str | None) -> str | None:
    if frame is None:
        return None
    try:
        return orjson.dumps(shown(orjson.loads(frame), shows_tags=False)).decode()
    except ValueError:  # its start only was kept: nobody can tell what is in it
        return MASK


async def _counts(asked: Asked) -> MessageCounts:
    await config_asked(asked)
    found = await read_counts(asked.services.bus, asked.path["charge_point_id"])
    return MessageCounts(counts=found)


ROUTES = (
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/messages",
        name="list_messages",
        summary="List the OCPP messages of a charge point, the newest first",
        description=(
            "IdTags, keys and passwords are masked, for viewers also vendors' data, signed meter "
            "values and frames that were cut. The log reaches back some hours to days, "
            "depending on how much is said; messages come into it up to a second later."
        ),
        role="viewer",
        handler=_list,
        is_heavy=True,
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
