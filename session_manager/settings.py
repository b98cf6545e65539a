"""Settings of the Session Manager, from the environment."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from sdk.did.credential import trusted_authorities
from sdk.did.errors import MalformedDidError
from sdk.settings import CommaList, Port, ServiceSettings


class SessionManagerSettings(ServiceSettings):
    """Everything that one Session Manager process is told; see the README for each variable."""

    console_host: str = "127.0.0.1"
    console_port: Port = 8080
    chain_urls: CommaList
    chain_id: int = Field(gt=0)
    confirmations: int = Field(default=1, ge=0)
    keys_dir: Path | None = None
    keys_password: SecretStr
    gas_key_file: Path
    authority_dids: CommaList
    quote_seconds: float = Field(default=60, gt=0)
    session_seconds: int = Field(default=8 * 3600, gt=0)
    refund_margin_seconds: int = Field(default=3600, gt=0)
    voucher_interval: int = Field(default=30, gt=0)
    deposit_timeout: float = Field(default=120, gt=0)
    authorise_timeout: float = Field(default=20, gt=0)
    start_timeout: float = Field(default=60, gt=0)
    voucher_grace: float = Field(default=45, gt=0)
    offline_grace: float = Field(default=120, gt=0)
    stop_timeout: float = Field(default=60, gt=0)
    approval_timeout: float = Field(default=30, gt=0)
    close_timeout: float = Field(default=30, gt=0)
    execution_timeout: float = Field(default=600, gt=0)
    command_seconds: float = Field(default=30, gt=0)
    lease_seconds: float = Field(default=6, gt=0)

    @field_validator("authority_dids")
    @classmethod
    def _known_dids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            authorities = trusted_authorities(value)
        except MalformedDidError as error:
            raise ValueError(str(error)) from error
        if not authorities:
            raise ValueError("should be one or more DIDs, separated by commas")
        return value

    @field_validator("chain_urls")
    @classmethod
    def _known_urls(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = ("http://", "https://", "ws://", "wss://")
        if not value or not all(url.startswith(known) for url in value):
            raise ValueError("should be one or more URLs (http, https, ws, wss), by commas")
        return value

    @property
    def key_folder(self) -> Path:
        """Where the stations' keystore files are."""
        return self.keys_dir or self.data_dir / "keys"
