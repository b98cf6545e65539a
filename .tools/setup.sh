#!/usr/bin/env bash
# Sets this checkout up: setup.sh [python] [node] [page] [app]
#   python  the virtual environment, from the hashed lock, with this project installed editable
#   node    the npm-delivered test tools (anvil)
#   page    the operators' page's packages, and its build in dui/static
#   app     the driver's app's packages, and its build in examples/app/dist
# Each part leaves the hash of what it was made from inside what it made, so that a repeat is instant.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. .tools/needs.sh

venv=${VENV:-.venv}
export PIP_DISABLE_PIP_VERSION_CHECK=1

hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
is_made_from() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

set_up_python() {
    local locked project
    locked=$(hash_of requirements-dev.lock)
    project=$locked-$(hash_of pyproject.toml)
    is_made_from "$venv/.project" "$project" && return
    if ! is_made_from "$venv/.locked" "$locked"; then
        local base
        base=$(find_python)
        need_system_packages "$base"
        echo "Setting up Python in $venv (about a minute)" >&2
        [ -x "$venv/bin/pip" ] || "$base" -m venv "$venv"
        "$venv/bin/pip" install --quiet --no-deps --require-hashes -r requirements-dev.lock
        echo "$locked" >"$venv/.locked"
    fi
    "$venv/bin/pip" install --quiet --no-deps --no-build-isolation --editable .
    "$venv/bin/pip" check
    echo "$project" >"$venv/.project"
}

packages_in() {
    local locked
    locked=$(hash_of "$1/package.json" "$1/package-lock.json")
    is_made_from "$1/node_modules/.locked" "$locked" && return
    need_node
    echo "Setting up the packages of $1" >&2
    npm ci --prefix "$1" --loglevel=error
    mkdir -p "$1/node_modules" # npm makes none where no optional package fits this machine
    echo "$locked" >"$1/node_modules/.locked"
}

set_up_node() { packages_in .tools; }

# built FOLDER OUTPUT NAME: builds a page's folder into OUTPUT, unless that was made from the same files.
built() {
    packages_in "$1"
    local sources
    sources=$(find "$1" -name node_modules -prune -o -path "$1/$2" -prune -o -name __pycache__ -prune \
        -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
    if [ -f "$1/$2/index.html" ] && is_made_from "$1/node_modules/.built" "$sources"; then
        touch "$1/$2/index.html" # sources may have newer dates, and tests go by those
        return
    fi
    echo "Building $3" >&2
    npm run --prefix "$1" --silent build -- --logLevel=warn
    echo "$sources" >"$1/node_modules/.built"
}

set_up_page() { built dui static "the page"; }

set_up_app() { built examples/app dist "the driver's app"; }

for part; do
    "set_up_$part"
done
