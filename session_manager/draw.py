"""Draws the diagram of the session machine: `python -m session_manager.draw README.md`."""

import sys
from pathlib import Path

from session_manager.session.diagram import MissingMarkersError, place


def main() -> None:
    """Put the diagram between the markers of the files that are named, README.md by default."""
    for name in sys.argv[1:] or ["README.md"]:
        path = Path(name)
        try:
            path.write_text(place(path.read_text(encoding="utf-8")), encoding="utf-8")
        except MissingMarkersError as error:
            sys.exit(f"{name}: {error}")


if __name__ == "__main__":
    main()
