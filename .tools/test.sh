#!/usr/bin/env bash
# Runs every test: the pages', then Python's in two lanes side by side, as most of them wait. Arguments
# go to one pytest. Without any, the run must bear out what docs/conformance.md says.
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
if [ $# -gt 0 ]; then
    "$python" -m pytest "$@" || failed=1
    exit $failed
fi

whole_sessions=(tests/browser tests/e2e tests/survival)
beside=build/whole-sessions.log
mkdir -p build
rm -f build/conformance.json
set -m # else it would be deaf to the interrupt that ends it in good order
"$python" -m pytest -o cache_dir=build/.pytest_cache "${whole_sessions[@]}" >"$beside" 2>&1 </dev/null &
lane=$!
set +m
trap 'kill -INT $lane 2>/dev/null && wait $lane || true' EXIT
echo "${whole_sessions[*]} run beside these; see $beside"
"$python" -m pytest "${whole_sessions[@]/#/--ignore=}" || failed=1
echo "Waiting for ${whole_sessions[*]}"
wait $lane || failed=1
trap - EXIT
cat "$beside"
"$python" tests/support/conformance_document.py --check || failed=1
exit $failed
