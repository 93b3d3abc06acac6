#!/usr/bin/env bash
# Print the path of a browser for the tests; install Debian's chromium where there is none and that is possible.
# Prints nothing, and on stderr says why, when there is none.
set -euo pipefail

find_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable chrome microsoft-edge; do
        command -v "$name" && return 0
    done
    # One that Playwright installed for this user.
    for name in "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome \
        "$HOME"/Library/Caches/ms-playwright/chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -x "$name" ]; then
            printf '%s\n' "$name"
            return 0
        fi
    done
    return 1
}

if [ -n "${BOTFOLK_TEST_BROWSER:-}" ]; then
    printf '%s\n' "$BOTFOLK_TEST_BROWSER"
elif find_browser; then
    :
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the package chromium for the browser tests." >&2
    if apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium >&2; then
        find_browser
    else
        echo "The browser tests will be SKIPPED: the package chromium could not be installed." >&2
    fi
else
    echo "The browser tests will be SKIPPED: no Chromium or Chrome here, and installing one needs root and apt-get." >&2
    echo "Install one (Debian: sudo apt-get install chromium), or set BOTFOLK_TEST_BROWSER to its path." >&2
fi
