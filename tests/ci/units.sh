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
. "$CI/ansible-test.sh"

enter_tree "units-$core"
python=$(python_for "$core")
log=$BUILD/logs/ansible-test-units-$core.txt
if [[ $core == core-newest ]]; then
    run=(ansible-test units --color no --python "$python" --coverage)
else
    # ansible-test starts a process for each test, which is most of its cost; once is enough.
    run=(env PYTHONPATH="$TREE" python -m pytest -q -p no:cacheprovider tests/unit)
fi
"${run[@]}" 2>&1 | tee "$log"

passed=$(sed -nE 's/(^|.*[^0-9])([0-9]+) passed.*/\2/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
[[ $passed -gt 0 ]] || fail "no unit test ran"
say "$passed unit tests on $(ansible --version | head -n 1 | tr -d '[]'), Python $python"
