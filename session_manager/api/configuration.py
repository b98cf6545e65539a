"""Configuration of charge points: what they reported, what is wanted, and how these differ."""

from typing import Annotated

from pydantic import Field

from sdk.configuration import ReportedKey, read_configuration
from sdk.desired_configuration import DesiredConfiguration, Drift
from session_manager.api.event_shown import shown
from session_manager.api.problems import not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Configuration",)
_PATH = "/charge-points/{charge_point_id}/configuration"
_DESIRED = f"{_PATH}/desired/{{configuration_key}}"


class DesiredKey(ApiModel):
    """A value that a configuration key should have."""

    key: str
    value: str


class DesiredValue(ApiModel):
    """The value that is wanted; not of AuthorizationKey and SecurityProfile."""

    value: Annotated[str, Field(max_length=500)]


class Configuration(ApiModel):
    """All that is known; values of secret names are masked.

    `reported` is as fresh as the last GetConfiguration or ChangeConfiguration. `drift` is what is
    not as wanted though it was tried.
    """

    reported: list[ReportedKey]
    desired: list[DesiredKey]
    drift: list[Drift]


async def _read(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    wanted = DesiredConfiguration(bus)
    desired = await wanted.get(charge_point_id)
    found = Configuration(
        reported=list(await read_configuration(bus, charge_point_id)),
        desired=[DesiredKey(key=key, value=value) for key, value in desired.items()],
        drift=await wanted.drift(charge_point_id),
    )
    return Reply(shown(found.model_dump(mode="json"), shows_tags=True))


async def _want(asked: Asked) -> Reply:
    key, value = asked.path["configuration_key"], asked.body.value
    await DesiredConfiguration(asked.services.bus).set(asked.path["charge_point_id"], key, value)
    return Reply(shown({"key": key, "value": value}, shows_tags=True))


async def _forget(asked: Asked) -> Reply:
    charge_point_id, key = asked.path["charge_point_id"], asked.path["configuration_key"]
    wanted = DesiredConfiguration(asked.services.bus)
    if key.casefold() not in map(str.casefold, await wanted.get(charge_point_id)):
        raise not_found("desired configuration key")
    await wanted.remove(charge_point_id, key)
    return Reply()


ROUTES = (
    Route(
        method="GET",
        path=_PATH,
        name="get_configuration",
        summary="Show the configuration of a charge point: reported, desired, drift",
        role="viewer",
        handler=_read,
        answer=Configuration,
        tags=_TAGS,
        etag=True,
    ),
    Route(
        method="PUT",
        path=_DESIRED,
        name="want_configuration",
        summary="Want a value of a configuration key",
        description=(
            "It is set at once where the charge point is there, else after its next boot, and "
            "looked at again after each boot."
        ),
        role="operator",
        handler=_want,
        body=DesiredValue,
        answer=DesiredKey,
        tags=_TAGS,
        example={"value": "300"},
    ),
    Route(
        method="DELETE",
        path=_DESIRED,
        name="forget_configuration",
        summary="Want no value any more; the charge point keeps the one that it has",
        role="operator",
        handler=_forget,
        status=204,
        tags=_TAGS,
    ),
)
