#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds and installs the collection as a user does, and plays tests/demo/demo.yml against the simulator.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
say "Preparing ansible-core, requests and the simulator's libraries below build/ ..."
use_venv demo

say "Building and installing the collection ..."
install_collection "$BUILD/demo"

say "Starting a simulated ArcGIS Enterprise ..."
say
cd "$ROOT/tests/demo"
export ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False ANSIBLE_RETRY_FILES_ENABLED=False
[[ -t 1 ]] && unset ANSIBLE_NOCOLOR
mkdir -p "$BUILD/demo/report"
exec python "$CI/with_simulator.py" --directory "$BUILD/demo/simulator" -- \
    ansible-playbook -e "report_folder=$BUILD/demo/report" -e "check_file=$BUILD/demo/check_site.json" demo.yml "$@"
