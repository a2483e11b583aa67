# What a person who works on shipit types. Each target makes or refreshes the virtual environment that it needs.

VENV ?= .venv
DEMO_VENV ?= .venv-demo
BENCH_VENV ?= .venv-bench
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
  "$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && { echo "$$python"; break; }; done)
ARGS ?=
DRILL ?= 2000

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo demo-postgres check test drill lint docs bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO_VENV)/ready ## release the sample product and migrate its database in a temporary folder, check what came out
	@$(DEMO_VENV)/bin/python examples/demo.py

demo-postgres: $(DEMO_VENV)/ready-for-postgres ## migrate the sample product's database on a real PostgreSQL server
	@$(DEMO_VENV)/bin/python examples/demo_postgres.py

check: $(VENV)/ready ## all that lint checks, and the unit tests: under two minutes on two cores, before each commit
	@$(LINT); \
	$(VENV)/bin/python -m pytest --quiet --numprocesses=2 --dist=worksteal tests/unit || code=1; exit $$code

test: $(VENV)/ready ## run the whole suite with branch coverage; ARGS="…" is passed on to pytest
	@$(VENV)/bin/python -m tests.support.suite $(ARGS)

drill: $(VENV)/ready ## every case of every fault: all kills of a release, DRILL kills of migrations; ARGS="…" for pytest
	@SHIPIT_DRILL=$(DRILL) $(VENV)/bin/python -m pytest tests/faults $(ARGS)

lint: $(VENV)/ready ## style, types, import contracts, and that the generated documentation is fresh
	@$(LINT); exit $$code

docs: $(VENV)/ready ## write the generated parts of the documentation anew
	$(VENV)/bin/python docs/generate.py

bench: $(VENV)/ready $(BENCH_VENV)/ready ## measure start-up, migrations and a large history against other tools; writes docs/benchmarks.md
	@$(VENV)/bin/python -m compileall -q src # as an installer leaves it
	@$(VENV)/bin/python bench/report.py --peers $(BENCH_VENV)/bin $(ARGS)

clean: ## remove the virtual environments and what tools left behind
	rm -rf $(VENV) $(DEMO_VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* coverage.xml

# pip knows dependency groups since 25.1
$(VENV)/ready: pyproject.toml
	@$(call venv,$(VENV))
	@$(VENV)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(VENV)/bin/python -m pip install --quiet --editable . --group dev
	@touch $@

# shipit, and what the sample product's gate and build need
$(DEMO_VENV)/ready: pyproject.toml
	@$(call venv,$(DEMO_VENV))
	@$(DEMO_VENV)/bin/python -m pip install --quiet --editable . pytest pytest-cov flit_core
	@touch $@

$(DEMO_VENV)/ready-for-postgres: $(DEMO_VENV)/ready
	@$(DEMO_VENV)/bin/python -m pip install --quiet --editable ".[postgres,embedded]"
	@touch $@

# the tools that shipit is measured against; their requirements are no business of shipit's own environment
$(BENCH_VENV)/ready: pyproject.toml
	@$(call venv,$(BENCH_VENV))
	@$(BENCH_VENV)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BENCH_VENV)/bin/python -m pip install --quiet --group bench
	@! command -v npm >/dev/null || npm install --silent --no-fund --prefix $(BENCH_VENV)/node \
	  conventional-changelog@7 conventional-changelog-angular@8
	@touch $@

define LINT
code=0; \
for check in "ruff check ." "ruff format --check ." mypy lint-imports "python docs/generate.py --check"; do \
  echo "$$check"; $(VENV)/bin/$$check || code=1; \
done
endef

define venv
test -n "$(PYTHON)" || { \
  echo "This needs Python 3.11 or newer with its venv module on PATH (on Debian: apt-get install python3-venv)." >&2; \
  exit 1; }; \
echo "Installing into $(1) with $(PYTHON) …"; \
"$(PYTHON)" -m venv $(1)
endef
