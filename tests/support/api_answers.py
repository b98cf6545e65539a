"""Answers of the API held to the models that its document promises."""

from typing import Any

from api_world import Told

from session_manager.api.catalogue import ROUTES

_ROUTES = {route.name: route for route in ROUTES}


def promised(name: str, told: Told) -> Any:
    """Give the JSON of an endpoint's answer, once it is found to be what the document says."""
    route = _ROUTES[name]
    assert told.status == route.status, told.text
    assert route.answer is not None
    route.answer.model_validate(told.json)
    missing = route.answer.model_fields.keys() - told.json.keys()
    assert not missing
    return told.json


def refused(told: Told, status: int) -> str:
    """Give what a problem document says."""
    assert told.status == status, told.text
    assert told.headers["Content-Type"].startswith("application/problem+json")
    assert told.json["status"] == status
    return str(told.json["detail"])
