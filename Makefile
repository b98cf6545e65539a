# Every target sets up what it needs, on a machine with Python 3.11, Node 20 with npm, gcc and make.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check bench fuzz lock clean

export VENV ?= .venv
BIN := $(VENV)/bin

help: ## This list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## Three charge points, a week of invented history, one real session; ONCE=1 ends after the receipt
	@.tools/setup.sh python node page app
	@anvil=$$(.tools/anvil.sh); ANVIL=$$anvil exec $(BIN)/python examples/demo.py

test: ## All tests; ARGS="tests/unit -k tariff" picks some of Python's
	@.tools/setup.sh python node page app
	@.tools/test.sh $(ARGS)

check: ## Lint, format, types, import rules, and what must not be committed
	@.tools/setup.sh python page app
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .tools/ocpp16_models.py --check
	npm run --prefix dui --silent check
	npm run --prefix examples/app --silent check
	.tools/committed.sh

bench: ## Every figure, into build/bench.json; ONLY=prefix runs a part
	@.tools/setup.sh python node page
	@anvil=$$(.tools/anvil.sh); ANVIL=$$anvil exec $(BIN)/python -m benchmarks

fuzz: ## Garbage at a gateway and at peers for FUZZ_SECONDS=300, another each time; FUZZ_SEED=... brings one back
	@.tools/setup.sh python
	FUZZ_SECONDS=$${FUZZ_SECONDS:-300} FUZZ_SEED=$${FUZZ_SEED:-random} $(BIN)/python -m pytest -s tests/fuzz

lock: ## Write the locks again; UPGRADE=1 takes newer versions
	.tools/lock.sh

clean: ## Remove what was built and installed here
	rm -rf build dist dui/static dui/node_modules examples/app/dist examples/app/node_modules
	rm -rf .tools/node_modules .tools/chromium/node_modules $(VENV)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
