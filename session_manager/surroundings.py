"""Reads how a charge point and what it depends on stand now."""

from collections.abc import Callable
from dataclasses import dataclass

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.gateways import LiveGateways
from sdk.register import ChargePointConfig
from session_manager.availability import Hindrance, Situation, hindrance
from session_manager.decision import Decision


@dataclass(frozen=True, slots=True)
class Conditions:
    """What selling depends on beside the charge point itself."""

    onboarded: bool
    chain_up: bool
    gas_low: bool


class Surroundings:
    """Looks around before something is sold."""

    def __init__(
        self, bus: Bus, conditions: Callable[[], Conditions], gateways: LiveGateways
    ) -> None:
        """Read the gateway's hashes over `bus`."""
        self._bus = bus
        self._conditions = conditions
        self._gateways = gateways

    async def dead(self) -> frozenset[str]:
        """Name the gateways that died. Raises BusUnavailableError."""
        return await self._gateways.dead()

    async def read(self, charge_point_id: str, n: int) -> tuple[dict[str, str], dict[str, str]]:
        """Give the gateway's hashes of the charge point and of connector `n`."""
        station, connector = await self._bus.read_many(
            [keys.state(charge_point_id), keys.connector(charge_point_id, n)]
        )
        return station, connector

    async def hindrance(
        self, n: int, decision: Decision, config: ChargePointConfig
    ) -> Hindrance | None:
        """Tell what keeps connector `n` from being sold."""
        station, connector = await self.read(config.charge_point_id, n)
        conditions = self._conditions()
        return hindrance(
            Situation(
                known=1 <= n <= config.connectors,
                phase=decision.held(n).session.phase,
                station=station,
                connector=connector,
                onboarded=conditions.onboarded,
                chain_up=conditions.chain_up,
                gas_low=conditions.gas_low,
                dead=await self.dead(),
            )
        )
