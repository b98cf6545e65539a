"""Tells the alert desk, which may be in another process, how this one sees the chain."""

import asyncio
from datetime import datetime, timedelta

from sdk.alerts.causes import Report
from sdk.alerts.store import read_models
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.chain.errors import ChainError
from sdk.chain.sender import Sender
from sdk.ids import Clock
from sdk.logs import Logger
from session_manager.chain_watch import ChainWatch

EVERY_S = 5.0
LIVES = timedelta(seconds=30)
"""Who did not report for so long is gone."""
_GAS_EVERY = 6


class AlertReporter:
    """Writes a report every few seconds."""

    def __init__(
        self, bus: Bus, owner: str, watch: ChainWatch, sender: Sender, clock: Clock, log: Logger
    ) -> None:
        """`owner` names this process."""
        self._bus = bus
        self._owner = owner
        self._watch = watch
        self._sender = sender
        self._clock = clock
        self._log = log
        self._balance: int | None = None

    async def run(self) -> None:
        """Report until cancelled."""
        count = 0
        while True:
            if count % _GAS_EVERY == 0:
                await self._read_balance()
            count += 1
            try:
                await self._bus.write(
                    keys.ALERT_REPORTS, {self._owner: self._report().model_dump_json()}
                )
            except BusUnavailableError as error:
                self._log.warning("can't report to the alert desk: %s", error)
            await asyncio.sleep(EVERY_S)

    async def _read_balance(self) -> None:
        try:
            self._balance = await self._sender.balance()
        except ChainError:
            return  # what was known last holds on

    def _report(self) -> Report:
        health = self._watch.health
        return Report(
            at=self._clock(),
            chain_id=self._watch.status.chain_id,
            chain=health.state if health is not None else "unknown",
            reason=health.reason if health is not None else "",
            gas_account=self._sender.address,
            gas_balance=self._balance,
            gas_low=self._watch.gas_low,
        )


def living(fields: dict[str, str], now: datetime) -> tuple[list[Report], list[str]]:
    """Give the reports of those that live, and the names of the others."""
    found = read_models(fields, Report)
    lives = {name: each for name, each in found.items() if now - each.at < LIVES}
    return list(lives.values()), sorted(fields.keys() - lives.keys())
