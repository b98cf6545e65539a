"""The one price engine: quote, live status, app, settlement and receipt all ask it.

Pure: integers in (watt-hours), integers out (the token's smallest unit), rounded down per line.
"""

from hashlib import sha256

from pydantic import Field

from sdk.fields import EnergyWh, Frozen, Money
from sdk.units import WH_PER_KWH


class Tariff(Frozen):
    """What a session costs, in the token's smallest unit.

    `per_kwh` is the price of 1,000 Wh, `per_session` a fee that is due once energy has flowed.
    """

    per_kwh: Money
    per_session: Money = Field(default=0)


class PriceLine(Frozen):
    """One line of a price: what is counted, how much of it, at which price, for how much."""

    item: str
    quantity: int
    unit: str
    price: Money
    amount: Money


def price_lines(tariff: Tariff, energy_wh: EnergyWh) -> tuple[PriceLine, ...]:
    """Explain the price of `energy_wh` line by line; the amounts add up to `cost`."""
    lines = [
        PriceLine(
            item="energy",
            quantity=energy_wh,
            unit="Wh",
            price=tariff.per_kwh,
            amount=tariff.per_kwh * energy_wh // WH_PER_KWH,
        )
    ]
    if tariff.per_session and energy_wh:
        fee = tariff.per_session
        lines.append(PriceLine(item="session", quantity=1, unit="session", price=fee, amount=fee))
    return tuple(lines)


def cost(tariff: Tariff, energy_wh: EnergyWh) -> int:
    """Give the price of `energy_wh` in the token's smallest unit, rounded down."""
    return sum(line.amount for line in price_lines(tariff, energy_wh))


def cost_of_power(tariff: Tariff, power_w: int, seconds: float) -> int:
    """Give the most that `seconds` at `power_w` can cost: the bound on what an app signs."""
    return cost(tariff, int(power_w * seconds / 3600) + 1)


def tariff_hash(tariff: Tariff) -> str:
    """Name a tariff by its content: 0x + SHA-256 of its JSON with sorted keys and no spaces."""
    fields = sorted(tariff.model_dump(mode="json").items())
    text = "{" + ",".join(f'"{name}":"{value}"' for name, value in fields) + "}"
    return "0x" + sha256(text.encode()).hexdigest()
