"""How often a password may be tried, and by whom: counted in Redis before it is looked at.

A stranger is counted by network, by name and network, and by name over all networks. A browser that
the account signed in with before is counted by itself alone, so that no stranger keeps it out.
"""

from collections.abc import Sequence
from hashlib import sha256
from math import ceil
from typing import NamedTuple
from unicodedata import normalize

from sdk.bus import keys
from sdk.bus.expiring import Patience
from sdk.bus.interface import Bus
from sdk.errors import UnavailableError
from sdk.leaky_count import network_of

OF_AN_ACCOUNT = Patience(free=5, longest=300, memory=3_600)
"""From one network, from one browser, or by who is signed in."""
OF_A_NETWORK = Patience(free=30, longest=900, memory=3_600)
OF_ALL_NETWORKS = Patience(free=100, longest=300, memory=3_600)
"""Of one name; NIST SP 800-63B, 5.2.2: no more than 100 in a row."""


class SignInWaitError(UnavailableError):
    """Too many passwords were wrong; again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many passwords were wrong; wait before the next.")
        self.seconds = seconds


class Count(NamedTuple):
    """One count, and how it is let through."""

    key: str
    patience: Patience


class Attempt(NamedTuple):
    """What an attempt counts to. A right password begins `own` anew, and is taken off `shared`."""

    own: Count
    shared: Sequence[Count] = ()


def of_stranger(name: str, address: str) -> Attempt:
    """Give what an attempt from a browser that is not known counts to."""
    network = network_of(address)
    named = sha256(normalize("NFC", name).casefold().encode()).hexdigest()
    return Attempt(
        Count(keys.sign_in_attempts("account", f"{named}:{network}"), OF_AN_ACCOUNT),
        (
            # it comes first: a network that has to wait makes no further counts
            Count(keys.sign_in_attempts("network", network), OF_A_NETWORK),
            Count(keys.sign_in_attempts("name", named), OF_ALL_NETWORKS),
        ),
    )


def of_device(account_id: str, device: str) -> Attempt:
    """Give what an attempt from a browser that the account signed in with counts to."""
    return Attempt(Count(keys.sign_in_attempts("device", f"{account_id}:{device}"), OF_AN_ACCOUNT))


def of_owner(account_id: str) -> Attempt:
    """Give what an attempt of somebody who is signed in counts to."""
    return Attempt(Count(keys.sign_in_attempts("owner", account_id), OF_AN_ACCOUNT))


class Attempts:
    """The counts of all processes; every method raises BusUnavailableError."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def begin(self, attempt: Attempt) -> None:
        """Count an attempt before its password is checked. Raises SignInWaitError: it is none."""
        counted: list[Count] = []
        for count in (*attempt.shared, attempt.own):
            wait = await self._bus.attempt(*count)
            if wait > 0:
                for each in counted:
                    await self._bus.forgive(each.key)
                raise SignInWaitError(ceil(wait))
            counted.append(count)

    async def forget(self, attempt: Attempt) -> None:
        """Count it no more: its password was right."""
        await self._bus.delete(attempt.own.key)
        for count in attempt.shared:
            await self._bus.forgive(count.key)
