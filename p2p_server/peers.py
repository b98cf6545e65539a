"""The register of connected consumers: their streams, and the stations they speak with.

A consumer is known by its place (`sdk.p2p.addresses`): the same peer id directly and behind a hub
are two.
"""

from dataclasses import dataclass, field

from sdk.p2p.errors import SlowPeerError, StreamClosedError
from sdk.p2p.stream import Stream


@dataclass(slots=True)
class _Peer:
    streams: set[Stream] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)


class Peers:
    """Who is connected now; a peer without streams is forgotten."""

    def __init__(self, streams_per_peer: int, stations_per_peer: int) -> None:
        self._streams_per_peer = streams_per_peer
        self._stations_per_peer = stations_per_peer
        self._peers: dict[str, _Peer] = {}

    def add(self, place: str, stream: Stream) -> bool:
        """Enter a stream; False if its consumer has as many as it may."""
        peer = self._peers.setdefault(place, _Peer())
        if len(peer.streams) >= self._streams_per_peer:
            return False
        peer.streams.add(stream)
        return True

    def has(self, place: str) -> bool:
        """Tell whether a consumer is connected."""
        return place in self._peers

    def remove(self, place: str, stream: Stream) -> None:
        """Take a stream out."""
        peer = self._peers.get(place)
        if peer is None:
            return
        peer.streams.discard(stream)
        if not peer.streams:
            del self._peers[place]

    def use_station(self, place: str, charge_point_id: str) -> bool:
        """Note that a peer speaks with a station; False if it speaks with too many."""
        peer = self._peers.get(place)
        if peer is None:
            return False
        if charge_point_id in peer.stations:
            return True
        if len(peer.stations) >= self._stations_per_peer:
            return False
        peer.stations.add(charge_point_id)
        return True

    def stations(self) -> set[str]:
        """Give the stations that connected peers speak with."""
        return set().union(*(peer.stations for peer in self._peers.values()))

    def send(self, place: str, content: bytes) -> int:
        """Send to all streams of one peer, and to no other; tells to how many.

        A stream whose peer does not read what it gets is reset.
        """
        peer = self._peers.get(place)
        sent = 0
        for stream in list(peer.streams) if peer is not None else ():
            try:
                stream.write_frame_nowait(content)
                sent += 1
            except SlowPeerError:
                stream.reset()
            except StreamClosedError:
                continue
        return sent

    def __len__(self) -> int:
        return len(self._peers)
