"""Station software in ten lines: follow a charge point, read its state, ask its manager something.

python examples/embed.py <redis url> <charge point id>
"""

import asyncio
import sys

from sdk.events.station import PublicKeyRequested
from sdk.station import Station


async def main(redis_url: str, charge_point_id: str) -> None:
    """Print what there is, then everything that happens."""
    async with Station.connect(redis_url, charge_point_id) as station:
        state = await station.state()
        print(
            state.charge_point_id, "connected" if state.connected else "offline", state.identity.did
        )
        print(await station.command(PublicKeyRequested(), timeout=5), flush=True)
        async for envelope in station.events():
            print(envelope.at.time(), envelope.connector_id, envelope.type, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
