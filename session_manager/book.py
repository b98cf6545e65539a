"""The sessions of one charge point, as last committed."""

from dataclasses import dataclass

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.records.receipts import FIRST
from session_manager.held import Held, load_disputed, read_held
from session_manager.session.state import FREE, Session

_NEVER = Held(Session())


@dataclass(slots=True)
class Book:
    """All sessions of one charge point, by connector or, where they left it, by session id."""

    charge_point_id: str
    connectors: dict[int, Held]
    disputed: dict[str, Held]
    last_receipt: str = FIRST

    def held(self, connector_id: int) -> Held:
        """Give a connector's session."""
        return self.connectors.get(connector_id, _NEVER)

    def find(self, session_id: str | None) -> int | None:
        """Give the connector that a session is on."""
        if session_id is None:
            return None
        numbers = (n for n, h in self.connectors.items() if h.session.session_id == session_id)
        return next(numbers, None)

    @property
    def is_free(self) -> bool:
        """Tell whether no session is open or disputed."""
        phases = (held.session.phase for held in self.connectors.values())
        return not self.disputed and all(phase in FREE for phase in phases)

    @property
    def sessions(self) -> dict[str, tuple[int, Session]]:
        """Every session by its id, with its connector."""
        every = [*self.connectors.items()]
        every += [(held.session.terms.connector_id, held) for held in self.disputed.values()]
        return {
            held.session.session_id: (n, held.session)
            for n, held in every
            if held.session.session_id
        }


async def read_book(bus: Bus, charge_point_id: str, connectors: int) -> Book:
    """Read what is committed. Raises BusUnavailableError, UnreadableSessionError."""
    numbers = range(1, connectors + 1)
    receipt, disputes, *sessions = await bus.read_many(
        [
            keys.last_receipt(charge_point_id),
            keys.disputes(charge_point_id),
            *(keys.session(charge_point_id, n) for n in numbers),
        ]
    )
    return Book(
        charge_point_id,
        {n: read_held(fields) for n, fields in zip(numbers, sessions, strict=True)},
        await load_disputed(bus, charge_point_id, sorted(disputes)),
        receipt.get("hash", FIRST),
    )
