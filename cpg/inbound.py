"""What the charge point tells us: the eight operations that it may start."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from cpg.frames import Call
from cpg.newest import Newest
from cpg.peer import Peer
from cpg.readings import Readings
from cpg.register import tag_status
from cpg.transactions import start_transaction, stop_transaction
from cpg.translate import (
    booted,
    read_connector,
    read_id_tag,
    read_transaction,
    readings,
    status_changed,
    write_time,
)
from cpg.validation import KNOWN_ACTIONS, Violation, check_request
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.charge_point import DataTransferReceived

Handler = Callable[["Inbound", Peer, Call], Awaitable[dict[str, Any]]]
_SEEN_EVERY_S = 10.0


class Inbound:
    """Answers one socket's requests, after what they tell is durable."""

    def __init__(
        self,
        peer: Peer,
        heartbeat_interval: int,
        on_boot: Callable[[], None],
        on_intruder: Callable[[int], None],
    ) -> None:
        """`on_boot` hears of each boot, `on_intruder` of a transaction that must be stopped."""
        self._peer = peer
        self._interval = heartbeat_interval
        self._on_boot = on_boot
        self._on_intruder = on_intruder
        self._readings = Readings(peer)
        self._statuses = Newest()
        self._seen_written = time.monotonic()

    async def answer(self, call: Call) -> dict[str, Any]:
        """Carry out a request. Raises Violation, BusUnavailableError, SupersededError."""
        handler = HANDLERS.get(call.action)
        if handler is None:
            if call.action in KNOWN_ACTIONS:
                raise Violation("NotSupported", "")
            raise Violation("NotImplemented", "")
        check_request(call.action, call.payload)
        self._peer.hear(call)
        return await handler(self, self._peer, call)

    async def boot(self, peer: Peer, call: Call) -> dict[str, Any]:
        """BootNotification (4.2). Open transactions stay open."""
        body, now = booted(call.payload), peer.clock()
        fields = {
            "boot": body.model_dump_json(exclude={"type"}, exclude_none=True),
            "booted_at": now.isoformat(),
            "heartbeat_interval": str(self._interval),
            "last_seen_at": now.isoformat(),
            "local_list": "unknown",
        }
        cause = peer.cause(call, "BootNotification")
        await peer.commit(
            writes=[StateWrite(keys.state(peer.charge_point_id), fields)],
            events=[peer.envelope(cause, body)],
        )
        self._on_boot()
        return {"status": "Accepted", "currentTime": write_time(now), "interval": self._interval}

    async def heartbeat(self, peer: Peer, _: Call) -> dict[str, Any]:
        """Heartbeat (4.6); written down now and then only, as it is by far the most frequent."""
        now, at = peer.clock(), time.monotonic()
        if at - self._seen_written >= _SEEN_EVERY_S:
            fields = {"last_seen_at": now.isoformat(), "connected": "1"}
            await peer.commit(writes=[StateWrite(keys.state(peer.charge_point_id), fields)])
            self._seen_written = at
        return {"currentTime": write_time(now)}

    async def status(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StatusNotification (4.9); the first one on a socket counts whatever its timestamp."""
        n, now = read_connector(call.payload), peer.clock()
        body = status_changed(call.payload, now)
        fields = {
            "status": body.status,
            "error_code": body.error_code,
            "changed_at": body.changed_at.isoformat(),
        }
        is_newest = self._statuses.takes(n, body.changed_at, now)
        write = StateWrite(keys.connector(peer.charge_point_id, n), fields)
        cause = peer.cause(call, "StatusNotification")
        await peer.commit(
            writes=[write] if is_newest else [], events=[peer.envelope(cause, body, n)]
        )
        return {}

    async def authorize(self, peer: Peer, call: Call) -> dict[str, Any]:
        """Authorize (4.1): the register in Redis is the authority."""
        register = await peer.bus.read(keys.id_tags(peer.charge_point_id))
        status = tag_status(register, read_id_tag(call.payload), peer.clock())
        return {"idTagInfo": {"status": status}}

    async def meter_values(self, peer: Peer, call: Call) -> dict[str, Any]:
        """MeterValues (4.7)."""
        n, transaction_id = read_connector(call.payload), read_transaction(call.payload)
        bodies = readings(call.payload["meterValue"], transaction_id, peer.clock())
        events = [
            peer.envelope(peer.cause(call, f"reading {ordinal}"), body, n)
            for ordinal, body in enumerate(bodies)
        ]
        writes = await self._readings.writes(n, transaction_id, bodies)
        await peer.commit(writes=writes, events=events if n else [])
        return {}

    async def start(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StartTransaction (4.8)."""
        started = await start_transaction(peer, self._readings, call)
        if started.status != "Accepted" and not started.is_over:
            self._on_intruder(started.transaction_id)
        return {
            "transactionId": started.transaction_id,
            "idTagInfo": {"status": started.status},
        }

    async def stop(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StopTransaction (4.10): always answered, so that the charge point forgets it."""
        return await stop_transaction(peer, self._readings, call)

    async def data_transfer(self, peer: Peer, call: Call) -> dict[str, Any]:
        """DataTransfer (4.3): told to whoever follows; no vendor is known here."""
        data = call.payload.get("data")
        body = DataTransferReceived(
            vendor_id=call.payload["vendorId"],
            message_id=call.payload.get("messageId"),
            data=str(data) if data is not None else None,
        )
        cause = peer.cause(call, "DataTransfer")
        await peer.commit(events=[peer.envelope(cause, body)])
        return {"status": "UnknownVendorId"}


HANDLERS: dict[str, Handler] = {
    "Authorize": Inbound.authorize,
    "BootNotification": Inbound.boot,
    "DataTransfer": Inbound.data_transfer,
    "Heartbeat": Inbound.heartbeat,
    "MeterValues": Inbound.meter_values,
    "StartTransaction": Inbound.start,
    "StatusNotification": Inbound.status,
    "StopTransaction": Inbound.stop,
}
