#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: integration.sh [3.9]: ansible-test integration against the simulator. The modules run on the controller's
# Python, or on the older Python that is given; then only the targets that run each module once.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
target=${1:-}
if [[ -n $target ]]; then
    first_python "$target" >/dev/null || skip "no Python $target on this machine"
fi
use_venv core-newest
. "$CI/ansible-test.sh"

enter_tree "integration$target"
python=$(python_for core-newest)
if [[ -n $target ]]; then
    where=(--controller "origin:python=$python" --target "controller:python=venv/$target"
        gp_job gp_job_info gp_job_query gp_jobs_directory gp_queue gp_services_info
        notebook_job notebook_jobs notebook_jobs_info video_job_info environment)
else
    where=(--python "$python" --coverage)
fi

log=$BUILD/logs/ansible-test-integration$target.txt
python "$CI/with_simulator.py" --directory "$BUILD/simulator/integration$target" \
    --variables tests/integration/integration_config.yml \
    -- ansible-test integration --color no "${where[@]}" 2>&1 | tee "$log"

targets=$(grep -cE '^Running .* integration test role|^Running .* integration test script' "$log" || fail "no target ran")
say "$targets integration targets on $(ansible --version | head -n 1 | tr -d '[]'), modules on Python ${target:-$python}"
