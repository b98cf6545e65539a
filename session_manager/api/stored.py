"""What is in Redis as JSON values: numbers, moments and objects out of a hash's texts. Pure.

Texts that are missing, older or damaged give None, never an error: a broken charge point is to be
seen, too.
"""

from typing import Any

import orjson

_UTC = "+00:00"
_TO_SECONDS = 19
_TO_MILLISECONDS = 23


def moment_text(text: str | None) -> str | None:
    """Write a stored moment as all JSON of ours does: RFC 3339 in UTC with milliseconds."""
    if not text:
        return None
    if not text.endswith(_UTC):
        return text
    plain = text[: -len(_UTC)]
    if len(plain) == _TO_SECONDS:
        return f"{plain}.000Z"
    return f"{plain[:_TO_MILLISECONDS]:0<{_TO_MILLISECONDS}}Z"


def whole_number(text: str | None) -> int | None:
    """Read an integer."""
    try:
        return int(text) if text else None
    except ValueError:
        return None


def json_object(text: str | None) -> dict[str, Any] | None:
    """Read a JSON object."""
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
