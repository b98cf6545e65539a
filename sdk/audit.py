"""Who asked for what, when, and what became of it: a bounded trail of all that changes something.

Entries are numbered without gaps. Entry n is a field of chunk n // `CHUNK`, a hash; when a chunk is
begun the one `CHUNKS` before it goes. The number of the next entry is the version of a hash beside
them, so that several processes write one trail.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Commit, Outcome, StateWrite
from sdk.fields import Frozen, Moment
from sdk.ids import new_event_id
from sdk.logs import Logger

CHUNK = 200
CHUNKS = 500
MOST_WAITING = 1_000
"""How many entries a process keeps while Redis does not answer; then the oldest are lost."""
AGAIN_S = 2.0
"""How soon what waits is written when Redis is back."""
_ATTEMPTS = 50
_LONGEST = 300
_VERSION = "version"

AuditSource = Literal["api", "console"]


class AuditWho(Frozen):
    """An account or API key, with the role that it had."""

    id: str
    name: str
    role: str


class AuditNote(Frozen):
    """What somebody asked for, and what became of it; never what was sent.

    `action` is an endpoint's name or a command's type; `subject` names what else it was about: an
    API key's id, an idTag. `status` is HTTP's, `detail` a few words more.
    """

    at: Moment
    source: AuditSource
    who: AuditWho
    action: str
    charge_point_id: str | None = None
    connector_id: int | None = None
    session_id: str | None = None
    subject: str | None = None
    outcome: str
    status: int | None = None
    detail: str | None = None
    correlation_id: UUID | None = None


class AuditEntry(AuditNote):
    """A note in the trail."""

    number: int


class AuditChunk(NamedTuple):
    """Entries of one chunk, newest first; `first` is the lowest number that it may have."""

    first: int
    entries: list[AuditEntry]


class Audit:
    """Writes and reads the trail; notes that are taken at the same time are written together."""

    def __init__(self, bus: Bus, log: Logger) -> None:
        self._bus = bus
        self._log = log
        self._waiting: list[AuditNote] = []
        self._batch: tuple[UUID, list[AuditNote]] | None = None
        """What may have been written already, under the id that tells it."""
        self._next = 0
        self._writing = asyncio.Lock()

    async def take(self, note: AuditNote) -> None:
        """Write a note, and return when it is in the trail.

        While Redis does not answer it waits in this process: see `run`.
        """
        self._waiting.append(_short(note))
        if len(self._waiting) > MOST_WAITING:
            self._log.error("an audit note is lost: %s", self._waiting.pop(0).action)
        try:
            await self._write_all()
        except BusUnavailableError as error:
            self._log.warning("%d audit notes wait: %s", len(self._waiting) + 1, error)

    async def run(self) -> None:
        """Write what had to wait for Redis, until cancelled."""
        while True:
            await asyncio.sleep(AGAIN_S)
            with suppress(BusUnavailableError):
                await self._write_all()

    async def newest(
        self, before: int | None = None, words: Sequence[str] = ()
    ) -> AsyncIterator[AuditChunk]:
        """Give the entries numbered below `before` (None: all), newest first, chunk by chunk.

        Of entries without all of `words` in their JSON some or all are left out, which saves most
        of the work. Raises BusUnavailableError.
        """
        end = await self._version() if before is None else before
        chunk = (end - 1) // CHUNK
        for number in range(chunk, max(chunk - CHUNKS, -1), -1):
            fields = await self._bus.read(keys.audit_chunk(number))
            if not fields:
                return
            some = [text for text in fields.values() if all(word in text for word in words)]
            entries = [entry for text in some if (entry := _read(text)) is not None]
            kept = [entry for entry in entries if entry.number < end]
            kept.sort(key=lambda entry: entry.number, reverse=True)
            yield AuditChunk(number * CHUNK, kept)

    async def _version(self) -> int:
        return int((await self._bus.read(keys.audit())).get(_VERSION, "0"))

    async def _write_all(self) -> None:
        async with self._writing:
            while self._waiting or self._batch:
                await self._write()

    async def _write(self) -> None:
        if self._batch is None:
            self._batch = new_event_id(), self._waiting[:CHUNK]
            del self._waiting[:CHUNK]
        for _ in range(_ATTEMPTS):
            outcome = await self._bus.apply(self._commit(*self._batch))
            if outcome is not Outcome.CONFLICT:
                break
            self._next = await self._version()
        else:
            raise BusUnavailableError("others write the audit trail all the time")
        if outcome is Outcome.APPLIED:
            self._next += len(self._batch[1])
        self._batch = None

    def _commit(self, batch_id: UUID, notes: list[AuditNote]) -> Commit:
        first = self._next
        chunks: dict[int, dict[str, str]] = {}
        for number, note in enumerate(notes, first):
            entry = AuditEntry(number=number, **note.model_dump())
            text = entry.model_dump_json(exclude_none=True)
            chunks.setdefault(number // CHUNK, {})[str(number)] = text
        version = {_VERSION: str(first + len(notes))}
        old = [
            StateWrite(keys.audit_chunk(chunk - CHUNKS), None)
            for chunk in chunks
            if chunk >= CHUNKS and chunk * CHUNK >= first
        ]
        writes = [StateWrite(keys.audit_chunk(chunk), fields) for chunk, fields in chunks.items()]
        return Commit(
            keys.AUDIT_OWNER,
            cause=batch_id,
            writes=[StateWrite(keys.audit(), version, expected_version=first), *writes, *old],
        )


def _short(note: AuditNote) -> AuditNote:
    detail, subject = note.detail, note.subject
    cut = {"detail": detail and detail[:_LONGEST], "subject": subject and subject[:_LONGEST]}
    return note.model_copy(update=cut)


def _read(text: str) -> AuditEntry | None:
    try:
        return AuditEntry.model_validate_json(text)
    except ValidationError:
        return None
