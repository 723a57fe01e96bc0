#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Checks sites of every kind with the playbook, looks for names in the file that it writes, and plays sites by such files.
set -eux -o pipefail
sites=(-i inventory/sites.yml -e @../../integration_config.yml)

# Sites that answer. The names of a scenario, and of one whose names are odd, are in no file.
for scenario in demo "$PWD/files/odd_names.yml"; do
    folder=$OUTPUT_DIR/$(basename "$scenario" .yml)
    mkdir -p "$folder"
    ansible-playbook "${sites[@]}" -e arcgis_hosts=gis_sites -e "folder=$folder scenario=$scenario fail_on=never" \
        -e '{"video_jobs": ["j00000003-51de-4000-8000-000000000003", "j0odd003-51de-4000-8000-000000000003"]}' \
        "$@" names.yml | tee "$folder/output.txt"
    python find_names.py "$folder" j0odd003-51de-4000-8000-000000000003
    [[ $(stat -c %a "$folder/check_site.json") == 600 ]]
    grep "The file for an issue, without names: $folder/check_site.json" "$folder/output.txt"
    # The report on the screen is for those who run the site.
    grep 'account: gis_admin, org_admin' "$folder/output.txt"
done

# Sites that cannot be checked are in the file and in the report, and the play fails after these. Nobody asks for assumptions.
folder=$OUTPUT_DIR/failing
mkdir -p "$folder"
if ansible-playbook "${sites[@]}" -e arcgis_hosts=failing_sites -e "folder=$folder scenario=demo fail_on=failed" -e '{"check_site_assumptions": false}' "$@" names.yml >"$folder/output.txt"; then
    exit 1
fi
grep 'The file for an issue, without names' "$folder/output.txt"
grep -c '"error": "bad_credentials"' "$folder/check_site.json"
grep '"error": "unreachable"' "$folder/check_site.json"
grep 'Could not log in' "$folder/output.txt"
if grep unknown_answers "$folder/check_site.json"; then exit 1; fi
python find_names.py "$folder" Open-Sesame-77 Open-Sesame-78 lighthouse.invalid secret_context keeper_of_the_light a-token-that-nobody-issued

# Three sites that differ, each played by the file of its check.
for which in 0 1 2; do
    folder=$OUTPUT_DIR/profile-$which
    mkdir -p "$folder"
    ansible-playbook "${sites[@]}" -e arcgis_hosts=city_hall,waterworks -e "folder=$folder" -e "{\"which\": $which}" \
        -e '{"video_jobs": ["j00000003-51de-4000-8000-000000000003"]}' "$@" profiles.yml
done
ansible-playbook "${sites[@]}" -e scenario=demo "$@" reset.yml
