"""The newest moment told of a thing, as late messages may not undo newer ones. Pure."""

from datetime import datetime, timedelta

_MOST = 512
_SKEW = timedelta(minutes=1)


class Newest:
    """Keeps one moment for each number (a connector, a transaction), as long as a socket lives."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        """Know nothing yet."""
        self._at: dict[int, datetime | None] = {}

    def knows(self, number: int) -> bool:
        """Tell whether `load` or `takes` was called for it."""
        return number in self._at

    def load(self, number: int, at: str | None) -> None:
        """Start from what was stored (ISO 8601, or nothing)."""
        if len(self._at) >= _MOST:
            self._at.clear()
        try:
            self._at[number] = datetime.fromisoformat(at) if at else None
        except ValueError:
            self._at[number] = None

    def forget(self, number: int) -> None:
        """Know nothing of it."""
        self._at.pop(number, None)

    def takes(self, number: int, at: datetime, now: datetime) -> bool:
        """Tell whether what was told for `at` is not older than the newest, and keep it if so.

        A moment kept from the future came from a clock that was wrong; it holds nothing back.
        """
        kept = self._at.get(number)
        if kept is not None and at < kept <= now + _SKEW:
            return False
        if number not in self._at:
            self.load(number, None)
        self._at[number] = at
        return True
