"""An alert desk as a process of its own, to be killed: `alert_process.py REDIS_URL`."""

import asyncio
import sys

from alert_world import alert_desk


async def _main() -> None:
    async with alert_desk(sys.argv[1], "the-one-killed", timeout_s=30) as task:
        await task


if __name__ == "__main__":
    asyncio.run(_main())
