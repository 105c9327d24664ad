# 诚信 Chengxin. Needs python3 (3.11 to 3.14), git and make; everything else comes from the lock file.

PORT ?= 8000
PYTHON ?= python3
ARGS ?=
PROCESSES ?= 2

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.bench-ready
PIP := $(PY) -m pip --disable-pip-version-check --quiet
OFFLINE := DJANGO_SETTINGS_MODULE=chengxin.testing.settings

.PHONY: help setup run test check format lint types contracts migrations rulebook bench eval lives pictures words lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv from the lock file; the command is .venv/bin/chengxin
	@echo "Ready: $(VENV)/bin/chengxin"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { \
		echo "Python 3.11 to 3.14 is needed; name one with: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || { \
		echo "python3 can't make virtual environments here (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Installing what requirements.lock names into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY)

$(BENCH_READY): $(READY) requirements-bench.lock
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-bench.lock
	@touch $(BENCH_READY)

run: $(READY) ## fill a demo province with its lake on first start, serve it on http://127.0.0.1:8000 (PORT=9000 changes it)
	@exec $(VENV)/bin/chengxin run --port $(PORT)

test: $(READY) ## run the whole suite; ends with what is proved of the plan (ARGS='-k penalty' narrows it; PROCESSES=4)
	@$(PY) -m pytest --obligations --numprocesses=$(PROCESSES) --dist=loadgroup --no-loadscope-reorder $(ARGS)

check: lint types contracts migrations rulebook test ## everything that a change must pass

format: $(READY) ## lay the code out and mend what can be mended by itself
	@$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format .

lint: $(READY) ## layout and lint
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .

types: $(READY) ## mypy, strict
	@$(PY) -m mypy

contracts: $(READY) ## who may import whom
	@$(VENV)/bin/lint-imports --no-logo

migrations: $(READY) ## does a migration stand for every change of a table?
	@$(OFFLINE) $(PY) -m django check
	@$(OFFLINE) $(PY) -m django makemigrations --check --dry-run

rulebook: $(READY) ## does the rulebook hold together?
	@$(PY) -m chengxin.rulebook.check

bench: $(BENCH_READY) ## measure ingest, look-up and screening against other ways of doing them
	@$(PY) -m bench $(ARGS)

eval: $(BENCH_READY) ## measure the matching on the labelled set and the supervision models on invented markets
	@$(PY) -m chengxin.registry.matching.evaluate
	@$(PY) -m chengxin.detection.evaluation.run $(ARGS)

lives: $(READY) ## play hundreds of firms through the procedures instead of the few of the suite
	@CHENGXIN_EXAMPLES=300 $(PY) -m pytest -n0 tests/test_due_process.py $(ARGS)

pictures: $(READY) ## take the pictures of the docs from a running `make run` (needs Chromium)
	@$(PY) docs/screenshots.py --url http://127.0.0.1:$(PORT) $(ARGS)

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

words: ## compile the English of every room after a change of its django.po (needs gettext)
	@find src -name django.po -execdir msgfmt --check-format --output-file=django.mo django.po \;

lock: ## renew both lock files (needs uv)
	$(LOCK) --upgrade --extra dev --extra pdf --extra detection --extra spark pyproject.toml --output-file requirements.lock
	$(LOCK) --upgrade --extra bench --constraint requirements.lock \
		$$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.lock) \
		pyproject.toml --output-file requirements-bench.lock

clean: ## remove .venv and everything that tools left; kept data stay where they are
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .ruff_cache .import_linter_cache .pytest_cache
	find src bench -name __pycache__ -type d -prune -exec rm -rf {} +
