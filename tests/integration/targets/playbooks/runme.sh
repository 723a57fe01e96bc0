#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the playbooks of the collection on an inventory of two sites, and without one on localhost.
set -eux
ansible-playbook -i inventory/sites.yml -e @../../integration_config.yml -e arcgis_hosts=gis_sites "$@" sites.yml
ansible-playbook -i localhost, -e @../../integration_config.yml -e @vars/localhost.yml "$@" one_site.yml

# A connection in which a variable is mistyped is none, and neither is an empty one: nothing is done on the site of the
# environment in its place.
export ARCGIS_SERVER_URL=https://localhost:1/server ARCGIS_USERNAME=gis_admin ARCGIS_PASSWORD=gis_admin-Secret-1
for playbook in check_site cleanup drain; do
    if ansible-playbook -i inventory/mistyped.yml -e arcgis_hosts=mistyped -e gp_job_cleanup_all_services=true \
        -e gp_job_cleanup_delete_after=1m -e gp_drain_all_services=true -e check_site_dest="$OUTPUT_DIR/" \
        "gisops.arcgis.$playbook" >"$OUTPUT_DIR/mistyped.txt" 2>&1; then
        exit 1
    fi
    cat "$OUTPUT_DIR/mistyped.txt"
    [[ $(grep -cE '^(whole|password|blank|null|none|text) .* failed=1 ' "$OUTPUT_DIR/mistyped.txt") == 6 ]]
    [[ $(grep -c 'arcgis_connection of [a-z]* is empty, or no mapping' "$OUTPUT_DIR/mistyped.txt") -ge 4 ]]
    if grep 'localhost:1' "$OUTPUT_DIR/mistyped.txt"; then exit 1; fi
done
