"""Tells each station that a process drives when the chain can be reached otherwise than before."""

import asyncio

from sdk.bus.interface import Bus, BusUnavailableError, OverloadedError
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from sdk.events.station import ChainStatusChanged
from sdk.ids import Clock, new_event_id
from sdk.logs import Logger
from session_manager.chain_watch import ChainHealth


class ChainNews:
    """Publishes ChainStatusChanged to the charge points that it is told of."""

    def __init__(self, bus: Bus, clock: Clock, log: Logger) -> None:
        """Publish over `bus`."""
        self._bus = bus
        self._clock = clock
        self._log = log
        self._charge_points: set[str] = set()
        self._latest: ChainHealth | None = None
        self._changed = asyncio.Event()

    def add(self, charge_point_id: str) -> None:
        """Tell this one, too, of what changes from now on."""
        self._charge_points.add(charge_point_id)

    def remove(self, charge_point_id: str) -> None:
        """Tell this one nothing more."""
        self._charge_points.discard(charge_point_id)

    def hear(self, health: ChainHealth) -> None:
        """Take a change; what is not told yet when the next one comes is left out."""
        self._latest = health
        self._changed.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._latest is not None:
                await self._tell(_news(self._latest))

    async def _tell(self, body: ChainStatusChanged) -> None:
        try:
            for charge_point_id in sorted(self._charge_points):
                envelope = Envelope(
                    id=new_event_id(),
                    charge_point_id=charge_point_id,
                    at=self._clock(),
                    body=body,
                )
                await self._bus.publish(Lane.OUT, envelope)
        except (BusUnavailableError, OverloadedError) as error:
            self._log.warning("can't tell stations of the chain: %s", error)


def _news(health: ChainHealth) -> ChainStatusChanged:
    used = next((node for node in health.nodes if node.connected), None)
    body = ChainStatusChanged(status="available", node=used.url if used else "")
    match health.state:
        case "up":
            return body
        case "degraded":
            return body.model_copy(update={"status": "degraded", "detail": health.reason})
        case "down":
            wrong = all(node.state == "wrong_chain" for node in health.nodes)
            status = "wrong_chain" if wrong and health.nodes else "unavailable"
            return body.model_copy(update={"status": status, "detail": health.reason})
