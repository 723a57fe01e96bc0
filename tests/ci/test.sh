#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: test.sh [STAGE ...]: runs all stages of the tests, or the given ones.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
version=$(first_python 3.13 3.12 3.11) || fail "Python 3.11, 3.12 or 3.13 is needed, with its venv module"
exec "python$version" "$CI/run_stages.py" "$BUILD" "$@"
