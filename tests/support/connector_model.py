"""What a charge point's connectors and transactions should be, by what it told. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector_world import CONNECTORS

Json = dict[str, Any]
Natural = tuple[int, str, str, int]

OF_THE_WHOLE = ("Available", "Unavailable", "Faulted")


@dataclass
class Transaction:
    """A transaction of which the charge point knows."""

    connector: int
    tag: str
    status: str
    meter_start: int
    meter_stop: int | None = None
    energy: int | None = None
    energy_at: datetime | None = None


@dataclass
class Model:
    """Follows what is told, in the simplest way; `starts` are those that have a transaction."""

    tags: set[str] = field(default_factory=set)
    statuses: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    of_socket: dict[int, datetime] = field(default_factory=dict)
    starts: dict[Natural, int] = field(default_factory=dict)
    attempts: dict[Natural, tuple[str, str]] = field(default_factory=dict)
    """Starts that an old socket brought too late: tag and status as they were then."""
    current: dict[int, int] = field(default_factory=dict)
    transactions: dict[int, Transaction] = field(default_factory=dict)
    orphans: set[int] = field(default_factory=set)

    def connect(self) -> None:
        """Of each socket, the first status of a connector counts."""
        self.of_socket.clear()

    def refuses(self, action: str, payload: Json) -> bool:
        """Tell whether a request is against the specification."""
        n = payload.get("connectorId")
        if action == "StatusNotification":
            return n == 0 and payload["status"] not in OF_THE_WHOLE
        return action == "StartTransaction" and (n == 0 or payload["meterStart"] < 0)

    def take(self, action: str, payload: Json, answer: Json) -> None:
        """Follow a request that was answered."""
        match action:
            case "StatusNotification":
                self._status(payload)
            case "StartTransaction":
                self._start(payload, answer)
            case "MeterValues":
                self._meter(payload)
            case "StopTransaction":
                self._stop(payload)

    def _status(self, payload: Json) -> None:
        n, at = payload["connectorId"], datetime.fromisoformat(payload["timestamp"])
        if n in self.of_socket and at < self.of_socket[n]:
            return
        self.of_socket[n] = at
        self.statuses[n] = (payload["status"], at)

    def attempt(self, payload: Json) -> None:
        """Note a start on an old socket: it has an id, and nobody heard of it."""
        natural = natural_of(payload)
        if natural not in self.starts:
            self.attempts.setdefault(natural, self._judge(payload))

    def _judge(self, payload: Json) -> tuple[str, str]:
        n, given = payload["connectorId"], payload["idTag"]
        tag = next((each for each in self.tags if each.casefold() == given.casefold()), given)
        if tag not in self.tags:
            return tag, "Invalid"
        others = (self.current.get(each) for each in range(1, CONNECTORS + 1) if each != n)
        held = [self.transactions[each] for each in others if each is not None]
        is_charging = any(each.tag == tag and each.status == "Accepted" for each in held)
        return tag, "ConcurrentTx" if is_charging else "Accepted"

    def _start(self, payload: Json, answer: Json) -> None:
        natural, given = natural_of(payload), answer["transactionId"]
        if natural in self.starts:
            assert given == self.starts[natural], "a start that comes again has its first id"
        else:
            assert given > 0
            assert given not in self.transactions, "an id is given once"
            tag, status = self.attempts.get(natural) or self._judge(payload)
            n = payload["connectorId"]
            self.starts[natural] = self.current[n] = given
            self.transactions[given] = Transaction(n, tag, status, payload["meterStart"])
        assert answer["idTagInfo"]["status"] == self.transactions[given].status

    def _meter(self, payload: Json) -> None:
        known = self.transactions.get(payload.get("transactionId", 0))
        for item in payload["meterValue"] if known else ():
            at = datetime.fromisoformat(item["timestamp"])
            if known and (known.energy_at is None or at >= known.energy_at):
                known.energy_at, known.energy = at, int(item["sampledValue"][0]["value"])

    def _stop(self, payload: Json) -> None:
        given, meter = payload["transactionId"], payload["meterStop"]
        known = self.transactions.get(given)
        if known is None:
            self.orphans.add(given)
        elif known.meter_stop is None:
            last = known.meter_start if known.energy is None else known.energy
            known.meter_stop = meter if meter >= 0 else last
            if self.current.get(known.connector) == given:
                del self.current[known.connector]


def natural_of(payload: Json) -> Natural:
    """Give what makes two starts the same one."""
    tag, meter = payload["idTag"].casefold(), payload["meterStart"]
    return payload["connectorId"], tag, payload["timestamp"], meter
