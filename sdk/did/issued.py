"""What an authority issued and revoked: a file of JSON lines beside its keystore, only appended to.

A line is {"issued": <credential>, "at", "replaces"?} or {"revoked": <id>, "at", "transaction"}. The
chain says what is revoked; this remembers whom to look for.
"""

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sdk.did.credential import StationCredential, read_credential
from sdk.did.errors import CredentialUnreadableError
from sdk.did.revocation import revocation
from sdk.errors import InvalidInputError

_SHORTEST = 6
_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential that was issued; `id` is the SHA-256 that it was signed over, 64 hex digits."""

    id: str
    token: str
    credential: StationCredential
    issued_at: datetime
    replaces: str | None = None
    revoked_at: datetime | None = None

    @property
    def short_id(self) -> str:
        """The part of the id that is shown."""
        return self.id[:_SHOWN]

    def status(self, now: datetime) -> str:
        """Tell how it stands as far as the journal knows: `valid`, `expired`, `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.credential.valid_until else "valid"


class IssuedJournal:
    """The journal in one file. Every method raises InvalidInputError where it can't be used."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def beside(cls, key_file: Path) -> "IssuedJournal":
        """Take the journal of the authority whose keystore this is."""
        return cls(key_file.with_suffix(".issued.jsonl"))

    def note_issued(self, token: str, at: datetime, replaces: str | None = None) -> Issued:
        """Keep a credential; call it before the credential is handed out."""
        issued = _issued(token, at, replaces)
        line = {"issued": token, "at": at.isoformat(), "replaces": replaces}
        self._append({name: value for name, value in line.items() if value is not None})
        return issued

    def note_revoked(self, issued_id: str, at: datetime, transaction: str) -> None:
        """Keep that the chain says that a credential is revoked."""
        self._append({"revoked": issued_id, "at": at.isoformat(), "transaction": transaction})

    def read(self) -> list[Issued]:
        """Give all that was issued, oldest first; of each as it is now."""
        found: dict[str, Issued] = {}
        for number, line in enumerate(self._lines(), 1):
            try:
                _take(found, json.loads(line))
            except (ValueError, KeyError, TypeError, CredentialUnreadableError) as error:
                raise InvalidInputError(f"{self._file}: line {number} can't be read") from error
        return list(found.values())

    def find(self, start: str) -> Issued:
        """Give the one credential whose id starts with `start`, at least 6 digits."""
        if len(start) < _SHORTEST:
            raise InvalidInputError(f"{start!r}: give at least {_SHORTEST} digits of the id")
        found = [it for it in self.read() if it.id.startswith(start.lower())]
        if len(found) != 1:
            what = "no credential" if not found else "more than one credential"
            raise InvalidInputError(f"{what} in {self._file} has an id that starts with {start}")
        return found[0]

    def _lines(self) -> Sequence[str]:
        try:
            text = self._file.read_text("utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(f"{self._file} cannot be read: {error}") from error
        # What has no end was cut off before anybody got the credential.
        return text.split("\n")[:-1]

    def _append(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        try:
            # With O_APPEND, two that issue at once do not write into each other.
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    os.ftruncate(descriptor, _whole(descriptor, size))
                if os.write(descriptor, data) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise InvalidInputError(f"{self._file} cannot be written: {error.strerror}") from error


def _whole(descriptor: int, size: int) -> int:
    return os.pread(descriptor, size, 0).rfind(b"\n") + 1


def _take(found: dict[str, Issued], line: dict[str, Any]) -> None:
    at = datetime.fromisoformat(line["at"])
    if "issued" in line:
        issued = _issued(line["issued"], at, line.get("replaces"))
        found.setdefault(issued.id, issued)
    elif line["revoked"] in found:
        found[line["revoked"]] = replace(found[line["revoked"]], revoked_at=at)


def _issued(token: str, at: datetime, replaces: str | None = None) -> Issued:
    return Issued(revocation(token).value.hex(), token, read_credential(token), at, replaces)
