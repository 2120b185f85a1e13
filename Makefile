# make report ROLL=M23CSE023   the whole submission in ./M23CSE023
# make test                    the test suite
# make accept-pictures         what the report's key screens and pages look like now becomes what the tests want
# make bench                   every figure of benchmarks/README.md about training; some minutes
# Each makes .venv and installs the versions of constraints.txt when they are missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED := -n auto --dist loadgroup
# slow tests come first, as tests/conftest.py has them, not the file with the most tests
SLOW_FIRST := $(SHARED) --no-loadscope-reorder

# the tests start some hundred processes; each would compile what it imports anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report test lint slow all-tests accept-pictures bench clean

report: $(VENV)/.ready
	@test -n "$(ROLL)" || { echo "usage: make report ROLL=M23CSE023 [ARGS='--name \"Your Name\"']" >&2; exit 2; }
	$(BIN)/reportgen build --roll "$(ROLL)" $(ARGS)

test: $(VENV)/.ready-dev
	$(BIN)/pytest $(SHARED)

slow: $(VENV)/.ready-dev
	$(BIN)/pytest $(SLOW_FIRST) -m slow

all-tests: $(VENV)/.ready-dev
	$(BIN)/pytest $(SLOW_FIRST) -m "slow or not slow"

accept-pictures: $(VENV)/.ready-dev
	$(BIN)/python -m tests.pictures

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready-bench
	$(BIN)/python benchmarks/train.py
	$(BIN)/python benchmarks/build.py --epochs 1
	$(BIN)/python benchmarks/kills.py
	-$(BIN)/python benchmarks/gpu.py

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("reportgen needs Python 3.11 or later; try make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[build]'
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[dev]'
	touch $@

$(VENV)/.ready-bench: $(VENV)/.ready
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[bench]'
	touch $@

clean:
	rm -rf $(VENV)
