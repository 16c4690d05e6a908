# Everything a fresh machine needs: Python 3.11, pip and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Brute force over random worlds, and the independent solver: run by themselves.
WORLDS := tests/test_worlds.py tests/test_event_worlds.py tests/test_service_worlds.py \
  tests/test_offer_worlds.py tests/test_care_worlds.py \
  tests/test_cp_sat.py tests/test_cp_sat_owed.py tests/test_cp_sat_offers.py

.PHONY: demo test coverage schemas docs

$(BIN)/tactful: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $(BIN)/tactful

$(VENV)/.dev: pyproject.toml $(BIN)/tactful
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $(VENV)/.dev

demo: $(BIN)/tactful
	$(BIN)/tactful check examples/retail/breaks --as-of 2026-03-01 || test $$? -eq 1
	$(BIN)/tactful check examples/retail/keeps --as-of 2026-03-01

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto $(WORLDS)
	$(BIN)/python -m pytest -n auto $(WORLDS:%=--ignore=%)

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --cov --cov-report=term $(WORLDS:%=--ignore=%)

schemas: $(BIN)/tactful
	$(BIN)/tactful schema --output schemas

docs: $(BIN)/tactful
	$(BIN)/python -m tactful.checker.pages docs/rules
