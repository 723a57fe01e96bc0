#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: units.sh core-2.16|core-2.19|core-newest: the unit tests on one ansible-core.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
core=$1
if [[ $core == core-2.19 && $(python_for core-newest) == 3.11 ]]; then
    skip "the newest ansible-core for Python 3.11 is the newest of all on this machine"
fi
use_venv "$core"

enter_tree "units-$core"
python=$(python_for "$core")
log=$BUILD/logs/pytest-$core.txt
# pytest itself, because ansible-test starts a process for each test, which would cost most of the time.
run=(python -m pytest -q -p no:cacheprovider tests/unit/plugins)
if [[ $core == core-newest ]]; then
    mkdir -p tests/output/coverage
    # The name is the one by which ansible-test puts the coverage of all tests together.
    export COVERAGE_FILE="tests/output/coverage/units=units=python-$python=python-$python=coverage.pytest"
    run=(python -m coverage run --branch "--include=*/gisops/arcgis/plugins/*" "${run[@]:1}")
fi
PYTHONPATH=$TREE "${run[@]}" 2>&1 | tee "$log"

passed=$(sed -nE 's/(^|.*[^0-9])([0-9]+) passed.*/\2/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
[[ $passed -gt 0 ]] || fail "no unit test ran"
say "$passed unit tests on $(ansible --version | head -n 1 | tr -d '[]'), Python $python"
