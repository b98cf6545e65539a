"""Settings of the charge point gateway."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from sdk.ca.settings import AuthoritySettings
from sdk.settings import Networks, Port


class CpgSettings(AuthoritySettings):
    """Where charge points connect, and how long they may be silent.

    `heartbeat_interval` is told to each charge point, in seconds; one that is silent for
    `heartbeat_grace` times as long is closed. `credential_key` keys the stored password hashes.
    One socket may bring `cpg_messages_per_second` (0: any number) and `cpg_message_burst` at once;
    what is above waits. `quarantine_interval` is how long, in seconds, an unknown charge point in
    quarantine is told to wait; up to `quarantine_max` of them may.

    `cpg_tls_port` opens a second door that speaks TLS, with certificate and key in PEM; by
    `cpg_tls_client_ca`, the roots of client certificates, charge points reach security profile 3,
    with `cpg_tls_crl` unless they are revoked, with `cpo_name` only if it is their O.
    `cpg_trusted_proxies` are addresses and networks whose forwarding headers are believed.
    """

    cpg_host: str = "127.0.0.1"
    cpg_port: Port = 9000
    cpg_tls_host: str | None = None
    cpg_tls_port: Port | None = None
    cpg_tls_cert: Path | None = None
    cpg_tls_key: Path | None = None
    cpg_tls_client_ca: Path | None = None
    cpg_tls_crl: Path | None = None
    cpo_name: str | None = None
    cpg_trusted_proxies: Networks = ()
    heartbeat_interval: int = Field(default=60, ge=1, le=86_400)
    heartbeat_grace: float = Field(default=2.5, ge=1)
    call_timeout: float = Field(default=30, gt=0)
    credential_key: SecretStr
    cpg_messages_per_second: float = Field(default=500, ge=0, allow_inf_nan=False)
    cpg_message_burst: float = Field(default=1000, ge=1, allow_inf_nan=False)
    unknown_charge_points: Literal["refuse", "quarantine"] = "refuse"
    quarantine_interval: int = Field(default=60, ge=1, le=86_400)
    quarantine_max: int = Field(default=500, ge=1, le=5_000)

    @model_validator(mode="after")
    def _check_tls(self) -> "CpgSettings":
        if self.cpg_tls_port is not None and (
            self.cpg_tls_cert is None or self.cpg_tls_key is None
        ):
            raise ValueError("CPG_TLS_PORT: needs CPG_TLS_CERT and CPG_TLS_KEY")
        if self.cpg_tls_crl is not None and self.cpg_tls_client_ca is None:
            raise ValueError("CPG_TLS_CRL: needs CPG_TLS_CLIENT_CA")
        return self
