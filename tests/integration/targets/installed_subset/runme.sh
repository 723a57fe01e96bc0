#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs only the folders that the collection needs at run time, and runs modules from there.
set -eux
source=$(ansible-galaxy collection list gisops.arcgis --format json | python -c '
import json, sys
print(next(iter(json.load(sys.stdin))))')/gisops/arcgis
installed=$OUTPUT_DIR/subset/ansible_collections/gisops/arcgis
mkdir -p "$installed"
for folder in meta plugins roles playbooks; do
    if [[ -d $source/$folder ]]; then
        cp -R "$source/$folder" "$installed"
    fi
done
export ANSIBLE_COLLECTIONS_PATH=$OUTPUT_DIR/subset
ansible-playbook -i "$INVENTORY_PATH" -e @../../integration_config.yml "$@" installed_subset.yml
