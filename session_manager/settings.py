"""Settings of the Session Manager, from the environment."""

import re
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from sdk.did.credential import trusted_authorities
from sdk.did.errors import MalformedDidError
from sdk.settings import CommaList, Networks, Port, ServiceSettings
from sdk.tariff.windows import zone
from sdk.webhooks.addresses import networks_of


class SessionManagerSettings(ServiceSettings):
    """Everything that one Session Manager process is told; see the README for each variable."""

    console_host: str = "127.0.0.1"
    console_port: Port = 8080
    console_hosts: CommaList = ()
    console_tls: bool = False
    console_trusted_proxies: Networks = ()
    console_zone: str = "UTC"
    credential_key: SecretStr | None = None
    api_requests_per_minute: int = Field(default=6_000, gt=0)
    chain_urls: CommaList
    chain_id: int = Field(gt=0)
    confirmations: int = Field(default=1, ge=0)
    tokens: CommaList = ()
    test_chain_ids: CommaList = ("31337", "9990")
    private_mode_id: str | None = Field(default=None, min_length=1, max_length=20)
    hand_over: bool = False
    max_fee_gwei: int = Field(default=500, gt=0)
    keys_dir: Path | None = None
    station_keys: SecretStr | None = None
    keys_password: SecretStr | None = None
    gas_key_file: Path | None = None
    gas_key: SecretStr | None = None
    native_symbol: str = Field(default="", max_length=32)
    authority_dids: CommaList
    quote_seconds: float = Field(default=60, gt=0)
    session_seconds: int = Field(default=8 * 3600, gt=0)
    refund_margin_seconds: int = Field(default=3600, gt=0)
    chain_margin_seconds: int = Field(default=600, gt=0)
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
    webhook_networks: CommaList = ()
    command_seconds: float = Field(default=45, gt=0)
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

    @field_validator("tokens")
    @classmethod
    def _known_tokens(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"0x[0-9a-fA-F]{40}", token) for token in value):
            raise ValueError("should be addresses of ERC-20 contracts, separated by commas")
        return value

    @field_validator("webhook_networks")
    @classmethod
    def _known_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks_of(value)
        except ValueError:
            raise ValueError("should be networks such as 10.1.0.0/16, by commas") from None
        return value

    @field_validator("console_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        zone(value)
        return value

    @field_validator("test_chain_ids")
    @classmethod
    def _known_chains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(chain.isascii() and chain.isdecimal() for chain in value):
            raise ValueError("should be chain ids, separated by commas")
        return value

    @model_validator(mode="after")
    def _nothing_free_on_a_real_chain(self) -> Self:
        if self.private_mode_id is not None and str(self.chain_id) not in self.test_chain_ids:
            raise ValueError(
                f"PRIVATE_MODE_ID: charges without money; chain {self.chain_id} is none of "
                "TEST_CHAIN_IDS"
            )
        return self

    @model_validator(mode="after")
    def _paid_before_the_refund_opens(self) -> Self:
        needed = self.stop_timeout + self.approval_timeout + self.chain_margin_seconds
        if self.refund_margin_seconds < needed:
            raise ValueError(
                "REFUND_MARGIN_SECONDS: should be at least STOP_TIMEOUT + APPROVAL_TIMEOUT + "
                f"CHAIN_MARGIN_SECONDS, {needed:g}"
            )
        return self

    @property
    def key_folder(self) -> Path:
        """Where the stations' keystore files are."""
        return self.keys_dir or self.data_dir / "keys"
