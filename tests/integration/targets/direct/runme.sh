#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the same plays in the process of the controller and as modules, and compares what every task returned.
set -eu
config=../../integration_config.yml
export ANSIBLE_CALLBACK_PLUGINS=$PWD/callback_plugins ANSIBLE_CALLBACKS_ENABLED=keep_results ANSIBLE_INJECT_INVOCATION=1
export ANSIBLE_ROLES_PATH=$PWD/..

# Usage: play NAME PLAYBOOK [OPTION ...]
play() {
    local name=$1
    shift
    KEEP_RESULTS=$OUTPUT_DIR/$name.jsonl ansible-playbook -i inventory.yml -e @"$config" -vvv \
        "$@" >"$OUTPUT_DIR/$name.txt" 2>&1 || {
        grep -E '^(TASK|fatal|failed|ERROR|\[ERROR)' "$OUTPUT_DIR/$name.txt" | tail -n 8
        exit 1
    }
    echo "$name: $(grep -c 'runs in the process of the controller' "$OUTPUT_DIR/$name.txt" || true) tasks in the process," \
        "$(grep -c 'runs as a module' "$OUTPUT_DIR/$name.txt" || true) as modules"
}

# Usage: both_ways PLAYBOOK [OPTION ...]
both_ways() {
    play direct "$@" -e gisops_arcgis_direct=true
    play module "$@" -e gisops_arcgis_direct=false
    python compare.py "$OUTPUT_DIR/direct" "$OUTPUT_DIR/module"
    rm "$OUTPUT_DIR"/{direct,module}.jsonl
}

both_ways tasks.yml
# One release of ansible-core stands for all here; the plays take minutes.
if ansible --version | grep -q 'core 2\.19\.'; then
    both_ways targets.yml -e "output_dir=$OUTPUT_DIR"
fi

play ways ways.yml -e ansible_async_dir="$OUTPUT_DIR/async"
python compare.py --ways "$OUTPUT_DIR/ways"
ARCGIS_DIRECT=never play never never.yml
grep -q 'runs as a module: ARCGIS_DIRECT is never' "$OUTPUT_DIR/never.txt"

# Twelve hosts at once, and a password in a vault; on the newest release, for the same reason.
if ! ansible --version | grep -qE 'core 2\.(16|19)\.'; then
    vault=$OUTPUT_DIR/vault.yml
    export ANSIBLE_VAULT_PASSWORD_FILE=$OUTPUT_DIR/vault_password ANSIBLE_FORKS=12
    echo opens-the-vault >"$ANSIBLE_VAULT_PASSWORD_FILE"
    ansible-vault encrypt_string --name vaulted_password gis_admin-Secret-1 >"$vault" 2>/dev/null
    play module hosts.yml -e @"$vault" -e gisops_arcgis_direct=false
    for strategy in linear free; do
        ANSIBLE_STRATEGY=$strategy play "$strategy" hosts.yml -e @"$vault"
        python compare.py "$OUTPUT_DIR/$strategy" "$OUTPUT_DIR/module"
    done
fi

play hanging hanging.yml
python interrupt.py 'TASK [Wait in vain]' "$OUTPUT_DIR/interrupted.txt" \
    ansible-playbook -i inventory.yml -e @"$config" -e time_limit=100 hanging.yml
