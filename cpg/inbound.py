"""What the charge point tells us: the operations that it may start."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from cpg.authorisation import judge
from cpg.data_transfer import Vendors
from cpg.desk import Used
from cpg.errands import Errands
from cpg.frames import Call
from cpg.meter_values import message_key, read_readings, written_event
from cpg.notifications import security_event, status_told
from cpg.peer import Peer
from cpg.readings import Readings
from cpg.signing import Signing
from cpg.starts import start_transaction
from cpg.statuses import Statuses
from cpg.tolerance import mend
from cpg.transactions import stop_transaction
from cpg.translate import booted, read_connector, read_id_tag, read_transaction, write_time
from cpg.validation import KNOWN_ACTIONS, Violation, check_request
from sdk.bus import keys
from sdk.bus.interface import (
    BusUnavailableError,
    Commit,
    Once,
    OverloadedError,
    Room,
    StateWrite,
)
from sdk.bus.keys import Lane
from sdk.ids import natural_text
from sdk.leaky_count import LeakyCount

Handler = Callable[["Inbound", Peer, Call], Awaitable[dict[str, Any]]]
_SEEN_EVERY_S = 10.0
_STARTS, _STARTS_PER_S = 500, 1.0
"""More than a charge point kept while it was offline for long; each leaves keys behind."""


class Inbound:
    """Answers one socket's requests, after what they tell is durable."""

    __slots__ = (
        "_errands",
        "_interval",
        "_on_boot",
        "_peer",
        "_readings",
        "_seen_written",
        "_signing",
        "_starts",
        "_statuses",
        "_vendors",
    )

    def __init__(
        self,
        peer: Peer,
        heartbeat_interval: int,
        on_boot: Callable[[], None],
        errands: Errands,
        signing: Signing | None = None,
        vendors: Vendors | None = None,
    ) -> None:
        """`on_boot` hears of each boot; `errands` asks what has to be asked in return.

        `signing` gets it certificates; `vendors` answers its DataTransfers.
        """
        self._peer = peer
        self._interval = heartbeat_interval
        self._on_boot = on_boot
        self._errands = errands
        self._signing = signing
        self._vendors = vendors or Vendors(peer, None)
        self._readings = Readings(peer)
        self._statuses = Statuses(peer, errands)
        self._starts = LeakyCount(_STARTS, _STARTS_PER_S)
        self._seen_written = time.monotonic()

    def at_once(self, call: Call) -> dict[str, Any] | None:
        """Answer a Heartbeat that is not written down; None for all else."""
        if call.action != "Heartbeat" or call.payload:
            return None
        if time.monotonic() - self._seen_written >= _SEEN_EVERY_S:
            return None
        self._peer.hear(call)
        return {"currentTime": write_time(self._peer.clock())}

    async def answer(self, call: Call, tolerances: Used) -> tuple[dict[str, Any], Used]:
        """Carry out a request, and say what of `tolerances` it took.

        Raises Violation, BusUnavailableError, OverloadedError, SupersededError.
        """
        self._peer.hear(call)
        try:
            return await self._carry_out(call), call.tolerated
        except Violation:
            if not tolerances:
                raise
            mended = mend(call.action, call.payload, tolerances, self._peer.clock())
            if not mended.used:
                raise
        call = call.mended(*mended)
        return await self._carry_out(call), call.tolerated

    async def _carry_out(self, call: Call) -> dict[str, Any]:
        handler = HANDLERS.get(call.action)
        if handler is None:
            if call.action in KNOWN_ACTIONS:
                raise Violation("NotSupported", "")
            raise Violation("NotImplemented", "")
        check_request(call.action, call.payload)
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
            writes=[
                StateWrite(keys.state(peer.charge_point_id), fields),
                StateWrite(keys.unsupported(peer.charge_point_id), None),
            ],
            events=[peer.envelope(cause, body)],
            room=Room.STATE_ONLY,
        )
        peer.beats_every(self._interval)
        self._on_boot()
        return {"status": "Accepted", "currentTime": write_time(now), "interval": self._interval}

    async def heartbeat(self, peer: Peer, _: Call) -> dict[str, Any]:
        """Heartbeat (4.6); written down now and then only, as it is by far the most frequent."""
        now, at = peer.clock(), time.monotonic()
        if at - self._seen_written >= _SEEN_EVERY_S:
            fields = {"last_seen_at": now.isoformat(), "connected": "1"}
            with suppress(BusUnavailableError):  # it asks for the time, which we know
                await peer.commit(writes=[StateWrite(keys.state(peer.charge_point_id), fields)])
            self._seen_written = at
        return {"currentTime": write_time(now)}

    async def status(self, _: Peer, call: Call) -> dict[str, Any]:
        """StatusNotification (4.9)."""
        return await self._statuses.take(call, time.monotonic())

    async def authorize(self, peer: Peer, call: Call) -> dict[str, Any]:
        """Authorize (4.1): the registers in Redis are the authority."""
        register = await peer.bus.read(keys.id_tags(peer.charge_point_id))
        return {"idTagInfo": (await judge(peer, register, read_id_tag(call.payload))).info}

    async def meter_values(self, peer: Peer, call: Call) -> dict[str, Any]:
        """MeterValues (4.7); one that is sent again, also on another socket, is told once."""
        payload, now = call.payload, peer.clock()
        n, transaction_id = read_connector(payload), read_transaction(payload)
        readings = read_readings(payload["meterValue"], now)
        shown, writes = await self._readings.fields(n, transaction_id, readings)
        cp, at = peer.charge_point_id, write_time(now)
        key, connector = message_key(cp, n, call), keys.connector(cp, n)
        events = [
            (
                Lane.IN,
                written_event(
                    reading,
                    event_id=natural_text(key, ordinal) if ordinal else key,
                    charge_point_id=cp,
                    connector_id=n,
                    transaction_id=transaction_id,
                    at=at,
                ),
            )
            for ordinal, reading in enumerate(readings)
        ]
        commit = Commit(
            cp,
            guards=(peer.guard,),
            writes=[StateWrite(connector, {**shown, "last_message": key}), *writes],
            events=events if n else (),
            once=Once(connector, "last_message", key),
            room=Room.READINGS,
        )
        try:
            await peer.apply(commit)
        except (BusUnavailableError, OverloadedError):
            self._readings.forget(n, transaction_id)
            raise
        return {}

    async def start(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StartTransaction (4.8)."""
        if not self._starts.take(time.monotonic()):
            raise OverloadedError("too many transactions are started")
        started = await start_transaction(peer, self._readings, call)
        self._statuses.forget(read_connector(call.payload))
        if started.info["status"] != "Accepted" and not started.is_over:
            stop = {"transactionId": started.transaction_id}
            self._errands.add("RemoteStopTransaction", stop)
        return {"transactionId": started.transaction_id, "idTagInfo": started.info}

    async def stop(self, peer: Peer, call: Call) -> dict[str, Any]:
        """StopTransaction (4.10): always answered, so that the charge point forgets it."""
        connector_id, answer = await stop_transaction(peer, self._readings, call)
        if connector_id is not None:
            self._statuses.forget(connector_id)
        return answer

    async def data_transfer(self, _: Peer, call: Call) -> dict[str, Any]:
        """DataTransfer (4.3)."""
        return await self._vendors.answer(call)

    async def status_told(self, peer: Peer, call: Call) -> dict[str, Any]:
        """DiagnosticsStatusNotification (4.4), and those of firmware and logs."""
        return await status_told(peer, call)

    async def security_event(self, peer: Peer, call: Call) -> dict[str, Any]:
        """SecurityEventNotification."""
        return await security_event(peer, call)

    async def sign(self, _: Peer, call: Call) -> dict[str, Any]:
        """SignCertificate."""
        if self._signing is None:
            return {"status": "Rejected"}
        return await self._signing.take(call)


HANDLERS: dict[str, Handler] = {
    "Authorize": Inbound.authorize,
    "BootNotification": Inbound.boot,
    "DataTransfer": Inbound.data_transfer,
    "DiagnosticsStatusNotification": Inbound.status_told,
    "FirmwareStatusNotification": Inbound.status_told,
    "Heartbeat": Inbound.heartbeat,
    "LogStatusNotification": Inbound.status_told,
    "MeterValues": Inbound.meter_values,
    "SecurityEventNotification": Inbound.security_event,
    "SignCertificate": Inbound.sign,
    "SignedFirmwareStatusNotification": Inbound.status_told,
    "StartTransaction": Inbound.start,
    "StatusNotification": Inbound.status,
    "StopTransaction": Inbound.stop,
}
