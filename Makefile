# `make help` lists what there is. Two commands need nothing before them: `make demo` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
LOCK := uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format lock bench clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; done

setup: ## make .venv from the hashed lock; leaves the command at .venv/bin/threshold
	@PYTHON="$(PYTHON)" tools/setup

demo: setup ## a fictional week, both lists, and the site on 127.0.0.1, until Ctrl-C
	@$(BIN)/threshold demo

test: setup ## every test, with a real PostgreSQL and a real browser
	@THRESHOLD_CHROMIUM="$$(tools/ensure-browser)" || exit 1; export THRESHOLD_CHROMIUM; \
		$(BIN)/python -m pytest $(ARGS)

lint: setup ## ruff, mypy, and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## put the code into its one format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: ## work the hashed locks out again from requirements*.in (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: install it with 'pipx install uv'"; exit 1; }
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt

bench: setup ## the benchmarks, each with its ratio to a floor from the same run
	@for each in benchmarks/bench_*.py; do $(BIN)/python "$$each" $(ARGS) || exit 1; done

clean: ## remove what was made here: environment and caches (never a home)
	@rm -rf .venv build src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
