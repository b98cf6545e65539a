"""Looks again and again, and writes what became an alert, with the news for the webhooks."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sdk.alerts.alert import Acknowledgement, Alert, PastAlert, Watched, alert_of
from sdk.alerts.causes import Seen, causes
from sdk.alerts.ledger import resumed, step
from sdk.alerts.store import EVALUATED_AT, MOST_KEPT, evaluated_at, read_models, read_settings
from sdk.bus import keys
from sdk.bus.interface import Bus, Guard
from sdk.logs import Logger
from sdk.webhooks.delivery import StoredDelivery, delivery_of, event_of
from sdk.webhooks.register import read_webhooks
from sdk.webhooks.webhook import StoredWebhook, WebhookState, works
from session_manager.alert_lease import write_guarded
from session_manager.alert_look import AlertLook
from session_manager.alert_reports import living
from session_manager.roster import batches

PAUSE_S = 2.0
_SHARE = 10
"""A look takes at most one part in so many of the time."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What is written of one id together: `entry` None: it is watched no more."""

    id: str
    entry: Watched | None
    news: Alert | PastAlert | None = None


class AlertEvaluator:
    """Evaluates while it is given the desk; what it knows is read again each time it is."""

    def __init__(
        self,
        bus: Bus,
        look: AlertLook,
        on_news: Callable[[], None],
        log: Logger,
        pause_s: float = PAUSE_S,
    ) -> None:
        """`on_news` is called when there is something for a webhook."""
        self._bus = bus
        self._look = look
        self._on_news = on_news
        self._log = log
        self._pause_s = pause_s
        self._watched: dict[str, Watched] = {}
        self._history: list[str] = []
        self._is_new = True

    async def run(self, guard: Guard) -> None:
        """Evaluate until cancelled. Raises LeaseLostError, BusUnavailableError."""
        loop = asyncio.get_running_loop()
        names = [keys.ALERTS, keys.ALERT_HISTORY]
        watched, history = await self._bus.read_many(names)
        self._watched, self._history = read_models(watched, Watched), sorted(history)
        self._is_new = True
        while True:
            began = loop.time()
            await self._evaluate(await self._look.look(), guard)
            await asyncio.sleep(max(self._pause_s, _SHARE * (loop.time() - began)))

    async def _evaluate(self, seen: Seen, guard: Guard) -> None:
        names = [keys.ALERT_STATE, keys.WEBHOOKS, keys.WEBHOOK_STATES, keys.ALERT_REPORTS]
        state, hooks, hook_states, reports = await self._bus.read_many(names)
        settings = read_settings(state)
        if self._is_new:
            self._watched = resumed(self._watched, evaluated_at(state), seen.at)
            self._is_new = False
        standing = {name for name, entry in self._watched.items() if entry.raised_at is not None}
        after = step(self._watched, causes(seen, settings, standing), settings, seen.at)
        acknowledged = await self._acknowledged() if after.cleared else {}
        raised = {entry.id: alert_of(entry) for entry in after.raised}
        past = {entry.id: _past(entry, acknowledged, seen) for entry in after.cleared}
        changes = [
            _Change(name, after.watched.get(name), raised.get(name) or past.get(name))
            for name in sorted(self._watched.keys() | after.watched.keys())
            if self._watched.get(name) != after.watched.get(name)
        ]
        webhooks = _working(hooks, hook_states)
        for part in batches(changes):
            await self._write(part, webhooks, guard)
        self._watched = dict(after.watched)
        moment = {EVALUATED_AT: seen.at.isoformat()}
        gone = {
            keys.ALERT_ACKNOWLEDGEMENTS: sorted(acknowledged.keys() - after.watched.keys()),
            keys.ALERT_REPORTS: living(reports, seen.at)[1],
        }
        await write_guarded(self._bus, guard, {keys.ALERT_STATE: moment}, gone)

    async def _acknowledged(self) -> dict[str, Acknowledgement]:
        fields = await self._bus.read(keys.ALERT_ACKNOWLEDGEMENTS)
        return read_models(fields, Acknowledgement)

    async def _write(
        self, changes: Sequence[_Change], webhooks: Sequence[StoredWebhook], guard: Guard
    ) -> None:
        news = [change.news for change in changes if change.news is not None]
        past = {_name(each): each for each in news if isinstance(each, PastAlert)}
        history = sorted([*self._history, *past])
        fields = {
            keys.ALERTS: {c.id: c.entry.model_dump_json() for c in changes if c.entry is not None},
            keys.ALERT_HISTORY: {name: each.model_dump_json() for name, each in past.items()},
            **_deliveries(news, webhooks),
        }
        removed = {
            keys.ALERTS: [change.id for change in changes if change.entry is None],
            keys.ALERT_HISTORY: history[:-MOST_KEPT],
        }
        await write_guarded(self._bus, guard, fields, removed)
        self._history = history[-MOST_KEPT:]
        for alert in news:
            is_over = isinstance(alert, PastAlert)
            tell = self._log.info if is_over else self._log.warning
            tell(
                "alert %s: %s",
                "is over" if is_over else alert.severity,
                alert.detail,
                charge_point_id=alert.charge_point_id,
            )
        if news and webhooks:
            self._on_news()


def _past(entry: Watched, acknowledged: dict[str, Acknowledgement], seen: Seen) -> PastAlert | None:
    alert = alert_of(entry, acknowledged.get(entry.id))
    return PastAlert(**dict(alert), cleared_at=seen.at) if alert is not None else None


def _name(past: PastAlert) -> str:
    return f"{past.cleared_at.isoformat(timespec='milliseconds')}|{past.id}"


def _working(hooks: dict[str, str], states: dict[str, str]) -> list[StoredWebhook]:
    known = read_models(states, WebhookState)
    found = read_webhooks(hooks).values()
    return [each for each in found if works(each, known.get(each.id, WebhookState()))]


def _deliveries(
    news: Iterable[Alert | PastAlert], webhooks: Sequence[StoredWebhook]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for alert in news:
        at = alert.cleared_at if isinstance(alert, PastAlert) else alert.raised_at
        delivery: StoredDelivery = delivery_of(event_of(alert, at))
        text = delivery.model_dump_json()
        for webhook in webhooks:
            if webhook.wants(alert.kind):
                name = keys.webhook_deliveries(webhook.id)
                found.setdefault(name, {})[str(delivery.id)] = text
    return found
