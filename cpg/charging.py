"""The charging conversation: authorise, start, stop and revoke, as one charge point does it."""

from functools import partial
from typing import Any

from cpg.calls import Answer, Answered, Calls, NotSent, Refused
from cpg.local_list import LocalList
from cpg.peer import Peer
from sdk.events.body import Body, Command
from sdk.events.charging import (
    AuthorizeIdTag,
    CommandOutcomeUnknown,
    CommandRefusal,
    IdTagAccepted,
    IdTagRefused,
    IdTagRevoked,
    RevokeIdTag,
    StartCharging,
    StartRefused,
    StopCharging,
    StopRefused,
)
from sdk.fields import is_expired
from sdk.ids import Clock

ChargingCommand = AuthorizeIdTag | RevokeIdTag | StartCharging | StopCharging
CHARGING_COMMANDS = (AuthorizeIdTag, RevokeIdTag, StartCharging, StopCharging)


def refused(body: ChargingCommand, reason: CommandRefusal) -> Body:
    """Give the fact that a command was not carried out, and surely won't be."""
    match body:
        case AuthorizeIdTag():
            return IdTagRefused(id_tag=body.id_tag, reason=reason)
        case RevokeIdTag():
            return IdTagRevoked(id_tag=body.id_tag)
        case StartCharging():
            return StartRefused(id_tag=body.id_tag, reason=reason)
        case StopCharging():
            return StopRefused(transaction_id=body.transaction_id, reason=reason)


def unknown(body: ChargingCommand) -> Body:
    """Give the fact that nobody knows whether a command that was sent had its effect.

    An idTag is known to be in or out of the register whatever the charge point's list holds.
    """
    match body:
        case AuthorizeIdTag():
            return IdTagAccepted(id_tag=body.id_tag, local_list=False)
        case RevokeIdTag():
            return IdTagRevoked(id_tag=body.id_tag)
        case _:
            return CommandOutcomeUnknown(command=body.type)


async def carry_out(
    peer: Peer, calls: Calls, tags: LocalList, body: ChargingCommand, connector_id: int
) -> Body | None:
    """Do what a command asks; None where the charge point's own request tells the rest."""
    match body:
        case AuthorizeIdTag():
            listed = await tags.put(body.id_tag)
            return IdTagAccepted(id_tag=body.id_tag, local_list=listed)
        case RevokeIdTag():
            await tags.take(body.id_tag)
            return IdTagRevoked(id_tag=body.id_tag)
        case StartCharging():
            payload = {"connectorId": connector_id, "idTag": body.id_tag}
            return _outcome(body, await _ask(peer, calls, body, "RemoteStartTransaction", payload))
        case StopCharging():
            stop = {"transactionId": body.transaction_id}
            return _outcome(body, await _ask(peer, calls, body, "RemoteStopTransaction", stop))


async def _ask(
    peer: Peer, calls: Calls, body: Command, action: str, payload: dict[str, Any]
) -> Answer:
    lapsed = partial(has_lapsed, body, peer.clock)
    return await calls.call(action, payload, has_lapsed=lapsed, first=True)


def has_lapsed(body: Command, clock: Clock) -> bool:
    """Tell whether a command may not be sent any more."""
    return is_expired(body.expires_at, clock())


def _outcome(body: StartCharging | StopCharging, answer: Answer) -> Body | None:
    match answer:
        case Answered({"status": "Accepted"}):
            return None
        case Answered():
            return refused(body, "rejected")
        case NotSent():
            return refused(body, "expired")
        case Refused():
            return refused(body, "not_supported" if answer.unsupported else "call_error")
        case _:
            return unknown(body)
