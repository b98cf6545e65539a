#!/usr/bin/env bash
# Refuses what must not be committed: a package registry's address, or a path of somebody's machine.
# The patterns have brackets in them so that they do not match themselves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
refuse() {
    if git grep -nIE "$2" -- "${@:3}"; then
        echo "^ $1" >&2
        failed=1
    fi
}
refuse "names a package registry" \
    'p[y]pi\.org|python[h]osted|registry\.(np[m]js|yarn[p]kg)|deb\.debia[n]\.org|proxy\.golan[g]\.org'
refuse "a path of one machine" '(^|[^A-Za-z0-9_.-])/(wor[k]|roo[t]|hom[e]/[a-z]+|Use[r]s/[A-Za-z]+)/|/tm[p]/[a-z_]+'
refuse "an address in a lock" '://' '*.lock'
refuse "an address in a lock" '"resolved":' '*package-lock.json'
exit $failed
