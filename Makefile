# One door for newcomers: `make demo` to see it, `make test` to trust it, `make run` to use it.
# Only Python >= 3.11, git and make are needed; everything else is put into .venv, nothing outside it.

PYTHON ?= python3
VENV := .venv
UV := $(VENV)/bin/uv
BIN := $(VENV)/bin
ARGS ?=
DIST ?= dist

.DEFAULT_GOAL := help
.PHONY: help install postgres hearing demo init run test check docs faults soak format cards texts mentions bench accuracy detection mutants sbom audit dist clean

help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV): .ci/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "NotJustYou needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r .ci/uv.txt
	@touch $@

# Each stamp is newer than the lock file it was installed from. --inexact: uv itself lives in the same folder, and what
# another stamp has installed stays. Whoever has asked for PostgreSQL's library or the second stage once gets the locked
# one with each of them.
SYNC := $(UV) sync --quiet --frozen --inexact $(if $(wildcard $(VENV)/.postgres),--extra postgres) \
    $(if $(wildcard $(VENV)/.hearing),--extra hearing)

$(VENV)/.run: $(UV) uv.lock pyproject.toml
	$(SYNC)
	@touch $@

$(VENV)/.postgres: $(UV) uv.lock pyproject.toml
	$(SYNC) --extra postgres
	@touch $@ $(VENV)/.run

$(VENV)/.hearing: $(UV) uv.lock pyproject.toml
	$(SYNC) --extra hearing
	@touch $@ $(VENV)/.run

$(VENV)/.demo: $(UV) uv.lock pyproject.toml
	$(SYNC) --extra demo
	@touch $@ $(VENV)/.run

$(VENV)/.dev: $(UV) uv.lock pyproject.toml
	$(SYNC) --extra demo --group dev --group docs
	@touch $@ $(VENV)/.run $(VENV)/.demo $(VENV)/.docs

$(VENV)/.train: $(VENV)/.dev
	$(SYNC) --extra demo --group dev --group docs --group train
	@touch $@

$(VENV)/.docs: $(UV) uv.lock pyproject.toml
	$(SYNC) --group docs
	@touch $@ $(VENV)/.run

$(VENV)/.mutants: $(VENV)/.dev
	$(SYNC) --extra demo --group dev --group docs --group mutants
	@touch $@

install: $(VENV)/.run ## set up what running the bot needs

postgres: $(VENV)/.postgres ## the same, and what a PostgreSQL database needs

hearing: $(VENV)/.hearing ## the same, and the second stage of the mention detector (100 MB)

demo: $(VENV)/.demo ## try the bot in a local page, no account (ARGS="--no-browser --scenario calm")
	$(BIN)/python -m bot demo $(ARGS)

init: $(VENV)/.run ## set the bot up: asks for the token, and checks it
	$(BIN)/python -m bot init $(ARGS)

run: $(VENV)/.run ## run the bot for real, settings from .env
	$(BIN)/python -m bot run $(ARGS)

check: $(VENV)/.dev ## formatting, lint, types, import rules
	$(UV) lock --check --quiet
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright

test: export PYTHONDONTWRITEBYTECODE := # the workers share what they compile, whatever this machine's setting is
test: check ## everything that must hold before a change lands (ARGS="-k support" passes on to pytest)
	$(BIN)/python -m pytest -n 4 --dist load --maxschedchunk 4 $(ARGS)

faults: $(VENV)/.dev ## the long proofs: kill -9 two hundred times and the like
	$(BIN)/python -m pytest -m faults -n 2 --dist load $(ARGS)

soak: $(VENV)/.dev ## twenty minutes of ordinary life with a fault every few seconds
	SOAK_MINUTES=20 $(BIN)/python -m pytest -m faults -s tests/e2e/test_soak.py $(ARGS)

format: $(VENV)/.dev ## let ruff format and fix what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

mentions: $(VENV)/.train ## learn both stages of the mention model anew from benchmarks/mentions/lines
	$(BIN)/python -m benchmarks.mentions.train_second

bench: $(VENV)/.train ## measure how fast everything is, half an hour, into docs/operators/performance.md (ARGS="--quick", ARGS="tally start")
	$(BIN)/python -m benchmarks $(ARGS)

accuracy: $(VENV)/.train ## measure how good the mention detector is (ARGS="--cross" cross-validates)
	$(BIN)/python -m benchmarks.mentions.measure $(ARGS)

detection: $(VENV)/.train ## measure the outage detector against the limit, half an hour (ARGS="--fast --seed 3")
	$(BIN)/python -m benchmarks.detection.score $(ARGS)

mutants: $(VENV)/.mutants ## change the code in a copy, see whether the tests notice, an hour (ARGS="--sample 150 --seed 1")
	$(BIN)/python -m benchmarks.mutants $(ARGS)

cards: $(VENV)/.dev ## pictures of every card and state, measured, into cards/ (ARGS="--only 500- --languages en --widths 390")
	$(BIN)/python -m tests.cards.shots $(ARGS)

texts: $(VENV)/.dev ## collect the sentences for translators; write .env.example, the tables in docs/ and where it is published anew
	$(BIN)/python -m tests.texts --write
	$(BIN)/python -m tests.env_example --write
	$(BIN)/python -m tests.docs.tables --write
	$(BIN)/python -m tests.published --write

docs: $(VENV)/.docs ## build the documents into site/, to be opened in a browser; a link that leads nowhere fails
	$(BIN)/python -m tests.docs.site

sbom: $(UV) ## write what runs, with versions and hashes, as CycloneDX JSON
	@mkdir -p $(DIST)
	$(UV) export --quiet --frozen --no-default-groups --format cyclonedx1.5 --output-file $(DIST)/notjustyou.cdx.json

audit: $(UV) ## ask for known vulnerabilities of everything in the lock (needs the network)
	$(UV) export --quiet --frozen --all-extras --all-groups --no-emit-project --output-file $(VENV)/locked.txt
	$(UV) run --quiet --isolated --frozen --only-group audit \
	    pip-audit --strict --require-hashes --disable-pip -r $(VENV)/locked.txt

dist: $(VENV)/.run sbom ## build what is published, from the lock alone
	$(UV) build --no-build-isolation --out-dir $(DIST)

clean: ## remove what was installed and built, never your data
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis dist .site site
