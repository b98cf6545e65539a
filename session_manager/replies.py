"""Answers to whoever sent the envelope that is being handled."""

from sdk.bus.keys import Lane
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.service import RequestRefused
from sdk.events.signed import RequestRefusal
from session_manager.decision import Decision


def reply(
    decision: Decision, envelope: Envelope, body: Body, connector_id: int | None = None
) -> None:
    """Answer the sender."""
    decision.outbox.add(
        Lane.OUT,
        body,
        connector_id=connector_id if connector_id is not None else envelope.connector_id,
        session_id=getattr(body, "session_id", None),
        peer_id=envelope.peer_id,
    )


def refuse(decision: Decision, envelope: Envelope, reason: RequestRefusal) -> None:
    """Turn a request away; it changed nothing."""
    reply(decision, envelope, RequestRefused(request=envelope.type, reason=reason))
