"""What an authority has issued: a file of JSON lines that only grows; of a serial the last counts.

A line is written in one piece, so that the gateway and the command line may write at once.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from sdk.ca.files import CaFilesError
from sdk.fields import Frozen, Moment

Kind = Literal["charge_point", "server"]


class Issued(Frozen):
    """One certificate; `serial` is lower-case hex without leading zeros."""

    serial: str
    kind: Kind
    subject: str
    not_after: Moment
    revoked_at: Moment | None = None

    def state(self, now: datetime) -> str:
        """Say in a word what it is worth."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.not_after <= now else "valid"


class Index:
    """The file, and what stands in it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, issued: Issued) -> None:
        """Write one down, or what has become of it. Raises CaFilesError."""
        line = issued.model_dump_json(exclude_none=True) + "\n"
        try:
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise CaFilesError(f"{self._file} cannot be written: {error.strerror}") from error

    def all(self) -> list[Issued]:
        """Give all, in the order in which they were issued. Raises CaFilesError."""
        try:
            lines = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
            entries = [Issued.model_validate(json.loads(line)) for line in lines]
        except OSError as error:
            raise CaFilesError(f"{self._file} cannot be read: {error.strerror}") from error
        except (ValueError, ValidationError) as error:
            raise CaFilesError(f"{self._file} is damaged") from error
        return list({entry.serial: entry for entry in entries}.values())
