"""What all pages are shown now, and which of it a page has not seen yet. Pure but for waking."""

import asyncio
from collections.abc import Iterator

from session_manager.console_curve import SessionCurve
from session_manager.console_page import PageObject

Place = tuple[str, str, str]
"""Kind, charge point, connector; empty where the object is of none."""
DETAILS = frozenset({"curve", "document"})
"""Kinds that a page gets only of the charge points that it watches."""


class Board:
    """The newest object of each place, numbered by change; readers ask for what is newer."""

    def __init__(self) -> None:
        self._shown: dict[Place, tuple[int, PageObject | SessionCurve]] = {}
        """In the order of their last change."""
        self._revision = 0
        self._changed = asyncio.Event()
        self._is_complete = False

    @property
    def revision(self) -> int:
        """The number of the last change."""
        return self._revision

    @property
    def is_complete(self) -> bool:
        """Whether every registered charge point was put here once."""
        return self._is_complete

    def complete(self) -> None:
        """Say that every registered charge point is here."""
        if not self._is_complete:
            self._is_complete = True
            self.wake()

    def changed(self) -> asyncio.Event:
        """Give the event that is set at the next change of the board or the log."""
        return self._changed

    def wake(self) -> None:
        """Let every page look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def put(self, kind: str, shown: PageObject) -> None:
        """Show an object in the place of the one before; nothing happens when it is the same."""
        point, connector = shown.get("charge_point_id", ""), shown.get("connector_id", "")
        place = (kind, str(point), str(connector))
        known = self._shown.get(place)
        if known is None or known[1] != shown:
            self._put(place, shown)

    def put_curve(self, curve: SessionCurve) -> None:
        """Show a curve that has grown, or another one."""
        self._put(("curve", curve.charge_point_id, str(curve.connector_id)), curve)

    def _put(self, place: Place, shown: PageObject | SessionCurve) -> None:
        self._revision += 1
        self._shown.pop(place, None)
        self._shown[place] = (self._revision, shown)
        self.wake()

    def remove(self, charge_point_id: str) -> None:
        """Show nothing more of a charge point, but that it is `gone`."""
        for place in [place for place in self._shown if place[1] == charge_point_id]:
            del self._shown[place]
        self.put("gone", {"charge_point_id": charge_point_id})

    def forget_gone(self, charge_point_id: str) -> None:
        """Say no longer that a charge point is gone."""
        self._shown.pop(("gone", charge_point_id, ""), None)

    def newer_than(self, revision: int) -> list[tuple[Place, PageObject | SessionCurve]]:
        """Give what changed after `revision` (0: everything there is), oldest change first."""
        found = list(self._newest_first(revision))
        if not revision:
            found = [each for each in found if each[0][0] != "gone"]
        return found[::-1]

    def details(self, charge_point_ids: set[str]) -> list[tuple[Place, PageObject | SessionCurve]]:
        """Give all details of some charge points."""
        return [
            (place, shown)
            for place, (_, shown) in self._shown.items()
            if place[0] in DETAILS and place[1] in charge_point_ids
        ]

    def _newest_first(self, revision: int) -> Iterator[tuple[Place, PageObject | SessionCurve]]:
        for place, (number, shown) in reversed(self._shown.items()):
            if number <= revision:
                return
            yield place, shown
