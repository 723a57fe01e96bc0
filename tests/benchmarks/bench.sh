#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the environment below build/ and runs bench.py in it, with its options.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../ci/common.sh"
use_venv bench "$ROOT/tests/benchmarks/bench.txt"
# Without Esri's package its row is skipped.
esri=()
if "$ROOT/tests/benchmarks/esri.sh"; then esri=(--esri "$BUILD/venvs/esri/bin/python"); fi
enter_tree bench
export ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False ANSIBLE_RETRY_FILES_ENABLED=False
cd "$ROOT/tests/benchmarks"
exec python bench.py --directory "$BUILD/bench" "${esri[@]}" "$@"
