"""What a driver's side of a session remembers, written down before anything is done about it."""

from sdk.p2p.consumer_state import ConsumerState, Store
from sdk.p2p.signing import RequestWriter


class Journal:
    """Holds the state of one session; `state` is replaced, never changed."""

    def __init__(self, state: ConsumerState, store: Store, writer: RequestWriter) -> None:
        self.state = state
        self._store = store
        self._writer = writer

    def note(self, **changes: object) -> None:
        """Change the state; durable with the next `keep`."""
        self.state = self.state.model_copy(update=changes)

    async def keep(self, **changes: object) -> None:
        """Change the state and make it durable. Raises OSError."""
        self.note(nonce=self._writer.nonce, **changes)
        await self._store.save(self.state)
