#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ansible-test sanity on the newest ansible-core, without a single ignored finding and without a skipped test.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv core-newest
seed_pip

command -v shellcheck >/dev/null || apt_install shellcheck ||
    fail "shellcheck is missing: install it, for instance with 'apt-get install shellcheck'"

enter_tree sanity
if compgen -G 'tests/sanity/ignore*' >/dev/null; then
    fail "the collection passes the sanity tests without ignore files: $(echo tests/sanity/ignore*)"
fi

log=$BUILD/logs/ansible-test-sanity.txt
if ! ansible-test sanity --color no 2>&1 | tee "$log"; then
    fail "$(grep -E '^(ERROR|FATAL)' "$log")"
fi

if grep -E 'All targets skipped|Required program .* not found' "$log"; then
    fail "ansible-test left something out"
fi
tests=$(grep -oE '^Running sanity test "[a-z0-9-]+"' "$log" | sort -u | wc -l)
[[ $tests -ge 20 ]] || fail "only $tests sanity tests ran"
say "$tests sanity tests on $(ansible --version | head -n 1 | tr -d '[]'), no ignore files"
