"""Pages as they were built: a test of one must not pass on sources that are no more."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_NO_SOURCES = frozenset({"node_modules", "test", "__pycache__"})
_NOT_BUILT_FROM = (".py", ".py.typed", ".md", ".test.ts", ".test.tsx")


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """A folder with the sources of a page, and the one below it with what was built of them."""

    sources: Path
    output: Path
    remedy: str

    def fault(self) -> str | None:
        """Say what is wrong with the build; None: it is as new as its sources."""
        index = self.output / "index.html"
        if not index.is_file():
            return f"{self.output} holds no page yet: {self.remedy}"
        newest = max(self._sources(), key=lambda file: file.stat().st_mtime)
        if newest.stat().st_mtime <= index.stat().st_mtime:
            return None
        return (
            f"{self.output} is older than {newest}, so this would test the old page: {self.remedy}"
        )

    def _sources(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.sources):
            inner = (name for name in folders if name not in _NO_SOURCES)
            folders[:] = [name for name in inner if Path(folder, name) != self.output]
            yield from (Path(folder, name) for name in names if not name.endswith(_NOT_BUILT_FROM))


CONSOLE = BuiltPage(_ROOT / "dui", _ROOT / "dui" / "static", "run .tools/setup.sh page")
APP = BuiltPage(
    _ROOT / "examples" / "app", _ROOT / "examples" / "app" / "dist", "run .tools/setup.sh app"
)


@cache
def check_built(page: BuiltPage) -> None:
    """Fail the test where a page is older than its sources; looked at until it is not."""
    fault = page.fault()
    if fault is not None:
        pytest.fail(fault, pytrace=False)
