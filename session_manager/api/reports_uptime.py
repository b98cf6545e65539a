"""Endpoint: how long charge points were connected and worked."""

from datetime import date

from pydantic import Field

from sdk.bus import keys
from sdk.fields import Moment
from sdk.records.days import Days
from sdk.records.moments import from_ms
from sdk.records.presence import read_entries, uptime
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.reports import TAGS
from session_manager.api.reports_range import RangeQuery, days_asked, stations_asked, zone_asked
from session_manager.api.routes import Asked, Route
from session_manager.api.values import ApiModel

_AT_ONCE = 50


class StationUptime(ApiModel):
    """What is known of one charge point; connected by known is its uptime."""

    charge_point_id: str
    name: str | None
    known_since: Moment | None = Field(description="Of when the oldest entry is that is kept.")
    known_s: int = Field(description="Seconds of these days, up to now, of which anything is kept.")
    connected_s: int
    faulted_s: int = Field(description="Seconds with a faulted connector.")
    unavailable_s: int = Field(description="Seconds with an unavailable connector, none faulted.")
    faults: int = Field(description="How often a connector became faulted.")
    disconnects: int


class UptimeReport(ApiModel):
    """All charge points that are registered, on some days."""

    zone: str
    first_day: date
    last_day: date
    charge_points: list[StationUptime]


async def _uptime(asked: Asked) -> UptimeReport:
    days = days_asked(asked)
    stations = await stations_asked(asked)
    names, found = list(stations), list[StationUptime]()
    now_s = int(asked.services.clock().timestamp())
    for begin in range(0, len(names), _AT_ONCE):
        some = names[begin : begin + _AT_ONCE]
        histories = await asked.services.bus.read_many([keys.presence(name) for name in some])
        found += [
            _of_station(name, stations[name].name, history, days, now_s)
            for name, history in zip(some, histories, strict=True)
        ]
        await let_others_work()
    return UptimeReport(
        zone=zone_asked(asked), first_day=days.first, last_day=days.last, charge_points=found
    )


def _of_station(
    charge_point_id: str, name: str, history: dict[str, str], days: Days, now_s: int
) -> StationUptime:
    end_s = max(days.begin_s, min(days.end_s, now_s))
    told = uptime(read_entries(history), days.begin_s, end_s)
    since = told.known_since_s
    return StationUptime(
        charge_point_id=charge_point_id,
        name=name or None,
        known_since=None if since is None else from_ms(since * 1_000),
        known_s=told.known_s,
        connected_s=told.connected_s,
        faulted_s=told.faulted_s,
        unavailable_s=told.unavailable_s,
        faults=told.faults,
        disconnects=told.disconnects,
    )


ROUTES = (
    Route(
        method="GET",
        path="/reports/uptime",
        name="get_uptime_report",
        summary="Tell how long charge points were connected, and how long they had faults",
        description=(
            "Out of the history that gateways keep of each charge point, its last 4,096 entries. "
            "`connector_id` has no effect."
        ),
        role="viewer",
        handler=_uptime,
        is_heavy=True,
        query=RangeQuery,
        answer=UptimeReport,
        tags=TAGS,
    ),
)
