# Everything that a fresh clone needs: git, make and Python 3.11 or 3.12. Java and all else come with `make lab`.

PYTHON ?= $(shell for python in python3.11 python3.12 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
	&& echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
LAB_ARGS ?=
TEST_ARGS ?=
# JupyterLab asks nobody outside whether there is news, a newer version or an extension.
LAB_SETTINGS := --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
	--LabApp.extension_manager=readonly
NOTEBOOK := notebooks/start-here.ipynb
REPORT := build/start-here.html
PINS := pyproject.toml constraints.txt tools/prepare_environment.py

# The quick tests run in halves that take as long as each other, for two cores; what each says stays together.
QUICK_TESTS := $(BIN)/python -m pytest -q -m "not jvm and not slow"
HALF := tests/unit/airlock tests/unit/analysis tests/unit/cohort tests/unit/domains
IN_ORDER := $(if $(filter output-sync,$(.FEATURES)),--output-sync)

# Whoever imports Hail by hand in a notebook has Bokeh load its scripts: from its package, and not from outside.
export BOKEH_RESOURCES := inline

.DEFAULT_GOAL := help
.PHONY: help lab demo test check check-rules check-half check-other-half attack bundle bench clean

help: ## Say what can be made
	@echo "make TARGET, where TARGET is one of:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s%s\n", $$1, $$2 }' Makefile

lab: $(VENV)/ready ## Open JupyterLab on the first notebook (LAB_ARGS="--no-browser --port=8899" is passed on)
	$(BIN)/gecip demo
	$(BIN)/jupyter lab $(LAB_SETTINGS) $(LAB_ARGS) $(NOTEBOOK)

demo: $(VENV)/ready ## Run the first notebook on the demo release and leave build/start-here.html
	$(BIN)/gecip demo
	@mkdir -p $(dir $(REPORT))
	$(BIN)/gecip run $(NOTEBOOK) --html $(REPORT)

test: $(VENV)/ready-for-tests ## Run every test (TEST_ARGS="tests/unit -k consent" narrows it)
	$(BIN)/python -m pytest $(TEST_ARGS)

check: $(VENV)/ready-for-tests ## Lint, format, types, import contracts and the quick tests: under a minute
	@$(MAKE) --no-print-directory --jobs=2 $(IN_ORDER) check-rules check-half check-other-half

check-rules:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check-half:
	$(QUICK_TESTS) $(HALF)

check-other-half:
	$(QUICK_TESTS) tests $(HALF:%=--ignore=%)

attack: $(VENV)/ready-for-tests ## Try to work out masked cells in 5,000 bundles of tables: half an hour
	GECIP_ATTACKS=5000 $(BIN)/python -m pytest tests/doors/test_attack.py

bundle: $(VENV)/ready ## Make one archive in dist/ for a machine without a package index
	$(BIN)/python -m tools.make_bundle

bench: $(VENV)/ready-for-tests ## Run the benchmarks
	@test -f benchmarks/run.py || { echo "gecip: there is no benchmarks/run.py to run." >&2; exit 2; }
	$(BIN)/python benchmarks/run.py

clean: ## Remove what make built; releases and genotype stores in the user's folders stay
	rm -rf $(VENV) build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find gecip domains tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/ready: $(PINS)
	@$(require_python)
	@$(PYTHON) tools/prepare_environment.py

$(VENV)/ready-for-tests: $(PINS)
	@$(require_python)
	@$(PYTHON) tools/prepare_environment.py --tests

define require_python
test -n "$(PYTHON)" || { echo "gecip: no Python 3.11 or 3.12 was found: install one, or name it with make PYTHON=/path/to/python3.11." >&2; exit 2; }
endef
