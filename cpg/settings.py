"""Settings of the charge point gateway."""

from pydantic import Field, SecretStr

from sdk.settings import Port, ServiceSettings


class CpgSettings(ServiceSettings):
    """Where charge points connect, and how long they may be silent.

    `heartbeat_interval` is told to each charge point, in seconds; one that is silent for
    `heartbeat_grace` times as long is closed. `credential_key` keys the stored password hashes.
    """

    cpg_host: str = "127.0.0.1"
    cpg_port: Port = 9000
    heartbeat_interval: int = Field(default=60, ge=1, le=86_400)
    heartbeat_grace: float = Field(default=2.5, ge=1)
    call_timeout: float = Field(default=30, gt=0)
    credential_key: SecretStr
