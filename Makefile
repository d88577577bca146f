# What people and the build machine type. `make help` lists the targets.

PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
# A build of torch without CUDA: 200 MB in place of several gigabytes.
TORCH := 2.13.0
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
# A name, since a comma would end the argument of a call.
EXTRAS := train,serve,x12,fast,dev
SERVE_EXTRAS := neural,serve
CONFIG ?= configs/tiny.yaml
# Of the tests; each takes up to 2 GiB.
PROCESSES ?= 2
SOURCES := pyproject.toml constraints.txt cac/__init__.py

# Registries fail now and then: try three times.
define install
for pause in 5 15 0; do \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(1) && exit 0; \
  echo "pip failed; trying again in $$pause s" >&2; sleep $$pause; \
done; exit 1
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format serve benchmark benchmark-serve train evaluate bundle constraints clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

demo: $(VENV)/.base ## suggest codes for three shipped notes, here and in out/demo.html
	@$(BIN)/cac demo

test: $(VENV)/.full ## run every test
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile

check: $(VENV)/.full ## lint, check types, the direction of imports, and the versions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py
	$(BIN)/python -m pip check

format: $(VENV)/.full ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: $(VENV)/.serve ## serve the API and the review page on localhost, with three sample notes
	@$(BIN)/cac serve --sample-notes

benchmark: $(VENV)/.full ## measure against the targets, into benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

benchmark-serve: $(VENV)/.serve ## measure the server against its targets, into benchmarks/SERVE.md
	$(BIN)/python -m benchmarks.serve

train: $(VENV)/.full ## train the run of CONFIG, configs/tiny.yaml by default
	$(BIN)/python -m training.train $(CONFIG)

bundle: $(VENV)/.full ## train, measure and unpack the bundle that ships (CAC_DATA, CAC_ENCODERS)
	$(BIN)/python -m training.train configs/default.yaml
	$(BIN)/python -m training.evaluate configs/default.yaml --metrics benchmarks/runs/default.json
	$(BIN)/python -m training.register configs/default.yaml --metrics benchmarks/runs/default.json
	$(BIN)/python -m training.package configs/default.yaml --output out/default.tar.gz
	mkdir -p cac/default_bundle
	tar -xzf out/default.tar.gz -C cac/default_bundle --strip-components=1 bundle
	tar -xzf out/default.tar.gz -C cac/default_bundle MODEL_CARD.md

evaluate: $(VENV)/.full ## measure the bundle of CONFIG, every figure
	$(BIN)/python -m training.evaluate $(CONFIG)

constraints: $(VENV)/.full ## write the versions that .venv holds into constraints.txt
	grep '^#' constraints.txt > constraints.tmp
	$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools \
	  | sed -E 's/\+cpu$$//' >> constraints.tmp
	mv constraints.tmp constraints.txt

clean: ## remove the environment and everything made
	rm -rf $(VENV) build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make a warm run start at once.
$(VENV)/.base: $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "Python 3.11 with venv is needed: apt-get install python3.11-venv, or name another \
	by PYTHON=" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing into $(VENV) ..."
	@rm -rf cac.egg-info # An older one, left here, hides the entry points of what is installed.
	@if [ ! -e /proc/driver/nvidia ] && ! command -v nvidia-smi >/dev/null; then \
	  pip="$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt"; \
	  $(BIN)/python -c 'import torch' 2>/dev/null \
	  || $$pip torch==$(TORCH)+cpu 2>/dev/null \
	  || $$pip --retries 0 --timeout 15 --no-deps --index-url $(TORCH_CPU_INDEX) \
	       torch==$(TORCH) 2>/dev/null \
	  || echo "No CPU build of torch is to be had here: the usual one follows, with CUDA." >&2; \
	fi
	@$(call install,-e '.[neural]')
	@touch $@

$(VENV)/.serve: $(VENV)/.base $(SOURCES)
	@echo "Installing what the server needs into $(VENV) ..."
	@$(call install,-e '.[$(SERVE_EXTRAS)]')
	@touch $@

$(VENV)/.full: $(VENV)/.base $(SOURCES)
	@echo "Installing what the tests need into $(VENV) ..."
	@$(call install,-e '.[$(EXTRAS)]')
	@touch $@
