"""A folder of data that one process at a time may use, and small private files."""

import fcntl
import os
import time
from pathlib import Path

from sdk.errors import NoroamError

WAIT_SECONDS = 5.0
POLL_SECONDS = 0.1


class FolderInUseError(NoroamError):
    """Another process holds the folder's lock."""


def lock_folder(folder: Path, wait: float = WAIT_SECONDS) -> int:
    """Lock a folder until the descriptor that this gives is closed, here and in every child.

    A holder that is just ending is waited for. Raises FolderInUseError.
    """
    handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                raise FolderInUseError(f"{folder} is in use by another process") from None
            time.sleep(POLL_SECONDS)
        else:
            return handle


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; a reader sees the old or the new one, whole."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
