"""The state diagram, drawn from the table (Mermaid). Pure."""

from collections import defaultdict

from sdk.events.service import Phase
from session_manager.session.state import ENDED
from session_manager.session.table import PHASES, rows

START = "<!-- session-diagram:start -->"
END = "<!-- session-diagram:end -->"

_AT_ONCE = 3
"""More events than this between two phases are written in several lines."""


_WHEN: dict[tuple[Phase, Phase], str] = {
    ("verifying", "authorising"): " (enough)",
    ("verifying", "refunding"): " (too small, or stopped)",
    ("verifying", "rejected"): " (empty, and late or stopped)",
    ("disputed", "settled"): " (it was executing)",
    ("disputed", "refunded"): " (it was refunding)",
}
"""What tells apart the moves that one event leads to."""


class MissingMarkersError(ValueError):
    """A text has no place for the diagram."""


def diagram() -> str:
    """Draw every move from one phase to another; what leaves a session in its phase is left out."""
    arrows = [
        f"    {before} --> {after}: {_label(events)}{_WHEN.get((before, after), '')}"
        for (before, after), events in _moves().items()
    ]
    begin = ["    [*] --> idle"]
    ends = [f"    {phase} --> [*]" for phase in PHASES if phase in ENDED]
    return "\n".join(["```mermaid", "stateDiagram-v2", *begin, *arrows, *ends, "```"])


def place(text: str) -> str:
    """Put the diagram between the markers of `text`. Raises MissingMarkersError."""
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not start or not end:
        raise MissingMarkersError(f"write {START} and {END} where the diagram should be")
    return f"{head}{START}\n{diagram()}\n{END}{tail}"


def _moves() -> dict[tuple[Phase, Phase], list[str]]:
    moves: dict[tuple[Phase, Phase], list[str]] = defaultdict(list)
    for (before, event), row in rows().items():
        # An ended session stays to be shown until the next one takes its connector.
        if before not in ENDED:
            for after in row.may_reach - {before}:
                moves[before, after].append(event.__name__)
    order = {phase: place for place, phase in enumerate(PHASES)}
    return dict(sorted(moves.items(), key=lambda move: [order[phase] for phase in move[0]]))


def _label(events: list[str]) -> str:
    groups = [events[i : i + _AT_ONCE] for i in range(0, len(events), _AT_ONCE)]
    return "<br/>".join(" / ".join(group) for group in groups)
