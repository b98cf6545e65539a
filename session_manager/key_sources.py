"""Keys from the environment, or from an Ethereum keystore file; no text here shows a secret."""

import asyncio
from pathlib import Path

from pydantic import SecretStr

from sdk.chain.accounts import SigningKey, load_keystore
from sdk.chain.errors import KeyFileError
from sdk.settings import SettingsError


def station_keys(secrets: SecretStr | None) -> tuple[SigningKey, ...]:
    """Read STATION_KEYS: secrets of 32 bytes as hex, separated by commas. Raises SettingsError."""
    if secrets is None:
        return ()
    keys: dict[str, int] = {}
    found: list[SigningKey] = []
    parts = [part.strip() for part in secrets.get_secret_value().split(",")]
    for place, part in enumerate((part for part in parts if part), start=1):
        key = _key("STATION_KEYS", part, f"entry {place} ")
        earlier = keys.setdefault(key.address, place)
        if earlier != place:
            raise SettingsError(f"STATION_KEYS: entry {place} is entry {earlier} again")
        found.append(key)
    return tuple(found)


async def gas_key(
    secret: SecretStr | None, file: Path | None, password: SecretStr | None
) -> SigningKey:
    """Give the gas account's key, from GAS_KEY or from GAS_KEY_FILE. Raises SettingsError."""
    if secret is not None and file is not None:
        raise SettingsError("GAS_KEY, GAS_KEY_FILE: give one of them, not both")
    if secret is not None:
        return _key("GAS_KEY", secret.get_secret_value().strip())
    if file is None:
        raise SettingsError("GAS_KEY_FILE: is missing, and so is GAS_KEY")
    if password is None:
        raise SettingsError("KEYS_PASSWORD: is missing; it opens GAS_KEY_FILE")
    try:
        return await asyncio.to_thread(load_keystore, file, password.get_secret_value())
    except KeyFileError as error:
        raise SettingsError(f"GAS_KEY_FILE or KEYS_PASSWORD: {error}") from error


def _key(variable: str, secret: str, where: str = "") -> SigningKey:
    try:
        return SigningKey.from_hex(secret)
    except KeyFileError:
        # without its cause: it may quote what it could not read
        raise SettingsError(f"{variable}: {where}is no secret of 32 bytes in hex") from None
