"""Tells whether an event is about another session of the same app, PURE.

A P2P server sends what is for an app's peer to all of its streams.
"""

import json
from collections.abc import Callable

from sdk.events.body import Body
from sdk.events.service import ServiceDelivered, ServiceRejected
from sdk.events.settlement import SignedSettlementProposed


def is_foreign(body: Body, own: str, others: Callable[[str], bool]) -> bool:
    """Tell whether a body is another session's; `others` knows the ids of those of this app.

    Of a session that nobody here knows of, the station is heard: it is to be disputed.
    """
    match body:
        case ServiceRejected(session_id=str() as session_id):
            return session_id != own
        case SignedSettlementProposed(payload=payload) | ServiceDelivered(payload=payload):
            named = _session_of(payload)
            return named is not None and named != own and others(named)
    return False


def _session_of(payload: str) -> str | None:
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    session_id = content.get("session_id") if isinstance(content, dict) else None
    return session_id.lower() if isinstance(session_id, str) else None
