# One word for everything a person or CI does here; `make` alone lists the words.
# Needs Python 3.11 or newer. All that is made lies in .venv, .web and the data folder.

SHELL := /bin/sh
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
export PIP_ROOT_USER_ACTION := ignore
# Taken from the environment's own packages, so that checks never download a runtime.
export PYRIGHT_PYTHON_GLOBAL_NODE := 0
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

# Name a Python to use; by default the newest supported one on the PATH.
export PYTHON ?=
# Options for `make run`, as in: make run ARGS="--help"
ARGS ?=
# Test processes side by side: a number, or auto for one per core.
WORKERS ?= auto
# Tests run by `make test`; `make test-all` runs all but those against real providers.
MARKS ?= not live and not matrix
# What one process has left another takes: browser tests take long and stand together.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal
# The last release of the vendor's SDK with the in-app calls; tests/sdk runs it beside the newest.
IN_APP_SDK := 1.0.30

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all bench check fmt migration lock clean

help: ## Show these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.runtime .venv/.test .venv/.dev ## Install everything for working on the code

run: .venv/.runtime ## Start the server (first start: about a minute)
	@exec $(BIN)/inbox run $(ARGS)

test: .venv/.test ## Run the tests (WORKERS=2 MARKS="not slow and not browser" ARGS="-k inbox")
	@$(BIN)/python -m tests.browser_setup
	@exec $(PYTEST) -m "$(MARKS)" $(ARGS)

test-all: MARKS = not live
test-all: test ## Run the combinatorial tests as well

bench: .venv/.test ## Measure what the budgets promise, as ratios
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

check: .venv/.dev .venv/.test ## Lint, format, types, layers, sizes
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/python .ci/check_sizes.py inbox_app

fmt: .venv/.dev ## Put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

migration: .venv/.runtime ## Write a database migration (name="add a column")
	@test -n "$(name)" || { echo 'Say what it does: make migration name="add a column"' >&2; exit 1; }
	@exec $(BIN)/inbox migrate --new "$(name)"

lock: .venv/.dev .venv/.test ## Resolve all packages anew and write .locks
	@$(BIN)/python .ci/lock.py
	@$(BIN)/python -m inbox_app.cli.export --lock

clean: ## Remove all that was made, except the data folder
	rm -rf .venv .web .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	find inbox_app tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment whose Python has gone (upgraded, moved) is made anew.
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && echo works),works)
.PHONY: .venv/.created
endif

# Each stamp is newer than the lock it stands for, or make runs the step again.
.venv/.created:
	@python=$$(.ci/find-python) && { "$$python" -m venv --clear .venv || { \
	  echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
	  exit 1; }; }
	@touch $@

.venv/.runtime: .venv/.created .locks/build.txt .locks/runtime.txt pyproject.toml
	@echo "Installing Python packages..."
	@$(PIP) install -r .locks/build.txt -r .locks/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.runtime .locks/test.txt
	@echo "Installing packages for the tests..."
	@$(PIP) install -r .locks/test.txt
	@$(PIP) install --no-deps --upgrade --target .venv/sdk-$(IN_APP_SDK) pingram-python==$(IN_APP_SDK)
	@touch $@

.venv/.dev: .venv/.runtime .locks/dev.txt
	@echo "Installing packages for the checks..."
	@$(PIP) install -r .locks/dev.txt
	@touch $@
