"""The OpenAPI 3.1 document, made of the routes and their models."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from session_manager.api.event_streams import MEDIA_TYPE as EVENT_STREAM
from session_manager.api.ocpp_schemas import Json, narrow
from session_manager.api.openapi_answers import answers
from session_manager.api.parameters import PATH
from session_manager.api.problems import Problem
from session_manager.api.routes import BASE, Asked, Reply, Route
from session_manager.sign_in_cookie import COOKIE

DOCUMENT = "/openapi.json"
_REF = "#/components/schemas/{model}"
_HEADERS = {
    "If-None-Match": "ETag of what is held already: unchanged, it is not sent again.",
    "If-Match": "ETag of what was read: changed since, nothing is done (412).",
    "Last-Event-ID": "`id` of the last event that was seen: goes on behind it.",
}
_ABOUT = (
    "Operations of OCPP 1.6 for every registered charge point, answered with the charge point's "
    "own word, and reads of what is known. Money is a decimal string of the token's smallest "
    "unit, energy an integer of Wh, a moment RFC 3339 in UTC. Every answer has an "
    "X-Correlation-Id, which is in the log, too. Faults are problem documents (RFC 9457)."
)


def document_routes(routes: Sequence[Route]) -> tuple[Route, ...]:
    """Give the endpoint of the document of `routes` and of itself."""
    made: list[Json] = []

    async def document(_asked: Asked) -> Reply:
        return Reply(made[0])

    own = Route(
        method="GET",
        path=DOCUMENT,
        name="openapi",
        summary="Read this document",
        role=None,
        handler=document,
        tags=("About",),
        etag=True,
    )
    made.append(openapi((*routes, own)))
    return (own,)


def openapi(routes: Sequence[Route]) -> Json:
    """Make the document."""
    schemas = _schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(BASE + route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Noroam", "version": version("noroam"), "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(t for r in routes for t in r.tags)],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


class _Schemas:
    """The schemas of all models, and where each is."""

    def __init__(self, wanted: Sequence[tuple[type[BaseModel], Any]]) -> None:
        self._where, found = models_json_schema(wanted, ref_template=_REF)
        self.definitions: Json = found.get("$defs", {})

    def of(self, model: type[BaseModel], mode: str = "serialization") -> Json:
        """Give a reference to a model's schema."""
        return dict(self._where[(model, mode)])  # type: ignore[index]


def _schemas(routes: Sequence[Route]) -> _Schemas:
    wanted: dict[tuple[type[BaseModel], str], None] = {(Problem, "serialization"): None}
    for route in routes:
        if route.body is not None:
            wanted[route.body, "validation"] = None
        if route.answer is not None:
            wanted[route.answer, "serialization"] = None
    schemas = _Schemas(list(wanted))
    narrow(schemas.definitions)
    for schema in schemas.definitions.values():
        for field in schema.get("properties", {}).values():
            field.pop("title", None)  # pydantic's guess, made of the name
    return schemas


def _operation(route: Route, schemas: _Schemas) -> Json:
    made: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": list(route.tags),
        "parameters": [*_of_path(route), *_of_query(route), *_of_headers(route)],
        "responses": answers(route, schemas.of),
        "security": [] if route.role is None else [{"bearer": []}, {"header": []}, {"cookie": []}],
    }
    if route.role is not None:
        made["x-role"] = route.role
    if route.description:
        made["description"] = re.sub(r"\n +", "\n", route.description).strip()
    if route.body is not None:
        content: Json = {"schema": schemas.of(route.body, "validation")}
        if route.example is not None:
            content["example"] = dict(route.example)
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    return made


def _of_path(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": PATH[name].kind.json_schema(),
            "example": PATH[name].example,
        }
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _of_query(route: Route) -> list[Json]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(ref_template=_REF)
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_null(field),
            **({"description": field["description"]} if "description" in field else {}),
        }
        for name, field in schema["properties"].items()
    ]


def _of_headers(route: Route) -> list[Json]:
    heard = {
        "If-None-Match": route.etag,
        "If-Match": HTTPStatus.PRECONDITION_FAILED in route.also,
        "Last-Event-ID": route.media_type == EVENT_STREAM,
    }
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": _HEADERS[name],
        }
        for name, is_heard in heard.items()
        if is_heard
    ]


def _without_null(field: Json) -> Json:
    """Leave out null, which no query can say."""
    kinds: list[Json] = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return field
    rest = {name: value for name, value in field.items() if name not in ("anyOf", "default")}
    return {**rest, **kinds[0]}
