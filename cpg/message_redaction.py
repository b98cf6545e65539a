"""Which parts of a message the log may show. Pure.

IdTags, keys and passwords are masked by the names that they stand under, whatever the casing and
depth. What was masked in a request is masked in its answer, too: some charge points echo.
"""

import re
from typing import Any

import orjson

from cpg.locations import shown_location
from sdk.redaction import redacted_text
from sdk.secret_names import is_secret_name
from sdk.settings import MASK

LARGEST = 65_536
"""Bytes of the longest frame that is looked into."""
_DEEPEST, _MOST_VALUES, _MOST_SIGNS, _LONGEST_NAME = 16, 300, 3_000, 100
"""What is looked at of one frame, so that none takes long: no more than this is kept anyway."""
_SHORTEST_ECHO, _MOST_ECHOES = 4, 20
_ELLIPSIS = "…"
_LOCATIONS = ("location", "remotelocation")
"""Of files to be fetched or put: who may do so stands in the URL."""
_HARMLESS = re.compile(r"[A-Za-z0-9_.+-]*")
_TAG_IN_TEXT = re.compile(
    r"(?P<head>(?:id[ _-]?(?:tag|token)|\b(?:card|tag)|card[ _-]?(?:id|uid|number)|tag[ _-]?id|"
    r"rfid|emaid|uid|pwd|passw(?:or)?d)[\"']?"
    r"(?:\s*[=:>]\s*|\s+(?=[\"'(]?[^\s\"',;}\])<]*\d))[\"'(]?)[^\s\"',;}\])<]+",
    re.IGNORECASE,
)


class UnreadableError(ValueError):
    """It is no JSON, or too long to be looked into: nothing of it may be shown."""


class Redaction:
    """Masks one request, and then its answer."""

    def __init__(self) -> None:
        self._masked: set[str] = set()
        self._values = self._signs = 0
        self._is_ours = False
        self.shortened = False
        """Whether the last frame holds more than is given."""

    def frame(self, text: bytes | str, *, is_ours: bool = False) -> bytes:
        """Give a frame without what is secret, as JSON. Raises UnreadableError.

        The texts that `is_ours` holds are our own: they name properties, and never their values.
        """
        self._is_ours = is_ours
        if len(text) > LARGEST:
            raise UnreadableError
        try:
            frame = orjson.loads(text)
        except ValueError as error:
            raise UnreadableError from error
        self._values, self._signs = _MOST_VALUES, _MOST_SIGNS
        self.shortened = False
        return orjson.dumps(self._value(frame, "", 0))

    def _value(self, value: Any, name: str, depth: int) -> Any:  # noqa: ANN401 - any JSON
        if name and is_secret_name(name):
            return self._mask(value)
        if isinstance(value, str):
            return self._text(value, depth)
        if not isinstance(value, dict | list):
            return value
        self._values -= len(value)
        if self._values < 0 or depth >= _DEEPEST:
            self.shortened = True
            return _ELLIPSIS
        if isinstance(value, dict):
            return self._object(value, depth + 1)
        return [self._value(item, "", depth + 1) for item in value]

    def _object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        setting = _setting_name(value)
        hides = {"value"} if setting is not None and is_secret_name(setting) else set()
        if _tells_secret(value):
            hides.add("data")
        shown: dict[str, Any] = {}
        for name, item in value.items():
            plain = name.casefold()
            if plain in hides or (plain == "key" and _is_key(item, setting)):
                shown[self._echo(name[:_LONGEST_NAME])] = self._mask(item)
            elif plain in _LOCATIONS and isinstance(item, str):
                shown[self._echo(name[:_LONGEST_NAME])] = self._text(_location(item), depth)
            else:
                shown[self._echo(name[:_LONGEST_NAME])] = self._value(item, name, depth)
        return shown

    def _mask(self, value: Any) -> str | None:  # noqa: ANN401 - any JSON
        if value is None:
            return None
        if isinstance(value, str | int) and len(self._masked) < _MOST_ECHOES:
            text = str(value)
            if len(text) >= _SHORTEST_ECHO:
                self._masked.add(text)
        return MASK

    def _text(self, text: str, depth: int) -> str:
        if text[:1] in ("{", "[") and depth < _DEEPEST and len(text) <= LARGEST:
            try:
                inner = orjson.loads(text)
            except ValueError:
                pass
            else:
                return orjson.dumps(self._value(inner, "", depth + 1)).decode()
        if len(text) > self._signs:
            self.shortened = True
            text = text[: self._signs] + _ELLIPSIS
        self._signs = max(0, self._signs - len(text))
        text = self._echo(text)
        if self._is_ours or _HARMLESS.fullmatch(text):
            return text
        return _TAG_IN_TEXT.sub(rf"\g<head>{MASK}", redacted_text(text))

    def _echo(self, text: str) -> str:
        for secret in self._masked:
            if secret in text:
                text = text.replace(secret, MASK)
        return text


def _location(url: str) -> str:
    shown = shown_location(url)
    return url if shown == url else f"{shown} {MASK}"


def _setting_name(value: dict[str, Any]) -> str | None:
    """Give the name of the configuration key that this is about (5.4, 5.8), if it is one."""
    names = {name.casefold(): name for name in value}
    if "key" not in names or not names.keys() & {"value", "readonly"}:
        return None
    setting = value[names["key"]]
    return setting if isinstance(setting, str) else None


def _tells_secret(value: dict[str, Any]) -> bool:
    """Tell whether a DataTransfer (4.3, 5.7) says by its messageId that its data is secret."""
    told = (item for name, item in value.items() if name.casefold() == "messageid")
    return any(isinstance(item, str) and is_secret_name(item) for item in told)


def _is_key(item: Any, setting: str | None) -> bool:  # noqa: ANN401 - any JSON
    """Tell a secret under `key` from the name of a setting, or a list of such names."""
    return setting is None and not isinstance(item, list)
