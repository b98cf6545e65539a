"""What a reader of the API is shown of an event: no signatures, no secrets, perhaps no drivers.

What was signed is shown as the object that was signed. Whoever wants to check a signature reads
the session's record, which has it. Pure.
"""

from typing import Any

import orjson

from sdk.events.envelope import Envelope
from sdk.redaction import redacted_text
from sdk.secret_names import is_secret_name
from sdk.settings import MASK

_LEFT_OUT = frozenset({"nonce", "consumernonce", "providernonce", "signedtransaction"})
_LEFT_OUT_ENDINGS = ("signature", "signatures", "peerid")
_SECRET_ENDINGS = ("password", "passphrase", "secret", "privatekey", "authorizationkey")
_TAGS = frozenset({"idtag", "parentidtag", "idtags"})
_DRIVERS = frozenset({"sessionkey", "refundaccount", "wallet", "consumerdid"})
"""Accounts by which a driver is known again, and found on the chain."""
_OPERATORS = frozenset({"by"})
"""Who of the operators asked: viewers do not read the audit trail either."""
_SETTING_VALUES = frozenset({"value", "wanted", "reported"})
_SAMPLE_VALUES, _NOTHING = frozenset({"value"}), frozenset[str]()
_SIGNED_SAMPLE = "signeddata"
"""The format of a sample that is signed (7.43); it may name who charged."""


def event_shown(envelope: Envelope, *, shows_tags: bool) -> dict[str, Any]:
    """Give an event as JSON.

    Without `shows_tags`, who drives, vendors' data and signed samples are masked.
    """
    whole = envelope.model_dump(mode="json", exclude_none=True, exclude={"peer_id"})
    told: dict[str, Any] = _value(whole, shows_tags=shows_tags)
    return told


def shown(value: Any, *, shows_tags: bool) -> Any:  # noqa: ANN401 - any JSON
    """Give any JSON of ours as `event_shown` gives an event."""
    return _value(value, shows_tags=shows_tags)


def _value(value: Any, *, shows_tags: bool) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return _object(value, shows_tags=shows_tags)
    if isinstance(value, list):
        return [_value(item, shows_tags=shows_tags) for item in value]
    return redacted_text(value) if isinstance(value, str) and "://" in value else value


def _object(value: dict[str, Any], *, shows_tags: bool) -> dict[str, Any]:
    is_signed = isinstance(value.get("payload"), str) and "signature" in value
    names = {_plain(name): name for name in value}
    hidden_values = _hidden_values(
        value.get(names.get("key", "")), value.get(names.get("format", "")), shows_tags=shows_tags
    )
    told: dict[str, Any] = {}
    for name, item in value.items():
        plain = _plain(name)
        if plain in _LEFT_OUT or plain.endswith(_LEFT_OUT_ENDINGS):
            continue
        if plain in hidden_values or _is_hidden(plain, shows_tags=shows_tags):
            told[name] = None if item is None else MASK
        elif is_signed and name == "payload":
            told[name] = _value(_opened(item), shows_tags=shows_tags)
        else:
            told[name] = _value(item, shows_tags=shows_tags)
    return told


def _hidden_values(key: object, format_: object, *, shows_tags: bool) -> frozenset[str]:
    """Name the parts that are hidden for what stands beside them."""
    if isinstance(key, str) and is_secret_name(key):
        return _SETTING_VALUES
    is_signed = isinstance(format_, str) and format_.casefold() == _SIGNED_SAMPLE
    return _SAMPLE_VALUES if is_signed and not shows_tags else _NOTHING


def _is_hidden(plain: str, *, shows_tags: bool) -> bool:
    if plain.endswith(_SECRET_ENDINGS):
        return True
    people = _TAGS | _DRIVERS | _OPERATORS
    return not shows_tags and (plain in people or plain == "data")


def _opened(payload: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return orjson.loads(payload)
    except ValueError:
        return MASK


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
