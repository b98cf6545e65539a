"""What happens at the connectors of a simulated charge point: cars come, draw power and go."""

import asyncio
from collections import deque
from contextlib import suppress
from random import Random

from soak_clock import SloppyClock
from soak_ledger import ENERGY_STYLES, Message, Meter, Reading, Start, Stop, Transaction

from sdk.ids import Clock

UNKNOWN_TAG = "NOBODY"
_UNKNOWN_SHARE = 0.05
_READINGS_IN_STOP = 0.3


class Outlets:
    """Writes transactions into `outbox`, whether there is a connection or not."""

    def __init__(self, charge_point_id: str, connectors: int, rng: Random, clock: Clock) -> None:
        """Start with registers somewhere."""
        self.charge_point_id = charge_point_id
        self.outbox: deque[Message] = deque()
        self.statuses = dict.fromkeys(range(connectors + 1), "Available")
        self.untold = set(self.statuses)
        """Connectors whose status must be told."""
        self.transactions: list[Transaction] = []
        self.is_over = False
        self._rng = rng
        self._clock = SloppyClock(rng, clock)
        self._write_energy = rng.choice(ENERGY_STYLES)
        self._registers = {n: rng.randrange(10_000_000) for n in range(1, connectors + 1)}

    async def run(self, ending: asyncio.Event) -> None:
        """Charge until `ending` is set, then stop what still runs."""
        async with asyncio.TaskGroup() as group:
            for connector_id in self._registers:
                group.create_task(self._use(connector_id, ending))
        self.is_over = True

    def stop_remotely(self, transaction_id: int) -> bool:
        """Take a RemoteStopTransaction; False when there is no such transaction."""
        for transaction in self.transactions:
            if transaction_id in transaction.ids and transaction.stopped is None:
                transaction.is_asked_to_stop = True
                return True
        return False

    async def _use(self, connector_id: int, ending: asyncio.Event) -> None:
        while not await self._passes(ending, 0.3, 4):
            transaction = self._plug_in(connector_id)
            for _ in range(self._rng.randint(1, 12)):
                if await self._passes(ending, 0.5, 2.5) or transaction.is_asked_to_stop:
                    break
                self._sample(transaction)
            self._unplug(transaction)

    async def _passes(self, ending: asyncio.Event, least: float, most: float) -> bool:
        """Let some seconds pass; tell whether the end came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rng.uniform(least, most)):
                await ending.wait()
        return ending.is_set()

    def _plug_in(self, connector_id: int) -> Transaction:
        tag = f"{self.charge_point_id}-{connector_id}"
        if self._rng.random() < _UNKNOWN_SHARE:
            tag = UNKNOWN_TAG
        transaction = Transaction(
            charge_point_id=self.charge_point_id,
            connector_id=connector_id,
            id_tag=tag,
            meter_start=self._registers[connector_id],
            started=self._clock.now(),
        )
        self.transactions.append(transaction)
        self.outbox.append(Start(transaction))
        self._show(connector_id, "Charging")
        return transaction

    def _sample(self, transaction: Transaction) -> None:
        readings = [self._reading(transaction) for _ in range(self._rng.choice((1, 1, 1, 3)))]
        self.outbox.append(Meter(transaction, readings, self._write_energy))

    def _unplug(self, transaction: Transaction) -> None:
        count = 2 if self._rng.random() < _READINGS_IN_STOP else 0
        last = [self._reading(transaction) for _ in range(count)]
        self._registers[transaction.connector_id] += self._rng.randint(1, 500)
        transaction.meter_stop = self._registers[transaction.connector_id]
        transaction.stopped = self._clock.now()
        reason = self._rng.choice((None, "Local", "EVDisconnected", "PowerLoss"))
        if transaction.is_asked_to_stop:
            reason = "DeAuthorized"
        self.outbox.append(Stop(transaction, last, self._write_energy, reason))
        self._show(transaction.connector_id, "Available")

    def _reading(self, transaction: Transaction) -> Reading:
        self._registers[transaction.connector_id] += self._rng.randint(1, 500)
        reading = Reading(self._clock.now(), self._registers[transaction.connector_id])
        transaction.readings.append(reading)
        return reading

    def _show(self, connector_id: int, status: str) -> None:
        self.statuses[connector_id] = status
        self.untold.add(connector_id)
