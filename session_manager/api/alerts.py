"""Endpoints: what is wrong now, what was, and what counts as wrong."""

from pydantic import Field

from sdk.alerts.alert import Alert, AlertSettings, Kind, PastAlert
from sdk.alerts.store import (
    acknowledge,
    alerts_of,
    evaluated_at,
    past_alerts,
    read_settings,
    write_settings,
)
from sdk.bus import keys
from sdk.fields import ChargePointId, Moment
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel, GivenMoney

_TAGS = ("Alerts",)
_KIND = "alerts that are over"
_SETTINGS = "/alert-settings"


class AlertList(ApiModel):
    """All alerts, the worst first, then the newest.

    `evaluated_at`: when it was looked last; where that is long ago nobody looks.
    """

    items: list[Alert]
    evaluated_at: Moment | None


class PastAlertQuery(Paging):
    """Which alerts that are over are wanted."""

    kind: Kind | None = Field(default=None, description="Only those of this kind.")
    charge_point_id: ChargePointId | None = Field(
        default=None, description="Only those of this charge point."
    )


class GivenAlertSettings(AlertSettings, extra="forbid"):
    """How long something is wrong before it is an alert, and which balances are low.

    What is left out gets its default.
    """

    gas_balance_below: GivenMoney | None = None
    station_balance_below: GivenMoney | None = None


async def _list(asked: Asked) -> AlertList:
    names = [keys.ALERTS, keys.ALERT_ACKNOWLEDGEMENTS, keys.ALERT_STATE]
    watched, acknowledged, state = await asked.services.bus.read_many(names)
    return AlertList(items=alerts_of(watched, acknowledged), evaluated_at=evaluated_at(state))


async def _history(asked: Asked) -> Reply:
    query: PastAlertQuery = asked.query
    place = place_of(_KIND, query, str)
    found = [
        (name, past)
        for name, past in await past_alerts(asked.services.bus)
        if query.kind in (None, past.kind)
        and query.charge_point_id in (None, past.charge_point_id)
        and (place is None or name < str(place[0]))
    ]
    items, cursor = page_of(_KIND, query, found, lambda pair: [pair[0]])
    content = Page[PastAlert](items=[past for _, past in items], next_cursor=cursor)
    return Reply(content, headers=next_link(asked.request.path, query, cursor))


async def _acknowledge(asked: Asked) -> Alert:
    services, name = asked.services, asked.principal.name
    alert = await acknowledge(services.bus, asked.path["alert_id"], name, services.clock())
    if alert.acknowledged_by == name:
        services.log.info(
            "alert %s was acknowledged by %s",
            alert.id,
            name,
            charge_point_id=alert.charge_point_id,
            correlation_id=str(asked.correlation_id),
        )
    return alert


async def _settings(asked: Asked) -> AlertSettings:
    return read_settings(await asked.services.bus.read(keys.ALERT_STATE))


async def _set(asked: Asked) -> AlertSettings:
    settings = AlertSettings.model_validate(dict(asked.body))
    await write_settings(asked.services.bus, settings)
    asked.services.log.info(
        "the alert settings were changed by %s",
        asked.principal.name,
        correlation_id=str(asked.correlation_id),
    )
    return settings


ROUTES = (
    Route(
        method="GET",
        path="/alerts",
        name="list_alerts",
        summary="List what is wrong now",
        role="viewer",
        handler=_list,
        answer=AlertList,
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/alerts/history",
        name="list_past_alerts",
        summary="List the alerts that are over, the newest first",
        description="The last 1000 are kept.",
        role="viewer",
        handler=_history,
        is_heavy=True,
        query=PastAlertQuery,
        answer=Page[PastAlert],
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path="/alerts/{alert_id}/acknowledge",
        name="acknowledge_alert",
        summary="Take notice of an alert; who did so first is kept with it",
        role="operator",
        handler=_acknowledge,
        answer=Alert,
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path=_SETTINGS,
        name="get_alert_settings",
        summary="Tell what counts as wrong",
        role="administrator",
        handler=_settings,
        answer=AlertSettings,
        tags=_TAGS,
    ),
    Route(
        method="PUT",
        path=_SETTINGS,
        name="set_alert_settings",
        summary="Set what counts as wrong; it holds within seconds",
        role="administrator",
        handler=_set,
        body=GivenAlertSettings,
        answer=AlertSettings,
        tags=_TAGS,
        example={"offline_seconds": 300},
    ),
)
