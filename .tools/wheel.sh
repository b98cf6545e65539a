#!/usr/bin/env bash
# Builds the wheel and proves it: the five packages import from an empty environment in another folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
. .tools/needs.sh

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
"${VENV:-.venv}/bin/pip" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$scratch/dist" .
"$(find_python)" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --no-deps --require-hashes -r requirements.lock
"$scratch/venv/bin/pip" install --quiet --no-deps "$scratch"/dist/noroam-*.whl
"$scratch/venv/bin/pip" check

cd "$scratch"
venv/bin/python - "$root" <<'PY'
import importlib
import sys
from importlib.metadata import files
from pathlib import Path

for name in ("sdk", "p2p_server", "session_manager", "cpg", "dui"):
    where = Path(importlib.import_module(name).__file__).parent
    assert not where.is_relative_to(sys.argv[1]), f"{name} comes from the checkout: {where}"
    assert (where / "py.typed").is_file(), f"{name} has no py.typed"
import dui

assert (dui.STATIC / "index.html").is_file(), "the page is not in the wheel"
strays = [str(f) for f in files("noroam") if f.parts[0] == "dui" and f.suffix in {".ts", ".tsx"}]
assert not strays, f"sources of the page are in the wheel: {strays}"
print("the wheel holds the five packages and the page")
PY
venv/bin/noroam --help >/dev/null
