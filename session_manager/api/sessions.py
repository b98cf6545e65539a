"""Endpoint: sessions that run."""

from typing import Any

from pydantic import Field

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import ChargePointId
from session_manager.api.charge_point_state import connector_count
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.sessions_shown import RunningSession, running_session

_TAGS = ("Sessions",)
_AT_ONCE = 50
_MOST_READ = 1_000
"""Charge points that are looked at for one page."""
_BEHIND_ALL = 1_001
"""No connector has this number."""
_RUNNING = "running sessions"


class RunningQuery(Paging):
    """Which running sessions are wanted."""

    charge_point_id: ChargePointId | None = Field(default=None, description="Only of this one.")


async def _running(asked: Asked) -> Reply:
    bus, query = asked.services.bus, asked.query
    place = place_of(_RUNNING, query, str, int)
    ids = sorted(await bus.members(keys.STATIONS))
    if query.charge_point_id is not None:
        ids = [name for name in ids if name == query.charge_point_id]
    if place is not None:
        ids = [name for name in ids if name >= str(place[0])]
    found: list[dict[str, Any]] = []
    for first in range(0, len(ids[:_MOST_READ]), _AT_ONCE):
        some = await _running_of(bus, ids[first : first + _AT_ONCE])
        found += [each for each in some if place is None or _where(each) > tuple(place)]
        if len(found) > query.limit:
            break
        await let_others_work()
    reached = (ids[_MOST_READ - 1], _BEHIND_ALL) if len(ids) > _MOST_READ else None
    items, cursor = page_of(_RUNNING, query, found, _where, reached)
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": items, "next_cursor": cursor}, headers=headers)


def _where(shown: dict[str, Any]) -> tuple[str | int, ...]:
    return shown["charge_point_id"], shown["connector_id"]


async def _running_of(bus: Bus, ids: list[str]) -> list[dict[str, Any]]:
    configs = await bus.read_many([keys.config(name) for name in ids])
    sockets = [
        (name, number)
        for name, config in zip(ids, configs, strict=True)
        if config
        for number in range(1, connector_count(config) + 1)
    ]
    hashes = await bus.read_many([keys.session(*socket) for socket in sockets])
    found = (running_session(*socket, hash_) for socket, hash_ in zip(sockets, hashes, strict=True))
    return [shown for shown in found if shown is not None]


ROUTES = (
    Route(
        method="GET",
        path="/sessions/running",
        name="list_running_sessions",
        summary="List the sessions that run, by charge point and connector",
        role="viewer",
        description=(
            f"{_MOST_READ} charge points are looked at for one page, which may be short, or empty, "
            "though `next_cursor` leads on."
        ),
        handler=_running,
        is_heavy=True,
        query=RunningQuery,
        answer=Page[RunningSession],
        tags=_TAGS,
    ),
)
