"""A P2P server's knowledge of stations, told to whoever asks: made up, and signed all the same."""

from datetime import timedelta
from time import monotonic

import uvloop

from p2p_server.announcements import Announcements
from p2p_server.doors import Door, Doors
from p2p_server.guard import Guard
from sdk.ids import utc_now
from sdk.p2p.announcement import AnnouncedConnector, StationAnnouncement, sign_announcement
from sdk.p2p.announcement_table import Announced, AnnouncementTable
from sdk.p2p.gossip_limits import stations_topic
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import ANNOUNCEMENTS
from sdk.tariff import Tariff

STATIONS, SERVERS = 1_000, 20
LISTEN = ("/ip4/127.0.0.1/tcp/0",)


def announced(number: int, server: P2pKey) -> Announced:
    """Make one station's announcement."""
    at = utc_now()
    announcement = StationAnnouncement(
        did=f"did:ethr:0x7a69:0x{number:040x}",
        charge_point_id=f"BENCH-{number:04d}",
        ed25519="0x" + server.ed25519,
        multiaddrs=(f"/dns4/station{number}.example/tcp/443/wss/p2p/{server.peer_id}",),
        name=f"Street {number}",
        maximum_power_w=22_000,
        plug_types=("Type2",),
        tariff=Tariff(per_kwh=4 * 10**17),
        connectors=tuple(AnnouncedConnector(connector_id=n, availability="free") for n in (1, 2)),
        at=at,
        expires_at=at + timedelta(minutes=10),
    )
    return Announced(announcement, sign_announcement(announcement, server))


async def main() -> None:
    """Tell all who ask, for ever."""
    servers, table = [P2pKey.generate() for _ in range(SERVERS)], AnnouncementTable()
    for number in range(STATIONS):
        table.add(announced(number, servers[number % SERVERS]))
    settings = NodeSettings(P2pKey.generate(), LISTEN)
    async with P2pHost(settings, (ANNOUNCEMENTS,), topics=stations_topic(utc_now)) as host:
        board = Announcements(host, table, utc_now)
        print(f"ready board {host.addresses[0]}", flush=True)
        await Doors(Guard(0, 1, monotonic), {ANNOUNCEMENTS: Door(board.serve)}).run(host)


if __name__ == "__main__":
    uvloop.run(main())
