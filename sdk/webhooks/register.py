"""Webhooks in Redis: registered, changed, removed and tried out by administrators."""

import secrets
from collections.abc import Mapping
from typing import Any

from sdk.alerts.alert import Kind
from sdk.alerts.store import read_models
from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, StateWrite
from sdk.bus.interface import Outcome as Committed
from sdk.errors import ChangedMeanwhileError, InvalidInputError, UnavailableError
from sdk.ids import Clock, new_event_id
from sdk.webhooks.delivery import (
    Delivery,
    Event,
    Outcome,
    StoredDelivery,
    attempted,
    delivery_of,
    surplus,
)
from sdk.webhooks.post import Poster
from sdk.webhooks.signature import secret_of
from sdk.webhooks.webhook import StoredWebhook, Webhook, WebhookState, shown

MOST_WEBHOOKS = 20
_ID_BYTES = 6
_SALT_BYTES = 16
_VERSION = "version"


class UnknownWebhookError(InvalidInputError):
    """There is no webhook of this id."""


class TooManyWebhooksError(InvalidInputError):
    """There are as many webhooks as there may be; remove those that nobody needs."""


class NoSecretsError(UnavailableError):
    """CREDENTIAL_KEY is not set, of which the webhooks' secrets are made."""


class Webhooks:
    """The webhooks of all services; every method raises BusUnavailableError while Redis is away."""

    def __init__(self, bus: Bus, credential_key: str | None, poster: Poster, clock: Clock) -> None:
        """`credential_key` is CREDENTIAL_KEY: with another one, all secrets are others."""
        self._bus = bus
        self._credential_key = credential_key
        self._poster = poster
        self._clock = clock

    async def listed(self) -> list[Webhook]:
        """Give all, the oldest first."""
        fields, states = await self._bus.read_many([keys.WEBHOOKS, keys.WEBHOOK_STATES])
        known = read_models(states, WebhookState)
        found = sorted(read_webhooks(fields).values(), key=lambda each: (each.made_at, each.id))
        return [shown(each, known.get(each.id, WebhookState())) for each in found]

    async def make(
        self, name: str, url: str, kinds: tuple[Kind, ...] | None, by: str
    ) -> tuple[Webhook, str]:
        """Register a webhook; give it and its secret, which is shown only now.

        Raises TooManyWebhooksError, WrongUrlError, NoSecretsError, ChangedMeanwhileError.
        """
        webhook_id, salt = secrets.token_hex(_ID_BYTES), secrets.token_hex(_SALT_BYTES)
        secret = self._secret(webhook_id, salt)
        await self._poster.check(url)
        fields, now = await self._bus.read(keys.WEBHOOKS), self._clock()
        if len(read_webhooks(fields)) >= MOST_WEBHOOKS:
            raise TooManyWebhooksError(f"there are {MOST_WEBHOOKS} webhooks, and no more may be")
        webhook = StoredWebhook(
            id=webhook_id,
            name=name,
            url=url,
            kinds=kinds,
            enabled_at=now,
            made_at=now,
            made_by=by,
            salt=salt,
        )
        await self._write(fields, webhook)
        return shown(webhook, WebhookState()), secret

    async def change(
        self, webhook_id: str, changes: Mapping[str, Any], *, new_secret: bool = False
    ) -> tuple[Webhook, str | None]:
        """Change fields of a webhook; give it and its secret, where that is new.

        `enabled` True lets it work again. Raises UnknownWebhookError, WrongUrlError,
        NoSecretsError, ChangedMeanwhileError.
        """
        fields = await self._bus.read(keys.WEBHOOKS)
        before = _find(fields, webhook_id)
        changes, secret = dict(changes), None
        if "url" in changes:
            await self._poster.check(changes["url"])
        if changes.get("enabled"):
            changes["enabled_at"] = self._clock()
        if new_secret:
            changes["salt"] = secrets.token_hex(_SALT_BYTES)
            secret = self._secret(webhook_id, changes["salt"])
        after = StoredWebhook.model_validate(before.model_dump() | changes)
        await self._write(fields, after)
        states = read_models(await self._bus.read(keys.WEBHOOK_STATES), WebhookState)
        return shown(after, states.get(webhook_id, WebhookState())), secret

    async def remove(self, webhook_id: str) -> None:
        """Send it nothing any more. Raises UnknownWebhookError."""
        _find(await self._bus.read(keys.WEBHOOKS), webhook_id)
        gone = {keys.WEBHOOKS: [webhook_id], keys.WEBHOOK_STATES: [webhook_id]}
        deliveries = StateWrite(keys.webhook_deliveries(webhook_id), None)
        await self._bus.apply(Commit(keys.ALERT_DESK, writes=[deliveries], removed_fields=gone))

    async def deliveries(self, webhook_id: str) -> list[Delivery]:
        """Give what waits and what ended last, newest first. Raises UnknownWebhookError."""
        names = [keys.WEBHOOKS, keys.webhook_deliveries(webhook_id)]
        fields, found = await self._bus.read_many(names)
        _find(fields, webhook_id)
        known = read_models(found, StoredDelivery)
        for name in surplus(known):
            del known[name]
        newest = sorted(known.values(), key=lambda each: (each.made_at, each.id), reverse=True)
        return [each.shown() for each in newest]

    async def test(self, webhook_id: str) -> Delivery:
        """Send an event of type `test` once, and tell what came of it.

        Raises UnknownWebhookError, NoSecretsError.
        """
        webhook = _find(await self._bus.read(keys.WEBHOOKS), webhook_id)
        delivery = delivery_of(Event(id=new_event_id(), type="test", at=self._clock()))
        outcome = await self.send(webhook, delivery)
        done = attempted(delivery, outcome, retries=())
        fields = {str(done.id): done.model_dump_json()}
        await self._bus.write(keys.webhook_deliveries(webhook_id), fields)
        return done.shown()

    async def send(self, webhook: StoredWebhook, delivery: StoredDelivery) -> Outcome:
        """Try a delivery once. Raises NoSecretsError."""
        secret = self._secret(webhook.id, webhook.salt)
        return await self._poster.post(
            webhook.url, secret, str(delivery.id), delivery.body.encode()
        )

    @property
    def can_sign(self) -> bool:
        """Whether there is a CREDENTIAL_KEY."""
        return self._credential_key is not None

    def _secret(self, webhook_id: str, salt: str) -> str:
        if self._credential_key is None:
            raise NoSecretsError("CREDENTIAL_KEY is not set, of which webhooks' secrets are made")
        return secret_of(self._credential_key, webhook_id, salt)

    async def _write(self, before: Mapping[str, str], webhook: StoredWebhook) -> None:
        version = int(before.get(_VERSION, 0))
        fields = {webhook.id: webhook.model_dump_json(), _VERSION: str(version + 1)}
        write = StateWrite(keys.WEBHOOKS, fields, expected_version=version)
        outcome = await self._bus.apply(Commit(keys.ALERT_DESK, writes=[write]))
        if outcome is not Committed.APPLIED:
            raise ChangedMeanwhileError("the webhooks were changed meanwhile: try again")


def read_webhooks(fields: Mapping[str, str]) -> dict[str, StoredWebhook]:
    """Read the hash WEBHOOKS, by id."""
    told = {name: text for name, text in fields.items() if name != _VERSION}
    return read_models(told, StoredWebhook)


def _find(fields: Mapping[str, str], webhook_id: str) -> StoredWebhook:
    webhook = read_webhooks(fields).get(webhook_id)
    if webhook is None:
        raise UnknownWebhookError("there is no such webhook")
    return webhook
