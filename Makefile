# Every target sets up what it needs: a Python from 3.11 on, git and make are enough.
# uv is fetched once by scripts/bootstrap.py; the packages are those of uv.lock, nothing else.

.DEFAULT_GOAL := help
.PHONY: help demo test test-long check audit install-check clients format bench cutouts contact-sheets speech-check caption-sheets load batch-load placements-check profiles catalogue-check reframing signing docs gallery screenshots overhead faults crash batch-cluster live examples examples-small example-film synthesizer assets clean

ifndef PYTHON
PYTHON := $(shell for name in python3 python3.12 python3.11 python3.13 python3.14; do \
	"$$name" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo "$$name" && exit; done; echo python3)
endif

UV = $(eval UV := $(shell "$(PYTHON)" scripts/bootstrap.py))$(or $(UV),$(error uv could not be set up, see above))
RUN = "$(UV)" run --frozen
ifndef UV_PYTHON
export UV_PYTHON := $(shell "$(PYTHON)" -c "import sys; print('%d.%d' % sys.version_info[:2])" 2>/dev/null)
endif

# Tests and measurements start programs by the hundred: without bytecode each of them would compile all its packages anew.
unexport PYTHONDONTWRITEBYTECODE

DEMO_PHOTOS ?= $(wildcard examples/mug/*.jpg)
DEMO_FILM ?= out/demo.mp4
DEMO_WORDS ?= --name "Morgen Mug" --brand Morgen --fact "Hand-glazed stoneware" --fact "Holds 350 ml" --fact "Dishwasher safe" \
	--price 25 --was 35 --currency EUR --cta "Order yours" --address morgen.example --legal "Price incl. VAT, plus shipping"

help: ## Show this list
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

##@ Try it

demo: ## Make a real ad from the photos in examples/ (out/demo.mp4)
	@mkdir -p $(dir $(DEMO_FILM))
	@$(RUN) --no-dev adreel make $(DEMO_PHOTOS) $(DEMO_WORDS) --music upbeat --voice on --captions both --out $(DEMO_FILM) --overwrite

##@ Check a change

# Many tests wait for servers or for time to pass: a few side by side take half the time. The tests of a file stay together;
# files run in their order, the long ones of e2e first, so that none is left to run alone at the end.
TEST_WORKERS ?= 4

# A failed test of real processes is run once more and named in the summary as RERUN; `make test REPEAT_FAILURES=0` is strict.
REPEAT_FAILURES ?= 1

test: ## Run the tests
	$(RUN) pytest -m "not long" --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder --repeat-failures $(REPEAT_FAILURES) -rR

test-long: ## Run the tests that take long: pages of the guide, full size, memory, all examples (some minutes)
	ALL_EXAMPLES=1 $(RUN) pytest -m "long or many_examples" --numprocesses 2 --dist load

check: ## Lint, format, types, import contracts, lock file, assets
	"$(UV)" lock --check
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) pyright
	$(RUN) lint-imports
	$(RUN) python scripts/fetch_assets.py --check

audit: ## Known vulnerabilities and licences of the locked packages (asks an advisory service)
	@$(RUN) python scripts/audit.py --uv "$(UV)" $(AUDIT_OPTIONS)

install-check: ## Install the wheel with pip on each Python from 3.11 to 3.14 found here, and make a film (minutes): INSTALL_PYTHONS="/path/to/python3.14"
	$(RUN) python scripts/install_check.py --uv "$(UV)" $(INSTALL_OPTIONS) $(INSTALL_PYTHONS)

clients: ## Generate clients from the API's description by two public generators, and use them (a minute)
	$(RUN) --group clients python scripts/try_clients.py

format: ## Rewrite the code in the house format
	$(RUN) ruff check --fix
	$(RUN) ruff format

##@ Measure

bench: ## Measure speed, smoothness and memory, write docs/benchmarks.md (about a quarter of an hour)
	$(RUN) python -m benchmarks $(BENCH_OPTIONS)

cutouts: ## Measure when the local engine shows a cut-out, write docs/cutouts.md (some minutes)
	$(RUN) python -m benchmarks.cutouts $(CUTOUTS_OPTIONS)

contact-sheets: ## Draw clips of 40 photos to be looked at, out/contact-sheets (some minutes): CONTACT_PHOTOS="a.jpg b.jpg"
	$(RUN) python -m benchmarks.contact_sheets $(CONTACT_PHOTOS)

speech-check: ## Have the voice heard by a recogniser, measure its sound, bits and cost, write docs/speech.md (some minutes)
	$(RUN) python -m benchmarks.speech --uv "$(UV)" $(SPEECH_OPTIONS)

caption-sheets: ## Draw captions in eight languages at four aspects to be looked at, out/caption-sheets
	$(RUN) python -m benchmarks.caption_sheets

load: ## Put the service under load, write docs/load.md (some minutes)
	$(RUN) python -m benchmarks.load $(LOAD_OPTIONS)

batch-load: ## Measure batches of films, write docs/batch-speed.md (some minutes)
	$(RUN) python -m benchmarks.batches $(BATCH_OPTIONS)

placements-check: ## Make every placement of the examples, read each film by ffprobe, write docs/placements-check.md (half an hour)
	$(RUN) python -m benchmarks.placements_check $(PLACEMENTS_OPTIONS)
profiles: ## Measure the encoder profiles by VMAF, write docs/encoder-profiles.md (some minutes)
	$(RUN) python -m benchmarks.profiles

catalogue-check: ## Run a feed of 200 products with 20 bad rows, kill it ten times, write docs/batch-speed.md (half an hour)
	$(RUN) python -m benchmarks.catalogue $(CATALOGUE_OPTIONS)

reframing: ## Hold crops of clips against where the product truly is, write docs/reframing.md (some minutes)
	$(RUN) python -m benchmarks.reframing $(REFRAMING_OPTIONS)

signing: ## Measure what content credentials add to a film, write docs/signing.md (a minute)
	$(RUN) python -m benchmarks.signing $(SIGNING_OPTIONS)

##@ Documents

docs: ## Build the guide, to be read from the disk or put on a server (out/docs)
	@NO_MKDOCS_2_WARNING=1 $(RUN) --group docs mkdocs build --quiet
	@echo "out/docs/index.html"

gallery: demo ## Draw the example ads of docs/gallery.md and the first picture of the README (a few minutes)
	$(RUN) python scripts/gallery.py --demo $(DEMO_FILM) $(GALLERY_OPTIONS)

screenshots: ## Walk through the page and write docs/screenshots/ (about a minute)
	PYTHONPATH=tests $(RUN) python -m screenshots $(SCREENSHOTS_OPTIONS)

##@ Measure the hosted part

overhead: ## Measure what the orchestration costs beside hosted clips, write docs/overhead.md (some minutes)
	$(RUN) python -m benchmarks.overhead $(OVERHEAD_OPTIONS)

##@ Break it on purpose

faults: ## Hosted generation with everything going wrong, 200 seeded runs (some minutes)
	PYTHONPATH=tests $(RUN) python -m faults $(FAULTS_OPTIONS)

crash: ## Kill the worker at every step, on SQLite and PostgreSQL (some minutes)
	PYTHONPATH=tests $(RUN) python -m crash $(CRASH_OPTIONS)

batch-cluster: ## Batches on PostgreSQL and S3 with one and two workers, one killed again and again (some minutes)
	PYTHONPATH=tests $(RUN) python -m batch_cluster $(BATCH_CLUSTER_OPTIONS)

##@ Real providers

live: ## Make the cheapest whole film at the real Replicate: make live MAX_SPEND=0.50
	$(RUN) python -m benchmarks.live --max-spend "$(MAX_SPEND)" $(LIVE_OPTIONS)

##@ Assets

examples: ## Render the example photos anew (takes long, not needed for anything else)
	$(RUN) --group examples python examples/render.py

examples-small: ## Make the photos that adreel ships of those in examples/
	$(RUN) python scripts/small_examples.py

example-film: ## Make the film that plays on the start page from examples/mug
	$(RUN) python scripts/example_film.py

synthesizer: ## Compile the synthesizer anew for all machines (needs PyPI) and verify it
	$(RUN) --group synthesizer python scripts/build_synthesizer.py

assets: ## Fetch the third-party assets anew (needs npm) and verify them
	$(RUN) python scripts/fetch_assets.py

##@ Tidy up

clean: ## Remove what was made here, keep what was installed
	rm -rf out dist .ruff_cache .import_linter_cache .hypothesis
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
