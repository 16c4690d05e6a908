# Everything a fresh machine needs: Python 3.11, pip and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The exact versions that everything here is installed in; `make lock` takes those of today.
LOCK := requirements.lock
PINNED := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT=$(CURDIR)/$(LOCK)
# Against other versions: all but the worlds and what installs anew.
OTHERS := --ignore=tests/worlds --ignore=tests/test_hooks.py --ignore=tests/test_recipes.py
SHORT := tests/test_check.py tests/test_cases.py tests/test_command_line.py tests/test_formats.py tests/test_examples.py tests/test_house.py tests/test_ledger.py tests/test_import.py

.PHONY: demo test worlds coverage schemas docs lock newest other floors floors-short

$(BIN)/tactful: pyproject.toml $(LOCK)
	$(PYTHON) -m venv $(VENV)
	$(PINNED) $(BIN)/python -m pip install --quiet --upgrade pip setuptools
	$(PINNED) PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-build-isolation -e .
	touch $(BIN)/tactful

$(VENV)/.dev: pyproject.toml $(LOCK) $(BIN)/tactful
	$(PINNED) PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-build-isolation -e '.[dev]'
	touch $(VENV)/.dev

demo: $(BIN)/tactful
	$(BIN)/tactful check examples/retail/breaks --as-of 2026-03-01 || test $$? -eq 1
	$(BIN)/tactful check examples/retail/keeps --as-of 2026-03-01

test: $(VENV)/.dev
	$(PINNED) PIP_BUILD_CONSTRAINT=$(CURDIR)/$(LOCK) $(BIN)/python -m pytest -n auto --ignore=tests/worlds

worlds: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto tests/worlds

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --cov --cov-report=term --ignore=tests/worlds

schemas: $(BIN)/tactful
	$(BIN)/tactful schema --output schemas

docs: $(BIN)/tactful
	$(BIN)/python -m tactful.checker.pages docs/rules

# The newest versions that pyproject.toml allows become those of the lock.
lock:
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --upgrade pip setuptools
	.venv-lock/bin/python -m pip install --quiet --no-build-isolation -e '.[dev]'
	echo '# Kept by `make lock`: what make and CI install. The ranges of the package itself stand in pyproject.toml.' >$(LOCK)
	.venv-lock/bin/python -m pip freeze --all --exclude-editable >>$(LOCK)
	rm -rf .venv-lock

# The short form of the tests with what the registry has today, whatever the lock says.
newest:
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --upgrade pip setuptools
	.venv-newest/bin/python -m pip install --quiet --no-build-isolation -e '.[dev]'
	.venv-newest/bin/python -m pytest -n auto -m 'not tools' $(SHORT)

# The short form of the tests with another Python: make other PYTHON=python3.13
other:
	$(PYTHON) -m venv --clear .venv-other
	$(PINNED) .venv-other/bin/python -m pip install --quiet --upgrade pip setuptools
	$(PINNED) PYTHONWARNINGS=ignore .venv-other/bin/python -m pip install --quiet --no-build-isolation -e '.[dev]'
	.venv-other/bin/python -m pytest -n auto -m 'not tools' $(SHORT)

# The tests with the lowest versions that pyproject.toml allows; FLOORS says which.
FLOORS := $(OTHERS)
floors:
	$(PYTHON) -m venv --clear .venv-floors
	$(PINNED) .venv-floors/bin/python -m pip install --quiet --upgrade pip setuptools
	.venv-floors/bin/python tests/floors.py >.venv-floors/floors.txt
	.venv-floors/bin/python -m pip install --quiet --no-build-isolation -c .venv-floors/floors.txt -e '.[dev]'
	.venv-floors/bin/python -m pytest -n auto -m 'not tools' $(FLOORS)

floors-short:
	$(MAKE) floors FLOORS='$(SHORT)'
