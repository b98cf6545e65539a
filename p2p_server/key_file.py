"""Notices that the server's key file holds another key (`noroam identity rotate-p2p-key`)."""

import asyncio
from pathlib import Path

import structlog

from sdk.p2p.keys import P2pKey

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0


async def until_stopping_or_new_key(stopping: asyncio.Event, file: Path, key: P2pKey) -> None:
    """Return when asked to stop, or when `file` holds another key than `key`.

    A file that can't be read, or holds no key, changes nothing.
    """
    while not stopping.is_set():
        if await asyncio.to_thread(_holds_another, file, key):
            log.info("the key file has changed: goes on with the new key")
            return
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await stopping.wait()
        except TimeoutError:
            continue


def _holds_another(file: Path, key: P2pKey) -> bool:
    try:
        seed = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError):
        return False
    return len(seed) == len(key.seed) and seed != key.seed
