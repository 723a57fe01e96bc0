#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: pytest.sh core-2.16|core-newest DIRECTORY ...: the tests of directories on one ansible-core. With LONG=1 the
# tests of faults try thousands of random examples more. The unit tests on the newest ansible-core must cover the code.
# pytest itself, because ansible-test starts a process for each test, which would cost most of the time.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
core=$1 tests=$2
use_venv "$core"
name=pytest-$core-${tests//\//-}
enter_tree "$name"

[[ -z ${LONG:-} ]] || export HYPOTHESIS_PROFILE=long
run=(pytest -q -p no:cacheprovider --durations=5 "${@:2}")
# Tests of faults wait more than they work.
[[ $tests != tests/unit/faults ]] || run+=(-n 3)
covered=
if [[ $core/$tests == core-newest/tests/unit/plugins ]]; then
    # Lines, because Python from 3.12 on watches them nearly for free; branches cost as much again as the tests.
    export COVERAGE_CORE=sysmon
    run=(coverage run --rcfile "$CI/coverage.cfg" -m "${run[@]}")
    covered=yes
fi
PYTHONPATH=$TREE:$PWD/tests/simulator python -m "${run[@]}" 2>&1 | tee "$BUILD/logs/$name.txt"

if [[ -n $covered ]]; then
    python -m coverage report --rcfile "$CI/coverage.cfg"
    covered=", $(python -m coverage report --rcfile "$CI/coverage.cfg" --format total) % of plugins/ covered"
fi
verdict=$(tail -n 1 "$BUILD/logs/$name.txt" | tr -d '=' | xargs)
[[ $verdict == *passed* ]] || fail "no test ran"
say "$verdict$covered, on $(ansible --version | head -n 1 | tr -d '[]'), Python $(python_for "$core")"
