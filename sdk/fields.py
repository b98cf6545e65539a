"""The field types that events, tariffs and settings are made of."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

MAX_AMOUNT = 2**256 - 1
_MOST_DIGITS = 78
NATIVE_TOKEN = "0x" + "0" * 40
"""As a token: the chain's own."""


def _amount(value: Any) -> Any:  # noqa: ANN401 - a validator sees what the wire brings
    if isinstance(value, str):
        if not value.isascii() or not value.isdigit() or len(value) > _MOST_DIGITS:
            raise ValueError("money is a string of decimal digits")
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("money is a string of decimal digits")  # noqa: TRY004 - pydantic's protocol
    return value


Money = Annotated[
    int,
    BeforeValidator(_amount),
    Field(ge=0, le=MAX_AMOUNT),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]+$", "maxLength": _MOST_DIGITS}),
]
"""An amount in the token's smallest unit; a decimal string in JSON, where numbers are rounded."""

EnergyWh = Annotated[int, Field(ge=0, le=2**53 - 1)]
PowerW = Annotated[int, Field(ge=-(2**31), le=2**31)]
ChainTime = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Seconds since 1970, compared with block time."""

ChargePointId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,48}$")]
ConnectorId = Annotated[int, Field(ge=0, le=1000)]
IdTag = Annotated[str, StringConstraints(min_length=1, max_length=20)]
TransactionId = Annotated[int, Field(gt=0, lt=2**31)]
PeerId = Annotated[str, StringConstraints(pattern=r"^[1-9A-HJ-NP-Za-km-z]{8,128}$")]
PeerAddress = Annotated[
    str,
    StringConstraints(
        pattern=r"^[1-9A-HJ-NP-Za-km-z]{8,128}(@[1-9A-HJ-NP-Za-km-z]{8,128})?(#[0-9a-f]{64})?$"
    ),
]
"""Where a consumer is reached: its peer id, `@` the hub's peer id, `#` the X25519 key to seal to.

See `sdk.p2p.addresses`.
"""
Did = Annotated[str, StringConstraints(pattern=r"^did:[a-z0-9]+:[A-Za-z0-9:._-]{1,200}$")]
Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$")]
"""An account; compared without regard to case, written in EIP-55 checksum case by us."""
Bytes32 = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$", to_lower=True)]
SessionId = Bytes32
Signature = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{130}$", to_lower=True)]
"""65 bytes r, s, v as hex."""


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no moment of the years 1 to 9999") from error


Moment = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(
        lambda value: value.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        when_used="json",
    ),
]
"""A moment; RFC 3339 in UTC with milliseconds on the wire."""


class Frozen(BaseModel):
    """A value that never changes; unknown fields are dropped: newer senders are understood."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def is_expired(expires_at: datetime, now: datetime) -> bool:
    """Tell whether something that holds until `expires_at` has lapsed at `now`."""
    return now >= expires_at


def stored_moment(text: str | None) -> datetime | None:
    """Read a moment out of a hash; None where it is missing, damaged, or of no time zone."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
