#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The module by itself, and then the playbook of the role on an inventory of four hosts: two sites, of which one is down, one
# without an address, and one with a variable that is not defined. The role fails for the last two, after it has written the file.
set -eux
mkdir "$OUTPUT_DIR/module"
ansible-playbook -i "$INVENTORY_PATH" -e @../../integration_config.yml -e "metrics_folder=$OUTPUT_DIR/module" "$@" module.yml

run() {
    ansible-playbook -i inventory/sites.yml -e @../../integration_config.yml -e arcgis_hosts=gis_sites \
        -e "job_metrics_dest=$OUTPUT_DIR/arcgis.prom" "$@"
}
status=0
run "$@" gisops.arcgis.metrics || status=$?
[[ $status == 2 ]]
run "$@" check.yml

run "$@" -l enterprise,down gisops.arcgis.metrics
# A site whose host fails before the role is one that could not be read, too.
run "$@" -l enterprise,down lost.yml
before=$(cksum <"$OUTPUT_DIR/arcgis.prom")
run "$@" --check -l enterprise,down gisops.arcgis.metrics
[[ $(cksum <"$OUTPUT_DIR/arcgis.prom") == "$before" ]]
run "$@" check_again.yml
