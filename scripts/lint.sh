#!/usr/bin/env bash
# Check style, types, layers and the pages' scripts; everything is installed already.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

ruff check .
ruff format --check .
mypy
lint-imports
cd web && npm run --silent check
