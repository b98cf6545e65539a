"""Which envelope answers which, which came before, and which are none of ours."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sdk.events.envelope import Envelope
from sdk.events.service import RequestRefused
from sdk.p2p.recent_ids import RecentIds


class Correspondence:
    """Keeps what was sent and what came, of one conversation."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, asyncio.Future[Envelope]] = {}
        self._sent = RecentIds()
        self._seen = RecentIds()

    @contextmanager
    def awaiting(self, request: Envelope) -> Iterator[asyncio.Future[Envelope]]:
        """Give what will be the answer to `request`, as long as somebody waits for it."""
        answer: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = answer
        try:
            yield answer
        finally:
            del self._waiting[request.id]

    def note_sent(self, envelope: Envelope) -> None:
        """Remember that this is ours."""
        self._sent.add(envelope.id)

    def is_new(self, envelope: Envelope) -> bool:
        """Tell whether it did not come before, and remember that it came."""
        return self._seen.add(envelope.id)

    def takes_answer(self, envelope: Envelope) -> bool:
        """Give it to whoever waits for it, if anybody does."""
        waiting = self._waiting.get(envelope.caused_by) if envelope.caused_by else None
        if waiting is None or waiting.done():
            return False
        waiting.set_result(envelope)
        return True

    def is_ours(self, envelope: Envelope) -> bool:
        """Tell whether it is not the refusal of what another session of this app asked."""
        return not isinstance(envelope.body, RequestRefused) or envelope.caused_by in self._sent
