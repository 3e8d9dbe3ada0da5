# Two commands do all the set-up: `make run` serves the dashboard, `make test` runs every test, on all processors.
PYTHON ?= python3
BIN := .venv/bin
RUNNING := .venv/.running
TESTING := .venv/.testing

# Every package is pinned with its hash, so that pip has nothing to resolve. Python compiles a module when it is first
# imported; to compile all of them beforehand doubles the time of an installation.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: run test lint bench check locks clean

run: $(RUNNING)
	@echo "Checking the catalogue ..."
	@$(BIN)/watchfloor check || echo "Not everything could be loaded; the board says what."
	@echo "Starting the dashboard ..."
	@$(BIN)/watchfloor serve

test: $(TESTING)
	$(BIN)/pytest -n auto --dist worksteal

lint: $(TESTING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(TESTING)
	$(BIN)/python -m tests.benchmarks

check: $(RUNNING)
	@$(BIN)/watchfloor check

# after a change of the dependencies in pyproject.toml; needs uv
locks:
	$(LOCK) --extra build --extra xlsx --output-file requirements.lock pyproject.toml
	$(LOCK) --extra build --extra xlsx --extra dev --constraints requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv

# what running needs, and this project itself
$(RUNNING): requirements.lock pyproject.toml
	@test -x $(BIN)/python || { echo "Creating the environment .venv ..."; $(PYTHON) -m venv .venv; }
	@echo "Installing $$(grep -c == requirements.lock) packages (about a minute, once) ..."
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

# what tests, lint and types need besides
$(TESTING): $(RUNNING) requirements-dev.lock
	@echo "Installing $$(grep -vxFf requirements.lock requirements-dev.lock | grep -c ==) packages for the tests (about half a minute, once) ..."
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@
