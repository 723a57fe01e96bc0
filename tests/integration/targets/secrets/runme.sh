#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs tasks that succeed and tasks that fail, as talkative as Ansible can be, and looks for secrets in the output.
set -eu
output=$OUTPUT_DIR/output.txt
token=$OUTPUT_DIR/token.txt
export ANSIBLE_DISPLAY_TRACEBACK=always ANSIBLE_LOG_PATH=$OUTPUT_DIR/ansible.log

ansible-playbook -i "$INVENTORY_PATH" -e @../../integration_config.yml -e "token_file=$token" -vvv secrets.yml >"$output" 2>&1 || {
    cat "$output"
    exit 1
}

# Tokens of the simulator are 64 signs long; the one that was kept proves that this pattern finds them.
pattern='(^|[^A-Za-z0-9_-])[A-Za-z0-9_-]{64}([^A-Za-z0-9_-]|$)'
grep -qE "$pattern" "$token"
found=0
for file in "$output" "$ANSIBLE_LOG_PATH"; do
    grep -q 'PLAY RECAP' "$file"
    for secret in gis_admin-Secret-1 gis_viewer-Secret-1 wrong-Secret-2 "$(cat "$token")"; do
        if grep -nF -e "$secret" "$file"; then
            echo "A secret is in $file"
            found=1
        fi
    done
    if grep -nE "$pattern" "$file"; then
        echo "A token is in $file"
        found=1
    fi
done
exit "$found"
