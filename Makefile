# Two commands do all the set-up: `make run` serves the dashboard, `make test` runs every test, on all processors.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test lint bench check clean

run: $(READY)
	$(BIN)/watchfloor check || echo "Not everything could be loaded; the board says what."
	$(BIN)/watchfloor serve

test: $(READY)
	$(BIN)/pytest -n auto --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m tests.benchmarks

check: $(READY)
	$(BIN)/watchfloor check

clean:
	rm -rf .venv

# what is pinned, by hash, and then this project itself without anything more
$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)
