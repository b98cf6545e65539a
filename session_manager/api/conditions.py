"""Conditional requests (RFC 9110, 13) on what is stored with a version, and PATCH bodies. Pure."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson
from aiohttp import web

from session_manager.api.problems import ProblemError

_DIGEST_BYTES = 12


def strong_tag(fields: Mapping[str, str]) -> str:
    """Name what a hash holds, its `version` included, as an entity tag."""
    written = orjson.dumps(dict(fields), option=orjson.OPT_SORT_KEYS)
    return f'"{blake2b(written, digest_size=_DIGEST_BYTES).hexdigest()}"'


def version_wanted(request: web.Request, fields: Mapping[str, str]) -> int | None:
    """Give the version that a change is meant for; None: whichever there is.

    Raises ProblemError (412) where If-Match names another one than `fields` are.
    """
    told = request.headers.get("If-Match")
    if told is None or told.strip() == "*":
        return None
    if strong_tag(fields) not in (each.strip() for each in told.split(",")):
        raise changed_meanwhile()
    return int(fields.get("version", 0))


def changed_meanwhile() -> ProblemError:
    """Tell that If-Match names what is no more."""
    return ProblemError(412, "It was changed meanwhile: read it again.")


def without_defaults(schema: dict[str, Any]) -> None:
    """Take the defaults out of a schema: a field that is left out stays as it is."""
    for field in schema.get("properties", {}).values():
        field.pop("default", None)
