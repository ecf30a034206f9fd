# Two commands: `make demo` shows the product, `make test` runs every check. Everything lives in .venv and the user's cache.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test lint pages bench crash lock clean

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here; install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) scripts/ready.py
	@echo "Making the environment in $(VENV): about 300 MB to download, 1 GB on disk. Once."
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) --require-hashes -r requirements-build.lock -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Adding the tools that check stillmotion. Once."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime
	@mkdir -p out
	@$(BIN)/stillmotion animate examples/photo.jpg --prompt @examples/prompt.txt --duration 4 --output out/demo.mp4

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/sizes.py

# Two processes share the tests; those of one file, and what they prepare, stay in one of them. Published JavaScript
# clients are run where there is Node, and named as skipped elsewhere; with STILLMOTION_TEST_NODE=1 they fail there instead.
test: lint
	$(BIN)/stillmotion assets fetch
	PYTHONPATH=tests $(BIN)/python -m measure.assets
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Writes the reference pages anew from the program itself.
pages: $(VENV)/.dev
	$(BIN)/python scripts/assets_table.py
	$(BIN)/python scripts/cli_page.py
	$(BIN)/python scripts/settings_table.py
	$(BIN)/python scripts/shot_table.py
	$(BIN)/python scripts/sounds_page.py

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Kills processes of servers 200 times; STILLMOTION_TEST_DATABASE_URL names a PostgreSQL other than the embedded one.
crash: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m crash

# Writes the lock files anew from pyproject.toml; needs uv, which the build never does.
lock:
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	printf 'hatchling>=1.27\neditables>=0.5\n' | $(COMPILE) - -o requirements-build.lock

clean:
	rm -rf $(VENV) out build dist
