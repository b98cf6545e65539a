"""What was really said in a case, as the gateway's message log has it."""

from collections import Counter

from sdk.bus.redis_bus import RedisBus
from sdk.message_log import MessageReader

_ALL = 10_000
Traffic = dict[str, int]
"""`received Authorize`, `sent Reset` -> how many were answered by a CALLRESULT."""
NO_TRAFFIC: Traffic = {}


async def traffic_of(redis_url: str, charge_point_id: str) -> Traffic:
    """Count what was answered; the gateway must have stopped, as it writes the log late."""
    bus = RedisBus.from_url(redis_url)
    try:
        messages = await MessageReader(bus, charge_point_id).last(_ALL)
    finally:
        await bus.close()
    return Counter(
        f"{message.direction} {message.action}"
        for message in messages
        if message.outcome == "answered"
    )
