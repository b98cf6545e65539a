"""Endpoints: webhooks, where news of alerts is sent; for administrators."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from sdk.alerts.alert import Kind
from sdk.webhooks.delivery import Delivery
from sdk.webhooks.register import Webhooks
from sdk.webhooks.webhook import Webhook, WebhookName, WebhookUrl
from session_manager.access import AccessClosedError
from session_manager.api.conditions import without_defaults
from session_manager.api.routes import NO_STORE, Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Webhooks",)
_ONE = "/webhooks/{webhook_id}"
_Kinds = Annotated[tuple[Kind, ...], Field(min_length=1, max_length=20)]


class NewWebhook(ApiModel):
    """What a new webhook is to be; `kinds` null: it hears of all alerts."""

    name: WebhookName
    url: WebhookUrl
    kinds: _Kinds | None = None


class WebhookChange(ApiModel):
    """What is to be changed; what is left out stays. `new_secret`: the one before holds no more."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: WebhookName = ""
    url: WebhookUrl = ""
    kinds: _Kinds | None = None
    enabled: bool = True
    new_secret: Literal[True] = True


class MadeWebhook(Webhook):
    """A webhook as it was made. `secret` is shown only here."""

    secret: str


class ChangedWebhook(Webhook):
    """A webhook as it is now; `secret` is shown only where it is new."""

    secret: str | None


class WebhookList(ApiModel):
    """All webhooks, the oldest first."""

    items: list[Webhook]


class DeliveryList(ApiModel):
    """What waits to be delivered, and the last 50 that were or could not be, newest first."""

    items: list[Delivery]


async def _list(asked: Asked) -> WebhookList:
    return WebhookList(items=await _webhooks(asked).listed())


async def _make(asked: Asked) -> Reply:
    wanted: NewWebhook = asked.body
    by = asked.principal.name
    webhook, secret = await _webhooks(asked).make(wanted.name, wanted.url, wanted.kinds, by)
    _tell(asked, "made", webhook.id)
    return Reply(MadeWebhook(**dict(webhook), secret=secret), headers=NO_STORE)


async def _change(asked: Asked) -> Reply:
    wanted: WebhookChange = asked.body
    changes = wanted.model_dump(exclude_unset=True, exclude={"new_secret"})
    webhook, secret = await _webhooks(asked).change(
        asked.path["webhook_id"], changes, new_secret="new_secret" in wanted.model_fields_set
    )
    _tell(asked, "changed", webhook.id)
    return Reply(ChangedWebhook(**dict(webhook), secret=secret), headers=NO_STORE)


async def _remove(asked: Asked) -> Reply:
    await _webhooks(asked).remove(asked.path["webhook_id"])
    _tell(asked, "removed", asked.path["webhook_id"])
    return Reply()


async def _test(asked: Asked) -> Delivery:
    return await _webhooks(asked).test(asked.path["webhook_id"])


async def _deliveries(asked: Asked) -> DeliveryList:
    return DeliveryList(items=await _webhooks(asked).deliveries(asked.path["webhook_id"]))


def _webhooks(asked: Asked) -> Webhooks:
    webhooks = asked.services.webhooks
    if webhooks is None:
        raise AccessClosedError("This service has no webhooks.")
    return webhooks


def _tell(asked: Asked, what: str, webhook_id: str) -> None:
    asked.services.log.info(
        "webhook %s was %s by %s",
        webhook_id,
        what,
        asked.principal.name,
        correlation_id=str(asked.correlation_id),
    )


ROUTES = (
    Route(
        method="GET",
        path="/webhooks",
        name="list_webhooks",
        summary="List the webhooks, and how their deliveries go",
        role="administrator",
        handler=_list,
        answer=WebhookList,
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path="/webhooks",
        name="make_webhook",
        summary="Make a webhook; its secret is shown only once",
        description="What is sent, and how it is signed, is in docs/webhooks.md.",
        role="administrator",
        handler=_make,
        body=NewWebhook,
        answer=MadeWebhook,
        status=201,
        tags=_TAGS,
        example={"name": "operations", "url": "https://hooks.invalid/noroam"},
        also={409: "There are as many webhooks as there may be, or they were changed meanwhile."},
    ),
    Route(
        method="PATCH",
        path=_ONE,
        name="change_webhook",
        summary="Change a webhook, or let one that failed for too long work again",
        role="administrator",
        handler=_change,
        body=WebhookChange,
        answer=ChangedWebhook,
        tags=_TAGS,
        example={"enabled": True},
        also={409: "The webhooks were changed meanwhile."},
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="remove_webhook",
        summary="Remove a webhook with all that waits for it",
        role="administrator",
        handler=_remove,
        status=204,
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/test",
        name="test_webhook",
        summary="Send an event of type test once, and tell what came of it",
        role="administrator",
        handler=_test,
        answer=Delivery,
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/deliveries",
        name="list_webhook_deliveries",
        summary="List what was sent to a webhook, and what waits",
        role="administrator",
        handler=_deliveries,
        answer=DeliveryList,
        tags=_TAGS,
    ),
)
