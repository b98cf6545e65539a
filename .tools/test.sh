#!/usr/bin/env bash
# Runs every test: the page's, the driver's app's, then Python's. Arguments go to pytest. Without any, the run must bear
# out what docs/conformance.md says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CHROMIUM=$(.tools/chromium.sh)
ANVIL=$(.tools/anvil.sh)
PATH=$(dirname "$ANVIL"):$PATH
export CHROMIUM ANVIL PATH
failed=0
npm run --prefix dui --silent test || failed=1
npm run --prefix examples/app --silent test || failed=1
python="${VENV:-.venv}/bin/python"
[ $# -gt 0 ] || rm -f build/conformance.json
"$python" -m pytest "$@" || failed=1
[ $# -gt 0 ] || "$python" tests/support/conformance_document.py --check || failed=1
exit $failed
