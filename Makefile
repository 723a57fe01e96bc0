# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything is made below build/ and nowhere else. Needed: bash, git, tar and Python 3.11, 3.12 or 3.13 with venv.

SHELL := bash
CI := tests/ci
COMMON := . $(CI)/common.sh;
ENVIRONMENTS := core-2.16 core-2.19 core-newest demo importer metrics rulebook runner tools

.DEFAULT_GOAL := help
.PHONY: help demo sandbox unit test test-long test-sanity test-units test-integration lint docs build replay bench picture pin clean

help:              ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 26

demo:              ## watch a playbook administer the jobs of a simulated site
	@$(CI)/demo.sh

sandbox:           ## run the simulated site and print the variables that lead to it (ARGS="--scenario large")
	@$(COMMON) use_venv demo; rm -rf "$$BUILD/sandbox"; mkdir -p "$$BUILD/sandbox"; \
	PYTHONPATH=$$ROOT/tests/simulator exec python -m arcgis_simulator --directory "$$BUILD/sandbox" $(ARGS)

unit:              ## run unit tests on the work tree as it is (ARGS="tests/unit/plugins/modules -k cancel")
	@$(COMMON) use_venv core-newest; link_tree unit; unset PYTHONDONTWRITEBYTECODE; \
	PYTHONPYCACHEPREFIX=$$BUILD/cache/bytecode PYTHONPATH=$$TREE exec python -m pytest -q --rootdir "$$ROOT" \
	-p no:hypothesispytest -o testpaths=tests/unit -o cache_dir="$$BUILD/cache/pytest" $(ARGS)

test:              ## run all tests and checks, or some stages of them (STAGES="lint units")
	@$(COMMON) run_stages $(STAGES)

test-long:         ## run what takes hours: 10,000 random examples, 50 kills, every target on every ansible-core
	@$(COMMON) export LONG=1; run_stages faults integration

test-sanity:       ## run ansible-test sanity
	@$(COMMON) run_stages sanity

test-units:        ## run the unit tests on two releases of ansible-core
	@$(COMMON) run_stages units

test-integration:  ## run the integration tests against the simulated site
	@$(COMMON) run_stages integration

lint:              ## run the checks that only read the files
	@$(COMMON) run_stages lint

docs:              ## check the documentation and build it into build/docs/html
	@$(COMMON) run_stages docs

build:             ## build the tarball of the collection into build/dist
	@$(COMMON) use_venv demo; build_collection "$$BUILD/dist"

replay:            ## run modules against recorded answers of a site (DIR=tests/replay/seeds)
	@$(COMMON) use_venv demo; link_tree replay; PYTHONPATH=$$TREE exec python tests/replay/replay.py "$(DIR)"

bench:             ## measure the collection against the simulated site (ARGS="--rows tasks delete --runs 5")
	@tests/benchmarks/bench.sh $(ARGS)

picture:           ## draw the picture of the documentation from the results of make bench
	@$(COMMON) use_venv bench tests/benchmarks/bench.txt; exec python tests/benchmarks/picture.py "$$BUILD/bench/results.json" \
	docs/benchmark.svg

# Each file holds for every Python from 3.11 on; markers say which release an older Python takes.
pin:               ## pin the newest releases of today in tests/ci/requirements
	@$(COMMON) install_uv "$$(python_for uv)"; cd "$$CI/requirements"; \
	for name in $(ENVIRONMENTS); do "$$BUILD/venvs/uv/bin/uv" pip compile --quiet --upgrade --universal \
	--python-version 3.11 --no-annotate --no-header "$$name.in" --output-file "$$name.txt"; done

clean:             ## remove build/
	@rm -rf build
