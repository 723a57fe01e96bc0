#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The interpreter without the library also lacks what the coverage of modules needs.
set -eux
unset _ANSIBLE_COVERAGE_CONFIG _ANSIBLE_ANSIBALLZ_COVERAGE_CONFIG
ansible-playbook -i "$INVENTORY_PATH" -e @../../integration_config.yml -e "output_dir=$OUTPUT_DIR" "$@" requests_missing.yml
