#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Says what the unit tests on the newest ansible-core covered, and asks for enough. Measuring the integration tests as well
# would cost minutes and add nothing, because the unit tests run every module.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv core-newest
enter_tree coverage
mkdir -p tests/output/coverage
cp "$BUILD/trees/units-core-newest/ansible_collections/gisops/arcgis/tests/output/coverage/"*=coverage.* tests/output/coverage/
ansible-test coverage combine --color no --all >"$BUILD/logs/ansible-test-coverage.txt"
ansible-test coverage report --color no --all --omit 'tests/*'
ansible-test coverage xml --color no --all >>"$BUILD/logs/ansible-test-coverage.txt"
python "$CI/coverage_gate.py" tests/output/reports/coverage.xml 90
