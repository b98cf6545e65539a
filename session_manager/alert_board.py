"""Shows the alerts on the board of the console."""

import asyncio

from sdk.alerts.store import alerts_of
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from session_manager.console_board import Board

LOOK_S = 1.0


async def show_alerts(bus: Bus, board: Board) -> None:
    """Put them on the board whenever they have changed, until cancelled."""
    seen: list[dict[str, str]] = []
    while True:
        try:
            found = await bus.read_many([keys.ALERTS, keys.ALERT_ACKNOWLEDGEMENTS])
        except BusUnavailableError:
            found = seen
        if found != seen:
            seen = found
            alerts = [alert.model_dump(mode="json") for alert in alerts_of(*found)]
            board.put("alerts", {"charge_point_id": "", "alerts": alerts})
        await asyncio.sleep(LOOK_S)
