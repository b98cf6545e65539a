"""The simulated charge point as a class, for whoever runs it in a program of their own.

async with SimulatedChargePoint(Options(id="CP1", url="ws://127.0.0.1:9000")) as it:
    it.plug_in()
    await it.present("TAG")
"""

import asyncio
from types import TracebackType
from typing import Self

from ocpp.v16.enums import Reason

from simulated_hardware import Hardware
from simulated_maintenance import Maintenance
from simulated_options import Options, Script
from simulated_outbox import Outbox
from simulated_parts import Parts
from simulated_security import Security
from simulated_state import State
from simulated_uplink import Uplink


class SimulatedChargePoint:
    """Runs while the block lasts; what people do to it are methods."""

    def __init__(self, options: Options, script: Script | None = None) -> None:
        self.outbox = Outbox()
        self.state = State(options, script or Script(), self.outbox.put)
        self.script = self.state.script
        hardware = Hardware(self.state, self._reboot)
        maintenance, security = Maintenance(hardware), Security(self.state)
        self.parts = Parts(self.state, hardware, maintenance, security, self.reconnect)
        self.uplink = Uplink(self.parts, self.outbox)
        self.plug_in, self.pull, self.replug = hardware.plug_in, hardware.pull, hardware.replug
        self.present = hardware.present
        self._group = asyncio.TaskGroup()
        self._living: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start."""
        await self._group.__aenter__()
        parts = (self.parts.hardware.run(), self.uplink.run())
        self._living = [self._group.create_task(part) for part in parts]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        for part in self._living:
            part.cancel()
        if kind is asyncio.CancelledError:
            await self._group.__aexit__(kind, error, trace)
        else:  # the block's own error is raised as it is, not in a group
            await self._group.__aexit__(None, None, None)

    def reconnect(self) -> None:
        """Close the connection and open another one, without a boot."""
        self.uplink.close()

    def go_offline(self) -> None:
        """Lose the network; transactions go on."""
        self.state.is_online = False
        self.uplink.is_wanted.clear()
        self.uplink.close()

    def go_online(self) -> None:
        """Have the network again."""
        self.uplink.is_wanted.set()

    def fail_power(self) -> None:
        """Lose power, which ends all transactions, and have it again at once."""
        self.state.is_online = False
        self.uplink.cut()
        self.parts.hardware.end_all(Reason.power_loss)

    def _reboot(self) -> None:
        self.uplink.close(will_boot=True)
