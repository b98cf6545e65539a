#!/usr/bin/env bash
# Prints the path of anvil: ANVIL, then the npm package's, then one on PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. .tools/needs.sh

packaged=$PWD/.tools/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil
if [ -n "${ANVIL:-}" ]; then
    echo "$ANVIL"
elif [ -x "$packaged" ]; then
    echo "$packaged"
else
    command -v anvil || fail "No anvil: none on PATH, and npm has none for this machine; ANVIL=... names one"
fi
