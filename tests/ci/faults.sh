#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What must hold when things fail: faults, attacks and bad input. With LONG=1 thousands of random examples more.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv core-newest

enter_tree faults
log=$BUILD/logs/pytest-faults.txt
[[ -z ${LONG:-} ]] || export HYPOTHESIS_PROFILE=long
PYTHONPATH=$TREE python -m pytest -q -p no:cacheprovider --durations=5 tests/unit/faults 2>&1 | tee "$log"
say "faults: $(tail -n 1 "$log" | tr -d '=' | xargs)"
