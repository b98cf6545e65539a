"""StopTransactions that no transaction explains: answered, kept for a person, and bounded."""

import json
from typing import Any

from cpg.frames import Call
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite

MOST = 200
"""So many are kept of one charge point; the one received first goes."""


async def keep_orphan(peer: Peer, call: Call) -> None:
    """Keep a stop; refusing it would make it come again for ever, and block what is behind it."""
    payload = call.payload
    key = keys.orphan_stops(peer.charge_point_id)
    name = str(payload["transactionId"])[:20]
    held = await peer.bus.read(key)
    oldest = sorted((text for each, text in held.items() if each != name), key=_received)
    surplus = set(oldest[: max(0, len(oldest) + 1 - MOST)])
    gone = [each for each, text in held.items() if text in surplus]
    kept = {
        "received_at": peer.clock().isoformat(),
        "timestamp": str(payload["timestamp"])[:40],
        "meter_stop": str(payload["meterStop"])[:20],
        "reason": str(payload.get("reason", "Local")),
    }
    await peer.commit(
        writes=[StateWrite(key, {name: json.dumps(kept)})], removed={key: gone} if gone else None
    )


def _received(text: str) -> str:
    try:
        entry: Any = json.loads(text)
        return str(entry["received_at"])
    except (ValueError, TypeError, LookupError):
        return ""
