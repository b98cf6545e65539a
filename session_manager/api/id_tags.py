"""The operators' register of idTags: who may charge at every charge point."""

from typing import Any
from urllib.parse import quote

from sdk.bus import keys
from sdk.errors import ChangedMeanwhileError
from sdk.id_tags import IdTagExistsError, IdTags, UnknownIdTagError, read_entry
from session_manager.api.conditions import changed_meanwhile, strong_tag, version_wanted
from session_manager.api.id_tags_shown import (
    Active,
    ActiveList,
    IdTagChange,
    NewIdTag,
    RegisteredIdTag,
    registered_id_tag,
)
from session_manager.api.paging import Page, Paging, next_link, place_of, seal
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.routes import BASE, Asked, Reply, Route

_TAGS = ("idTags",)
_KIND = "idTags"
_ONE = "/id-tags/{id_tag}"
_CONDITIONAL = {412: "If-Match names another version than there is."}


async def _list(asked: Asked) -> Reply:
    query: Paging = asked.query
    place = place_of(_KIND, query, str)
    after = None if place is None else str(place[0])
    entries, behind = await IdTags(asked.services.bus).list(after, query.limit)
    cursor = None if behind is None else seal(_KIND, query.filters, [behind])
    shown = [registered_id_tag(entry).model_dump(mode="json") for entry in entries]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": shown, "next_cursor": cursor}, headers=headers)


async def _add(asked: Asked) -> Reply:
    entry = asked.body.entry()
    try:
        await IdTags(asked.services.bus).add(entry)
    except IdTagExistsError as error:
        raise ProblemError(409, str(error)) from None
    tag = strong_tag(await _fields(asked, entry.tag))
    location = f"{BASE}/id-tags/{quote(entry.tag, safe='')}"
    return Reply(registered_id_tag(entry), headers={"ETag": tag, "Location": location})


async def _show(asked: Asked) -> Reply:
    fields = await _fields(asked, asked.path["id_tag"])
    entry = read_entry(fields)
    if entry is None:
        raise ProblemError(500, "What is stored of this idTag cannot be read.")
    return Reply(registered_id_tag(entry), headers={"ETag": strong_tag(fields)})


async def _change(asked: Asked) -> Reply:
    tag, tags = asked.path["id_tag"], IdTags(asked.services.bus)
    version = version_wanted(asked.request, await _fields(asked, tag))
    changes: dict[str, Any] = asked.body.model_dump(exclude_unset=True)
    try:
        entry = await tags.set(tag, if_version=version, **changes)
    except ChangedMeanwhileError:
        raise changed_meanwhile() from None
    headers = {"ETag": strong_tag(await _fields(asked, tag))}
    return Reply(registered_id_tag(entry), headers=headers)


async def _remove(asked: Asked) -> Reply:
    tag = asked.path["id_tag"]
    version_wanted(asked.request, await _fields(asked, tag))
    try:
        await IdTags(asked.services.bus).remove(tag)
    except UnknownIdTagError:
        raise not_found("idTag") from None
    return Reply()


async def _active(asked: Asked) -> ActiveList:
    tag = asked.path["id_tag"]
    await _fields(asked, tag)
    found = await IdTags(asked.services.bus).active(tag)
    return ActiveList(items=[Active(**each._asdict()) for each in found])


async def _fields(asked: Asked, tag: str) -> dict[str, str]:
    fields = await asked.services.bus.read(keys.id_tag(tag))
    if not fields:
        raise not_found("idTag")
    return fields


ROUTES = (
    Route(
        method="GET",
        path="/id-tags",
        name="list_id_tags",
        summary="List the idTags that operators registered, by tag",
        role="operator",
        handler=_list,
        is_heavy=True,
        query=Paging,
        answer=Page[RegisteredIdTag],
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path="/id-tags",
        name="add_id_tag",
        summary="Register an idTag",
        description="IdTags are the same in any casing. Those of sessions are not among these.",
        role="operator",
        handler=_add,
        body=NewIdTag,
        answer=RegisteredIdTag,
        status=201,
        tags=_TAGS,
        example={"id_tag": "FLEET-0001", "max_active": 1, "note": "van 1"},
        sends=("ETag", "Location"),
        also={409: "It is registered already, perhaps in another casing."},
    ),
    Route(
        method="GET",
        path=_ONE,
        name="get_id_tag",
        summary="Show an idTag",
        role="operator",
        handler=_show,
        answer=RegisteredIdTag,
        tags=_TAGS,
        etag=True,
    ),
    Route(
        method="PATCH",
        path=_ONE,
        name="change_id_tag",
        summary="Change an idTag; with If-Match only while it is what was read",
        role="operator",
        handler=_change,
        body=IdTagChange,
        answer=RegisteredIdTag,
        tags=_TAGS,
        example={"status": "Blocked"},
        sends=("ETag",),
        also=_CONDITIONAL,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="remove_id_tag",
        summary="Take an idTag out; what it charges now goes on",
        role="operator",
        handler=_remove,
        status=204,
        tags=_TAGS,
        also=_CONDITIONAL,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/active",
        name="list_active_of_id_tag",
        summary="List the transactions that an idTag has now",
        role="operator",
        handler=_active,
        answer=ActiveList,
        tags=_TAGS,
    ),
)
