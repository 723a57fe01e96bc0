#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the pictures of the report in docs/images, from the demo scenario of the simulator. Needs chromium.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v chromium >/dev/null || fail "chromium is missing: install it, for instance with 'apt-get install chromium'"
use_venv demo
install_collection "$BUILD/pictures"
mkdir -p "$BUILD/pictures/report" "$ROOT/docs/images"

ANSIBLE_LOCALHOST_WARNING=False python "$CI/with_simulator.py" --directory "$BUILD/pictures/simulator" -- \
    ansible-playbook gisops.arcgis.report -e '{"job_report_formats": ["html", "email"]}' \
    -e "job_report_dest=$BUILD/pictures/report"

# shoot PAGE PICTURE WIDTH HEIGHT [OPTION ...]
shoot() {
    local page=$1 picture=$2 width=$3 height=$4 profile
    shift 4
    profile=$(mktemp -d)
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" \
        --window-size="$width,$height" --screenshot="$ROOT/docs/images/$picture" "$@" \
        "file://$BUILD/pictures/report/$page" 2>/dev/null
    rm -rf "$profile"
}

shoot jobs.html report.png 1280 1140
shoot jobs.html report_dark.png 1280 1140 --blink-settings=preferredColorScheme=0
shoot jobs.html report_phone.png 390 1600
shoot jobs_email.html report_email.png 700 1600
say "docs/images: $(ls "$ROOT/docs/images")"
