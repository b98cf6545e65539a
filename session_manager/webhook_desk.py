"""Sends what waits for each webhook, again and again until it arrives or a day has gone by.

All of it stands in Redis: who takes the desk over goes on where the one before was. What was being
sent then is sent once more, under the same id.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sdk.alerts.store import read_models
from sdk.bus import keys
from sdk.bus.interface import Bus, Guard
from sdk.ids import Clock
from sdk.logs import Logger
from sdk.webhooks.delivery import (
    MOST_WAITING,
    RETRY_AFTER_S,
    Outcome,
    StoredDelivery,
    attempted,
    dropped,
    surplus,
    waiting,
)
from sdk.webhooks.register import Webhooks, read_webhooks
from sdk.webhooks.webhook import StoredWebhook, WebhookState, works
from session_manager.alert_lease import write_guarded

LOOK_S = 2.0
_AT_ONCE = 20
"""After so many the webhook itself is looked at again: it may be gone."""


class WebhookDesk:
    """Serves each webhook by itself, so that one that hangs keeps no other waiting."""

    def __init__(
        self,
        bus: Bus,
        webhooks: Webhooks,
        clock: Clock,
        log: Logger,
        retries: Sequence[float] = RETRY_AFTER_S,
    ) -> None:
        """`retries`: how long after each attempt the next one comes, in seconds."""
        self._bus = bus
        self._webhooks = webhooks
        self._clock = clock
        self._log = log
        self._retries = retries
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look soon: there is something to send."""
        self._woken.set()

    async def run(self, guard: Guard) -> None:
        """Send until cancelled. Raises LeaseLostError, BusUnavailableError."""
        serving: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                hooks, states = await self._bus.read_many([keys.WEBHOOKS, keys.WEBHOOK_STATES])
                known, found = read_models(states, WebhookState), read_webhooks(hooks)
                await self._forget(sorted(states.keys() - hooks.keys()), guard)
                for name, webhook in found.items():
                    if name not in serving or serving[name].done():
                        one = _Served(webhook, known.get(name, WebhookState()), guard)
                        serving[name] = group.create_task(self._serve(one))
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(LOOK_S):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _forget(self, gone: Sequence[str], guard: Guard) -> None:
        """Take away what an attempt under way left of webhooks that were removed meanwhile."""
        for name in gone:
            await self._bus.delete(keys.webhook_deliveries(name))
        if gone:
            await write_guarded(self._bus, guard, {}, {keys.WEBHOOK_STATES: gone})

    async def _serve(self, one: "_Served") -> None:
        fields = await self._bus.read(keys.webhook_deliveries(one.webhook.id))
        one.deliveries = read_models(fields, StoredDelivery)
        await self._tidy(one)
        now = self._clock()
        due = [each for each in waiting(one.deliveries.values()) if _is_due(each, now)]
        if not self._webhooks.can_sign:
            return
        for delivery in due[:_AT_ONCE]:
            outcome = await self._webhooks.send(one.webhook, delivery)
            await self._record(one, attempted(delivery, outcome, self._retries), outcome)
            if one.state.disabled_at is not None:
                break
        if len(due) > _AT_ONCE:
            self.wake()

    async def _tidy(self, one: "_Served") -> None:
        """Drop what is too much, or waits for a webhook that is switched off."""
        now, left = self._clock(), waiting(one.deliveries.values())
        if works(one.webhook, one.state):
            gone = [dropped(each, "too much waited", now) for each in left[:-MOST_WAITING]]
        else:
            gone = [dropped(each, "the webhook is disabled", now) for each in left]
        if gone:
            self._log.warning(
                "webhook %s: %d events are dropped: %s",
                one.webhook.name,
                len(gone),
                gone[0].error,
            )
        one.deliveries |= {str(each.id): each for each in gone}
        old = surplus(one.deliveries)
        if gone or old:
            kept = [each for each in gone if str(each.id) not in old]
            for name in old:
                del one.deliveries[name]
            await self._write(one, kept, old)

    async def _record(self, one: "_Served", delivery: StoredDelivery, outcome: Outcome) -> None:
        one.deliveries[str(delivery.id)] = delivery
        before, one.state = one.state, _state_after(one.state, delivery, outcome)
        await self._write(one, [delivery])
        name, error = one.webhook.name, one.state.last_error
        if one.state.disabled_at is not None:
            self._log.error("webhook %s is disabled: %s", name, error)
        elif error is not None and before.failing_since is None:
            self._log.warning("webhook %s does not take news: %s", name, error)
        elif error is None and before.failing_since is not None:
            self._log.info("webhook %s takes news again", name)

    async def _write(
        self, one: "_Served", changed: Sequence[StoredDelivery], gone: Sequence[str] = ()
    ) -> None:
        key, count = keys.webhook_deliveries(one.webhook.id), len(waiting(one.deliveries.values()))
        one.state = one.state.model_copy(update={"waiting": count})
        fields = {
            key: {str(each.id): each.model_dump_json() for each in changed},
            keys.WEBHOOK_STATES: {one.webhook.id: one.state.model_dump_json()},
        }
        await write_guarded(self._bus, one.guard, fields, {key: gone})


class _Served:
    """A webhook while what waits for it is sent."""

    def __init__(self, webhook: StoredWebhook, state: WebhookState, guard: Guard) -> None:
        self.webhook = webhook
        is_on = works(webhook, state)
        self.state = state.model_copy(update={"disabled_at": None}) if is_on else state
        self.guard = guard
        self.deliveries: dict[str, StoredDelivery] = {}


def _is_due(delivery: StoredDelivery, now: datetime) -> bool:
    return delivery.next_attempt_at is None or delivery.next_attempt_at <= now


def _state_after(state: WebhookState, delivery: StoredDelivery, outcome: Outcome) -> WebhookState:
    if outcome.error is None:
        return WebhookState(last_delivered_at=outcome.at)
    last = state.last_delivered_at
    is_lost = delivery.state == "failed" and (last is None or last < delivery.made_at)
    return state.model_copy(
        update={
            "failing_since": state.failing_since or outcome.at,
            "last_error": outcome.error,
            "disabled_at": outcome.at if is_lost else None,
        }
    )
