"""How often somebody may try to connect. Pure: the time is passed in.

Failed credentials are counted by network and charge point id, so that nobody is hurt by failures
of others behind the same address; handshakes for unknown ids by network; accepted ones by charge
point id, since each of them costs writes.

Memory is bounded, and what is dropped is the entry that was not touched for longest. Nobody wins a
fresh start by pushing an entry out: random ids are unknown, are judged by the one entry of their
network, and never make an entry among the failures; those are made by failures at registered ids
only. To push out one entry before it has leaked empty by itself (a minute) takes `MOST_KEYS`
refused handshakes at as many different registered ids or networks, and wins `FAILURES` guesses.
"""

from sdk.leaky_count import LeakyCount, LeakyCounts, network_of

FAILURES, FAILURES_PER_S = 10, 1 / 6
UNKNOWN, UNKNOWN_PER_S = 200, 10.0
CONNECTIONS, CONNECTIONS_PER_S = 60, 2.0
MOST_KEYS = 20_000


class Attempts:
    """Counts handshakes of one process. Moments are seconds of a monotonic clock.

    Each method gives None to go on, or in how many whole seconds to try again.
    """

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        """Remember up to `most_keys` of each kind."""
        self._failures = LeakyCounts(lambda: LeakyCount(FAILURES, FAILURES_PER_S), most_keys)
        self._unknown = LeakyCounts(lambda: LeakyCount(UNKNOWN, UNKNOWN_PER_S), most_keys)
        self._connections = LeakyCounts(
            lambda: LeakyCount(CONNECTIONS, CONNECTIONS_PER_S), most_keys
        )

    def look(self, address: str, charge_point_id: str, now: float) -> int | None:
        """Ask whether a handshake may be judged at all; counts nothing."""
        failures = self._failures.wait(_pair(address, charge_point_id), now)
        return failures or self._connections.wait(charge_point_id, now)

    def fail(self, address: str, charge_point_id: str, now: float) -> None:
        """Count wrong credentials for a registered charge point."""
        self._failures.take(_pair(address, charge_point_id), now)

    def miss(self, address: str, now: float) -> int | None:
        """Count a handshake for an unknown id, if it is not one too many."""
        return self._unknown.take(network_of(address), now)

    def connect(self, charge_point_id: str, now: float) -> None:
        """Count a handshake that is accepted."""
        self._connections.take(charge_point_id, now)


def _pair(address: str, charge_point_id: str) -> str:
    return f"{network_of(address)} {charge_point_id}"
