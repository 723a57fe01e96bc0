#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the collection as a project update of AWX does, and runs the project examples/awx through ansible-runner.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv runner

data=$BUILD/runner
install_collection "$data"
mkdir -p "$data/project"
cp -R examples/awx/. "$data/project"

cd "$data"
python "$CI/with_simulator.py" --directory "$data/simulator" -- python "$CI/runner_project.py" "$data"
