"""Drives one charge point: each input of its lane has its effect once; timers are kept."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sdk.bus import keys
from sdk.bus.interface import (
    Bus,
    BusUnavailableError,
    Commit,
    Delivery,
    Follower,
    Guard,
    Lease,
    Outcome,
)
from sdk.bus.keys import Lane
from sdk.errors import NoroamError
from sdk.ids import Clock, natural_id
from sdk.logs import Logger
from session_manager.decision import Book, Decision
from session_manager.held import load, load_disputed
from session_manager.outgoing import Outbox, Stationery
from session_manager.receipts import FIRST
from session_manager.reception import Reception
from session_manager.session.deadlines import DeadlineExpired, Limits, Timer, next_deadline
from session_manager.session.state import Session

READER = "session_manager"
_RETRY_S = 0.5
_IDLE_S = 3600.0


class LeaseLostError(NoroamError):
    """Another manager drives this charge point now."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a driver needs from the process around it.

    `look` is told the sessions of a charge point after each commit, to do what they need of the
    chain; `reception` decides what an event changes.
    """

    bus: Bus
    clock: Clock
    limits: Limits
    log: Logger
    stationery: Stationery
    reception: Reception
    look: Callable[[str, Mapping[str, tuple[int, Session]]], None]


class Driver:
    """Drives the sessions of one charge point while it holds the lease."""

    def __init__(self, charge_point_id: str, connectors: int, tools: Tools) -> None:
        """Drive `charge_point_id`, which has `connectors` connectors."""
        self._id = charge_point_id
        self._connectors = connectors
        self._tools = tools
        self._book = Book(charge_point_id, {}, {})
        self._guard: Guard | None = None
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()

    async def run(self, lease: Lease, follower: Follower) -> None:
        """Drive until cancelled. Raises LeaseLostError when another manager took over."""
        self._guard = lease.guard
        await self._load()
        self._look()
        cursor = await self._tools.bus.cursor(self._id, READER)
        subscription = await follower.subscribe(
            self._id, Lane.IN, after=cursor or "0", reader=READER
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_timers())
                async for delivery in subscription:
                    await self._take(delivery)
        finally:
            await subscription.close()

    async def _load(self) -> None:
        bus = self._tools.bus
        receipt = await bus.read(keys.last_receipt(self._id))
        self._book = Book(
            self._id,
            await load(bus, self._id, self._connectors),
            await load_disputed(bus, self._id),
            receipt.get("hash", FIRST),
        )
        self._changed.set()

    async def _take(self, delivery: Delivery) -> None:
        async with self._turn:
            while True:
                decision = self._decision(delivery.envelope.id)
                if not await self._decide(delivery, decision):
                    decision = self._decision(delivery.envelope.id)
                if await self._commit(decision, delivery.stream_id):
                    break
        for task in decision.afterwards:
            await task()

    async def _decide(self, delivery: Delivery, decision: Decision) -> bool:
        """Decide what an event changes; False if it can't be handled and is a dead letter now."""
        while True:
            try:
                await self._tools.reception.receive(delivery.envelope, decision)
            except BusUnavailableError as error:
                self._tools.log.warning("an event waits for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)
            except Exception as error:  # a fault of ours must not stop the charge point
                self._tools.log.exception("can't handle %s", delivery.envelope.type)
                await self._tools.bus.dead_letter(delivery, f"{type(error).__name__}: {error}")
                return False
            else:
                return True

    async def _expire(self, connector_id: int, timer: Timer) -> None:
        async with self._turn:
            held = self._book.connectors[connector_id]
            at = held.session.timers.get(timer)
            if at is None or at > self._tools.clock():
                return
            cause = natural_id(self._id, held.session.session_id or "", held.version, timer)
            decision = self._decision(cause)
            decision.step(connector_id, DeadlineExpired(timer))
            await self._commit(decision, None)

    async def _commit(self, decision: Decision, stream_id: str | None) -> bool:
        """Commit; False if the state had moved and was loaded again."""
        if self._guard is None:
            raise LeaseLostError(self._id)
        reader = READER if stream_id else None
        commit = decision.commit(self._guard, reader, stream_id)
        outcome = await self._apply(commit)
        if outcome is Outcome.FENCED:
            raise LeaseLostError(self._id)
        if outcome is Outcome.CONFLICT:
            await self._load()
            return False
        if outcome is Outcome.APPLIED and decision.changes_sessions:
            decision.enter()
            self._changed.set()
            self._look()
        elif outcome is Outcome.DUPLICATE:
            decision.afterwards.clear()
        return True

    async def _apply(self, commit: Commit) -> Outcome:
        while True:
            try:
                return await self._tools.bus.apply(commit)
            except BusUnavailableError as error:
                self._tools.log.warning("commit waits for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)

    def _decision(self, cause: UUID) -> Decision:
        tools = self._tools
        outbox = Outbox(self._id, cause, tools.clock())
        return Decision(self._book, outbox, tools.stationery, tools.limits)

    def _look(self) -> None:
        sessions = {
            held.session.session_id: (n, held.session)
            for n, held in self._book.connectors.items()
            if held.session.session_id
        }
        for session_id, held in self._book.disputed.items():
            sessions[session_id] = (held.session.terms.connector_id, held.session)
        self._tools.look(self._id, sessions)

    async def _keep_timers(self) -> None:
        while True:
            self._changed.clear()
            due = self._next()
            wait = _IDLE_S
            if due is not None:
                wait = (due[0] - self._tools.clock()).total_seconds()
                if wait <= 0:
                    await self._expire(due[1], due[2])
                    continue
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _next(self) -> tuple[datetime, int, Timer] | None:
        pending: list[tuple[datetime, int, Timer]] = []
        for n, held in self._book.connectors.items():
            deadline = next_deadline(held.session)
            if deadline is not None:
                pending.append((deadline[0], n, deadline[1]))
        return min(pending, default=None)
