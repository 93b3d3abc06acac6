#!/usr/bin/env bash
# Build the pages' scripts and styles into botfolk/static/built, when their sources changed. Node comes with .venv.
set -euo pipefail
cd "$(dirname "$0")/../web"
PATH="$PWD/../.venv/bin:$PATH"

state_of() { sha256sum | cut -d ' ' -f 1; }

lock="$(cat package.json package-lock.json .npmrc | state_of)"
if [ "$(cat node_modules/.botfolk-installed 2>/dev/null || true)" != "$lock" ]; then
    echo "Installing what the pages are built with." >&2
    npm ci --ignore-scripts --no-update-notifier --no-audit --no-fund --loglevel=error > /dev/null
    printf '%s\n' "$lock" > node_modules/.botfolk-installed
fi

sources="$({ echo "$lock"; find . -path ./node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; } | state_of)"
if [ "$(cat node_modules/.botfolk-built 2>/dev/null || true)" != "$sources" ] || [ ! -f ../botfolk/static/built/manifest.json ]; then
    echo "Building the pages." >&2
    npm run --silent build >&2
    printf '%s\n' "$sources" > node_modules/.botfolk-built
fi
