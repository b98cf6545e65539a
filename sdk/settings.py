"""Settings: one frozen model per process, read from the environment and checked at the start.

Variables have no prefix; a field's variable is its name in capitals. No file is read by default.
"""

import re
import sys
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from sdk.errors import InvalidInputError

EXIT_SETTINGS = 2
"""Exit code when settings are missing or contradictory: starting the process again is no help."""

REDIS_URL_FILE = "redis.url"
"""In DATA_DIR, mode 0600: where the launcher writes the URL of the machine's private server."""

MASK = "***"

Port = Annotated[int, Field(ge=0, le=65535)]
"""A TCP port; 0 takes a free one."""


def _split(value: Any) -> Any:  # noqa: ANN401 - a validator sees what the source brings
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values in one variable, separated by commas."""


def _check_networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        try:
            ip_network(network)
        except ValueError:
            raise ValueError(f"{network} is no address or network") from None
    return value


Networks = Annotated[CommaList, AfterValidator(_check_networks)]
"""Addresses and networks (`10.0.0.0/8`) in one variable, separated by commas."""


class SettingsError(InvalidInputError):
    """A setting is missing or contradictory; the text names the variable and shows no secret."""


class ServiceSettings(BaseSettings):
    """What every process reads. Subclasses add their own fields; secrets are `SecretStr`.

    A validator of several fields raises ValueError with a text that names their variables.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    redis_url: SecretStr | None = None
    data_dir: Path = Path(".noroam")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "text"] = "auto"
    """`auto`: text on a terminal, else JSON."""
    stop_grace: float = Field(default=10.0, gt=0)
    """Seconds that a service has to end by itself when asked to; then it is cancelled."""

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"(rediss?|unix)://.", value.get_secret_value()):
            raise ValueError("should start with redis://, rediss:// or unix://")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _capital_level(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    def require_redis_url(self) -> str:
        """Give REDIS_URL or, without it, what the launcher wrote into the data directory.

        Raises SettingsError when there is neither.
        """
        if self.redis_url is not None:
            return self.redis_url.get_secret_value()
        file = self.data_dir / REDIS_URL_FILE
        try:
            url = file.read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"REDIS_URL: is not set and {file} cannot be read; start `noroam up`, or set it"
            ) from error
        if not url:
            raise SettingsError(f"REDIS_URL: is not set and {file} is empty")
        return url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.effective()})"

    __str__ = __repr__

    def effective(self) -> dict[str, str]:
        """Give every setting as it is in force, by its variable, fit for a log: secrets masked."""
        return {
            name.upper(): _shown(getattr(self, name))
            for name in sorted(type(self).model_fields)
            if getattr(self, name) is not None
        }


S = TypeVar("S", bound=ServiceSettings)


def read_settings(settings_type: type[S]) -> S:
    """Read the environment. Raises SettingsError, whose text names every faulty variable."""
    try:
        return settings_type()
    except ValidationError as error:
        raise SettingsError("; ".join(_faults(error))) from None
    except SourceError as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = field[1].upper() if field else "the environment"
        raise SettingsError(f"{name}: cannot be parsed") from None


def load_settings(settings_type: type[S], name: str = "noroam") -> S:
    """Read the environment or end the process: one line on stderr, exit code EXIT_SETTINGS."""
    try:
        return read_settings(settings_type)
    except SettingsError as error:
        end_with_settings_error(name, error)


def end_with_settings_error(name: str, error: SettingsError) -> NoReturn:
    """Tell `error` in one line on stderr and end the process with EXIT_SETTINGS."""
    tell_settings_error(name, error)
    raise SystemExit(EXIT_SETTINGS) from None


def tell_settings_error(name: str, error: SettingsError) -> None:
    """Write `error` in one line on stderr."""
    print(f"{name}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - for a person, not a log


def mask_url(url: str) -> str:
    """Show where a URL leads without what opens the door: password, query, long path segments.

    Hosted chain nodes carry the customer's key as a long path segment.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    host = _masked_host(parts)
    path = re.sub(r"[^/]{20,}", MASK, parts.path)
    return f"{parts.scheme}://{host}{path}" + (f"?{MASK}" if parts.query else "")


def _masked_host(parts: SplitResult) -> str:
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return host
    name, colon, _ = user.partition(":")
    return f"{name}{colon}{MASK if colon else ''}@{host}"


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        variable = str(fault["loc"][0]).upper() if fault["loc"] else ""
        text = "is missing" if fault["type"] == "missing" else _message(fault["msg"])
        yield f"{variable}: {text}" if variable else text


def _message(text: str) -> str:
    text = text.removeprefix("Value error, ")
    return text.replace("Input should be", "should be") if "Input" in text else text


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return mask_url(secret) if "://" in secret else MASK
    if isinstance(value, tuple | list | set | frozenset):
        return ",".join(_shown(item) for item in value)
    text = str(value)
    return ",".join(mask_url(url) for url in text.split(",")) if "://" in text else text
