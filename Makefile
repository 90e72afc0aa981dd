# Every target sets up what it needs: a machine with Python 3.11 or newer, git and make is enough.
SHELL := bash -o pipefail
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint types docs deep bench mutants clean

demo: $(READY) ## fetch a contact over HTTP from a local endpoint and explain it
	$(BIN)/routing-inspect demo

test: lint types ## everything that CI runs
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n 2 --dist loadfile | tee .pytest.log
	$(BIN)/coverage combine -q
	$(BIN)/coverage report
	@tail -n 1 .pytest.log

lint: $(READY) ## style, docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/interrogate -q src tests

types: $(READY) ## static types
	$(BIN)/mypy

docs: $(READY) ## put real output into README.md and docs/ again
	$(BIN)/python tests/test_faults.py
	$(BIN)/python docs/findings.py
	$(BIN)/python docs/records.py
	$(BIN)/python docs/refresh.py

deep: $(READY) ## the long run: every property on many more examples, every fault of every call
	EXAMPLES=10000 $(BIN)/pytest -n 2 tests/properties tests/test_fault_paths.py

bench: $(READY) ## ratios against named peers, measured in one run
	$(BIN)/python -m pip install --quiet --editable '.[dev,bench]'
	$(BIN)/python benchmarks/run.py

mutants: $(READY) ## how many small changes to the code the tests notice; takes half an hour
	$(BIN)/python -m pip install --quiet --editable '.[dev,mutation]'
	EXAMPLES=15 $(BIN)/mutmut run

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* .pytest.log

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(READY)
