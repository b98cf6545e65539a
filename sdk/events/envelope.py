"""The envelope: who, where, when and why around one body, and all bodies as one union."""

from typing import Annotated, get_args
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from sdk.errors import InvalidInputError
from sdk.events.body import Body
from sdk.events.charge_point import (
    ChargePointEvent,
)
from sdk.events.charging import ChargingEvent
from sdk.events.identity import IdentityEvent
from sdk.events.sealed import Sealed
from sdk.events.service import ServiceEvent
from sdk.events.settlement import SettlementEvent
from sdk.events.station import StationEvent
from sdk.faults import first_fault
from sdk.fields import ChargePointId, ConnectorId, Frozen, Moment, PeerAddress, SessionId

MAX_FRAME = 64 * 1024
"""The most bytes that one envelope may take on any wire."""

Event = Annotated[
    IdentityEvent
    | ServiceEvent
    | ChargingEvent
    | SettlementEvent
    | ChargePointEvent
    | StationEvent
    | Sealed,
    Field(discriminator="type"),
]


class Envelope(Frozen):
    """One event on the bus or on a libp2p stream, as JSON.

    `peer_id` is where a consumer is reached (see `sdk.p2p.addresses`): what the transport proved,
    or a hub told, never what a sender wrote; in `{CP}:out` it is the only address that the relay
    may send to. `caused_by` is the id of the event that this
    follows.
    """

    id: UUID
    charge_point_id: ChargePointId
    connector_id: ConnectorId | None = None
    session_id: SessionId | None = None
    at: Moment
    caused_by: UUID | None = None
    peer_id: PeerAddress | None = None
    body: Event

    @property
    def type(self) -> str:
        """The body's type."""
        return str(self.body.type)

    def to_json(self) -> str:
        """Write the one wire form."""
        return self.model_dump_json(exclude_none=True)


class UnreadableEnvelopeError(InvalidInputError):
    """What came is no envelope that this version can read; it belongs in the dead-letter stream."""


def read_envelope(data: str | bytes) -> Envelope:
    """Read the wire form. Raises UnreadableEnvelopeError, whose text tells the first fault."""
    try:
        return Envelope.model_validate_json(data)
    except ValidationError as error:
        raise UnreadableEnvelopeError(first_fault(error)[:300]) from error


def body_classes() -> dict[str, type[Body]]:
    """Give every wire body class by its type."""
    classes: dict[str, type[Body]] = {}
    pending = list(get_args(get_args(Event)[0]))
    while pending:
        item = pending.pop()
        if isinstance(item, type) and issubclass(item, Body):
            classes[item.model_fields["type"].default] = item
        else:
            pending.extend(get_args(item))
    return classes


EVENT_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)
