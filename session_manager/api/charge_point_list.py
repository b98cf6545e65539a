"""The list of the charge points, with what each of them is doing in short."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.charge_point import ConnectorStatus
from sdk.fields import Moment
from sdk.gateways import is_connected
from session_manager.api.charge_point_state import Hash, connector_count
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.stored import json_object, moment_text
from session_manager.api.values import ApiModel

_TAGS = ("Charge points",)
_AT_ONCE = 50
_MOST_READ = 1_000
"""How many are looked at for one page."""
_KIND = "charge points"


class ChargePointQuery(Paging):
    """Which charge points are wanted."""

    connected: bool | None = Field(default=None, description="Only those with, or without, socket.")
    status: ConnectorStatus | None = Field(
        default=None, description="Only those of which a connector has this status."
    )
    name: str | None = Field(
        default=None, max_length=100, description="Only those whose name holds this, in any case."
    )
    prefix: str | None = Field(
        default=None, max_length=48, description="Only those whose id begins so."
    )


class ListedConnector(ApiModel):
    """A connector, in short."""

    connector_id: int
    status: ConnectorStatus | None


class ListedChargePoint(ApiModel):
    """A charge point, in short."""

    charge_point_id: str
    name: str
    connected: bool
    last_seen_at: Moment | None
    vendor: str | None
    model: str | None
    connectors: list[ListedConnector]


async def _list(asked: Asked) -> Reply:
    bus, query = asked.services.bus, asked.query
    place = place_of(_KIND, query, str)
    ids = [
        name
        for name in sorted(await bus.members(keys.STATIONS))
        if name.startswith(query.prefix or "") and (place is None or name > str(place[0]))
    ]
    dead = await asked.services.gateways.dead()
    found: list[dict[str, Any]] = []
    for first in range(0, len(ids[:_MOST_READ]), _AT_ONCE):
        found += await _listed(bus, ids[first : first + _AT_ONCE], query, dead)
        if len(found) > query.limit:
            break
        await let_others_work()
    reached = ids[_MOST_READ - 1 : _MOST_READ] if len(ids) > _MOST_READ else None
    items, cursor = page_of(_KIND, query, found, lambda shown: [shown["charge_point_id"]], reached)
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": items, "next_cursor": cursor}, headers=headers)


async def _listed(
    bus: Bus, ids: Sequence[str], query: ChargePointQuery, dead: frozenset[str]
) -> list[dict[str, Any]]:
    hashes = await bus.read_many([key(name) for name in ids for key in (keys.config, keys.state)])
    chosen = [
        (name, config, state)
        for name, config, state in zip(ids, hashes[::2], hashes[1::2], strict=True)
        if config and _is_wanted(config, query, has_socket=is_connected(state, dead))
    ]
    connectors = await bus.read_many(
        [
            keys.connector(name, number)
            for name, config, _ in chosen
            for number in range(1, connector_count(config) + 1)
        ]
    )
    found, at = [], 0
    for name, config, state in chosen:
        count = connector_count(config)
        statuses = [each.get("status") or None for each in connectors[at : at + count]]
        at += count
        if query.status is None or query.status in statuses:
            shown = _in_short(name, config, state, statuses)
            found.append({**shown, "connected": is_connected(state, dead)})
    return found


def _is_wanted(config: Hash, query: ChargePointQuery, *, has_socket: bool) -> bool:
    if query.connected not in (None, has_socket):
        return False
    return query.name is None or query.name.casefold() in config.get("name", "").casefold()


def _in_short(
    charge_point_id: str, config: Hash, state: Hash, statuses: Sequence[str | None]
) -> dict[str, Any]:
    boot = json_object(state.get("boot")) or {}
    return {
        "charge_point_id": charge_point_id,
        "name": config.get("name", ""),
        "last_seen_at": moment_text(state.get("last_seen_at")),
        "vendor": boot.get("vendor"),
        "model": boot.get("model"),
        "connectors": [
            {"connector_id": number, "status": status} for number, status in enumerate(statuses, 1)
        ],
    }


ROUTES = (
    Route(
        method="GET",
        path="/charge-points",
        name="list_charge_points",
        summary="List the charge points, by id",
        role="viewer",
        description=(
            f"{_MOST_READ} are looked at for one page: with filters it may be short, or empty, "
            "though `next_cursor` leads on."
        ),
        handler=_list,
        is_heavy=True,
        query=ChargePointQuery,
        answer=Page[ListedChargePoint],
        tags=_TAGS,
    ),
)
