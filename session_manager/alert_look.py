"""Reads all that alerts are made of: charge points, chain reports, webhooks."""

import asyncio
from collections.abc import Sequence

from sdk.alerts.causes import Disabled, PointSeen, Seen
from sdk.alerts.store import read_models
from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.charge_point_config import ChargePointConfig
from sdk.disputes import read_disputes
from sdk.gateways import LiveGateways, is_connected
from sdk.ids import Clock
from sdk.webhooks.register import read_webhooks
from sdk.webhooks.webhook import WebhookState, disabled_at
from session_manager.alert_reports import living
from session_manager.roster import Roster, batches


class AlertLook:
    """Looks at everything. What did not change of the register is not parsed again."""

    def __init__(self, bus: Bus, roster: Roster, gateways: LiveGateways, clock: Clock) -> None:
        self._bus = bus
        self._roster = roster
        self._gateways = gateways
        self._clock = clock

    async def look(self) -> Seen:
        """Read all of it. Raises BusUnavailableError."""
        configs = (await self._roster.read()).values()
        dead = await self._gateways.dead()
        points: list[PointSeen] = []
        for part in batches(configs):
            points += await self._points(part, dead)
            await asyncio.sleep(0)  # sessions go first
        names = [keys.ALERT_REPORTS, keys.WEBHOOKS, keys.WEBHOOK_STATES]
        reports, webhooks, states = await self._bus.read_many(names)
        now = self._clock()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as it will be read again
        lives, _ = living(reports, now)
        return Seen(now, points, lives, _disabled(webhooks, states))

    async def _points(
        self, configs: Sequence[ChargePointConfig], dead: frozenset[str]
    ) -> list[PointSeen]:
        places = [(c.charge_point_id, n) for c in configs for n in range(c.connectors + 1)]
        names = [config.charge_point_id for config in configs]
        of_point = (keys.state, keys.identity, keys.disputes)
        hashes = await self._bus.read_many(
            [key(name) for name in names for key in of_point]
            + [keys.connector(*place) for place in places]
        )
        each = len(of_point)
        connectors = iter(hashes[each * len(names) :])
        disputed = [name for n, name in enumerate(names) if hashes[each * n + 2]]
        disputes = await read_disputes(self._bus, self._clock(), disputed) if disputed else []
        return [
            PointSeen(
                charge_point_id=config.charge_point_id,
                connected=is_connected(hashes[each * number], dead),
                state=hashes[each * number],
                identity=hashes[each * number + 1],
                connectors=[next(connectors) for _ in range(config.connectors + 1)],
                disputes=[d for d in disputes if d.charge_point_id == config.charge_point_id],
            )
            for number, config in enumerate(configs)
        ]


def _disabled(webhooks: dict[str, str], states: dict[str, str]) -> list[Disabled]:
    known = read_models(states, WebhookState)
    found = []
    for webhook in read_webhooks(webhooks).values():
        state = known.get(webhook.id, WebhookState())
        at = disabled_at(webhook, state)
        if at is not None:
            found.append(Disabled(webhook.id, webhook.name, at, state.last_error or ""))
    return found
