# Every target makes .venv by itself; `make` alone lists them. Needs python3 (3.11 or newer) with venv, a C compiler, make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
KERNELS := $(wildcard vfx/_ext/*.pyx vfx/_ext/*.pxd vfx/_ext/*.h)
ARGS ?=

.PHONY: help demo test fuzz asan bench docs lint format build clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10

demo: .venv/.kernels ## grade a rendered shot, end to end, into vfx-demo/
	$(BIN)/vfx demo $(ARGS)

test: .venv/.kernels .venv/.test ## build and run the test suite; ARGS goes to pytest
	$(BIN)/python -m pytest $(ARGS)

fuzz: .venv/.kernels .venv/.test ## fuzz every reader, guided by coverage; ARGS="--seconds 3600 exr"
	$(BIN)/python -m tests.fuzz.guided $(ARGS)

asan: .venv/.kernels .venv/.test ## run the reader tests in an AddressSanitizer build of the kernels, in build/asan
	$(BIN)/python -m tests.fuzz.sanitized $(ARGS)

bench: .venv/.kernels .venv/.bench ## time vfx against its peers; ARGS="--only engine"
	$(BIN)/python benchmarks/run.py $(ARGS)

docs: .venv/.kernels .venv/.docs ## build the documentation into docs/_build, warnings are errors
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build
	@echo "docs/_build/index.html"

lint: .venv/.kernels .venv/.test ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.test ## put the source in ruff's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: .venv/.kernels ## compile the kernels in place

clean: ## remove everything that was built, .venv too
	rm -rf .venv build dist docs/_build docs/_generated vfx-demo vfx.egg-info
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find vfx \( -name '*.so' -o -name '*.pyd' \) -delete
	find vfx tests benchmarks docs fixtures -name __pycache__ -prune -exec rm -rf {} +

# ---------------------------------------------------------------- the environment
# A stamp in .venv says what has been installed; it is made again when what it depends on is newer.

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "vfx needs Python 3.11 or newer; PYTHON=… names one"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@touch $@

.venv/.base: .venv/.made pyproject.toml
	$(PIP) install "setuptools>=77" "Cython>=3.1"
	VFX_BUILD_LEVELS=baseline VFX_MODULES=cpu $(PIP) install --no-build-isolation --editable .
	@touch $@

.venv/.kernels: .venv/.base setup.py $(KERNELS)
	$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@

.venv/.test .venv/.docs .venv/.bench: .venv/.%: .venv/.base pyproject.toml
	VFX_BUILD_LEVELS=baseline VFX_MODULES=cpu $(PIP) install --no-build-isolation --editable ".[$*]"
	@touch $@
