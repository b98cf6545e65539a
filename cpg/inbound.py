"""What the charge point tells us: the eight operations that it may start."""

from collections.abc import Awaitable, Callable
from typing import Any

from cpg.frames import Call
from cpg.peer import Peer
from cpg.register import tag_status
from cpg.transactions import start_transaction, stop_transaction
from cpg.translate import (
    booted,
    read_connector,
    read_id_tag,
    readings,
    status_changed,
    write_time,
)
from cpg.validation import KNOWN_ACTIONS, Violation, check_request
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.charge_point import DataTransferReceived
from sdk.events.charging import MeterValueReported

Handler = Callable[["Inbound", Peer, Call], Awaitable[dict[str, Any]]]


class Inbound:
    """Answers a charge point's requests, after what they tell is durable."""

    def __init__(
        self,
        heartbeat_interval: int,
        on_boot: Callable[[Peer], None],
        on_intruder: Callable[[Peer, int], None],
    ) -> None:
        """`on_boot` hears of each boot, `on_intruder` of a transaction that must be stopped."""
        self._interval = heartbeat_interval
        self._on_boot = on_boot
        self._on_intruder = on_intruder

    async def answer(self, peer: Peer, call: Call) -> dict[str, Any]:
        """Carry out a request. Raises Violation, BusUnavailableError, SupersededError."""
        handler = HANDLERS.get(call.action)
        if handler is None:
            if call.action in KNOWN_ACTIONS:
                raise Violation("NotSupported", "")
            raise Violation("NotImplemented", "")
        check_request(call.action, call.payload)
        return await handler(self, peer, call)

    async def boot(self, peer: Peer, call: Call) -> dict[str, Any]:
        """BootNotification (4.2). Open transactions stay open."""
        body, now = booted(call.payload), peer.clock()
        fields = {
            "boot": body.model_dump_json(exclude={"type"}, exclude_none=True),
            "booted_at": now.isoformat(),
            "heartbeat_interval": str(self._interval),
            "last_seen_at": now.isoformat(),
        }
        cause = peer.cause(call.message_id, "BootNotification")
        await peer.commit(
            writes=[StateWrite(keys.state(peer.charge_point_id), fields)],
            events=[peer.envelope(cause, body)],
        )
        self._on_boot(peer)
        return {"status": "Accepted", "currentTime": write_time(now), "interval": self._interval}

    async def heartbeat(self, peer: Peer, _: Call) -> dict[str, Any]:
        """Heartbeat (4.6)."""
        now = peer.clock()
        fields = {"last_seen_at": now.isoformat()}
        await peer.commit(writes=[StateWrite(keys.state(peer.charge_point_id), fields)])
        return {"currentTime": write_time(now)}

    async def status(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StatusNotification (4.9)."""
        n = read_connector(call.payload)
        body = status_changed(call.payload, peer.clock())
        fields = {
            "status": body.status,
            "error_code": body.error_code,
            "changed_at": body.changed_at.isoformat(),
        }
        cause = peer.cause(call.message_id, "StatusNotification")
        await peer.commit(
            writes=[StateWrite(keys.connector(peer.charge_point_id, n), fields)],
            events=[peer.envelope(cause, body, n)],
        )
        return {}

    async def authorize(self, peer: Peer, call: Call) -> dict[str, Any]:
        """Authorize (4.1): the register in Redis is the authority."""
        register = await peer.bus.read(keys.id_tags(peer.charge_point_id))
        status = tag_status(register, read_id_tag(call.payload), peer.clock())
        return {"idTagInfo": {"status": status}}

    async def meter_values(self, peer: Peer, call: Call) -> dict[str, Any]:
        """MeterValues (4.7)."""
        n = read_connector(call.payload)
        transaction_id = call.payload.get("transactionId")
        known = transaction_id if transaction_id and transaction_id > 0 else None
        bodies = readings(call.payload["meterValue"], known, peer.clock())
        events = [
            peer.envelope(peer.cause(call.message_id, f"reading {ordinal}"), body, n)
            for ordinal, body in enumerate(bodies)
        ]
        fields = reading_fields(bodies)
        writes = [StateWrite(keys.connector(peer.charge_point_id, n), fields)] if fields else []
        await peer.commit(writes=writes, events=events if n else [])
        return {}

    async def start(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StartTransaction (4.8)."""
        transaction_id, status = await start_transaction(peer, call)
        if status != "Accepted":
            self._on_intruder(peer, transaction_id)
        return {"transactionId": transaction_id, "idTagInfo": {"status": status}}

    async def stop(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StopTransaction (4.10): always answered, so that the charge point forgets it."""
        return await stop_transaction(peer, call)

    async def data_transfer(self, peer: Peer, call: Call) -> dict[str, Any]:
        """DataTransfer (4.3): told to whoever follows; no vendor is known here."""
        data = call.payload.get("data")
        body = DataTransferReceived(
            vendor_id=call.payload["vendorId"],
            message_id=call.payload.get("messageId"),
            data=str(data) if data is not None else None,
        )
        cause = peer.cause(call.message_id, "DataTransfer")
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


def reading_fields(bodies: list[MeterValueReported]) -> dict[str, str]:
    """Give what the connector's hash keeps of its newest readings."""
    fields: dict[str, str] = {}
    for body in bodies:
        for name in ("energy_wh", "power_w", "current_a", "voltage_v", "soc_percent"):
            value = getattr(body, name)
            if value is not None:
                fields[name] = str(value)
        fields["sampled_at"] = body.sampled_at.isoformat()
    return fields
