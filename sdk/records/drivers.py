"""What the sessions of each driver come to, as those who read reports want it.

`sdk.records.ranking` adds them up.
"""

from typing import Literal

from eth_utils.address import to_checksum_address

from sdk.did.identifier import EthrDid
from sdk.fields import EnergyWh, Frozen
from sdk.records.totals import Totals

Order = Literal["energy", "sessions"]


class ConsumerTotals(Totals):
    """One driver."""

    consumer_did: str


class Share(Frozen):
    """Sessions of several drivers, tests without money left out."""

    sessions: int
    energy_wh: EnergyWh


class Consumers(Frozen):
    """The first drivers, all behind them, and sessions of nobody that is known."""

    consumers: int
    items: tuple[ConsumerTotals, ...]
    others: Share
    unknown: Share


def did_of(chain_id: int, account: bytes) -> str:
    """Name the DID of a driver's account."""
    return str(EthrDid(chain_id, to_checksum_address(account)))
