# `make demo` and `make test` are all one needs. Python 3.11 or later and make; everything else is fetched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# two for each of two cores: many tests wait
WORKERS ?= 4
# of each test but races, the run on one of the databases; `make test TESTS="not long"` runs it on both
TESTS ?= not long and not twin
NPM_CLIENTS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/below-the-line/npm
NPM_PACKAGES := googleapis@171.4.0 perspective-api-client@3.1.0

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test tests test-long check bench detoxify train npm-clients messages clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.runs  ## serve a seeded newspaper on http://127.0.0.1:8000
	$(BIN)/btl demo

demo-reset: $(VENV)/.runs  ## the same, from the beginning
	$(BIN)/btl demo --reset

test: $(VENV)/.tests  ## every check and every test, on SQLite, PostgreSQL or both
	$(MAKE) --jobs 2 --no-print-directory check tests

# the modules are read once, beside the checks that need one core, and kept; each worker would read them all anew
tests: $(VENV)/.tests
	-@$(BIN)/python -m pytest --collect-only -qqq >/dev/null
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "$(TESTS)" -q

test-long: $(VENV)/.tests  ## the long proofs
	$(BIN)/python -m pytest -m long -q -s

check: $(VENV)/.tests  ## style, types and the walls between the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.tests  ## measure
	$(BIN)/python -m benchmarks

detoxify: $(VENV)/.torch  ## install what the Detoxify scorer needs, on a torch for CPUs
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[detoxify]'

train: $(VENV)/.torch  ## install what `btl train` needs, on a torch for CPUs
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]'

npm-clients:  ## fetch the npm clients of Google's API that a test drives (needs Node); they stay outside this folder
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(NPM_CLIENTS) $(NPM_PACKAGES)

messages: $(VENV)/.tests  ## extract what readers can see, for translators, into the catalogues of app/locale
	mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml -k mark -k form:1,2 --add-location=file -o build/messages.pot app
	$(BIN)/pybabel -q update -i build/messages.pot -d app/locale -w 100 -N --ignore-obsolete --ignore-pot-creation-date

clean:  ## forget the environment and the demo
	rm -rf $(VENV) var

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.torch: $(VENV)/.made
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps \
		--extra-index-url https://download.pytorch.org/whl/cpu 'torch==2.13.0+cpu'
	touch $@

$(VENV)/.runs: $(VENV)/.made pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.tests: $(VENV)/.made pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.runs
