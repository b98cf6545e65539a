#!/usr/bin/env bash
# Runs every test: the page's, then Python's. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CHROMIUM=$(.tools/chromium.sh)
ANVIL=$(.tools/anvil.sh)
PATH=$(dirname "$ANVIL"):$PATH
export CHROMIUM ANVIL PATH
failed=0
npm run --prefix dui --silent test || failed=1
"${VENV:-.venv}/bin/python" -m pytest "$@" || failed=1
exit $failed
