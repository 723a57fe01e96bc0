#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The simulator's own tests.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv core-newest
enter_tree simulator
cd tests/simulator
log=$BUILD/logs/pytest-simulator.txt
PYTHONPATH=$PWD python -m pytest -p no:cacheprovider -q --color=no tests 2>&1 | tee "$log"
say "simulator: $(tail -n 1 "$log" | tr -d '=' | xargs)"
