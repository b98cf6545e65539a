"""The charge point that must not notice: one transaction, its readings, and answers in time."""

import asyncio
from random import Random

from cpg_world import Bench, Point, connected, soon
from fuzz_history import History
from redis.asyncio import Redis
from soak_audit import read_lane

from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported

INNOCENT = "INNOCENT"
TAG = "HONEST"
MOST_S = 5.0
"""The longest that an answer may take."""
_PAUSE_S = 0.05


class Innocent:
    """Charges while others attack; registers in Wh."""

    def __init__(self, url: str, bench: Bench, rng: Random, history: History) -> None:
        """Connect to `url` as INNOCENT, which must be registered."""
        self.slowest_s = 0.0
        self._url = f"{url}/{INNOCENT}"
        self._bench = bench
        self._rng = rng
        self._history = history
        self._register = 1000
        self._told: list[int] = []

    async def run(self, end: float) -> None:
        """Charge until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        async with connected(self._url) as point:
            start = {"connectorId": 1, "idTag": TAG, "meterStart": 1000, "timestamp": soon(0)}
            number = (await self._ask(point, "StartTransaction", start))["transactionId"]
            while loop.time() < end:
                await self._ask(point, "Heartbeat", {})
                await self._meter(point, number)
                if len(self._told) % 20 == 0:
                    await self._check_state(number)
                await asyncio.sleep(_PAUSE_S)
            stop = {"transactionId": number, "meterStop": self._register, "timestamp": soon(0)}
            await self._ask(point, "StopTransaction", stop)

    async def check_events(self, redis: Redis) -> None:
        """Compare what was told with what was sent."""
        bodies = [envelope.body for envelope in await read_lane(redis, INNOCENT)]
        starts = [body.meter_start_wh for body in bodies if isinstance(body, ChargingStarted)]
        stops = [body.meter_stop_wh for body in bodies if isinstance(body, ChargingStopped)]
        told = [body.energy_wh for body in bodies if isinstance(body, MeterValueReported)]
        self._history.hold((starts, stops) == ([1000], [self._register]), f"{starts} {stops}")
        self._history.hold(told == self._told, f"sent {self._told}, told {told}")

    async def _meter(self, point: Point, number: int) -> None:
        self._register += self._rng.randint(1, 100)
        sample = {"value": str(self._register)}
        payload = {
            "connectorId": 1,
            "transactionId": number,
            "meterValue": [{"timestamp": soon(0), "sampledValue": [sample]}],
        }
        await self._ask(point, "MeterValues", payload)
        self._told.append(self._register)

    async def _check_state(self, number: int) -> None:
        state = await self._bench.connector(INNOCENT)
        shown = (state.get("transaction_id"), state.get("energy_wh"))
        expected = (str(number), str(self._register))
        self._history.hold(shown == expected, f"the state shows {shown}, not {expected}")

    async def _ask(self, point: Point, action: str, payload: dict[str, object]) -> dict[str, int]:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(MOST_S):
                answer = await point.tell(action, payload)
        except TimeoutError:
            self._history.fail(f"no answer to the innocent {action} within {MOST_S} s")
        self.slowest_s = max(self.slowest_s, loop.time() - begun)
        return answer
