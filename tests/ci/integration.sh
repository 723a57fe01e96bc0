#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: integration.sh ENVIRONMENT [PYTHON]: ansible-test integration against the simulator, with the ansible-core of the
# environment. Where the Python of the modules is that of the controller, tasks run in its process; on an older Python, which
# takes the oldest release of requests that is supported, they run as modules. There the slow targets, which play roles,
# examples and guides, run only with LONG=1; on the release in the middle, only those that depend most on it.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
core=$1 target=${2:-}
use_venv "$core"
seed_pip

enter_tree "integration-$core"
python=$(python_for "$core")
where=(--python "$python")
if [[ -n $target ]]; then
    first_python "$target" >/dev/null || skip "no Python $target on this machine"
    where=(--controller "origin:python=$python" --target "controller:python=venv/$target")
    python=$target
fi
# What the guides show is the output of the newest release.
[[ $core == core-newest ]] || where+=(--exclude guides)
case ${LONG:-}$core in
    core-2.16)
        for slow in role_gp_drain role_gp_job_cleanup examples job_report job_metrics several_sites assumptions check_site; do
            where+=(--exclude "$slow")
        done
        ;;
    core-2.19) where+=(action_groups direct environment) ;;
esac

log=$BUILD/logs/ansible-test-integration-$core.txt
python "$CI/with_simulator.py" --directory "$BUILD/simulator/integration-$core" \
    --variables tests/integration/integration_config.yml \
    -- ansible-test integration --color no --retry-on-error "${where[@]}" 2>&1 | tee "$log"

targets=$(grep -E '^Running .* integration test (role|script)' "$log" | sort -u | grep -c . || fail "no target ran")
# A target that passed at its second try only is no failure, but it is seen, with what it said of the first one.
again=$(awk '/^(fatal: |failed: |\[ERROR\]|ERROR: )/ { said = $0 }
    /^WARNING: Reviewing previous/ { exit }
    /^WARNING: Retrying test target/ { print "; at the second try only: " $5 " (" substr(said, 1, 400) ")" }' "$log" | tr -d '\n')
say "$targets integration targets on $(ansible --version | head -n 1 | tr -d '[]'), modules on Python $python$again"
