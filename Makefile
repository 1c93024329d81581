# Everything a newcomer types. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz bench load volume mixed outage subscriptions lock clean

help: ## What can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/demo ## The whole product on this machine, fed by a simulated network; Ctrl-C stops it
	@exec $(BIN)/portal demo

test: $(VENV)/dev ## All tests, on real Postgres and Valkey
	$(BIN)/python -m pytest -n 4

check: $(VENV)/dev ## Lint, types, import rules, generated files up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/portal schema --check

fuzz: $(VENV)/dev ## 100,000 generated GraphQL queries by both executors: the same answers, no fault, no leak (some quarter of an hour)
	PORTAL_TEST_FUZZ_QUERIES=100000 $(BIN)/python -m pytest tests/properties/test_graphql.py -s

bench: $(VENV)/dev ## How near to the limit of this machine reads and projection come, as ratios
	$(BIN)/python -m loadtests.bench

load: $(VENV)/dev ## Users of all kinds against a demo (the one that runs, else its own) for 30 s: a table, and loadtests/report.html
	$(BIN)/python -m loadtests.load

volume: $(VENV)/dev ## A million events end to end, every view compared with a fold from scratch (some minutes)
	$(BIN)/python -m loadtests.volume --shipments 50000

mixed: $(VENV)/dev ## 100,000 messages of every format, doubled, late, early and broken, against the clean run (some minutes)
	$(BIN)/python -m loadtests.mixed

outage: $(VENV)/dev ## Redis killed every five seconds for two minutes while customers read: nothing fails, nothing goes back
	$(BIN)/python -m loadtests.outage

subscriptions: $(VENV)/dev ## A thousand subscriptions over two workers that are killed: each change once and in order (about two minutes)
	$(BIN)/python -m loadtests.subscriptions

lock: $(VENV)/dev ## Resolve the dependencies anew; needs `uv` on the path
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra embedded -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra dev -o requirements-dev.lock

clean: ## Forget the environment and the demo's data
	rm -rf $(VENV) .portal

# Only what a lock names, with its hashes; then this project itself, without asking an index.
$(VENV)/demo: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; say which by PYTHON=…"; exit 1; }
	@echo "Installing into $(VENV)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/demo
	@echo "Installing what development needs"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
