"""Settings of the charge point gateway."""

from typing import Literal

from pydantic import Field, SecretStr

from sdk.settings import Port, ServiceSettings


class CpgSettings(ServiceSettings):
    """Where charge points connect, and how long they may be silent.

    `heartbeat_interval` is told to each charge point, in seconds; one that is silent for
    `heartbeat_grace` times as long is closed. `credential_key` keys the stored password hashes.
    One socket may bring `cpg_messages_per_second` (0: any number) and `cpg_message_burst` at once;
    what is above waits. `quarantine_interval` is how long, in seconds, an unknown charge point in
    quarantine is told to wait; up to `quarantine_max` of them may.
    """

    cpg_host: str = "127.0.0.1"
    cpg_port: Port = 9000
    heartbeat_interval: int = Field(default=60, ge=1, le=86_400)
    heartbeat_grace: float = Field(default=2.5, ge=1)
    call_timeout: float = Field(default=30, gt=0)
    credential_key: SecretStr
    cpg_messages_per_second: float = Field(default=500, ge=0, allow_inf_nan=False)
    cpg_message_burst: float = Field(default=1000, ge=1, allow_inf_nan=False)
    unknown_charge_points: Literal["refuse", "quarantine"] = "refuse"
    quarantine_interval: int = Field(default=60, ge=1, le=86_400)
    quarantine_max: int = Field(default=500, ge=1, le=5_000)
