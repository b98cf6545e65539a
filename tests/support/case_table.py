"""Names the functions that play conformance cases by the cases' ids."""

from collections.abc import Awaitable, Callable

from cases import CASES
from cases_world import Stage

Play = Callable[[Stage], Awaitable[None]]


class CaseTable(dict[str, Play]):
    """Case id -> the function that plays it."""

    def plays(self, case_id: str) -> Callable[[Play], Play]:
        """Mark a function as the one that plays a case, which must be a known one."""
        if case_id not in CASES or case_id in self:
            raise ValueError(f"{case_id} is no case, or is played already")

        def mark(play: Play) -> Play:
            self[case_id] = play
            return play

        return mark
