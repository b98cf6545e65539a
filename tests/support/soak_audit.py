"""Compares what the gateways told with what the charge points know, to the watt-hour."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from redis.asyncio import Redis
from soak_charging import Outlets
from soak_clock import wire
from soak_ledger import Transaction

from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.events.charge_point import (
    ChargePointConnected,
)
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported
from sdk.events.envelope import Envelope, read_envelope

MOST_ENTRIES = 15_000
"""An unread lane holds no more than 20,000."""
Told = ChargingStarted | MeterValueReported | ChargingStopped


async def read_lane(redis: Redis, charge_point_id: str) -> list[Envelope]:
    """Read all that `:in` holds."""
    entries: Any = await redis.xrange(keys.lane(charge_point_id, Lane.IN))
    return [read_envelope(fields[b"d"]) for _, fields in entries]


def energy_of(envelopes: Iterable[Envelope]) -> int:
    """Add up what was charged, in Wh, as an accountant would: all stops, less all starts."""
    total = 0
    for envelope in envelopes:
        if isinstance(envelope.body, ChargingStopped):
            total += envelope.body.meter_stop_wh
        elif isinstance(envelope.body, ChargingStarted):
            total -= envelope.body.meter_start_wh
    return total


def audit_lane(outlets: Outlets, envelopes: Sequence[Envelope], *, exactly_once: bool) -> list[str]:
    """Give all that is wrong with one charge point's events."""
    name = outlets.charge_point_id
    faults = [f"{name}: {len(envelopes)} entries"] if len(envelopes) > MOST_ENTRIES else []
    doubles = [item for item, times in Counter(e.id for e in envelopes).items() if times > 1]
    faults += [f"{name}: event {item} is there twice" for item in doubles]
    bodies = [envelope.body for envelope in envelopes]
    generations = [body.generation for body in bodies if isinstance(body, ChargePointConnected)]
    if any(later <= earlier for earlier, later in pairwise(generations)):
        faults.append(f"{name}: its generations do not rise: {generations}")
    told: dict[int, list[Told]] = {}
    for body in bodies:
        if isinstance(body, Told) and body.transaction_id is not None:
            told.setdefault(body.transaction_id, []).append(body)
    for transaction in outlets.transactions:
        faults += _ids_of(transaction)
        events = told.pop(transaction.ids[0], []) if transaction.ids else []
        faults += _audit(transaction, events, exactly_once=exactly_once)
    faults += [f"{name}: nobody knows transaction {number}: {of}" for number, of in told.items()]
    return faults


async def audit_state(redis: Redis, outlets: Outlets) -> list[str]:
    """Give what the hashes of one charge point still hold open, and what should not be there."""
    name, faults = outlets.charge_point_id, []
    for number in outlets.statuses:
        open_one = await redis.hget(keys.connector(name, number), "transaction_id")
        if open_one:
            faults.append(f"{name}: connector {number} still shows transaction {open_one!r}")
    if await redis.exists(keys.orphan_stops(name)):
        faults.append(f"{name}: has orphans: {await redis.hgetall(keys.orphan_stops(name))}")
    if await redis.exists(keys.dead(name)):
        faults.append(f"{name}: has dead letters")
    return faults


def _ids_of(transaction: Transaction) -> list[str]:
    if not transaction.is_stop_acknowledged:
        return [f"{transaction.name}: its stop was never answered"]
    return [] if len(set(transaction.ids)) == 1 else [f"{transaction.name}: got several ids"]


def _audit(transaction: Transaction, told: list[Told], *, exactly_once: bool) -> list[str]:
    wrong = _order(told, exactly_once=exactly_once)
    starts = [body for body in told if isinstance(body, ChargingStarted)]
    stops = [body for body in told if isinstance(body, ChargingStopped)]
    if (len(starts), len(stops)) != (1, 1):
        return [f"{transaction.name}: started {len(starts)} times, stopped {len(stops)} times"]
    start, stop = starts[0], stops[0]
    assert transaction.stopped is not None
    given = (start.meter_start_wh, wire(start.started_at), start.id_tag)
    if given != (transaction.meter_start, transaction.started.wire, transaction.id_tag):
        wrong.append(f"started as {given}, not as {transaction.started}")
    if (stop.meter_stop_wh, wire(stop.stopped_at)) != (
        transaction.meter_stop,
        transaction.stopped.wire,
    ):
        wrong.append(f"stopped at {stop.meter_stop_wh} Wh, not at {transaction.meter_stop}")
    wrong += _readings(transaction, told, exactly_once=exactly_once)
    return [f"{transaction.name}: {what}" for what in wrong]


def _order(told: list[Told], *, exactly_once: bool) -> list[str]:
    kinds = [type(body) for body in told]
    energies = [body.energy_wh or 0 for body in told if isinstance(body, MeterValueReported)]
    if not exactly_once:
        energies = list(dict.fromkeys(energies))
    wrong = []
    if any(later <= earlier for earlier, later in pairwise(energies)):
        wrong.append(f"its readings do not rise: {energies}")
    if kinds[:1] != [ChargingStarted] or kinds[-1:] != [ChargingStopped]:
        wrong.append(f"events before the start or after the stop: {kinds}")
    return wrong


def _readings(transaction: Transaction, told: list[Told], *, exactly_once: bool) -> list[str]:
    times = Counter(
        (wire(body.sampled_at), body.energy_wh or 0)
        for body in told
        if isinstance(body, MeterValueReported)
    )
    wrong = []
    for reading in transaction.readings:
        seen = times.pop((reading.at.wire, reading.energy_wh), 0)
        if seen == 0 or (exactly_once and seen > 1) or not reading.is_acknowledged:
            wrong.append(f"{reading} was told {seen} times")
    return wrong + [f"a reading that never was: {item}" for item in times]
