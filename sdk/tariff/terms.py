"""What a session costs: the tariff and its name."""

import json
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from sdk.fields import Money
from sdk.tariff.values import Percent, Price, Sparse
from sdk.tariff.windows import Window, zone

MOST_WINDOWS = 16


def _known(timezone: str) -> str:
    zone(timezone)
    return timezone


_Timezone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known)]


class Tariff(Sparse):
    """What a session costs, in the token's smallest unit.

    `per_kwh` is the price of 1,000 Wh, `per_minute` that of 60 s of the session, charging or not.
    Once energy has flowed, `per_session` is due, `idle_per_minute` for the time that the car is
    full beyond `idle_grace_minutes` (of all such time together), and no less than `minimum`;
    never more than `maximum`. All of these are net; `tax_percent` comes on top. In `windows`, by
    the clock of `timezone` (IANA), other prices hold; of several the first.
    """

    ALWAYS: ClassVar[frozenset[str]] = frozenset({"per_kwh", "per_session"})

    per_kwh: Price
    per_session: Price = Decimal(0)
    per_minute: Price = Decimal(0)
    idle_per_minute: Price = Decimal(0)
    idle_grace_minutes: int = Field(default=0, ge=0, le=100_000)
    minimum: Money = 0
    maximum: Money | None = None
    tax_percent: Percent = Decimal(0)
    windows: tuple[Window, ...] = Field(default=(), max_length=MOST_WINDOWS)
    timezone: _Timezone = "UTC"

    @model_validator(mode="after")
    def _minimum_below_maximum(self) -> Self:
        if self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("the minimum is above the maximum")
        return self

    @property
    def kwh_prices(self) -> tuple[Decimal, ...]:
        """The price of 1,000 Wh in each slot."""
        base = self.per_kwh
        return base, *(base if it.per_kwh is None else it.per_kwh for it in self.windows)

    @property
    def minute_prices(self) -> tuple[Decimal, ...]:
        """The price of a minute in each slot."""
        base = self.per_minute
        return base, *(base if it.per_minute is None else it.per_minute for it in self.windows)


def tariff_hash(tariff: Tariff) -> str:
    """Name a tariff by its content: 0x + SHA-256 of its JSON with sorted keys and no spaces.

    What has its default is not in it, but for `per_kwh` and `per_session`.
    """
    text = json.dumps(tariff.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return "0x" + sha256(text.encode()).hexdigest()
