"""Meter values as the charge point sent them: all measurands, phases and units, out of the log."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import orjson
from pydantic import Field, ValidationError

from sdk.fields import ConnectorId, Frozen, Moment, TransactionId
from sdk.message_log import Message
from session_manager.api.charge_points import config_asked
from session_manager.api.event_shown import shown
from session_manager.api.message_pages import logged_messages
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel, GivenMoment, plain_number

_TAGS = ("Transactions",)
_LISTS = {"MeterValues": "meterValue", "StopTransaction": "transactionData"}
_PAYLOAD = 3
_USUAL = "Energy.Active.Import.Register"
_ENERGY = "Energy."


class Sample(Frozen):
    """One sampled value (OCPP 1.6, 7.43), by OCPP's words, with OCPP's defaults filled in."""

    value: str
    measurand: str = _USUAL
    unit: str | None = None
    phase: str | None = None
    location: str = "Outlet"
    context: str = "Sample.Periodic"
    format: str = "Raw"


class MeterValue(ApiModel):
    """The samples of one moment; `connector_id` is null where they came with a stop.

    `sampled_at` is the charge point's own moment, as it wrote it.
    """

    action: str
    connector_id: int | None
    transaction_id: int | None
    sampled_at: str | None
    received_at: Moment
    samples: list[Sample]


class MeterValueQuery(Paging):
    """Which meter values are wanted."""

    connector_id: Annotated[ConnectorId, plain_number] | None = Field(
        default=None, description="Only of this connector."
    )
    transaction_id: Annotated[TransactionId, plain_number] | None = Field(
        default=None, description="Only of this transaction."
    )
    measurand: str | None = Field(
        default=None, max_length=40, description="Only samples of it, such as Voltage."
    )
    begin: GivenMoment | None = Field(
        default=None, alias="from", description="Only what came then or later."
    )


async def _list(asked: Asked) -> Reply:
    await config_asked(asked)
    charge_point_id, query = asked.path["charge_point_id"], asked.query
    kind = f"meter values {charge_point_id}"
    place = place_of(kind, query, int, int, int, int)
    reached = None if place is None else [int(part) for part in place]
    found: list[tuple[list[int], MeterValue]] = []
    async for logged in logged_messages(asked.services.bus, charge_point_id, _at_message(reached)):
        # the newest first, as the messages are
        for number, value in reversed([*enumerate(values_of(logged.message, query.measurand))]):
            here = [*logged.place, number]
            if _is_wanted(value, query) and (reached is None or here < reached):
                found.append((here, value))
        if len(found) > query.limit:
            break
    items, cursor = page_of(kind, query, found, lambda each: each[0])
    shows_tags = asked.principal.may("operator")
    content = shown([value.model_dump(mode="json") for _, value in items], shows_tags=shows_tags)
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": content, "next_cursor": cursor}, headers=headers)


def values_of(message: Message, measurand: str | None = None) -> list[MeterValue]:
    """Read the meter values of a message, in its order; what can't be read is left out."""
    payload = _payload(message)
    if payload is None:
        return []
    items = payload.get(_LISTS[str(message.action)])
    return [
        MeterValue(
            action=str(message.action),
            connector_id=_number(payload.get("connectorId")),
            transaction_id=_number(payload.get("transactionId")),
            sampled_at=_text(item.get("timestamp")),
            received_at=message.at,
            samples=samples,
        )
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, Mapping) and (samples := list(_samples(item, measurand)))
    ]


def _payload(message: Message) -> Mapping[str, Any] | None:
    if message.action not in _LISTS or message.direction != "received" or not message.request:
        return None
    try:
        frame = orjson.loads(message.request)
    except ValueError:  # its start only was kept
        return None
    has_payload = isinstance(frame, list) and len(frame) > _PAYLOAD
    payload = frame[_PAYLOAD] if has_payload else None
    return payload if isinstance(payload, Mapping) else None


def _samples(item: Mapping[str, Any], measurand: str | None) -> Iterator[Sample]:
    told = item.get("sampledValue")
    for fields in told if isinstance(told, list) else ():
        try:
            sample = Sample.model_validate(fields)
        except ValidationError:
            continue
        if sample.unit is None and sample.measurand.startswith(_ENERGY):
            sample = sample.model_copy(update={"unit": "Wh"})
        if measurand is None or sample.measurand == measurand:
            yield sample


def _is_wanted(value: MeterValue, query: MeterValueQuery) -> bool:
    if query.connector_id not in (None, value.connector_id):
        return False
    if query.transaction_id not in (None, value.transaction_id):
        return False
    return query.begin is None or value.received_at >= query.begin


def _at_message(place: list[int] | None) -> list[int] | None:
    """Give the place just behind the message in which the page before ended."""
    return None if place is None else [*place[:2], place[2] + 1]


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


ROUTES = (
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/meter-values",
        name="list_meter_values",
        summary="List meter values as the charge point sent them, the newest first",
        description=(
            "They are read out of the message log, also those that came with a stop "
            "(transactionData), and so reach back as far as the log does; a message that was too "
            "long for it is missing. For viewers, values of the format SignedData are masked. What "
            "a session was billed by is in its record, for ever."
        ),
        role="viewer",
        handler=_list,
        is_heavy=True,
        query=MeterValueQuery,
        answer=Page[MeterValue],
        tags=_TAGS,
    ),
)
