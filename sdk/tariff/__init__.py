"""The one price engine: quote, live status, app, settlement and receipt all ask it.

Pure: a `Tariff` and what was used (`Usage`) in, integers of the token's smallest unit out. Prices,
energy and time are exact to the end of a line; a line is then rounded down to the smallest unit.
What the lines of energy, fee, time and idling come to is raised to the minimum, or else cut to the
maximum; tax is on that net amount, and rounded down too. The fee of a session, the minimum and the
idle fee are due only once energy has flowed; time counts from the start of the session. Time is cut
to whole milliseconds. A moment belongs to the first window that holds it, by the clock of the
tariff's time zone; slot 0 is no window, slot i the i-th window.
"""

from sdk.tariff.price import (
    PriceLine,
    cost,
    energy_cost,
    is_plain,
    most,
    needs_time,
    price_lines,
)
from sdk.tariff.terms import Tariff, tariff_hash
from sdk.tariff.usage import (
    LONGEST,
    Usage,
    begin,
    end,
    idle_from,
    idle_to,
    read,
    tick,
    usage_of,
)
from sdk.tariff.values import ExactWh, Percent, Price, SignedMoney
from sdk.tariff.windows import Window

__all__ = [
    "LONGEST",
    "ExactWh",
    "Percent",
    "Price",
    "PriceLine",
    "SignedMoney",
    "Tariff",
    "Usage",
    "Window",
    "begin",
    "cost",
    "end",
    "energy_cost",
    "idle_from",
    "idle_to",
    "is_plain",
    "most",
    "needs_time",
    "price_lines",
    "read",
    "tariff_hash",
    "tick",
    "usage_of",
]
