"""Charge points as they are now: one with all of it, and its connectors."""

from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.register import ChargePointConfig, ConfigError, UnknownChargePointError
from session_manager.api.charge_point_state import (
    ChargePointState,
    Connector,
    Hash,
    StateHashes,
    connector_count,
    connector_shown,
    state_shown,
)
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Charge points",)
_WHOLE = 7


class ConnectorList(ApiModel):
    """The connectors of one charge point."""

    items: list[Connector]


def registered_as(charge_point_id: str, config: Hash) -> Hash:
    """Give what was read of `{CP}:config`. Raises UnknownChargePointError for nothing."""
    if not config:
        raise UnknownChargePointError(f"charge point {charge_point_id} is not registered")
    return config


async def config_asked(asked: Asked) -> Hash:
    """Read `{CP}:config` of the charge point that is asked about.

    Raises UnknownChargePointError, BusUnavailableError.
    """
    charge_point_id = asked.path["charge_point_id"]
    config = await asked.services.bus.read(keys.config(charge_point_id))
    return registered_as(charge_point_id, config)


def config_read(asked: Asked, config: Hash) -> ChargePointConfig:
    """Read what `config_asked` gave. Raises ProblemError (500): it is damaged."""
    try:
        return ChargePointConfig.from_hash(asked.path["charge_point_id"], config)
    except ConfigError:
        raise ProblemError(500, "What is stored of this charge point cannot be read.") from None


async def read_state(bus: Bus, charge_point_id: str) -> StateHashes:
    """Read all of a state: one round trip for one or two connectors, else two.

    Raises UnknownChargePointError, BusUnavailableError.
    """
    found = await bus.read_many([*_whole(charge_point_id), *_sockets(charge_point_id, 1, 2)])
    config, sockets = registered_as(charge_point_id, found[0]), found[_WHOLE:]
    count = connector_count(config)
    if count > len(sockets) // 2:
        sockets += await bus.read_many(_sockets(charge_point_id, 3, count))
    return StateHashes(
        config=config,
        state=found[1],
        identity=found[2],
        unsupported=found[3],
        drift=found[4],
        disputes=found[5],
        connectors=[found[6], *sockets[: 2 * count : 2]],
        sessions=sockets[1 : 2 * count : 2],
    )


def _whole(charge_point_id: str) -> list[str]:
    return [
        keys.config(charge_point_id),
        keys.state(charge_point_id),
        keys.identity(charge_point_id),
        keys.unsupported(charge_point_id),
        keys.drift(charge_point_id),
        keys.disputes(charge_point_id),
        keys.connector(charge_point_id, 0),
    ]


def _sockets(charge_point_id: str, first: int, last: int) -> list[str]:
    """Name the hashes of connectors and their sessions, in turn."""
    return [
        key
        for number in range(first, last + 1)
        for key in (keys.connector(charge_point_id, number), keys.session(charge_point_id, number))
    ]


async def _state(asked: Asked) -> Reply:
    charge_point_id = asked.path["charge_point_id"]
    dead = await asked.services.gateways.dead()
    hashes = await read_state(asked.services.bus, charge_point_id)
    shows_tags = asked.principal.may("operator")
    return Reply(state_shown(charge_point_id, hashes, shows_tags=shows_tags, dead=dead))


async def _connectors(asked: Asked) -> Reply:
    return Reply({"items": await _shown_connectors(asked)})


async def _connector(asked: Asked) -> Reply:
    for shown in await _shown_connectors(asked):
        if shown["connector_id"] == asked.path["connector_id"]:
            return Reply(shown)
    raise not_found("connector")


async def _shown_connectors(asked: Asked) -> list[dict[str, Any]]:
    hashes = await read_state(asked.services.bus, asked.path["charge_point_id"])
    pairs = zip(hashes.connectors[1:], hashes.sessions, strict=True)
    shows_tags = asked.principal.may("operator")
    return [
        connector_shown(number, connector, session, shows_tags=shows_tags)
        for number, (connector, session) in enumerate(pairs, 1)
    ]


ROUTES = (
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}",
        name="get_charge_point",
        summary="Tell what a charge point is doing now",
        role="viewer",
        handler=_state,
        answer=ChargePointState,
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/connectors",
        name="list_connectors",
        summary="List the connectors of a charge point",
        role="viewer",
        handler=_connectors,
        answer=ConnectorList,
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/connectors/{connector_id}",
        name="get_connector",
        summary="Tell what a connector is doing now",
        role="viewer",
        handler=_connector,
        answer=Connector,
        tags=_TAGS,
    ),
)
