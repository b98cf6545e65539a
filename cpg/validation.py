"""The schemas of the `ocpp` package, compiled once; violations in OCPP 1.6 terms."""

from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson
from ocpp.v16.enums import Action

from cpg.frames import ErrorCode

KNOWN_ACTIONS = frozenset(str(action.value) for action in Action)


class Violation(Exception):  # noqa: N818 - OCPP's own word
    """A payload that the specification forbids; `code` is the CALLERROR code. Nothing is echoed."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code: ErrorCode = code
        self.description = description


def check_request(action: str, payload: dict[str, Any]) -> None:
    """Check what a charge point asks. Raises Violation."""
    _check(_validator(action), payload)


def check_response(action: str, payload: dict[str, Any]) -> None:
    """Check what a charge point answers. Raises Violation."""
    _check(_validator(f"{action}Response"), payload)


def _check(validator: Any, payload: dict[str, Any]) -> None:  # noqa: ANN401 - compiled, untyped
    if validator.is_valid(payload):
        return
    error = next(iter(validator.iter_errors(payload)))
    where = ".".join(str(part) for part in error.instance_path)[:100]
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    raise Violation(_CODES.get(keyword, "TypeConstraintViolation"), f"{where or '.'}: {keyword}")


_CODES: dict[str, ErrorCode] = {
    "required": "OccurenceConstraintViolation",
    "minItems": "OccurenceConstraintViolation",
    "maxItems": "OccurenceConstraintViolation",
    "additionalProperties": "FormationViolation",
    "enum": "FormationViolation",
    "type": "TypeConstraintViolation",
    "maxLength": "TypeConstraintViolation",
    "minimum": "PropertyConstraintViolation",
    "maximum": "PropertyConstraintViolation",
    "multipleOf": "PropertyConstraintViolation",
}


@cache
def _validator(name: str) -> Any:  # noqa: ANN401 - compiled, untyped
    schema = files("ocpp.v16").joinpath("schemas", f"{name}.json").read_bytes()
    # timestamps are read by ourselves, as many charge points write them oddly
    return jsonschema_rs.validator_for(orjson.loads(schema), validate_formats=False)
