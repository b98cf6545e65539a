"""Drives one charge point: each input of its lane has its effect once; timers are kept."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sdk.bus.interface import Bus, BusUnavailableError, Delivery, Follower, Guard, Lease, Outcome
from sdk.bus.keys import Lane
from sdk.errors import NoroamError
from sdk.ids import Clock, natural_id
from sdk.logs import Logger, bind
from session_manager.book import Book, read_book
from session_manager.decision import Decision
from session_manager.ending import end_session
from session_manager.faults import RETRY_S, fault_of, persist
from session_manager.outgoing import Outbox, Stationery
from session_manager.reception import Reception
from session_manager.session.deadlines import DeadlineExpired, Limits, taken_over
from session_manager.session.state import Session, Timer

READER = "session_manager"
_IDLE_S = 3600.0


class LeaseLostError(NoroamError):
    """Another manager drives this charge point now."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a driver needs from the process around it.

    `look` is told the sessions of a charge point after each commit, to do what they need of the
    chain; `reception` decides what an event changes; `prepare` is done once the lease is ours.
    """

    bus: Bus
    clock: Clock
    limits: Callable[[], Limits]
    log: Logger
    stationery: Stationery
    reception: Reception
    look: Callable[[str, Mapping[str, tuple[int, Session]]], None]
    prepare: Callable[[Guard], Awaitable[None]]


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
        self._waits_until: datetime | None = None
        self._stuck: set[tuple[int, int, Timer]] = set()

    @property
    def is_free(self) -> bool:
        """Tell whether no session is open or disputed."""
        return self._book.is_free

    async def run(self, lease: Lease, follower: Follower) -> None:
        """Drive until cancelled.

        Raises, alone or in a group, LeaseLostError when another manager took over,
        UnreadableSessionError, BusUnavailableError while it begins.
        """
        self._guard = lease.guard
        await self._tools.prepare(lease.guard)
        await self._load()
        self._take_over()
        cursor = await self._tools.bus.cursor(self._id, READER)
        subscription = await follower.subscribe(
            self._id, Lane.IN, after=cursor or "0", reader=READER
        )
        try:
            async with asyncio.TaskGroup() as group:
                timers = group.create_task(self._keep_timers())
                async for delivery in subscription:
                    session_id = delivery.envelope.session_id
                    with bind(session_id=session_id) if session_id else nullcontext():
                        await self._take(delivery)
                timers.cancel()
        finally:
            await subscription.close()

    async def _load(self) -> None:
        self._book = await read_book(self._tools.bus, self._id, self._connectors)
        self._notice()

    def _take_over(self) -> None:
        now, limits = self._tools.clock(), self._tools.limits()
        for n, held in self._book.connectors.items():
            session = taken_over(held.session, limits, now)
            self._book.connectors[n] = replace(held, session=session)

    async def _take(self, delivery: Delivery) -> None:
        envelope, log = delivery.envelope, self._tools.log
        async with self._turn:
            while True:
                decision = self._decision(envelope.id)
                fault = await fault_of(self._tools.reception.receive(envelope, decision))
                if isinstance(fault, BusUnavailableError):
                    log.warning("%s waits for Redis: %s", envelope.type, fault)
                    await asyncio.sleep(RETRY_S)
                    continue
                if fault is not None:
                    await self._bury(delivery, fault)
                    decision = self._decision(envelope.id)
                await self._end(decision)
                if await self._commit(decision, delivery.stream_id):
                    break
        for task in decision.afterwards:
            await task()

    async def _bury(self, delivery: Delivery, fault: Exception) -> None:
        log, bus = self._tools.log, self._tools.bus
        log.error("can't handle %s", delivery.envelope.type, exc_info=fault)
        reason = f"{type(fault).__name__}: {fault}"
        await persist(lambda: bus.dead_letter(delivery, reason), log)

    async def _expire(self, n: int, timer: Timer) -> None:
        async with self._turn:
            held = self._book.connectors[n]
            at = held.session.timers.get(timer)
            if at is None or at > self._tools.clock():
                return
            session_id = held.session.session_id or ""
            decision = self._decision(natural_id(self._id, session_id, held.version, timer))

            async def run_out() -> None:
                decision.step(n, DeadlineExpired(timer, decision.outbox.at))

            with bind(session_id=session_id):
                fault = await fault_of(run_out())
                if fault is not None:
                    self._tools.log.error("can't handle a timer: %s", timer, exc_info=fault)
                    self._stuck.add((n, held.version, timer))
                    return
                await self._end(decision)
                await self._commit(decision, None)

    async def _end(self, decision: Decision) -> None:
        """Add to a decision what stays of the sessions that it ends."""
        bus, log = self._tools.bus, self._tools.log
        for ended in decision.ended:
            whole = await persist(partial(end_session, bus, self._id, ended, log), log)
            decision.add_ending(whole)

    async def _commit(self, decision: Decision, stream_id: str | None) -> bool:
        """Commit; False if the state had moved and was loaded again."""
        if self._guard is None:
            raise LeaseLostError(self._id)
        bus, log = self._tools.bus, self._tools.log
        commit = decision.commit(self._guard, READER if stream_id else None, stream_id)
        outcome = await persist(lambda: bus.apply(commit), log)
        if outcome is Outcome.FENCED:
            raise LeaseLostError(f"{self._id} is driven by another manager")
        if outcome is Outcome.CONFLICT:
            await persist(self._load, log)
            return False
        if decision.changes_sessions:
            if outcome is Outcome.APPLIED:
                decision.enter(log)
                self._notice()
            else:  # it went through before, and only the answer was lost
                await persist(self._load, log)
        return True

    def _decision(self, cause: UUID) -> Decision:
        tools = self._tools
        outbox = Outbox(self._id, cause, tools.clock())
        return Decision(self._book, outbox, tools.stationery, tools.limits())

    def _notice(self) -> None:
        """Let timers and chain follow the sessions as they are committed."""
        due, until = self._next(), self._waits_until
        if due is not None and (until is None or due[0] < until):
            self._changed.set()
        self._tools.look(self._id, self._book.sessions)

    async def _keep_timers(self) -> None:
        while True:
            self._changed.clear()
            due = self._next()
            wait, self._waits_until = _IDLE_S, None
            if due is not None:
                self._waits_until = due[0]
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
        pending: list[tuple[datetime, int, Timer]] = [
            (at, n, timer)
            for n, held in self._book.connectors.items()
            for timer, at in held.session.timers.items()
            if (n, held.version, timer) not in self._stuck
        ]
        return min(pending, default=None)
