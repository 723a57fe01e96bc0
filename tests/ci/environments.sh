#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes every virtual environment, so that the stages after it only use them.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
count=0
for file in "$CI"/requirements/*.txt; do
    name=$(basename "$file" .txt)
    # What the stage rulebook needs is not to be had everywhere, so that stage makes its environment itself.
    if [[ $name != uv && $name != rulebook ]] && python_for "$name" >/dev/null; then
        use_venv "$name"
        say "$name: Python $(python_for "$name")"
        count=$((count + 1))
    fi
done

# Each ansible-test makes this key where it is missing, and two at once would meet.
key=$HOME/.ansible/test/id_rsa
if [[ ! -f $key ]] && command -v ssh-keygen >/dev/null; then
    mkdir -p "${key%/*}"
    ssh-keygen -m PEM -q -t rsa -N '' -f "$key"
fi
say "$count environments; Pythons: $(cd "$BUILD/pythons" && echo python* | sed 's/python//g')"
