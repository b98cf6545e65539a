"""What is told to the gateway about a charge point that it holds; no commands."""

from collections.abc import Callable

from cpg.ending import Ending
from cpg.peer import Peer
from sdk.bus import keys
from sdk.charge_point_config import ChargePointConfig, ConfigError
from sdk.events.body import Body
from sdk.events.charge_point import (
    ChargePointConfigChanged,
    ChargePointConnected,
)
from sdk.logs import Logger


class Facts:
    """Hears that the charge point has come to another gateway, or is configured anew."""

    __slots__ = ("_ending", "_log", "_on_config", "_peer")

    def __init__(
        self, peer: Peer, ending: Ending, log: Logger, on_config: Callable[[], None]
    ) -> None:
        """Keep `peer` as it is configured, or end its socket; `on_config` hears of changes."""
        self._peer = peer
        self._ending = ending
        self._log = log
        self._on_config = on_config

    async def take(self, body: Body) -> None:
        """Act on a fact. Raises BusUnavailableError."""
        match body:
            case ChargePointConnected(generation=newer) if newer > self._peer.generation:
                self._ending.superseded()
            case ChargePointConfigChanged():
                await self._take_config()
            case _:
                return

    async def _take_config(self) -> None:
        peer, cp = self._peer, self._peer.charge_point_id
        fields = await peer.bus.read(keys.config(cp))
        if not fields:
            self._log.warning("is not registered any more: closing", charge_point_id=cp)
            self._ending.end("closed")
            return
        try:
            config = ChargePointConfig.from_hash(cp, fields)
        except ConfigError as error:
            text = "its changed configuration can't be read: %s"
            self._log.warning(text, error, charge_point_id=cp)
        else:
            peer.configure(config)
            if peer.security_profile < config.security_profile:
                text = "came by security profile %d, and now needs %d: closing"
                needed = (peer.security_profile, config.security_profile)
                self._log.warning(text, *needed, charge_point_id=cp)
                self._ending.end("closed")
                return
        self._on_config()
