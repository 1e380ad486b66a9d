# `make help` lists the targets. Everything is installed into .venv, from hash-pinned lock files.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup lab test check browser-test notebooks screenshots lock bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

setup: $(VENV)/.installed ## install qgraph and everything that tests and notebooks need into .venv

lab: setup ## open JupyterLab on the notebooks
	$(BIN)/qgraph lab

test: setup check ## lint, types, unit tests, doctests and strict notebook tests
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --nbval --nbval-sanitize-with notebooks/sanitize.cfg -p no:cacheprovider notebooks

check: setup ## lint, format and types, in seconds
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lock: $(VENV)/.uv ## resolve the newest allowed versions into the hash-pinned lock files
	$(BIN)/python tools/lock.py

browser-test: setup ## the widgets in a real Chromium, which must be there
	CI=1 $(BIN)/python -m pytest tests/browser

notebooks: setup ## run all notebooks and save their outputs
	$(BIN)/python tools/notebooks.py

screenshots: setup ## picture the explorers for the README, in a real Chromium
	$(BIN)/python tools/screenshots.py

bench: setup ## measure expectation, gradient and landscape at growing sizes
	$(BIN)/python benchmarks/simulator.py

clean: ## remove .venv and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment whose making was cut short is made anew.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "qgraph needs Python 3.11 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.locked: requirements-dev.lock | $(VENV)/.created
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml meson.build $(wildcard qgraph/simulation/_*.[ch])
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.uv: | $(VENV)/.created
	$(BIN)/python -m pip install --quiet uv
	@touch $@
