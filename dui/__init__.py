"""The operators' page: its TypeScript source, and in `static` what is served of it."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""The built page: `index.html` and its assets, made by `npm run build`."""
