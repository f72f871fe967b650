# Needs Python 3.11+ and make, nothing else: each target makes the environment that it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EVENTS ?= 10000000
ROWS ?= 1000000
DIFFERENCE ?= 10000000
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-long bench reliability lint format lock schemas install install-dev clean

help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN) ## The whole path on generated sources, ending on a person, an audience and a delivery
	@$(BIN)/kith demo

test: $(DEV) ## The whole test suite (16 to 35 minutes on 2 cores, by their speed)
	@$(BIN)/python -m pytest tests --durations 25 --durations-min 5

test-fast: $(DEV) ## Tests that need no dbt build and no server: seconds
	@$(BIN)/python -m pytest tests -m "not build and not slow"

test-long: $(DEV) ## The suite with each part on PostgreSQL alone too
	@KITH_TEST_LONG=1 $(BIN)/python -m pytest tests

bench: $(DEV) ## EVENTS events, ROWS profiles, the DIFFERENCE of so many, measured into docs/benchmarks.md: many minutes
	@$(BIN)/python -m benchmarks.models --events $(EVENTS)
	@$(BIN)/python -m benchmarks.syncs --rows $(ROWS) --difference-rows $(DIFFERENCE)
	@$(BIN)/python -m benchmarks.page

reliability: $(DEV) ## The faults that syncs hold, measured anew into docs/reliability.md: minutes
	@$(BIN)/python -m benchmarks.reliability

lint: $(DEV) ## ruff, mypy strict, sqlfluff, no dbt deprecation
	@scripts/lint $(BIN)

format: $(DEV) ## Let ruff and sqlfluff put the layout right
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/sqlfluff fix dbt_project

schemas: $(RUN) ## Write what is made of the syncs, destinations and alerts: JSON Schemas, dbt exposures
	@$(BIN)/python -m reverse_etl.schemas
	@$(BIN)/python -m kith.alerts
	@$(BIN)/kith sync exposures

lock: $(DEV) ## Resolve requirements*.lock anew from pyproject.toml
	@scripts/lock $(BIN)

install: $(RUN) ## What running needs, in .venv
install-dev: $(DEV) ## What developing needs, in .venv

clean: ## Remove the environment and the demo's warehouse
	@rm -rf $(VENV) .kith dbt_project/target dbt_project/logs

$(RUN): requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) scripts/install $(VENV) requirements.lock $@

$(DEV): requirements-dev.lock pyproject.toml
	@PYTHON=$(PYTHON) scripts/install $(VENV) requirements-dev.lock $@ $(RUN)
