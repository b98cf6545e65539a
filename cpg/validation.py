"""Payloads against their schemas, compiled once; violations in OCPP 1.6 terms."""

from typing import Any

import jsonschema_rs

from cpg.frames import ErrorCode
from cpg.schemas import KNOWN_ACTIONS, load_schema

__all__ = ["KNOWN_ACTIONS", "Violation", "check_request", "check_response"]

_WHERE_LENGTH = 100


class Violation(Exception):  # noqa: N818 - OCPP's own word
    """A payload that the specification forbids; `code` is the CALLERROR code. Nothing is echoed."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code: ErrorCode = code
        self.description = description


def check_request(action: str, payload: dict[str, Any]) -> None:
    """Check what a charge point asks. Raises Violation, also for an unknown action."""
    _check(_REQUESTS.get(action), payload)


def check_response(action: str, payload: dict[str, Any]) -> None:
    """Check what a charge point answers. Raises Violation, also for an unknown action."""
    _check(_RESPONSES.get(action), payload)


def _check(validator: Any, payload: dict[str, Any]) -> None:  # noqa: ANN401 - compiled, untyped
    if validator is None:
        raise Violation("NotImplemented", "")
    try:
        if validator.is_valid(payload):
            return
        error = next(iter(validator.iter_errors(payload)))
    except ValueError as cause:
        raise Violation("FormationViolation", ".: nested too deeply") from cause
    keyword = str(error.schema_path[-1])
    code = _CODES.get(keyword, "TypeConstraintViolation")
    raise Violation(code, f"{_where(error)}: {keyword}")


def _where(error: Any) -> str:  # noqa: ANN401 - untyped
    # the names are the schema's own: it looks into no others, and asks for no others
    parts = [str(part) for part in error.instance_path]
    missing = getattr(error.kind, "property", None)
    return ".".join([*parts, missing] if missing else parts)[:_WHERE_LENGTH] or "."


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


def _compile(name: str) -> Any:  # noqa: ANN401 - compiled, untyped
    # timestamps are read by ourselves, as many charge points write them oddly
    return jsonschema_rs.validator_for(load_schema(name), validate_formats=False)


_REQUESTS = {action: _compile(action) for action in KNOWN_ACTIONS}
_RESPONSES = {action: _compile(f"{action}Response") for action in KNOWN_ACTIONS}
