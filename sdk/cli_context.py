"""What all commands share: settings, the bus, and how results are written."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import typer
from pydantic import SecretStr

from sdk.bus.interface import Bus, BusUnavailableError
from sdk.bus.redis_bus import RedisBus
from sdk.errors import InvalidInputError
from sdk.settings import ServiceSettings, SettingsError, mask_url, read_settings

T = TypeVar("T")


class CliSettings(ServiceSettings):
    """What the commands read from the environment; each command asks for what it needs."""

    credential_key: SecretStr | None = None
    keys_dir: Path | None = None
    keys_password: SecretStr | None = None
    authority_password: SecretStr | None = None
    p2p_key_file: Path | None = None

    @property
    def keys_folder(self) -> Path:
        """Where the stations' keystores are."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def p2p_key(self) -> Path:
        """The P2P server's key file."""
        return self.p2p_key_file or self.data_dir / "p2p.key"

    def require_credential_key(self) -> str:
        """Give CREDENTIAL_KEY. Raises SettingsError."""
        return _required(self.credential_key, "CREDENTIAL_KEY", "passwords are kept under it")

    def require_keys_password(self) -> str:
        """Give KEYS_PASSWORD. Raises SettingsError."""
        return _required(self.keys_password, "KEYS_PASSWORD", "keystores are sealed with it")

    def require_authority_password(self) -> str:
        """Give AUTHORITY_PASSWORD. Raises SettingsError."""
        return _required(
            self.authority_password,
            "AUTHORITY_PASSWORD",
            "the authority's keystore is sealed with it",
        )


def settings() -> CliSettings:
    """Read the environment. Raises SettingsError."""
    return read_settings(CliSettings)


def make_keystore(folder: Path, password: str) -> dict[str, str]:
    """Make a key and its keystore file in `folder`; gives `address` and `key_file`.

    Raises InvalidInputError where the folder can't be written.
    """
    from sdk.chain.accounts import create_keystore  # noqa: PLC0415 - slow to load

    try:
        address = create_keystore(folder, password).address
    except OSError as error:
        raise InvalidInputError(f"{folder} cannot be written: {error.strerror}") from error
    return {"address": address, "key_file": str(folder / f"{address}.json")}


def run_on_bus(work: Callable[[Bus], Awaitable[T]]) -> T:
    """Do `work` with the bus. Raises SettingsError, BusUnavailableError, and what `work` raises."""

    async def attempt() -> T:
        url = settings().require_redis_url()
        bus = RedisBus.from_url(url)
        try:
            return await work(bus)
        except BusUnavailableError as error:
            raise BusUnavailableError(f"Redis at {mask_url(url)} does not answer") from error
        finally:
            await bus.close()

    return asyncio.run(attempt())


def print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can write
    """Write `value` as JSON on stdout."""
    typer.echo(json.dumps(value, indent=2))


def read_text(file: Path, what: str) -> str:
    """Read a small text file, without space around it. Raises InvalidInputError."""
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{what} {file} cannot be read: {error}") from error
    if not text:
        raise InvalidInputError(f"{what} {file} is empty")
    return text


def _required(value: SecretStr | None, variable: str, why: str) -> str:
    if value is None:
        raise SettingsError(f"{variable}: is missing; {why}")
    return value.get_secret_value()
