"""What the OpenAPI document says of answers and their headers, made of the routes. Pure."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus

from pydantic import BaseModel

from session_manager.api.application import CORRELATION
from session_manager.api.ocpp_schemas import Json
from session_manager.api.paging import Paging
from session_manager.api.problems import MEDIA_TYPE, Problem
from session_manager.api.routes import Route

SchemaOf = Callable[[type[BaseModel]], Json]
"""Gives a reference to a model's schema."""
_ALWAYS = {
    401: "No API key and no session, or none that opens anything.",
    403: "The role may not do this, or a change by cookie may come from another page.",
    404: "There is no such thing.",
    429: "Too many requests; see Retry-After.",
    500: "What is stored of it cannot be read, or this failed on our side.",
    503: "Redis does not answer, too much waits, or CREDENTIAL_KEY is not set.",
}
_OF_A_BODY = {
    400: "The body is no JSON.",
    408: "The body does not come.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "Some fields are wrong.",
}
_SENT = {
    CORRELATION: "The id of this request in the log, and of an operation on the bus.",
    "ETag": "What names this version; for If-None-Match and, with a change, If-Match.",
    "Link": "The next page, if there is one (RFC 8288).",
    "Location": "Where what was made is.",
    "Set-Cookie": "The session's cookie, or what takes it away.",
    "Retry-After": "In how many seconds to try again, where that may help.",
    "WWW-Authenticate": "How to send a key.",
}
_FORM: Mapping[str, Json] = {
    CORRELATION: {"format": "uuid"},
    "Retry-After": {"pattern": r"^\d+$"},
}
_OF_A_FAULT = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


def answers(route: Route, schema_of: SchemaOf) -> Json:
    """Make the `responses` of an operation: what it answers, with which headers, and its faults."""
    headers = _headers(CORRELATION)
    good: Json = {"description": HTTPStatus(route.status).phrase}
    good["headers"] = headers | _headers(*_sent(route))
    if route.answer is not None:
        good["content"] = {route.media_type: {"schema": schema_of(route.answer)}}
    elif route.status != HTTPStatus.NO_CONTENT:
        good["content"] = {route.media_type: {}}
    found: Json = {str(route.status): good}
    if route.etag:
        held = headers | _headers("ETag")
        found["304"] = {"description": "It is still what If-None-Match names.", "headers": held}
    problem = {MEDIA_TYPE: {"schema": schema_of(Problem)}}
    for status, text in sorted(_faults(route).items()):
        sent = headers | _headers(*_OF_A_FAULT.get(status, ()))
        found[str(status)] = {"description": text, "headers": sent, "content": problem}
    return found


def _headers(*names: str) -> Json:
    return {
        name: {"description": _SENT[name], "schema": {"type": "string"} | _FORM.get(name, {})}
        for name in names
    }


def _sent(route: Route) -> list[str]:
    is_list = route.query is not None and issubclass(route.query, Paging)
    return [*(["Link"] * is_list), *(["ETag"] * route.etag), *route.sends]


def _faults(route: Route) -> Mapping[int, str]:
    faults = dict(_ALWAYS) if route.role is not None else {}
    if not re.search(r"{\w+}", route.path):
        faults.pop(404, None)
    if route.body is not None:
        faults |= _OF_A_BODY
    return {**faults, 422: "Some parameters or fields are wrong.", **route.also}
