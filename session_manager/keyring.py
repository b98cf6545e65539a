"""The stations' keys: keystore files, opened once, off the event loop."""

import asyncio
from pathlib import Path

from sdk.chain.accounts import SigningKey, load_keystore
from sdk.chain.errors import KeyFileError
from sdk.logs import Logger


class Keyring:
    """Finds the key of a station's account among the files of one folder."""

    def __init__(self, folder: Path, password: str, log: Logger) -> None:
        """Look in `folder` for `<address>.json`; all share one password."""
        self._folder = folder
        self._password = password
        self._log = log
        self._keys: dict[str, SigningKey] = {}
        self._told: set[str] = set()

    def known(self, address: str) -> SigningKey | None:
        """Give a key that was opened before."""
        return self._keys.get(address.lower())

    async def open(self, address: str) -> SigningKey | None:
        """Give the key of `address`; None, told once in the log, where there is none."""
        known = self._keys.get(address.lower())
        if known is not None:
            return known
        path = self._find(address)
        if path is None:
            self._tell(address, "no keystore file")
            return None
        try:
            key = await asyncio.to_thread(load_keystore, path, self._password)
        except KeyFileError as error:
            self._tell(address, str(error))
            return None
        if key.address.lower() != address.lower():
            self._tell(address, f"{path.name} holds another key")
            return None
        self._keys[address.lower()] = key
        return key

    def _find(self, address: str) -> Path | None:
        wanted = f"{address.lower()}.json"
        if not self._folder.is_dir():
            return None
        files = (path for path in self._folder.iterdir() if path.name.lower() == wanted)
        return next(files, None)

    def _tell(self, address: str, reason: str) -> None:
        if address not in self._told:
            self._told.add(address)
            self._log.warning("no key for the station's account %s: %s", address, reason)
