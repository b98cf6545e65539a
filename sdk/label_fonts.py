"""Fonts of this machine for names on labels that the usual ones have no letters of."""

from pathlib import Path

from sdk.label import LabelError, font_of

FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
)
"""Where fonts with many letters usually are."""


def font_for(name: str) -> bytes | None:
    """Read the first font that has a name's letters; None: none is needed, or none is here."""
    if font_of(name) is not None:
        return None
    for file in FONTS:
        try:
            data = Path(file).read_bytes()
            if font_of(name, data) is not None:
                return data
        except (OSError, LabelError):
            continue
    return None
