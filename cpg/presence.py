"""What is told of a socket's life: that a charge point came, that it is there, that it is gone."""

from collections.abc import Mapping
from typing import Literal

from cpg.configuration import read_interval
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import Commit, Outcome, Room, StateWrite
from sdk.bus.keys import Lane
from sdk.events.charge_point import (
    ChargePointConnected,
    ChargePointDisconnected,
)
from sdk.ids import natural_id
from sdk.records.presence import Entry, entry_writes, written_entries

Reason = Literal["closed", "silent", "gateway_stopped", "gateway_lost"]


async def connect(peer: Peer, owner: str, before: Mapping[str, str]) -> Outcome:
    """Tell that `owner` holds a new socket; `before` is what the charge point's state was.

    Its heartbeats come as often as on the last one: no boot has told it anything else.
    Another gateway that holds an older one is told, too. Raises SupersededError,
    BusUnavailableError.
    """
    now = peer.clock().isoformat()
    interval = read_interval(before.get("heartbeat_interval"))
    interval = peer.told_interval if interval is None else interval
    peer.beats_every(interval)
    fields = {
        "connected": "1",
        "generation": str(peer.generation),
        "fence": peer.guard.token,
        "gateway": owner,
        "heartbeat_interval": str(interval),
        "connected_at": now,
        "last_seen_at": now,
    }
    peer.presence = written_entries(before)
    noted = entry_writes(peer.charge_point_id, peer.presence, Entry(peer.clock(), 0, "came"))
    event_id = natural_id(peer.charge_point_id, peer.guard.token, "connected")
    body = ChargePointConnected(generation=peer.generation)
    events = [(Lane.IN, peer.envelope(event_id, body))]
    if before.get("connected") == "1" and before.get("gateway") != owner:
        notice = peer.envelope(natural_id(str(event_id), "moved"), body)
        events.append((Lane.OCPP, notice))
    outcome = await peer.apply(
        Commit(
            peer.charge_point_id,
            cause=event_id,
            guards=(peer.guard,),
            writes=[StateWrite(keys.state(peer.charge_point_id), fields), *noted],
            events=events,
            room=Room.STATE_ONLY,
        )
    )
    peer.presence += 1
    return outcome


async def disconnect(peer: Peer, reason: Reason) -> Outcome:
    """Tell that a socket is gone, once. Raises SupersededError when a newer one has come."""
    event_id = natural_id(peer.charge_point_id, peer.guard.token, "disconnected")
    body = ChargePointDisconnected(generation=peer.generation, reason=reason)
    noted = entry_writes(peer.charge_point_id, peer.presence, Entry(peer.clock(), 0, "gone"))
    return await peer.commit(
        writes=[StateWrite(keys.state(peer.charge_point_id), {"connected": "0"}), *noted],
        events=[peer.envelope(event_id, body)],
        cause=event_id,
        room=Room.STATE_ONLY,
    )
