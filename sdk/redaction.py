"""Redaction: what may be written to a log, decided by the names that values stand under."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from sdk.settings import MASK

_SECRET_NAMES = frozenset(
    {"password", "passphrase", "key", "secret", "authorization", "mnemonic", "token", "seed"}
)
_SECRET_ENDINGS = ("password", "secret", "_key", "privatekey", "_token", "authorization")
_OPEN_NAMES = frozenset({"public_key", "session_key", "natural_key"})
_PUBLIC_VALUE = re.compile(r"0x[0-9a-fA-F]{40}")
"""An account or contract: a driver's session key and a token are written as their address."""

_URL_PASSWORD = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"(?P<head>(?:password|passphrase|private_?key|credential_key|secret|mnemonic)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"',;}\])]+",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?P<head>\b(?:basic|bearer)\s+)[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)
_MAX_DEPTH = 8


def redacted(value: Any, name: str = "", depth: int = 0) -> Any:  # noqa: ANN401 - any value is logged
    """Give `value` as plain JSON data, with everything secret in it replaced by a mask.

    Secret is what stands under a secret's name, and passwords inside URLs and texts.
    """
    if _is_secret(name, value):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redacted_text(value)
    if depth >= _MAX_DEPTH:
        return "…"
    return _redacted_container(value, depth + 1)


def redacted_text(text: str) -> str:
    """Mask passwords in URLs, `password=…` and authorization headers inside a text.

    Halves of surrogate pairs become `?`: neither Redis nor a file takes them.
    """
    if not text.isascii():
        text = text.encode(errors="replace").decode()
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\g<head>{MASK}", text)
    text = _ASSIGNED.sub(rf"\g<head>{MASK}", text)
    return _HEADER.sub(rf"\g<head>{MASK}", text)


def _redacted_container(value: Any, depth: int) -> Any:  # noqa: ANN401 - any value is logged
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        # OCPP 1.6 changes a charge point's password through the configuration key AuthorizationKey
        hide = "value" if value.get("key") == "AuthorizationKey" else None
        return {
            str(key): MASK if key == hide else redacted(item, str(key), depth)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item, "", depth) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    return redacted_text(str(value))


def _is_secret(name: str, value: object) -> bool:
    if isinstance(value, SecretStr | SecretBytes):
        return True
    lowered = name.lower()
    if lowered not in _SECRET_NAMES and not lowered.endswith(_SECRET_ENDINGS):
        return False
    if value is None or isinstance(value, bool):
        return False
    if lowered in _OPEN_NAMES or lowered.endswith("public_key"):
        return isinstance(value, str) and _PRIVATE_KEY.fullmatch(value) is not None
    return not (isinstance(value, str) and _PUBLIC_VALUE.fullmatch(value))


_PRIVATE_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}")
