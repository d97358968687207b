# Privacy Portal: `make up` runs it, `make test` checks it. Everything goes into .venv.

SHELL := /bin/sh
BIN := .venv/bin

.PHONY: help up test lint faults fuzz bench

help:
	@echo "make up     run the whole product on http://127.0.0.1:8000 (PORT, PORTAL_DATA_DIR, PORTAL_PUBLIC_URL)"
	@echo "make test   run the whole test suite"
	@echo "make lint   check style, types, layers, templates, migrations"
	@echo "make faults kill, stop, empty and freeze every part on every engine (half an hour), and say what came of it"
	@echo "make fuzz   send a million inputs of every kind to the doors (a few minutes), and say what came of it"
	@echo "make bench  measure speed against the baselines in benchmarks/"

up:
	@sh requirements/install base
	@exec $(BIN)/python manage.py up

test:
	@sh requirements/install dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)
	TEST_ENGINE=postgresql $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

# The checks read settings: defaults, not those of this machine.
lint: export PORTAL_ENV_FILE := /dev/null
lint: export PORTAL_DATA_DIR := $(or $(TMPDIR),/tmp)/privacy-portal-lint
lint:
	@sh requirements/install dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	@! grep -nE '(https?|git|file)://|--(extra-)?index-url|--find-links' requirements/*.txt

# A worker of pytest for each engine: most of the time is spent waiting for leases to run out.
faults:
	@sh requirements/install dev
	PORTAL_ALL_FAULTS=1 $(BIN)/python -m pytest -n 3 --dist loadgroup --timeout=600 tests/faults

# The usual suite sends 20,000 of the same. FUZZ_SEED=2 makes others.
fuzz:
	@sh requirements/install dev
	FUZZ_INPUTS=750000 $(BIN)/python -m pytest -s -q --timeout=0 --show-capture=no tests/fuzz
	FUZZ_INPUTS=750000 $(BIN)/python -m tests.fuzz.guided 250000

bench:
	@sh requirements/install dev
	$(BIN)/python -m benchmarks
