# `make run` and `make test` are all that is needed; both install what is missing first.
.DEFAULT_GOAL := help
.PHONY: help run test bench torture screenshots lint format texts pages lock clean install install-dev

BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

run: install pages ## Run Botfolk (DEMO=1: with people and months of conversation to look at)
	@$(if $(DEMO),$(BIN)/botfolk demo,:)
	@exec $(BIN)/botfolk serve

test: install-dev pages ## Run every check and test
	@scripts/test.sh

bench: install-dev pages ## Measure, with the baseline beside each figure
	@$(BIN)/python -m benchmarks.ingest
	@$(BIN)/python -m benchmarks.user_page
	@$(BIN)/python -m benchmarks.live
	@$(BIN)/python -m benchmarks.links
	@$(BIN)/python -m benchmarks.filters
	@$(BIN)/python -m benchmarks.filter_pages
	@$(BIN)/python -m benchmarks.bulk
	@$(BIN)/python -m benchmarks.exporting
	@$(BIN)/python -m benchmarks.sentiment
	@$(BIN)/python -m benchmarks.importing

torture: install-dev pages ## Kill the server under load, 20 times, and count what was lost or doubled
	@exec $(BIN)/python -m benchmarks.torture

screenshots: install-dev pages ## Take the README's pictures of a demo
	@BOTFOLK_TEST_BROWSER="$$(scripts/browser.sh)" $(BIN)/python scripts/screenshots.py

lint: install-dev pages ## Check style, types and layers
	@scripts/lint.sh

format: install-dev ## Put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

texts: install-dev ## Collect the texts of the pages for translation
	@$(BIN)/python scripts/texts.py

pages: install ## Build the pages' scripts and styles
	@scripts/pages.sh

lock: install-dev ## Write requirements/*.txt anew from pyproject.toml (UPGRADE=1: to the newest versions)
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## Remove what was installed and built; data stays
	rm -rf .venv web/node_modules botfolk/static/built *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache test-results
	find botfolk tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

install:
	@scripts/install.sh run

install-dev: install
	@scripts/install.sh dev
