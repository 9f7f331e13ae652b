PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Stamps: a set of requirements is installed again only when its file has changed.
APP := .venv/.requirements
DEV := .venv/.requirements-dev

.PHONY: help app test lint format

help: ## List the commands.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

app: $(APP) ## Install what the app needs, then open it.
	$(BIN)/streamlit run streamlit_app.py

test: lint ## Everything that must pass: lint, then the tests.
	$(BIN)/pytest

lint: $(DEV) ## Rules of style, formatting, types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV) ## Format the code and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	"$(PYTHON)" -m venv .venv

$(APP): requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements.txt
	@touch $@

$(DEV): requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements-dev.txt
	@touch $(APP) $@
