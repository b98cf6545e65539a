"""What a webhook is, as it is registered, as it goes, and as it is shown."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from sdk.alerts.alert import Kind
from sdk.errors import InvalidInputError
from sdk.fields import Frozen, Moment

LONGEST_URL = 2_000
WebhookName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$")]
WebhookUrl = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)]
WebhookId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]


class WrongUrlError(InvalidInputError):
    """News is not sent to such a URL."""


class StoredWebhook(Frozen):
    """A webhook as it is registered; `salt` is what its secret is made with.

    `kinds` None: all. `enabled_at`: when it was switched on last, which also lets it work again.
    """

    id: str
    name: str
    url: str
    kinds: tuple[Kind, ...] | None = None
    enabled: bool = True
    enabled_at: Moment
    made_at: Moment
    made_by: str
    salt: str = Field(repr=False)

    def wants(self, kind: Kind) -> bool:
        """Tell whether it is to hear of such alerts."""
        return self.kinds is None or kind in self.kinds


class WebhookState(Frozen):
    """How a webhook's deliveries go; `waiting` counts those that are not delivered yet."""

    failing_since: Moment | None = None
    last_delivered_at: Moment | None = None
    last_error: str | None = None
    disabled_at: Moment | None = None
    waiting: int = 0


class Webhook(Frozen):
    """A webhook as administrators see it."""

    id: str
    name: str
    url: str
    kinds: tuple[Kind, ...] | None
    enabled: bool
    made_at: Moment
    made_by: str
    disabled_at: Moment | None
    failing_since: Moment | None
    last_delivered_at: Moment | None
    last_error: str | None
    waiting: int


def disabled_at(stored: StoredWebhook, state: WebhookState) -> datetime | None:
    """Tell when it failed for too long; None: it did not, or it was switched on again since."""
    at = state.disabled_at
    return at if at is not None and at >= stored.enabled_at else None


def works(stored: StoredWebhook, state: WebhookState) -> bool:
    """Tell whether news is sent to it."""
    return stored.enabled and disabled_at(stored, state) is None


def shown(stored: StoredWebhook, state: WebhookState) -> Webhook:
    """Give what may be shown."""
    told = stored.model_dump(exclude={"salt", "enabled_at"})
    at = {"disabled_at": disabled_at(stored, state)}
    return Webhook.model_validate(told | state.model_dump() | at)


def check_url(url: str) -> None:
    """Check how a URL is written; where it leads is checked with each request.

    Raises WrongUrlError.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise WrongUrlError("it is no URL") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise WrongUrlError("it should begin with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise WrongUrlError("it should have no user name and password")
    if parts.fragment or not url.isascii() or any(sign <= " " for sign in url):
        raise WrongUrlError("it should be plain ASCII, without spaces and fragment")
