# Every target sets up what it needs: a Python from 3.11 on, git and make are enough.
# uv is fetched once by scripts/bootstrap.py; the packages are those of uv.lock, nothing else.

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench load overhead screenshots faults crash live examples examples-small assets clean

ifndef PYTHON
PYTHON := $(shell for name in python3 python3.12 python3.11 python3.13 python3.14; do \
	"$$name" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo "$$name" && exit; done; echo python3)
endif

UV = $(eval UV := $(shell "$(PYTHON)" scripts/bootstrap.py))$(or $(UV),$(error uv could not be set up, see above))
RUN = "$(UV)" run --frozen
# tinysoundfont has ready wheels for 3.11 and 3.12 only: where there is neither, uv brings its own 3.12, since building
# the wheel would need a C++ compiler.
ifndef UV_PYTHON
export UV_PYTHON := $(shell for name in "$(PYTHON)" python3.12 python3.11; do \
	"$$name" -c "import sys; v = sys.version_info[:2]; (3, 11) <= v < (3, 13) and print('%d.%d' % v)" 2>/dev/null; done \
	| head -n 1 | grep . || echo 3.12)
endif

DEMO_PHOTOS ?= $(wildcard examples/mug/*.jpg)
DEMO_FILM ?= out/demo.mp4

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: ## Make a real ad from the photos in examples/ (out/demo.mp4)
	@mkdir -p $(dir $(DEMO_FILM))
	@$(RUN) --no-dev adreel make $(DEMO_PHOTOS) --name "Morgen" --cta "Slow coffee, early light. Order yours." \
		--music upbeat --transition crossfade --out $(DEMO_FILM)

# Many tests wait, for servers or for time to pass: a few side by side take half the time. A file's tests stay together.
TEST_WORKERS ?= 3

test: ## Run all tests
	$(RUN) pytest --numprocesses $(TEST_WORKERS) --dist loadfile

check: ## Lint, format, types, import contracts, lock file, assets
	"$(UV)" lock --check
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) pyright
	$(RUN) lint-imports
	$(RUN) python scripts/fetch_assets.py --check

format: ## Rewrite the code in the house format
	$(RUN) ruff check --fix
	$(RUN) ruff format

bench: ## Measure speed, smoothness and memory, write docs/benchmarks.md (about a quarter of an hour)
	$(RUN) python -m benchmarks $(BENCH_OPTIONS)

load: ## Put the service under load, write docs/load.md (some minutes)
	$(RUN) python -m benchmarks.load $(LOAD_OPTIONS)

screenshots: ## Walk through the page and write docs/screenshots/ (about a minute)
	PYTHONPATH=tests $(RUN) python -m screenshots $(SCREENSHOTS_OPTIONS)

overhead: ## Measure what the orchestration costs beside hosted clips, write docs/overhead.md (some minutes)
	$(RUN) python -m benchmarks.overhead $(OVERHEAD_OPTIONS)

faults: ## Hosted generation with everything going wrong, 200 seeded runs (some minutes)
	PYTHONPATH=tests $(RUN) python -m faults $(FAULTS_OPTIONS)

crash: ## Kill the worker at every step, on SQLite and PostgreSQL (some minutes)
	PYTHONPATH=tests $(RUN) python -m crash $(CRASH_OPTIONS)

live: ## Make the cheapest whole film at the real Replicate: make live MAX_SPEND=0.50
	$(RUN) python -m benchmarks.live --max-spend "$(MAX_SPEND)" $(LIVE_OPTIONS)

examples: ## Render the example photos anew (takes long, not needed for anything else)
	$(RUN) --group examples python examples/render.py

examples-small: ## Make the photos that adreel ships of those in examples/
	$(RUN) python scripts/small_examples.py

assets: ## Fetch the third-party assets anew (needs npm) and verify them
	$(RUN) python scripts/fetch_assets.py

clean: ## Remove what was made here, keep what was installed
	rm -rf out dist .ruff_cache .import_linter_cache .hypothesis
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
