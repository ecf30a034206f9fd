# Two commands: `make demo` shows the product, `make test` runs every check. Everything lives in .venv and the user's cache.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test lint bench lock quality clean

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "stillmotion needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements-build.lock -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/.runtime
	@mkdir -p out
	$(BIN)/stillmotion animate examples/photo.jpg --prompt @examples/prompt.txt --duration 4 --output out/demo.mp4

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/sizes.py

test: lint
	$(BIN)/stillmotion assets fetch
	$(BIN)/python -m pytest

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Writes the lock files anew from pyproject.toml; needs uv, which the build never does.
lock:
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	printf 'hatchling>=1.27\neditables>=0.5\n' | $(COMPILE) - -o requirements-build.lock

clean:
	rm -rf $(VENV) out build dist
