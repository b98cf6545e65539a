"""The stations' keys: given at the start, or opened from keystore files, off the event loop."""

import asyncio
import os
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sdk.chain.accounts import SigningKey, load_keystore
from sdk.chain.errors import KeyFileError
from sdk.ids import utc_now
from sdk.logs import Logger

_NAME = re.compile(r"(0x)?([0-9a-fA-F]{40})(\.json)?$")
"""How a keystore file's name ends: ours is the account alone, geth puts a date in front."""
_SETTLED_S = 2.0
"""A folder that changed this lately is listed again: its time of change may not tell the next."""
_TELL_EVERY_S = 5.0
_LOWEST_PRIORITY = 19


class Keyring:
    """Finds the key of a station's account among those given and the files of one folder."""

    def __init__(
        self, folder: Path, password: str, log: Logger, keys: Iterable[SigningKey] = ()
    ) -> None:
        """Have `keys`, and look in `folder` for `<address>.json`; all files share one password."""
        self._password = password
        self._log = log
        self._files = KeyFolder(folder)
        self._keys = {key.address.lower(): key for key in keys}
        self._told: set[str] = set()
        self._waiting = 0
        self._opened = 0
        self._next_word = 0.0
        self._threads = ThreadPoolExecutor(os.cpu_count(), "keys", _give_way)

    def known(self, address: str) -> SigningKey | None:
        """Give a key that was opened before."""
        return self._keys.get(address.lower())

    async def open(self, address: str) -> SigningKey | None:
        """Give the key of `address`; None, told once in the log, where there is none.

        Opening a file is slow on purpose: the first to ask is the first to be given.
        """
        known = self._keys.get(address.lower())
        if known is not None:
            return known
        path = self._files.find(address)
        if path is None:
            self._tell(address, "no keystore file")
            return None
        self._waiting += 1
        try:
            return await self._load(address, path)
        finally:
            self._waiting -= 1
            self._tell_progress()

    async def _load(self, address: str, path: Path) -> SigningKey | None:
        loop = asyncio.get_running_loop()
        try:
            key = await loop.run_in_executor(self._threads, load_keystore, path, self._password)
        except KeyFileError as error:
            self._tell(address, str(error))
            return None
        if key.address.lower() != address.lower():
            self._tell(address, f"{path.name} holds another key")
            return None
        self._keys[address.lower()] = key
        self._opened += 1
        return key

    def _tell(self, address: str, reason: str) -> None:
        if address not in self._told:
            self._told.add(address)
            self._log.warning("no key for the station's account %s: %s", address, reason)

    def _tell_progress(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._next_word:
            self._next_word = now + _TELL_EVERY_S
        elif now >= self._next_word and self._waiting:
            self._next_word = now + _TELL_EVERY_S
            self._log.info("opened %d keystore files, %d to go", self._opened, self._waiting)


class KeyFolder:
    """The keystore files of a folder, by account; listed again when the folder changes."""

    def __init__(self, folder: Path) -> None:
        """List nothing yet."""
        self._folder = folder
        self._changed_at = -1.0
        self._files: Mapping[str, Path] = {}

    def find(self, address: str) -> Path | None:
        """Give the file of an account; None where there is none."""
        try:
            changed_at = self._folder.stat().st_mtime
            if changed_at != self._changed_at:
                self._files = dict(map(_named, filter(_is_named, self._folder.iterdir())))
                settled = utc_now().timestamp() - changed_at > _SETTLED_S
                self._changed_at = changed_at if settled else -1.0
        except OSError:
            return None
        return self._files.get(address.lower().removeprefix("0x"))


def _is_named(path: Path) -> bool:
    return _NAME.search(path.name) is not None


def _named(path: Path) -> tuple[str, Path]:
    found = _NAME.search(path.name)
    return (found[2].lower() if found else "", path)


def _give_way() -> None:
    """Let the sessions' thread go first: Linux has a priority for each thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
