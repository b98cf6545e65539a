"""The page's catalogues of texts, as far as they are plain strings: what is only English there."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "dui" / "src"
_GERMAN = re.compile(r"^(?:export )?const de\b", re.MULTILINE)
_STRING = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"")
_KEY = re.compile(r"^\s*:")
_SHORTEST = 3


def only_english() -> frozenset[str]:
    """Give the texts that stand in some English catalogue and in no German one."""
    english, german = set[str](), set[str]()
    for path in SOURCE.rglob("*.ts"):
        text = path.read_text("utf-8")
        found = _GERMAN.search(text)
        if found is None or path.name.endswith(".test.ts"):
            continue
        english |= _strings(text[: found.start()])
        german |= _strings(text[found.start() :])
    return frozenset(english - german)


def _strings(text: str) -> set[str]:
    return {
        (found[1] or found[2] or "").replace("\\'", "'")
        for found in _STRING.finditer(text)
        if len(found[0]) - 2 >= _SHORTEST and not _KEY.match(text[found.end() :])
    }
