#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs every example of every module.
set -eux
python run_examples.py ../../integration_config.yml "$INVENTORY_PATH" "$OUTPUT_DIR" "$@"
