"""What all pages are shown now, and which of it a page has not seen yet."""

import asyncio
from operator import itemgetter

from session_manager.console_page import PageObject


class Board:
    """The newest object of each kind, numbered by change; readers ask for what is newer."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, ...], tuple[int, PageObject]] = {}
        self._revision = 0
        self._changed = asyncio.Event()

    @property
    def revision(self) -> int:
        """The number of the last change."""
        return self._revision

    def changed(self) -> asyncio.Event:
        """Give the event that is set at the next change of the board or the log."""
        return self._changed

    def wake(self) -> None:
        """Let every page look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def put(self, event: str, shown: PageObject) -> None:
        """Show an object in the place of the one before; nothing happens when it is the same."""
        place = (event, str(shown["charge_point_id"]), str(shown.get("connector_id", "")))
        known = self._objects.get(place)
        if known is not None and known[1] == shown:
            return
        self._revision += 1
        self._objects[place] = (self._revision, shown)
        self.wake()

    def remove(self, charge_point_id: str) -> None:
        """Show nothing more of a charge point that is not registered any longer."""
        for place in [place for place in self._objects if place[1] == charge_point_id]:
            del self._objects[place]

    def newer_than(self, revision: int) -> list[tuple[str, PageObject]]:
        """Give what changed after `revision` (0: everything), oldest change first."""
        if revision >= self._revision:
            return []
        newer = [
            (number, place[0], shown)
            for place, (number, shown) in self._objects.items()
            if number > revision
        ]
        newer.sort(key=itemgetter(0))
        return [(event, shown) for _number, event, shown in newer]
