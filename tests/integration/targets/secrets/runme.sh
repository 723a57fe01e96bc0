#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs tasks that succeed and tasks that fail, as talkative as Ansible can be, and looks for secrets in all that is left
# of them: the output, the log, temporary files, and the command lines of the processes.
set -eu
config=../../integration_config.yml
token=$OUTPUT_DIR/token.txt
left=$(mktemp -d)  # the sockets of Ansible in it want a short path
trap 'rm -rf "$left"' EXIT
mkdir "$left/tmp"
export TMPDIR=$left/tmp ANSIBLE_LOCAL_TEMP=$left/tmp/local ANSIBLE_REMOTE_TEMP=$left/tmp/remote
export ANSIBLE_DISPLAY_TRACEBACK=always ANSIBLE_INJECT_INVOCATION=1
export ANSIBLE_LOG_PATH=$left/ansible.log ANSIBLE_LOG_VERBOSITY=4

python watch_processes.py "ANSIBLE_LOG_PATH=$ANSIBLE_LOG_PATH" >"$left/processes.txt" &
watcher=$!
trap 'kill "$watcher" || true; rm -rf "$left"' EXIT

# Usage: play NAME PLAYBOOK [OPTION ...]
play() {
    local output=$left/$1.txt
    echo "Playing $1"
    shift
    ansible-playbook -i "$INVENTORY_PATH" -e @"$config" -e "token_file=$token" -vvvv --diff "$@" >"$output" 2>&1 || {
        grep -E '^(TASK|fatal|failed|ERROR|\[ERROR)' "$output" | tail -n 5
        exit 1
    }
}

# Modules get their options in a file, and below, with pipelining, through a pipe.
play options secrets.yml -e gisops_arcgis_direct=false -e ansible_pipelining=false
# And in the process of Ansible they get them as they are.
play direct secrets.yml -e gisops_arcgis_direct=true -e 'ansible_python_interpreter={{ ansible_playbook_python }}'

# With ANSIBLE_DEBUG, Ansible itself prints the options of every task and what the keyword environment sets. Variables
# of the process, as AWX sets them, are not among that.
ARCGIS_URL=$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["simulator"]["urls"]["server"])' "$config")
ARCGIS_CA_PATH=$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["simulator"]["ca_path"])' "$config")
ARCGIS_TOKEN=$(cat "$token")
export ANSIBLE_DEBUG=1 ARCGIS_URL ARCGIS_CA_PATH ARCGIS_TOKEN ARCGIS_USERNAME=gis_admin
ARCGIS_PASSWORD=gis_admin-Secret-1 play environment from_environment.yml -e gisops_arcgis_direct=false -e ansible_pipelining=true
ARCGIS_PASSWORD='wrong & Secret%2' play wrong_environment from_environment.yml -e gisops_arcgis_direct=false -e expected=bad_credentials
ARCGIS_PASSWORD='wrong & Secret%2' play direct_environment from_environment.yml -e gisops_arcgis_direct=true -e expected=bad_credentials \
    -e 'ansible_python_interpreter={{ ansible_playbook_python }}'

python find_secrets.py "$token" "$left"
