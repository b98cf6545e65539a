"""The ids of the newest envelopes, to know a repeated one."""

from collections import deque
from uuid import UUID

KEPT_IDS = 4096


class RecentIds:
    """Remembers the last `most` ids."""

    def __init__(self, most: int = KEPT_IDS) -> None:
        self._order: deque[UUID] = deque()
        self._ids: set[UUID] = set()
        self._most = most

    def add(self, id_: UUID) -> bool:
        """Remember an id; False if it is there already."""
        if id_ in self._ids:
            return False
        self._ids.add(id_)
        self._order.append(id_)
        if len(self._order) > self._most:
            self._ids.discard(self._order.popleft())
        return True

    def __contains__(self, id_: object) -> bool:
        return id_ in self._ids
