#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the environment with Esri's package, without what the package asks for but does not import here.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../ci/common.sh"
use_venv esri "$ROOT/tests/benchmarks/esri.txt"
"$BUILD/venvs/uv/bin/uv" pip install --quiet --compile-bytecode --no-deps --python "$BUILD/venvs/esri/bin/python" arcgis==2.4.4
