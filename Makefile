PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Stamps: a set of requirements is installed again only when its file has changed.
APP := .venv/.requirements
DEV := .venv/.requirements-dev

# rapidocr asks for opencv-python-headless, whose files lie where those of opencv-contrib-python-headless do. Installed
# together the contrib ones come last and stay; in an environment that had them already they are lost, and put back here.
define mend_opencv
@$(BIN)/python -c 'import cv2; cv2.ximgproc.createEdgeBoxes' 2>/dev/null || $(BIN)/python -m pip install \
	--force-reinstall --no-deps "$$(grep '^opencv-contrib' requirements.txt)"
endef

.PHONY: help app demo test lint format bench-stage1

help: ## List the commands.
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

app: $(APP) ## Install what the app needs, then open it.
	$(BIN)/streamlit run streamlit_app.py

demo: $(APP) ## Install what the app needs, then open the demo for a link one can send.
	$(BIN)/python -m app.gradio_demo

test: lint ## Everything that must pass: lint, then the tests.
	$(BIN)/pytest

lint: $(DEV) ## Rules of style, formatting, types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV) ## Format the code and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-stage1: $(DEV) ## Measure stage 1 beside its peers on real photos: make bench-stage1 CATALOGS=path
	@test -d "$(CATALOGS)" || { echo "Give a folder of catalogues: make bench-stage1 CATALOGS=path"; exit 1; }
	$(BIN)/python -m benchmarks.duplicates --catalogs "$(CATALOGS)" --peers
	$(BIN)/python -m benchmarks.quality --catalogs "$(CATALOGS)"
	$(BIN)/python -m benchmarks.single_images --catalogs "$(CATALOGS)"
	$(BIN)/python -m benchmarks.wrong_decisions --catalogs "$(CATALOGS)"

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	"$(PYTHON)" -m venv .venv

$(APP): requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements.txt
	$(mend_opencv)
	@touch $@

$(DEV): requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements-dev.txt
	$(mend_opencv)
	@touch $(APP) $@
