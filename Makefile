# Every target sets up .venv itself; `make help` says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# The Python that is deployed (infra/functions.tf), and the oldest that is supported (pyproject.toml).
DEPLOYED := $(shell sed -n 's/.*runtime *= "python\([0-9]\)\([0-9]*\)"/\1.\2/p' infra/functions.tf)
OLDEST := $(shell sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml)
# find-python X.Y: the first Python of that version on the PATH or among pyenv's, if there is one.
find-python = $(shell for found in python$(1) python3 $(wildcard $(HOME)/.pyenv/versions/$(1).*/bin/python3); do \
  $$found -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(1)")' 2>/dev/null && echo $$found && break; done)
PYTHON ?= $(or $(call find-python,$(DEPLOYED)),python3)
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
READY := .venv/.ready
# The pins hold all that is needed. Older pips would look for it anew, and refuse an extra of a pinned name.
INSTALL := -m pip install -qq --disable-pip-version-check --no-deps
OLDEST_VENV := .venv/.oldest
CHECKOV := .venv/.checkov
PEERS := .venv/.peers
DOCS := .venv/.docs
AXE := .venv/.axe
# Where benchmarks find the Python that has the peers.
export TOCK_BENCH_PEERS := $(CURDIR)/$(PEERS)/bin/python
# What may differ by the version of Python: syntax, types and the standard library, asyncio, and child processes. Of the
# API that is each route and each refusal once: what requests do beyond that, the ports and the core decide.
OLDEST_TESTS := tests/core tests/ports tests/store tests/queue tests/web/functions tests/web/api/openapi \
  tests/web/api/test_bad_requests.py tests/web/api/test_hosting.py tests/executors/python
REPO ?= .
# Where this is set, each of the hundreds of processes that tests start would compile what it imports anew.
unexport PYTHONDONTWRITEBYTECODE
# Many tests wait for processes: four at once keep two cores busy, or three of the slow ones, which start whole stacks.
JOBS ?= 4
SLOW_JOBS ?= 3
BROWSER_JOBS ?= 2
SEEDS ?= 1000
FIRST ?= 0
MINUTES ?= 2

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tock needs Python 3.11 or later: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python $(INSTALL) --require-hashes -r requirements-dev.txt
	@$(BIN)/python $(INSTALL) --no-build-isolation -e .
	@touch $(READY)

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Set up .venv with the pinned requirements

.PHONY: demo
demo: $(READY) ## Run the main job on real components and prove it (REPO=path: the git repository to digest)
	@$(BIN)/tock demo --repo "$(REPO)"

.PHONY: dev
dev: $(READY) ## Run Tock on this machine with the demo's triggers until Ctrl-C
	@$(BIN)/tock dev --demo --repo "$(REPO)"

.PHONY: test
test: $(READY) ## Run the tests
	@$(BIN)/python -m pytest -m "not slow and not browser" -n $(JOBS)

.PHONY: test-slow
test-slow: $(READY) $(PEERS)/.ready bench-postgres ## Run the slow tests: many seeds and drawn cases, demo, archive, upgrade, benchmarks
	@$(BIN)/python -m pytest -m "slow and not browser" -n $(SLOW_JOBS)

.PHONY: test-browser
test-browser: $(READY) $(AXE)/.ready chromium ## Run the tests of the console in a browser
	@$(BIN)/python -m pytest -q tests/browser -m browser -n $(BROWSER_JOBS)

# Debian's browser is installed where that can be done. Elsewhere TOCK_TEST_BROWSER names another one.
.PHONY: chromium
chromium:
	@[ -n "$$TOCK_TEST_BROWSER" ] || command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null \
	  || { echo "Setting up Chromium ..." && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium; }

# axe-core checks pages for accessibility; npm compares what it gets with the digest in the lock file.
$(AXE)/.ready: tests/browser/axe/package.json tests/browser/axe/package-lock.json
	@echo "Setting up axe-core ..."
	@mkdir -p $(AXE) && cp $^ $(AXE) && cd $(AXE) && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(OLDEST_VENV)/.ready: requirements-dev.txt pyproject.toml | $(READY)
	@echo "Setting up $(OLDEST_VENV) with Python $(OLDEST) ..."
	@$(call find-python,$(OLDEST)) -m venv --clear $(OLDEST_VENV)
	@$(OLDEST_VENV)/bin/python $(INSTALL) --require-hashes -r requirements-dev.txt
	@$(OLDEST_VENV)/bin/python $(INSTALL) --no-build-isolation -e .
	@touch $@

.PHONY: test-oldest
ifeq ($(call find-python,$(OLDEST)),)
test-oldest: ## Run the tests of what may differ on the oldest Python that is supported
	@echo "This machine has no Python $(OLDEST): nothing was tested on it."
else
test-oldest: $(OLDEST_VENV)/.ready ## Run the tests of what may differ on the oldest Python that is supported
	@$(OLDEST_VENV)/bin/python -m pytest -q $(OLDEST_TESTS) -m "not slow and not browser" -n $(JOBS)
endif

.PHONY: lint
lint: $(READY) ## Check style and form
	@$(BIN)/ruff check functions tests
	@$(BIN)/ruff format --check functions tests

.PHONY: types
types: $(READY) ## Check types
	@$(BIN)/mypy

.PHONY: imports
imports: $(READY) ## Check that dependencies point inwards
	@$(BIN)/lint-imports

$(CHECKOV)/.ready: tests/infra/requirements-checkov.txt | $(READY)
	@echo "Setting up $(CHECKOV) ..."
	@$(PYTHON) -m venv --clear $(CHECKOV)
	@$(CHECKOV)/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@

$(PEERS)/.ready: tests/benchmarks/requirements-peers.txt | $(READY)
	@echo "Setting up $(PEERS) ..."
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@

.PHONY: checkov
checkov: $(CHECKOV)/.ready ## Check the Terraform against checkov's policies; asks no server
	@PYTHONPATH=tests $(BIN)/python -m infra.policies $(CHECKOV)/bin/checkov

$(DOCS)/.ready: tests/documentation/requirements-docs.txt | $(READY)
	@echo "Setting up $(DOCS) ..."
	@$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: docs
docs: $(DOCS)/.ready ## Build the documentation as a site in build/site, and check its links; asks no server
	@PYTHONPATH=functions:tests $(BIN)/python -m documentation $(DOCS)/bin/mkdocs

.PHONY: pictures
pictures: $(READY) ## Draw the pictures of the documentation that are made from the code
	@PYTHONPATH=functions:tests $(BIN)/python -m documentation.pictures

.PHONY: console-pictures
console-pictures: $(READY) chromium ## Draw the pictures of the console that the documentation shows
	@mkdir -p docs/console
	@TOCK_PICTURES=$(CURDIR)/docs/console $(BIN)/python -m pytest -q tests/browser/test_first_screens.py -m browser

.PHONY: check
check: lint types imports checkov docs chaos conformance test-slow test-browser test-oldest test ## All that CI runs: style, types, layers, policies, the site, two minutes of chaos, the API against its document, all tests

.PHONY: format
format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix --quiet functions tests || true
	@$(BIN)/ruff format functions tests

.PHONY: client
client: $(READY) ## Make the blocking client from the asynchronous one
	@PYTHONPATH=tests $(BIN)/python -m client.twin

.PHONY: requirements
requirements: $(READY) ## Pin the requirements anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) --group functions -o functions/requirements.txt
	@for extra in llm a2a prices; do $(COMPILE) --group $$extra --constraints functions/requirements.txt \
		-o functions/requirements-$$extra.txt || exit 1; done
	@$(COMPILE) pyproject.toml --extra java --extra llm --extra a2a --extra prices --group dev -o requirements-dev.txt
	@$(COMPILE) --group docs -o tests/documentation/requirements-docs.txt
	@$(COMPILE) --group peers -o tests/benchmarks/requirements-peers.txt
	@echo 'checkov>=3.3.30,<3.4' | $(COMPILE) - --no-annotate -o tests/infra/requirements-checkov.txt

.PHONY: sim
sim: $(READY) ## Run SEEDS=n simulations, or print the trace of SEED=s
	@PYTHONPATH=functions:tests $(BIN)/python -m simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST))

.PHONY: sim-crowd
sim-crowd: $(READY) ## Simulate triggers due in one second within the quotas (TRIGGERS=1000000 PROJECTS=1 ARGS="--cold")
	@PYTHONPATH=functions:tests $(BIN)/python -m crowd --triggers $(or $(TRIGGERS),1000000) --projects $(or $(PROJECTS),1) $(ARGS)

.PHONY: chaos
chaos: $(READY) ## Run the stack under faults, end with a verdict (MINUTES=2 TRIGGERS=150 SEED=any)
	@PYTHONPATH=tests $(BIN)/python -m chaos --minutes $(MINUTES) --triggers $(or $(TRIGGERS),150) $(if $(SEED),--seed $(SEED))

.PHONY: conformance
conformance: $(READY) ## Send 10,000 requests drawn from the OpenAPI document, and hold every answer to it (SEED=1)
	@PYTHONPATH=functions:tests $(BIN)/python -m conformance $(if $(SEED),--seed $(SEED))

.PHONY: bench
bench: $(READY) $(PEERS)/.ready bench-postgres ## Measure every figure that Tock promises; exit 1 if a target is missed (about 45 min)
	@PYTHONPATH=tests $(BIN)/python -m benchmarks

.PHONY: bench-tick
bench-tick: $(READY) ## Measure a tick against the bare calls
	@PYTHONPATH=tests $(BIN)/python -m benchmarks tick --json .tock/bench-tick.json

.PHONY: bench-processor
bench-processor: $(READY) ## Measure the processor time of a tick and of a run against their bare calls
	@PYTHONPATH=tests $(BIN)/python -m benchmarks processor --json .tock/bench-processor.json

.PHONY: bench-peers
bench-peers: $(READY) $(PEERS)/.ready bench-postgres ## Measure ticks and runs against APScheduler, procrastinate and pgqueuer on PostgreSQL
	@PYTHONPATH=tests $(BIN)/python -m benchmarks peers --json .tock/bench-peers.json

.PHONY: bench-ops
bench-ops: $(READY) ## Count the Firestore operations and tasks of a run
	@PYTHONPATH=tests $(BIN)/python -m benchmarks operations --json .tock/bench-ops.json

.PHONY: bench-lateness
bench-lateness: $(READY) ## Measure how late runs start, on the whole local stack (5 min)
	@PYTHONPATH=tests $(BIN)/python -m benchmarks lateness --json .tock/bench-lateness.json

.PHONY: bench-coldstart
bench-coldstart: $(READY) ## Measure what tick and run take to import
	@PYTHONPATH=tests $(BIN)/python -m benchmarks coldstart --json .tock/bench-coldstart.json

.PHONY: bench-memory
bench-memory: $(READY) ## Measure the peak memory of ticks over 100,000 due triggers, and that of a waiting run
	@PYTHONPATH=tests $(BIN)/python -m benchmarks memory --json .tock/bench-memory.json

.PHONY: bench-scale
bench-scale: $(READY) ## Measure what a due trigger costs among 1,000 to 100,000, and what idle ones cost
	@PYTHONPATH=tests $(BIN)/python -m benchmarks scale --json .tock/bench-scale.json

.PHONY: bench-throughput
bench-throughput: $(READY) ## Measure the runs that one process settles a second
	@PYTHONPATH=tests $(BIN)/python -m benchmarks throughput --json .tock/bench-throughput.json

.PHONY: bench-concurrency
bench-concurrency: $(READY) ## Measure 500 agents that wait for a slow model in one run process: heartbeats, memory (5 min)
	@PYTHONPATH=tests $(BIN)/python -m benchmarks concurrency --json .tock/bench-concurrency.json

.PHONY: bench-signals
bench-signals: $(READY) ## Measure how soon a message reaches a working agent
	@PYTHONPATH=tests $(BIN)/python -m benchmarks signals --json .tock/bench-signals.json

.PHONY: bench-reload
bench-reload: $(READY) ## Measure how soon the next run executes what was saved
	@PYTHONPATH=tests $(BIN)/python -m benchmarks reload --json .tock/bench-reload.json

.PHONY: bench-schedule
bench-schedule: $(READY) ## Measure the cron steps a second against cronsim and croniter
	@PYTHONPATH=tests $(BIN)/python -m benchmarks schedule --json .tock/bench-schedule.json

.PHONY: bench-console
bench-console: $(READY) ## Measure the console's page of 50 runs against the API's listing of them
	@PYTHONPATH=tests $(BIN)/python -m benchmarks console --json .tock/bench-console.json

# PostgreSQL is installed where that can be done. Elsewhere a benchmark that needs it says so.
.PHONY: bench-postgres
bench-postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	  || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null \
	  || { echo "Setting up PostgreSQL ..." && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql; }

.PHONY: wheel
wheel: $(READY) ## Build the package that people install: dist/tock-*.whl
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	@ls dist/*.whl

.PHONY: archive
archive: $(READY) ## Build the source of the five functions as it is deployed: .tock/tock.zip
	@$(BIN)/tock archive --output .tock/tock.zip

.PHONY: deploy
deploy: $(READY) ## Install or upgrade Tock in PROJECT=my-project (ARGS="--plan", "--yes", "--new-admin-key" ...)
	@$(BIN)/tock deploy $(if $(PROJECT),--project $(PROJECT)) $(ARGS)

.PHONY: clean
clean: ## Remove what was built and kept: .venv, .tock, caches
	@rm -rf .venv .tock build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
