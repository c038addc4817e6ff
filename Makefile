# Every target sets up what it needs: a Python from 3.11 on, git and make are enough.
# uv is fetched once by scripts/bootstrap.py; the packages are those of uv.lock, nothing else.

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench examples assets clean

# 3.11 and 3.12 first: tinysoundfont has ready wheels for these two, later ones need a C++ compiler to install it.
ifndef PYTHON
PYTHON := $(shell try() { "$$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, $$2))" 2>/dev/null && echo "$$1"; }; \
	for limit in 13 99; do for name in python3 python3.12 python3.11 python3.13 python3.14; do \
	try $$name $$limit && exit; done; done; echo python3)
endif

UV = $(eval UV := $(shell "$(PYTHON)" scripts/bootstrap.py))$(or $(UV),$(error uv could not be set up, see above))
RUN = "$(UV)" run --frozen
ifndef UV_PYTHON
export UV_PYTHON := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
endif

DEMO_PHOTOS ?= $(wildcard examples/mug/*.jpg)
DEMO_FILM ?= out/demo.mp4

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: ## Make a real ad from the photos in examples/ (out/demo.mp4)
	@mkdir -p $(dir $(DEMO_FILM))
	@$(RUN) --no-dev adreel make $(DEMO_PHOTOS) --name "Morgen" --cta "Slow coffee, early light. Order yours." \
		--music upbeat --transition crossfade --out $(DEMO_FILM)

test: ## Run all tests
	$(RUN) pytest

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

examples: ## Render the example photos anew (takes long, not needed for anything else)
	$(RUN) --group examples python examples/render.py

assets: ## Fetch the third-party assets anew (needs npm) and verify them
	$(RUN) python scripts/fetch_assets.py

clean: ## Remove what was made here, keep what was installed
	rm -rf out dist .ruff_cache .import_linter_cache .hypothesis
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
