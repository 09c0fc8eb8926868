# Every target installs what it needs first: a fresh checkout and `make demo` is enough.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=
# Tests and figures start hundreds of processes, and each would compile the same modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lambdas wheel demo test sweep check format generate verify docs bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## a virtual environment with everything, from locked versions

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Trunkline needs Python 3.11 or newer: set PYTHON=/path/to/python3")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lambdas: $(READY) ## the functions' zips, the same bytes on any machine, into build/lambdas
	$(BIN)/python -m tools.lambdas

wheel: lambdas ## the operator as a wheel, functions included, into dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

demo: lambdas ## the main job, offline: YAML to a running contact center (ARGS=--once ends by itself)
	$(BIN)/trunkline-sandbox demo $(ARGS)

test: lambdas ## all tests but the long sweeps
	$(BIN)/python -m pytest $(ARGS)

sweep: lambdas ## the long sweeps: every crash point, lost answer and lag setting
	$(BIN)/python -m pytest -m sweep $(ARGS)

check: $(READY) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## write the format and the safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(READY) ## CRDs, API reference and IAM policy from the models and drivers; the charts' schemas; dashboards; digests of the functions' zips
	$(BIN)/python -m trunkline.api.generate
	$(BIN)/python -m tools.chart --write
	$(BIN)/python -m tools.dashboards --write
	$(BIN)/python -m tools.argocd
	$(BIN)/python -m tools.lambdas --write

verify: $(READY) ## what is generated is what is committed
	$(BIN)/python -m trunkline.api.generate --verify
	$(BIN)/python -m tools.chart --verify
	$(BIN)/python -m tools.dashboards --verify
	$(BIN)/python -m tools.argocd --verify
	$(BIN)/python -m tools.lambdas --verify

docs: $(READY) ## the documentation site, strictly, into build/site
	$(BIN)/python -m tools.site

bench: lambdas ## figures beside their bounds; writes build/bench.json
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(READY) ## write the lock files anew from pyproject.toml (needs uv on the PATH)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra sandbox --group dev -o requirements-dev.lock
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock

clean: ## the virtual environment and what was built
	rm -rf $(VENV) build dist
