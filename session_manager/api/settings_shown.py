"""Endpoint: how this Session Manager is set up, and which gateways and P2P servers there are."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version

from sdk.bus import keys
from sdk.fields import Moment, stored_moment
from sdk.gateways import dead_gateways
from sdk.settings import MASK
from session_manager.api.own_chain import process_of
from session_manager.api.routes import Asked, Route
from session_manager.api.values import ApiModel
from session_manager.identity import LIVE_FOR, P2pServer, read_servers

ZONE_SETTING = "CONSOLE_ZONE"


class SettingShown(ApiModel):
    """A setting by its variable; of a secret only that it is set."""

    name: str
    value: str
    is_secret: bool


class GatewayShown(ApiModel):
    """A gateway, and its last sign of life."""

    name: str
    last_seen_at: Moment
    is_alive: bool


class P2pServerShown(ApiModel):
    """A P2P server that announced itself, and where it listens."""

    peer_id: str
    multiaddrs: list[str]
    updated_at: Moment | None
    is_alive: bool


class SettingsShown(ApiModel):
    """The settings of the process `server`, which are those in its environment.

    `zone` is the time zone of reports (IANA), `clock` this machine's clock now.
    """

    server: str
    version: str
    zone: str
    clock: Moment
    settings: list[SettingShown]
    gateways: list[GatewayShown]
    p2p_servers: list[P2pServerShown]


async def _get(asked: Asked) -> SettingsShown:
    process, now = process_of(asked), asked.services.clock()
    return SettingsShown(
        server=process.server,
        version=version("noroam"),
        zone=process.settings.get(ZONE_SETTING, "UTC"),
        clock=now,
        settings=[
            SettingShown(name=name, value=value, is_secret=MASK in value)
            for name, value in sorted(process.settings.items())
        ],
        gateways=await _gateways(asked, now),
        p2p_servers=await _p2p_servers(asked, now),
    )


async def _gateways(asked: Asked, now: datetime) -> list[GatewayShown]:
    signs = await asked.services.bus.read(keys.GATEWAYS)
    dead = dead_gateways(signs, now)
    return [
        GatewayShown(
            name=name, last_seen_at=datetime.fromisoformat(signs[name]), is_alive=name not in dead
        )
        for name in sorted(signs)
    ]


async def _p2p_servers(asked: Asked, now: datetime) -> list[P2pServerShown]:
    bus = asked.services.bus
    peers = sorted(await bus.members(keys.P2P_SERVERS))
    hashes = await bus.read_many([keys.p2p_server(peer) for peer in peers])
    entries = dict(zip(peers, hashes, strict=True))
    known = read_servers(entries, now).known
    return [_p2p_server(peer, entries[peer], known.get(peer), now) for peer in peers]


def _p2p_server(
    peer: str, entry: Mapping[str, str], known: P2pServer | None, now: datetime
) -> P2pServerShown:
    updated_at = stored_moment(entry.get("updated_at"))
    return P2pServerShown(
        peer_id=peer,
        multiaddrs=list(known.multiaddrs) if known else [],
        updated_at=updated_at,
        is_alive=updated_at is not None and now - updated_at < LIVE_FOR,
    )


ROUTES = (
    Route(
        method="GET",
        path="/settings",
        name="get_settings",
        summary="Read how this Session Manager is set up; secrets are masked",
        role="operator",
        handler=_get,
        answer=SettingsShown,
        tags=("Settings",),
    ),
)
