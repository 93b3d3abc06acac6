#!/usr/bin/env bash
# Every check and test; everything is installed already. PYTEST_ARGS adds arguments for pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/lint.sh
BOTFOLK_TEST_BROWSER="$(scripts/browser.sh)"
export BOTFOLK_TEST_BROWSER
# shellcheck disable=SC2086 # several words are meant
exec .venv/bin/python -m pytest -n 2 --dist worksteal ${PYTEST_ARGS:-}
