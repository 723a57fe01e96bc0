#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes the requirement files of the environments anew from the .in files beside them, with the newest releases of today.
# Each file holds for every Python from 3.11 on; markers say which release an older Python takes.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install_uv "$(python_for uv)"

cd "$CI/requirements"
for environment in core-2.16 core-2.19 core-newest demo importer runner tools; do
    "$BUILD/venvs/uv/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 \
        --no-annotate --no-header "$environment.in" --output-file "$environment.txt"
done
