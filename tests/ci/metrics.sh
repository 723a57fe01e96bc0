#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes the metrics of the simulated site with the playbook of the collection, and has a real node_exporter and a real
# Prometheus read them. Where these are not installed, their Debian packages are unpacked below build/ and not installed, because
# an installation would start services.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tools=$BUILD/cache/prometheus
PATH=$PATH:$tools/usr/bin
installed() {
    command -v prometheus >/dev/null && command -v promtool >/dev/null &&
        { exporter=$(command -v node_exporter) || exporter=$(command -v prometheus-node-exporter); }
}
if ! installed; then
    missing="prometheus, promtool and node_exporter are not installed"
    for tool in apt-get dpkg; do
        command -v "$tool" >/dev/null || skip "$missing, and this machine has no $tool"
    done
    # Unpacked beside its place, so that an interrupted run leaves nothing that looks complete.
    rm -rf "$tools" "$tools.new"
    mkdir -p "$tools.new"
    (cd "$tools.new" && apt-get --quiet download prometheus prometheus-node-exporter) ||
        skip "$missing, and apt-get could not download them; apt-get update may help"
    for package in "$tools.new"/*.deb; do dpkg -x "$package" "$tools.new"; done
    mv "$tools.new" "$tools"
    installed || fail "the packages do not hold prometheus, promtool and node_exporter"
fi

use_venv metrics
enter_tree metrics
data=$BUILD/metrics
rm -rf "$data"
mkdir -p "$data"
PYTHONPATH=$TREE python "$CI/with_simulator.py" --directory "$data/simulator" -- \
    python "$CI/watched_site.py" "$data" "$PWD/examples/monitoring" "$exporter"
