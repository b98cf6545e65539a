# What the machine itself must have; sourced by the other scripts. A lack ends them in one line that names it.

fail() {
    echo "$1" >&2
    exit 1
}

find_python() {
    local name
    for name in ${PYTHON:-python3.11 python3}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed (PYTHON=... names one)"
}

need_node() {
    local major
    command -v npm >/dev/null || fail "npm is needed (Node 20 or newer)"
    major=$(node -p 'process.versions.node.split(".")[0]') || fail "Node 20 or newer is needed"
    [ "$major" -ge 20 ] || fail "Node 20 or newer is needed, this is $major"
}

# The lock holds packages that are built here, against gmp.h and Python.h.
need_system_packages() {
    local version missing=()
    version=$("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    command -v gcc >/dev/null || missing+=(gcc)
    if command -v gcc >/dev/null && ! echo '#include <gmp.h>' | gcc -E - >/dev/null 2>&1; then
        missing+=(libgmp-dev)
    fi
    "$1" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' || missing+=("$version-dev")
    "$1" -c 'import ensurepip' 2>/dev/null || missing+=("$version-venv")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "Missing system packages, please install: ${missing[*]}"
    fi
    echo "Installing system packages: ${missing[*]}" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "${missing[@]}"
}
