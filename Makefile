# What one types here. `make` alone lists it.

VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
SECONDS ?= 300
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --quiet -n 2 --dist loadfile
INPUTS := setup.cfg setup.py constraints.txt $(wildcard assets/*.*)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard inbox/translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run run-fresh test test-corpora test-faults fuzz bench-ingest bench-imap example lint packages clean

help: ## List these.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/for-use $(CATALOGUES) ## Set everything up (once), then serve a filled inbox to try.
	@exec $(BIN)/postkorb demo

run-fresh: $(VENV)/for-use $(CATALOGUES) ## The same, from the beginning: forget what was done in the inbox.
	@exec $(BIN)/postkorb demo --fresh

test: packages lint ## Set up all that testing needs, then check the whole house.
	$(PYTEST)

test-corpora: $(VENV)/for-work $(CATALOGUES) ## Check against real data in SHARED (../shared).
	@[ -d "$(SHARED)/corpora" ] || { echo "No corpora in $(SHARED); tell where: make test-corpora SHARED=FOLDER"; exit 1; }
	POSTKORB_CORPORA="$(abspath $(SHARED))/corpora" $(PYTEST) -m corpora

test-faults: packages $(VENV)/for-work $(CATALOGUES) ## Kill it at many random moments; nothing may be lost or doubled.
	$(BIN)/python -m pytest -m faults

fuzz: $(VENV)/for-work $(CATALOGUES) ## Search for mails that break a promise, SECONDS (300) for each promise.
	@mkdir -p .cache; $(PIP) -c constraints.txt -e ".[fuzz]"
	@for promise in mail page reply; do \
	  echo "$$promise: $(SECONDS) s"; \
	  $(BIN)/python -m tests.fuzz.run $$promise --seconds $(SECONDS) >.cache/fuzz-$$promise.log 2>&1 \
	    || { tail -n 40 .cache/fuzz-$$promise.log; exit 1; }; \
	done

bench-ingest: $(VENV)/for-work ## CPU per mail through the whole way, beside the bare floor.
	$(BIN)/python bench/ingest.py

bench-imap: packages $(VENV)/for-work ## CPU of a pull from a real Dovecot, beside fetching and ingest alone.
	$(BIN)/python bench/imap.py

example: $(VENV)/for-work ## Write config.example.toml anew from the types.
	$(BIN)/python -c "from postkorb import config; print(config.example(), end='')" > config.example.toml

lint: $(VENV)/for-work $(CATALOGUES) ## Only ruff and mypy.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## Remove everything that was made here, except the demo's data.
	rm -rf $(VENV) .cache build *.egg-info assets/node_modules inbox/static/vendor connectors/post/fonts
	rm -f $(CATALOGUES)

$(VENV)/for-use: $(INPUTS) | $(BIN)/python
	@echo "Setting up $(VENV); the first time takes some minutes."
	@$(PIP) -c constraints.txt -e ".[postgres]"
	@touch $@

$(VENV)/for-work: $(INPUTS) | $(BIN)/python
	@echo "Setting up $(VENV) with the tools for testing; the first time takes some minutes."
	@$(PIP) -c constraints.txt -e ".[postgres,dev]"
	@touch $@ $(VENV)/for-use

$(BIN)/python:
	@for name in python3.11 python3 python3.12 python3.13; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed. On Debian: apt-get install python3 python3-venv"; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; \
	fi; \
	$$python -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

%.mo: %.po | $(VENV)/for-use
	@$(BIN)/pybabel --quiet compile -i $< -o $@

# The servers that tests run against; without them their tests are skipped, and it is said.
packages:
	@missing=""; \
	[ -x /usr/sbin/dovecot ] || missing="$$missing dovecot-imapd"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	[ -x /usr/bin/chromium ] || missing="$$missing chromium"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing$$missing"; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
	  for package in $$missing; do case $$package in \
	    dovecot-imapd) echo "Dovecot is missing: fetching mail by IMAP is not tested.";; \
	    postgresql) echo "PostgreSQL is missing: everything is tested on SQLite only.";; \
	    chromium) echo "chromium is missing: the pages are not tested in a browser.";; \
	  esac; done; \
	  echo "To test these as well: apt-get install$$missing (as root, or run make test as root)"; \
	fi
