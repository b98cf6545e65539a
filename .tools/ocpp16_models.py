"""Writes sdk/events/ocpp16/ from the JSON schemas of the `ocpp` package; `--check` compares.

One module per action, with its request and its response, and `messages.py`, which lists all.
"""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion
from datamodel_code_generator.parser import LiteralType

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "sdk" / "events" / "ocpp16"
SCRIPT = Path(__file__).relative_to(ROOT)

FROM_CHARGE_POINT = (
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
)
FROM_BOTH = {"DataTransfer"}

OPTIONS: dict[str, Any] = {
    "input_file_type": InputFileType.JsonSchema,
    "output_model_type": DataModelType.PydanticV2BaseModel,
    "base_class": "sdk.events.ocpp_part.OcppPart",
    "snake_case_field": True,
    "enum_field_as_literal": LiteralType.All,
    "use_annotated": True,
    "field_constraints": True,
    "target_python_version": PythonVersion.PY_311,
    "use_standard_collections": True,
    "use_union_operator": True,
    "output_datetime_class": DatetimeClassType.Awaredatetime,
    "use_schema_description": True,
    "collapse_root_models": True,
    "disable_timestamp": True,
    "disable_future_imports": True,
    "formatters": [Formatter.BUILTIN],
}


MENDED = (
    (r"^#[^\n]*\n", ""),
    (r"\n    model_config = ConfigDict\(\s*extra='forbid',\s*\)", ""),
    (r"^class (\w+)\(RootModel\[str\]\):\n    root: ([^\n]*)", r"\1 = \2"),
    (r"\bAnyUrl\b", "str"),
    (r"^class Model\(RootModel\[Any\]\):\n    root: Any\n", ""),
    (r'"""\n    ([^\n]*)\n    """', r'"""\1"""'),
    (r"\blist\[(\w+)\]", r"tuple[\1, ...]"),
    (r"\bAwareDatetime\b", "Moment"),
)
"""What our models are otherwise: values that never change, configured by their base."""


def schemas() -> dict[str, dict[str, Any]]:
    """Read the package's schemas of OCPP 1.6 by their file's name."""
    found = find_spec("ocpp")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("the ocpp package is not installed")
    folder = Path(found.submodule_search_locations[0]) / "v16" / "schemas"
    return {path.stem: json.loads(path.read_text("utf-8-sig")) for path in folder.glob("*.json")}


def snake(name: str) -> str:
    """Give the module of an action."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def pair(action: str, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Join request and response of an action into one schema."""
    parts: dict[str, Any] = {}
    for kind, name in (("Request", action), ("Response", f"{action}Response")):
        schema = dict(known[name])
        parts.update(schema.pop("definitions", {}))
        for unused in ("$schema", "$id", "title"):
            schema.pop(unused, None)
        schema["description"] = f"{action}.{'req' if kind == 'Request' else 'conf'}."
        parts[f"{action}{kind}"] = schema
    return {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": parts}


def module(action: str, known: dict[str, dict[str, Any]]) -> str:
    """Write the module of an action."""
    text = str(generate(json.dumps(pair(action, known)), **OPTIONS))
    for pattern, instead in MENDED:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^from pydantic import (.*)$", pydantic_names, text, flags=re.MULTILINE)
    if re.search(r"\bMoment\b", text):
        text = "from sdk.fields import Moment\n" + text
    return f'"""{action} of OCPP 1.6. Written by {SCRIPT}; do not edit."""\n\n{text}'


def pydantic_names(match: re.Match[str]) -> str:
    """Import only what is used once the models' own configuration is gone."""
    names = [
        name
        for name in match[1].split(", ")
        if name not in {"ConfigDict", "Moment", "RootModel", "str"}
    ]
    return f"from pydantic import {', '.join(names)}" if names else ""


def listing(actions: list[str]) -> str:
    """Write the module that lists all messages."""
    central = [a for a in actions if a not in FROM_CHARGE_POINT or a in FROM_BOTH]
    imports = [f"from sdk.events.ocpp16.{snake(a)} import {a}Request, {a}Response" for a in actions]
    lines = [
        f'"""All messages of OCPP 1.6. Written by {SCRIPT}; do not edit."""',
        "from collections.abc import Mapping",
        "from sdk.events.ocpp_part import OcppPart",
        *imports,
        *mapping("REQUESTS", actions, "Request"),
        *mapping("RESPONSES", actions, "Response"),
        f"FROM_CHARGE_POINT = {FROM_CHARGE_POINT!r}",
        '"""What the charge point may ask."""',
        f"FROM_CENTRAL_SYSTEM = {tuple(central)!r}",
        '"""What the central system may ask."""',
    ]
    return "\n".join(lines) + "\n"


def mapping(name: str, actions: list[str], kind: str) -> list[str]:
    """Write a table of the classes by their action."""
    rows = [f'    "{action}": {action}{kind},' for action in actions]
    return [f"{name}: Mapping[str, type[OcppPart]] = {{", *rows, "}"]


def written() -> dict[str, str]:
    """Give the text of each file."""
    known = schemas()
    actions = sorted(name for name in known if f"{name}Response" in known)
    files = {"__init__.py": '"""The messages of OCPP 1.6, typed: one module per action."""\n'}
    for action in actions:
        files[f"{snake(action)}.py"] = module(action, known)
    files["messages.py"] = listing(actions)
    return formatted(files)


def formatted(files: dict[str, str]) -> dict[str, str]:
    """Sort the imports and format as everything here is."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    with TemporaryDirectory() as scratch:
        for name, text in files.items():
            (Path(scratch) / name).write_text(text)
        for step in ("check --select=I,F401 --fix-only --exit-zero", "format"):
            command = [
                ruff,
                *step.split(),
                "--quiet",
                "--no-cache",
                f"--config={ROOT}/pyproject.toml",
            ]
            subprocess.run([*command, scratch], check=True, cwd=ROOT)
        return {name: (Path(scratch) / name).read_text() for name in files}


def main() -> int:
    """Write, or with `--check` tell what differs; 1 where something does."""
    files = written()
    if "--check" in sys.argv[1:]:
        present = {path.name: path.read_text() for path in FOLDER.glob("*.py")}
        differ = sorted(
            name for name in files.keys() | present if files.get(name) != present.get(name)
        )
        for name in differ:
            print(f"{FOLDER.relative_to(ROOT) / name} is not what {SCRIPT} writes", file=sys.stderr)
        return 1 if differ else 0
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.py"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
