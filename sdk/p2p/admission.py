"""Who may connect, how often, and how fast: limits and bans by peer and by address.

An address is what `network_of` makes one party of: an IPv4 address, or the /64 of an IPv6 one. It
is not counted where it is not known: behind a trusted proxy that does not tell whom it forwards.
Nothing here waits; it may be called from any thread.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from threading import Lock
from time import monotonic

from sdk.leaky_count import LeakyCount, network_of
from sdk.p2p.bans import FIRST_SECONDS, Bans
from sdk.p2p.pace import Pace

BYTES_PER_CONNECTION = 40 * 1024
FRAMES_PER_CONNECTION = 40
"""Each second; an address may send as much as all connections that it may have."""
BURST_SECONDS = 4
REMEMBERED_ADDRESSES = 20_000


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """Connections at a time; `handshakes` are those that did not prove their peer id yet."""

    connections_per_address: int = 200
    connections_per_peer: int = 8
    handshakes_per_address: int = 32
    handshakes: int = 512


@dataclass(slots=True)
class _Address:
    """What one address does: it is remembered for a while after its last connection."""

    arrivals: LeakyCount
    bytes: Pace
    frames: Pace
    connections: int = 0
    handshakes: int = 0
    live: set["Visit"] = field(default_factory=set)


class Visit:
    """One inbound connection, from its first byte to its end; `leave` ends it, from any thread."""

    __slots__ = (
        "_admission",
        "address",
        "bytes",
        "clock",
        "frames",
        "leave",
        "peer_id",
    )

    def __init__(
        self,
        admission: "Admission",
        address: str | None,
        leave: Callable[[], object],
        paces: tuple[Pace, Pace],
    ) -> None:
        self._admission = admission
        self.address = address
        self.leave = leave
        self.clock = admission.clock
        self.bytes, self.frames = paces
        self.peer_id: str | None = None

    def proved(self, peer_id: str) -> bool:
        """Note whose connection it is; False if that peer may not have it."""
        return self._admission.proved(self, peer_id)

    def over(self) -> None:
        """Note that the connection ended; once is enough."""
        self._admission.over(self)


class Admission:
    """Counts connections and keeps the bans; outlives the node that asks it."""

    def __init__(
        self,
        limits: AdmissionLimits | None = None,
        trusted_proxies: Iterable[str] = (),
        ban_seconds: float = FIRST_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Trust proxies by address or network. Raises ValueError for what is neither."""
        self.limits = limits or AdmissionLimits()
        self.clock = clock
        self._proxies = [ip_network(network) for network in trusted_proxies]
        self._bans = Bans(ban_seconds)
        self._addresses: OrderedDict[str, _Address] = OrderedDict()
        self._peers: dict[str, set[Visit]] = {}
        self._handshakes: OrderedDict[Visit, None] = OrderedDict()
        self._lock = Lock()

    def trusts(self, ip: str) -> bool:
        """Tell whether an address is that of a trusted proxy."""
        try:
            address = ip_address(ip)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._proxies)

    def begin(self) -> None:
        """Forget the connections of a node that crashed: it can't tell any more that they ended."""
        with self._lock:
            for address in self._addresses.values():
                address.live.clear()
                address.connections = address.handshakes = 0
            self._handshakes.clear()
            self._peers.clear()

    def arrives(self, ip: str | None, leave: Callable[[], object]) -> Visit | None:
        """Count a new connection, or None if its address may not have it."""
        with self._lock:
            if ip is None:
                visit = Visit(self, None, leave, self._paces())
            else:
                name = network_of(ip)
                address = self._address(name)
                if not self._has_room(name, address):
                    return None
                address.connections += 1
                address.handshakes += 1
                visit = Visit(self, name, leave, (address.bytes, address.frames))
                address.live.add(visit)
            self._handshakes[visit] = None
            crowded = len(self._handshakes) > self.limits.handshakes
            oldest = next(iter(self._handshakes)) if crowded else None
        if oldest is not None:
            oldest.leave()
        return visit

    def proved(self, visit: Visit, peer_id: str) -> bool:
        """Count a connection for its peer; see `Visit`."""
        with self._lock:
            self._end_handshake(visit)
            live = self._peers.setdefault(peer_id, set())
            banned = self._bans.holds(peer_id, self.clock())
            if banned or len(live) >= self.limits.connections_per_peer:
                if not live:
                    del self._peers[peer_id]
                return False
            live.add(visit)
            visit.peer_id = peer_id
            return True

    def over(self, visit: Visit) -> None:
        """Give back what a connection took; see `Visit`."""
        with self._lock:
            self._end_handshake(visit)
            address = self._addresses.get(visit.address or "")
            if address is not None and visit in address.live:
                address.live.discard(visit)
                address.connections -= 1
            if visit.peer_id is not None:
                live = self._peers.get(visit.peer_id, set())
                live.discard(visit)
                if not live:
                    self._peers.pop(visit.peer_id, None)

    def bans(self, key: str) -> bool:
        """Tell whether a peer id, or the address that an IP belongs to, is banned now."""
        return self._bans.holds(network_of(key), self.clock())

    def ban(self, key: str) -> float:
        """Ban a peer id or an IP for the seconds returned, and end its connections."""
        name = network_of(key)
        with self._lock:
            seconds = self._bans.ban(name, self.clock())
            address = self._addresses.get(name)
            live = [*self._peers.get(name, ()), *(address.live if address else ())]
        for visit in live:
            visit.leave()
        return seconds

    def counts(self) -> dict[str, int]:
        """Give the sizes of all that grows with visitors."""
        return {
            "addresses": len(self._addresses),
            "connections": sum(address.connections for address in self._addresses.values()),
            "handshakes": len(self._handshakes),
            "peers": len(self._peers),
            "bans": len(self._bans),
        }

    def _has_room(self, name: str, address: _Address) -> bool:
        limits, now = self.limits, self.clock()
        return (
            not self._bans.holds(name, now)
            and address.connections < limits.connections_per_address
            and address.handshakes < limits.handshakes_per_address
            and address.arrivals.take(now)
        )

    def _address(self, name: str) -> _Address:
        address = self._addresses.get(name)
        if address is None:
            most = self.limits.connections_per_address
            pace = LeakyCount(max(most, 2 * self.limits.handshakes_per_address), most / 4)
            address = self._addresses[name] = _Address(pace, *self._paces())
            self._forget_one()
        self._addresses.move_to_end(name)
        return address

    def _forget_one(self) -> None:
        if len(self._addresses) <= REMEMBERED_ADDRESSES:
            return
        for name, address in self._addresses.items():
            if not address.live:
                del self._addresses[name]
                return

    def _paces(self) -> tuple[Pace, Pace]:
        most = self.limits.connections_per_address
        size, frames = most * BYTES_PER_CONNECTION, most * FRAMES_PER_CONNECTION
        return (
            Pace(size, max(size * BURST_SECONDS, 1 << 20)),
            Pace(frames, max(frames * BURST_SECONDS, 4000)),
        )

    def _end_handshake(self, visit: Visit) -> None:
        if visit not in self._handshakes:
            return
        del self._handshakes[visit]
        address = self._addresses.get(visit.address or "")
        if address is not None:
            address.handshakes -= 1
