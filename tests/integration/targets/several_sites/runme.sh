#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Works on three sites with the inventory and the plays of the guide, and asks the sites what arrived.
set -eux
PYTHONPATH=$PWD/../guides python run_sites.py ../../integration_config.yml "$OUTPUT_DIR"
