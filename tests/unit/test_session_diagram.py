"""The README's diagram is the one that the table draws."""

import re
from pathlib import Path

import pytest

from session_manager.session.diagram import END, START, MissingMarkersError, diagram, place
from session_manager.session.state import ENDED
from session_manager.session.table import PHASES, rows

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_table_as_it_is() -> None:
    text = README.read_text(encoding="utf-8")
    assert place(text) == text, "run: python -m session_manager.draw README.md"


def test_every_move_between_phases_is_drawn() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", diagram(), re.MULTILINE))
    moves = {
        (before, after)
        for (before, _), row in rows().items()
        for after in row.may_reach - {before}
        if before not in ENDED
    }
    assert drawn == moves
    assert {phase for move in drawn for phase in move} == set(PHASES)


def test_an_arrow_names_its_events() -> None:
    assert "    idle --> verifying: ServiceRequested\n" in diagram()
    assert "    stopping --> settling: ChargingStopped / DeadlineExpired\n" in diagram()


def test_drawing_again_changes_nothing() -> None:
    once = place(f"before {START} old {END} after")
    assert once == place(once)
    assert once.startswith("before ")
    assert once.endswith(" after")
    assert "old" not in once


@pytest.mark.parametrize("text", ["", START, END, f"{END}{START}"])
def test_a_text_without_markers_is_left_alone(text: str) -> None:
    with pytest.raises(MissingMarkersError):
        place(text)
