#!/usr/bin/env bash
# Make .venv and install into it what the lock says. Arguments: run (to run Botfolk) or dev (also to work on it).
# Does nothing when that is done already.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022  # where root installs, PostgreSQL reads its files as another user

what="${1:?run or dev}"
say() { printf '%s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Botfolk needs Python 3.11 or newer, and there is none here ($(python3 --version 2>&1 || true))."
    say "Install it, or name it: make run PYTHON=/path/to/python3.11"
    exit 1
}

make_venv() {
    local python="$1" version
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv --clear .venv
        return
    fi
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    if "$python" -m pip --python "$python" --version >/dev/null 2>&1; then
        "$python" -m venv --clear --without-pip .venv
        "$python" -m pip --python .venv/bin/python install --quiet pip
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Python lacks the module ensurepip: installing the package python$version-venv."
        apt-get update -q >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "python$version-venv" >&2
        "$python" -m venv --clear .venv
    else
        say "Python lacks the module ensurepip, which makes virtual environments."
        say "On Debian and Ubuntu: sudo apt-get install python$version-venv, then try again."
        exit 1
    fi
}

case "$what" in
    run) locks=(requirements/run.txt requirements/build.txt) ;;
    dev) locks=(requirements/dev.txt) ;;
    *) say "run or dev, not $what"; exit 2 ;;
esac

if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$(find_python)"
    say "Making .venv with $python."
    make_venv "$python"
fi

# The path of this folder is part of it: what is installed names it.
state="$({ pwd; .venv/bin/python --version; cat pyproject.toml "${locks[@]}"; } | sha256sum)"
stamp=".venv/.installed-$what"
[ "$(cat "$stamp" 2>/dev/null || true)" = "$state" ] && exit 0

say "Installing Python packages ($what); the first time this takes a minute or two."
arguments=()
for lock in "${locks[@]}"; do arguments+=(-r "$lock"); done
.venv/bin/python -m pip install --quiet --require-hashes "${arguments[@]}"
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation -e .
printf '%s\n' "$state" > "$stamp"
