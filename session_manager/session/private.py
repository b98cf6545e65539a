"""Tests without money: a charge that the operator's own idTag starts."""

from dataclasses import dataclass

from sdk.events.charging import ChargingStarted
from sdk.events.service import QuoteOffered


@dataclass(frozen=True, slots=True)
class PrivateStarted:
    """A transaction started by the private idTag; `quote` has the terms, of which none is paid."""

    quote: QuoteOffered
    started: ChargingStarted
