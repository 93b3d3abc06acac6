#!/usr/bin/env bash
# Write the lock files from pyproject.toml: for every system, with hashes, without the name of any server.
# Arguments go to uv, such as --upgrade.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    local to="$1"
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header --no-config \
        --output-file "$to" "$@"
    if grep -nE '://|^--(index|extra|find)' "$to"; then
        echo "$to names a server, see above" >&2
        exit 1
    fi
}

compile requirements/dev.txt pyproject.toml requirements/install.in --extra build --extra dev "$@"
compile requirements/run.txt pyproject.toml requirements/install.in --constraints requirements/dev.txt
compile requirements/build.txt requirements/build.in --constraints requirements/dev.txt
