# Heirloom: make tour | lab | pages | docs | test | pythons | deep | torch | lint | bench | lock | clean
#
# Needs Python 3.11 or newer, make and git. Another interpreter: make PYTHON=python3.12 tour

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= 2

# The lock says which versions; the machine's own pip settings say from where. Compiling on first
# import instead of on installation halves the time of a first run.
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-compile

FOR_USE  := $(VENV)/.ready-for-use
FOR_TEST := $(VENV)/.ready-for-test

.PHONY: help tour lab pages docs test pythons deep torch lint bench lock clean

help:
	@echo "make tour    install, then three teams, one trigger and a lineage, headless"
	@echo "make lab     the same in JupyterLab"
	@echo "make pages   the how-to notebooks run anew, with the outputs that they have now"
	@echo "make docs    the pages as a site that needs no network, in build/docs"
	@echo "make test    every check and every test, JOBS=2 files at a time"
	@echo "make pythons the oldest packages that are allowed; the newest, on Python 3.12 and 3.13"
	@echo "make deep    the long forms of crashes, damage, power cuts and soaks, for docs/reliability.md"
	@echo "make torch   what needs PyTorch, which is fetched for it: 200 MB and more"
	@echo "make lint    the checks alone: ruff, mypy, import direction"
	@echo "make bench   the figures of this machine, onto docs/performance.md"
	@echo "make lock    requirements.lock anew, from what is newest now"
	@echo "make clean   away with all that these made"

tour: $(FOR_USE)
	@$(BIN)/python -m notebooks.tour.run

lab: $(FOR_USE)
	@test -d .tour/home || $(MAKE) --no-print-directory tour
	@HEIRLOOM_HOME="$(CURDIR)/.tour/home" $(BIN)/python -m jupyterlab \
	  --ServerApp.root_dir="$(CURDIR)/notebooks" --LabApp.default_url=/lab/tree/tour/5-panels.ipynb \
	  $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_FLAGS)

pages: $(FOR_TEST)
	@$(BIN)/python -m notebooks.how_to.run

docs: $(FOR_TEST)
	@$(BIN)/python -m sphinx -q -W --keep-going -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

test: lint
	@HEIRLOOM_CHROMIUM="$$(.ci/chromium)" $(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(PYTEST_FLAGS)

pythons:
	@.ci/pythons

# About twenty minutes. What each test went through is printed, and kept in docs/reliability.md.
deep: $(FOR_TEST)
	@rm -f .deep.jsonl
	HEIRLOOM_DEEP=1 HEIRLOOM_FIGURES="$(CURDIR)/.deep.jsonl" $(BIN)/python -m pytest -m deep $(PYTEST_FLAGS)
	@$(BIN)/python tests/reliability/page.py .deep.jsonl docs/reliability.md

torch: $(FOR_TEST)
	@.ci/torch $(BIN)/python

lint: $(FOR_TEST)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	@$(BIN)/python docs/examples.py build/examples
	$(BIN)/python -m mypy build/examples
	$(BIN)/lint-imports

bench: $(FOR_TEST)
	@HEIRLOOM_CHROMIUM="$$(.ci/chromium)" $(BIN)/python -m bench --write docs/performance.md

lock: $(BIN)/python
	@.ci/lock $(BIN)/python

clean:
	rm -rf $(VENV) .tour .deep.jsonl build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(FOR_USE): pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing into $(VENV): about a minute, once"
	@$(PIP) --constraint requirements.lock --editable ".[all]"
	@touch $@

$(FOR_TEST): pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing into $(VENV), with what the tests need: about a minute, once"
	@$(PIP) --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable ".[all,dev]"
	@touch $(FOR_USE) $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Heirloom needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment: ensurepip is missing. On Debian: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
