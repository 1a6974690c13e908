# giakit: `make help` lists the targets.

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then echo $$python; break; fi; done)
BIN := .venv/bin
PANEL ?=
FIGURES ?= figures
FIGURE_LANG ?= en

.DEFAULT_GOAL := help
.PHONY: help setup figures test test-oldest test-slow docs lab lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/made: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "giakit needs Python 3.11, 3.12 or 3.13; none was found (set PYTHON=...)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[notebooks]"
	@touch $@

.venv/made-test: .venv/made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	@touch $@

.venv/made-docs: .venv/made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[docs]"
	@touch $@

setup: .venv/made ## make the environment in .venv

figures: .venv/made ## build a panel from data/reports (or take PANEL=path) and draw every figure
	$(BIN)/giakit figures $(PANEL) --out $(FIGURES) --lang $(FIGURE_LANG)

test: .venv/made-test ## run the tests
	$(BIN)/python -m pytest -n 2

test-oldest: ## run the tests on Python 3.11 with the oldest versions that pyproject.toml allows
	python3.11 -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-oldest.txt --editable ".[test]"
	.venv-oldest/bin/python -m pytest -n 2

test-slow: .venv/made-test ## run the long benches and the fault suites
	$(BIN)/python -m pytest -n 2 -m slow
	$(BIN)/python benchmarks/fidelity.py

docs: .venv/made-docs ## build the site into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

lab: .venv/made ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

lint: .venv/made-test ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/mypy

clean: ## remove what was made
	rm -rf .venv .venv-oldest build dist docs/_build panel figures .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
