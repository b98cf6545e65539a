"""The JSON Schemas of the wire as files; those of this version are in docs/schemas."""

import json
from pathlib import Path
from typing import Any

from sdk.errors import InvalidInputError
from sdk.events.schemas import DIALECT, schemas
from sdk.p2p.announcement import SignedAnnouncement, StationAnnouncement
from sdk.p2p.protocols import HubAnswer, HubWanted

ENDING = ".schema.json"


def schema_files() -> dict[str, str]:
    """Give the text of every schema by its file name."""
    return {
        f"{name}{ENDING}": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in (schemas() | _peers_schemas()).items()
    }


def _peers_schemas() -> dict[str, dict[str, Any]]:
    """Give what peers say to each other outside of envelopes."""
    models = (StationAnnouncement, SignedAnnouncement, HubWanted, HubAnswer)
    return {it.__name__: {"$schema": DIALECT, **it.model_json_schema()} for it in models}


def write_schemas(folder: Path) -> list[Path]:
    """Write one file per schema into `folder`, remove those of events that are no more.

    Raises InvalidInputError when the folder can't be written.
    """
    files = schema_files()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"*{ENDING}"):
            if old.name not in files:
                old.unlink()
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInputError(f"{folder} cannot be written: {error.strerror}") from error
    return [folder / name for name in files]
