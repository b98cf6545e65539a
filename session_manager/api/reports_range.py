"""Which days a report is about."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import ChargePointId, ConnectorId
from sdk.records.choice import Choice
from sdk.records.days import Days, days_in, zone_of
from sdk.records.overview import Station
from session_manager.api.charge_point_state import connector_count
from session_manager.api.routes import Asked
from session_manager.api.sessions_ended_choice import GivenDay, Zone
from session_manager.api.values import ApiModel, plain_number

_USUAL_DAYS = 30


class RangeQuery(ApiModel):
    """The days of a report, both included, by the clocks of a zone."""

    first_day: GivenDay | None = Field(
        default=None, description=f"Else {_USUAL_DAYS} days up to the last one."
    )
    last_day: GivenDay | None = Field(default=None, description="Else today.")
    zone: Zone | None = Field(
        default=None, description="IANA time zone, such as Europe/Berlin; else the console's own."
    )
    charge_point_id: ChargePointId | None = Field(default=None, description="Only of this one.")
    connector_id: Annotated[ConnectorId, plain_number] | None = Field(
        default=None, description="Only of connectors with this number."
    )


def zone_asked(asked: Asked) -> str:
    """Name the zone of a report."""
    return str(asked.query.zone or asked.services.zone)


def days_asked(asked: Asked) -> Days:
    """Give the days of a report. Raises InvalidInputError."""
    query, zone = asked.query, zone_asked(asked)
    last = query.last_day or asked.services.clock().astimezone(zone_of(zone)).date()
    return days_in(zone, query.first_day or last - timedelta(days=_USUAL_DAYS - 1), last)


def rows_asked(asked: Asked, days: Days) -> Choice:
    """Give the rows that a report is about."""
    query, name = asked.query, asked.query.charge_point_id
    return Choice(
        days.begin_s * 1_000,
        days.end_s * 1_000,
        connector_id=query.connector_id,
        charge_points=None if name is None else (name,),
    )


async def stations_asked(asked: Asked) -> dict[str, Station]:
    """Give the registered charge points that a report is about. Raises BusUnavailableError."""
    bus: Bus = asked.services.bus
    query = asked.query
    names = sorted(await bus.members(keys.STATIONS))
    if query.charge_point_id is not None:
        names = [name for name in names if name == query.charge_point_id]
    configs = await bus.read_many([keys.config(name) for name in names])
    return {
        name: Station(config.get("name", ""), _connectors(config, query.connector_id))
        for name, config in zip(names, configs, strict=True)
        if config
    }


def _connectors(config: dict[str, str], chosen: int | None) -> int:
    count = connector_count(config)
    return count if chosen is None else int(1 <= chosen <= count)
