"""One piece of news on its way to one webhook: when it is tried, and what becomes of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import Field

from sdk.alerts.alert import Alert, PastAlert
from sdk.fields import Frozen, Moment
from sdk.ids import natural_id

EventType = Literal["alert.raised", "alert.cleared", "test"]
State = Literal["waiting", "delivered", "failed", "dropped"]
RETRY_AFTER_S: tuple[int, ...] = (
    *(10, 30, 120, 600, 1_800, 3_600),
    *(7_200, 14_400, 28_800, 28_800),
)
"""How long after each attempt the next one comes: eleven in about a day."""
MOST_WAITING = 1_000
"""The oldest that waits is dropped for what is newer."""
MOST_SHOWN = 50
_SPREAD = 0.1


class Event(Frozen):
    """What is sent, as the body's JSON; `id` is the same each time that it is sent."""

    id: UUID
    type: EventType
    at: Moment
    alert: Alert | PastAlert | None = None


class Outcome(Frozen):
    """What came of one attempt; `error` None: a status of 200 to 299 came back."""

    at: Moment
    milliseconds: int
    status: int | None = None
    error: str | None = None


class Delivery(Frozen):
    """One piece of news to one webhook; `id` is that of the event."""

    id: UUID
    type: EventType
    alert_id: str | None = None
    state: State = "waiting"
    attempts: int = 0
    made_at: Moment
    last_attempt_at: Moment | None = None
    next_attempt_at: Moment | None = None
    response_status: int | None = None
    error: str | None = None
    milliseconds: int | None = None


class StoredDelivery(Delivery):
    """A delivery with what is sent, as long as it waits."""

    body: str = Field(default="", repr=False)

    def shown(self) -> Delivery:
        """Give what may be shown."""
        return Delivery.model_validate(self.model_dump(exclude={"body"}))


def event_of(alert: Alert | PastAlert, at: datetime) -> Event:
    """Make the event that tells of an alert that was raised, or is over."""
    what: EventType = "alert.cleared" if isinstance(alert, PastAlert) else "alert.raised"
    return Event(
        id=natural_id(alert.id, alert.raised_at.isoformat(), what), type=what, at=at, alert=alert
    )


def delivery_of(event: Event) -> StoredDelivery:
    """Make the delivery of an event, to be tried at once."""
    return StoredDelivery(
        id=event.id,
        type=event.type,
        alert_id=event.alert.id if event.alert else None,
        made_at=event.at,
        next_attempt_at=event.at,
        body=event.model_dump_json(),
    )


def attempted(
    delivery: StoredDelivery, outcome: Outcome, retries: Sequence[float] = RETRY_AFTER_S
) -> StoredDelivery:
    """Give the delivery after an attempt: it is over, or waits for its next one."""
    count = delivery.attempts + 1
    told = {
        "attempts": count,
        "last_attempt_at": outcome.at,
        "response_status": outcome.status,
        "error": outcome.error,
        "milliseconds": outcome.milliseconds,
    }
    if outcome.error is not None and count <= len(retries):
        spread = 1 + _SPREAD * (delivery.id.int % 1000) / 1000  # not all at the same moment
        pause = timedelta(seconds=retries[count - 1] * spread)
        return delivery.model_copy(update={**told, "next_attempt_at": outcome.at + pause})
    state = "failed" if outcome.error is not None else "delivered"
    return delivery.model_copy(update={**told, "state": state, "next_attempt_at": None, "body": ""})


def dropped(delivery: StoredDelivery, why: str, at: datetime) -> StoredDelivery:
    """Give a delivery that is not tried any more."""
    told = {"state": "dropped", "error": why, "next_attempt_at": None, "body": ""}
    return delivery.model_copy(update={**told, "last_attempt_at": delivery.last_attempt_at or at})


def waiting(deliveries: Iterable[StoredDelivery]) -> list[StoredDelivery]:
    """Give those that are not over, the oldest first."""
    found = [each for each in deliveries if each.state == "waiting"]
    return sorted(found, key=lambda each: (each.made_at, each.id))


def surplus(deliveries: Mapping[str, StoredDelivery]) -> list[str]:
    """Name those that are over and not among the last `MOST_SHOWN`."""
    over = [(name, each) for name, each in deliveries.items() if each.state != "waiting"]
    over.sort(key=lambda pair: (pair[1].last_attempt_at or pair[1].made_at, pair[0]), reverse=True)
    return [name for name, _ in over[MOST_SHOWN:]]
