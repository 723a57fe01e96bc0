# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything is made below build/ and nowhere else. Needed: bash, git, tar and Python 3.11, 3.12 or 3.13 with venv.

CI := tests/ci

.DEFAULT_GOAL := help
.PHONY: help demo sandbox test test-long test-sanity test-units test-integration lint docs build bench clean

help:              ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 26

demo:              ## watch a playbook administer the jobs of a simulated site
	@$(CI)/demo.sh

sandbox:           ## run the simulated site and print the variables that lead to it (ARGS="--scenario large")
	@$(CI)/sandbox.sh $(ARGS)

test:              ## run all tests and checks
	@$(CI)/test.sh

test-long:         ## run what takes hours: 10,000 random examples, 50 kills, every target on every ansible-core
	@LONG=1 $(CI)/test.sh faults integration

test-sanity:       ## run ansible-test sanity
	@$(CI)/test.sh sanity

test-units:        ## run the unit tests on three releases of ansible-core
	@$(CI)/test.sh units

test-integration:  ## run the integration tests against the simulated site
	@$(CI)/test.sh integration

lint:              ## run the checks that only read the files
	@$(CI)/test.sh lint

docs:              ## check the documentation and build it into build/docs/html
	@$(CI)/test.sh docs

build:             ## build the tarball of the collection into build/dist
	@$(CI)/build.sh

bench:             ## measure the collection against the simulated site (ARGS="--rows 1,3 --runs 5 --latency 0,20")
	@tests/benchmarks/bench.sh $(ARGS)

clean:             ## remove build/
	@rm -rf build
