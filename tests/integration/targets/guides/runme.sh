#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs what the guides show, and compares what comes out with what they show.
set -eux
python run_guides.py ../../integration_config.yml "$OUTPUT_DIR"
