"""The P2P server, which on SIGUSR1 also says how many tasks it has, asyncio's and trio's."""

import asyncio
import gc
import json
import signal

from p2p_server.__main__ import serve
from p2p_server.settings import P2pServerSettings
from sdk.service import Context, run


def tell() -> None:
    """Say it in one line."""
    gc.collect()
    # trio's run in another thread, where nobody else may ask for them.
    trios = sum(
        type(it).__name__ == "Task" and type(it).__module__.startswith("trio")
        for it in gc.get_objects()
    )
    print(json.dumps({"tasks": len(asyncio.all_tasks()) + trios}), flush=True)


async def watched(settings: P2pServerSettings, context: Context) -> None:
    """Serve as ever."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
    await serve(settings, context)


if __name__ == "__main__":
    run("p2p_server", P2pServerSettings, watched)
