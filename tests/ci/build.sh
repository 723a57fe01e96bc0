#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the tarball of the collection into build/dist.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv demo
enter_tree build
rm -rf "$BUILD/dist"
ansible-galaxy collection build --output-path "$BUILD/dist" .
