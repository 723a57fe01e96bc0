#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the same plays in the process of the controller and as modules, and compares what every task returned.
set -eu
config=../../integration_config.yml
export ANSIBLE_CALLBACK_PLUGINS=$PWD/callback_plugins ANSIBLE_CALLBACKS_ENABLED=keep_results ANSIBLE_INJECT_INVOCATION=1

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

play direct tasks.yml -e gisops_arcgis_direct=true
play module tasks.yml -e gisops_arcgis_direct=false
python compare.py "$OUTPUT_DIR/direct" "$OUTPUT_DIR/module"

play ways ways.yml -e ansible_async_dir="$OUTPUT_DIR/async"
python compare.py --ways "$OUTPUT_DIR/ways"
ARCGIS_DIRECT=never play never never.yml
grep -q 'runs as a module: ARCGIS_DIRECT is never' "$OUTPUT_DIR/never.txt"

play hanging hanging.yml -e gisops_arcgis_direct=true
