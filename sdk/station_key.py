"""The keystore of a station's account: made with its registration, or taken from a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sdk.chain.accounts import create_keystore, load_keystore
from sdk.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class StationKey:
    """A key that is to stand in `folder`/<address>.json, sealed with `password`.

    `given` is a keystore, sealed with the same password, to take; without it a new key is made.
    """

    folder: Path
    password: str = field(repr=False)
    given: Path | None = None

    @contextmanager
    def kept_on_success(self) -> Iterator[str]:
        """Put the keystore there and give its address; take it away again if the block refuses.

        It stays where nobody knows how the block ended (Redis did not answer): a station may have
        it. Slow on purpose (scrypt). Raises KeyFileError, InvalidInputError.
        """
        try:
            address, made = self._new() if self.given is None else self._taken(self.given)
        except OSError as error:
            raise InvalidInputError(f"KEYS_DIR {self.folder}: {error.strerror}") from error
        try:
            yield address
        except InvalidInputError:
            if made is not None:
                made.unlink(missing_ok=True)
            raise

    def _new(self) -> tuple[str, Path | None]:
        address = create_keystore(self.folder, self.password).address
        return address, self._file(address)

    def _taken(self, given: Path) -> tuple[str, Path | None]:
        address = load_keystore(given, self.password).address
        file = self._file(address)
        if file.exists():
            return address, None
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            copy.write(given.read_bytes())
        return address, file

    def _file(self, address: str) -> Path:
        return self.folder / f"{address}.json"
