"""Vital signs of a gateway process: that it is the same one, its memory, its open sockets."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from fuzz_history import History
from redis.asyncio import Redis
from soak_audit import read_lane
from soak_gateway import SoakGateway

from sdk.bus import keys
from sdk.bus.keys import Lane

MOST_GROWTH_KB = 30_000
_WARM_UP = 0.3
"""The share of the run after which memory should have settled."""
_LOOK_EVERY_S = 1.0
_OPEN = {"01", "08"}
"""ESTABLISHED and CLOSE_WAIT, in the kernel's table."""
_TIDY_S = 20.0


class Vitals:
    """Watches `gateway`, and reads the lanes of those who attack, as a manager would."""

    def __init__(self, gateway: SoakGateway, redis: Redis, history: History) -> None:
        """Take the process as it is, before anyone attacks."""
        self.growth_kb = 0
        self._gateway = gateway
        self._redis = redis
        self._history = history
        self._pid = gateway.pid
        self._port = int(gateway.url.rpartition(":")[2])

    async def run(self, end: float, lanes: Iterable[str]) -> None:
        """Watch until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        settled: int | None = None
        while loop.time() < end:
            self.check_alive()
            if settled is None and loop.time() > begun + (end - begun) * _WARM_UP:
                settled = self._memory_kb()
            if settled is not None:
                self.growth_kb = self._memory_kb() - settled
                self._history.hold(
                    self.growth_kb < MOST_GROWTH_KB, f"memory grew by {self.growth_kb} kB"
                )
            for charge_point_id in lanes:
                await self._read(charge_point_id)
            await asyncio.sleep(_LOOK_EVERY_S)

    def check_alive(self) -> None:
        """Check that it lives and never logged an error."""
        is_same = self._gateway.pid == self._pid and Path(f"/proc/{self._pid}/exe").exists()
        faults = self._gateway.faults()
        self._history.hold(is_same, f"the gateway is gone; it said {faults[:5]}")
        self._history.hold(not faults, f"the gateway logged {faults[:5]}")

    async def until_tidy(self) -> None:
        """Wait until the sockets of those who left are closed."""
        try:
            async with asyncio.timeout(_TIDY_S):
                while self._open_sockets():  # noqa: ASYNC110 - /proc tells nobody
                    await asyncio.sleep(0.2)
        except TimeoutError:
            self._history.fail(f"{self._open_sockets()} sockets are still open")

    async def _read(self, charge_point_id: str) -> None:
        """Read a lane (what no one can read raises), and forget what was read."""
        await read_lane(self._redis, charge_point_id)
        await self._redis.xtrim(keys.lane(charge_point_id, Lane.IN), maxlen=100, approximate=False)

    def _open_sockets(self) -> int:
        lines = Path(f"/proc/{self._pid}/net/tcp").read_text().splitlines()[1:]
        ours = [fields for fields in map(str.split, lines) if _port_of(fields[1]) == self._port]
        return sum(fields[3] in _OPEN for fields in ours)

    def _memory_kb(self) -> int:
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")


def _port_of(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
