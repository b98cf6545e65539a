"""The JSON schemas of OCPP 1.6 that the `ocpp` package carries."""

from importlib.resources import files
from typing import Any

import orjson
from ocpp.v16.enums import Action

KNOWN_ACTIONS = frozenset(str(action.value) for action in Action)


def load_schema(name: str) -> dict[str, Any]:
    """Give the schema of a request (its action) or of a response (`<action>Response`)."""
    content = files("ocpp.v16").joinpath("schemas", f"{name}.json").read_bytes()
    schema: dict[str, Any] = orjson.loads(content)
    return schema
