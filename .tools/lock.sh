#!/usr/bin/env bash
# Writes the locks again: hashed, for every platform, without any registry's URL. UPGRADE=1 takes newer versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. .tools/needs.sh

base=$(find_python)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$base" -m venv "$scratch"
"$scratch/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r .tools/uv.lock

compile() {
    "$scratch/bin/uv" --no-config --quiet pip compile --python "$base" \
        --universal --python-version 3.11 --generate-hashes ${UPGRADE:+--upgrade} \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}

echo uv==0.13.8 | compile - -o .tools/uv.lock
# The development lock comes first: a tool of it (vyper) bounds what the services may run with.
compile pyproject.toml --extra dev -o requirements-dev.lock
compile pyproject.toml -c requirements-dev.lock -o requirements.lock

need_node
for folder in .tools .tools/chromium dui examples/app; do
    npm install --prefix "$folder" --package-lock-only --silent
done
