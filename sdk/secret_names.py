"""The names of properties and configuration keys whose values nobody may be shown. Pure."""

from functools import lru_cache

_ANYWHERE = (
    "idtag",
    "idtoken",
    "rfid",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "mnemonic",
    "cardid",
    "carduid",
    "cardnumber",
    "tagid",
    "emaid",
    "evccid",
    "contractid",
)
_AT_THE_END = (
    "key",
    "keys",
    "token",
    "tokens",
    "tag",
    "tags",
    "pin",
    "psk",
    "seed",
    "authorization",
    "uid",
    "pwd",
)
_OPEN = frozenset(
    {"key", "unknownkey", "configurationkey", "getconfigurationmaxkeys", "idtaginfo", "publickey"}
)
"""Names of OCPP 1.6 that hold names, or a number: `key` is looked at by the one who asks."""
_LONGEST = 100


def is_secret_name(name: str) -> bool:
    """Tell whether what stands under `name` is an idTag, a key or a password, whatever the casing.

    It rather masks too much: vendors name as they like.
    """
    return _is_secret(name) if len(name) <= _LONGEST else True


@lru_cache(maxsize=1_000)
def _is_secret(name: str) -> bool:
    plain = name.casefold().replace("_", "").replace("-", "").replace(" ", "")
    if plain in _OPEN:
        return False
    return plain.endswith(_AT_THE_END) or any(part in plain for part in _ANYWHERE)
