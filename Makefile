# make run   the daemon, its home in this folder: http://127.0.0.1:8080
# make demo  a small newsroom of its own, no network needed
# make test  format, lint, types, floors and every test
# make fuzz  the doors at which strangers knock, ten minutes each; SECONDS=60 for less
# make format, make clean

PYTHON ?= python3
SECONDS ?= 600
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: run demo test fuzz format clean

run: .venv/installed
	@$(BIN)/aggregator --version
	exec $(BIN)/aggregator run --home .

demo: .venv/installed
	exec $(BIN)/aggregator demo

test: .venv/tools .venv/browser .venv/npm
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2

fuzz: .venv/tools
	$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

format: .venv/tools
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv tests/npm/node_modules .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Debian's python3 comes without ensurepip unless python3-venv is there: then pip itself is what fills the environment.
.venv/bin/python:
	$(PYTHON) -m venv .venv 2>/dev/null || { \
		$(PYTHON) -m venv --clear --without-pip .venv && \
		$(PYTHON) -m pip --python .venv/bin/python install --quiet --no-input pip; }

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --editable .
	@touch $@

.venv/tools: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/installed

# What our pages and feeds do in a browser is tested in Debian's; playwright's driver wants libatomic.
.venv/browser: | .venv/tools
	{ command -v chromium && $(BIN)/python -m playwright --version; } || { $(SUDO) apt-get update -q && \
		$(SUDO) apt-get install -q -y --no-install-recommends chromium libatomic1; }
	@touch $@

# Two parsers of the npm registry read what we publish. Debian's npm comes with its node.
.venv/npm: tests/npm/package-lock.json | .venv/bin/python
	command -v npm || { $(SUDO) apt-get update -q && \
		$(SUDO) apt-get install -q -y --no-install-recommends nodejs npm; }
	npm ci --prefix tests/npm --silent --no-audit --no-fund --ignore-scripts
	@touch $@
