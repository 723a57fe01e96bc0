#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes reports on the records of the simulated site, with the module and with the playbook: on two sites and one that is down,
# and without an inventory, by the variables of the environment.
set -eux
REPORTS=$OUTPUT_DIR/reports
mkdir -p "$REPORTS"
sites=(-i inventory/sites.yml -e @../../integration_config.yml -e "reports=$REPORTS")
ansible-playbook "${sites[@]}" "$@" module.yml
ansible-playbook "${sites[@]}" "$@" collected.yml
ansible-playbook "${sites[@]}" "$@" archive.yml
ansible-playbook "${sites[@]}" -e arcgis_hosts=gis_sites "$@" sites.yml
ansible-playbook "${sites[@]}" "$@" strict.yml

# A host that fails in another way is in the report too, and the play fails.
if ansible-playbook "${sites[@]}" -e arcgis_hosts=misconfigured,standalone -e job_report_name=lost "$@" gisops.arcgis.report; then
    exit 1
fi
grep '"error": "The host failed before its jobs were read."' "$REPORTS/lost.json"
grep '"site": "both"' "$REPORTS/lost.json"
grep '"name": "Buffer"' "$REPORTS/lost.json"

set +x
eval "$(python environment.py ../../integration_config.yml)"
set -x
ansible-playbook -i localhost, -e "job_report_dest=$REPORTS" -e job_report_name=from_environment "$@" gisops.arcgis.report |
    tee "$REPORTS/output.txt"
grep 'jobs from 2 sources' "$REPORTS/output.txt"

# The variable that all modules take serves as well, and without any there is no report that says that all is well.
export ARCGIS_URL=$ARCGIS_SERVER_URL
unset ARCGIS_SERVER_URL ARCGIS_NOTEBOOK_URL ARCGIS_VIDEO_URL
report=(ansible-playbook -i "localhost," -e "job_report_dest=$REPORTS" -e job_report_name=from_one "$@" gisops.arcgis.report)
"${report[@]}" | tee "$REPORTS/output.txt"
grep 'jobs from 1 source' "$REPORTS/output.txt"
unset ARCGIS_URL
if "${report[@]}" >"$REPORTS/output.txt"; then exit 1; fi
grep 'Set job_collection_server_url' "$REPORTS/output.txt"
