#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the simulator in the foreground; it prints the variables that lead the modules to it.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv demo
rm -rf "$BUILD/sandbox"
mkdir -p "$BUILD/sandbox"
PYTHONPATH=$ROOT/tests/simulator exec python -m arcgis_simulator --directory "$BUILD/sandbox" "$@"
