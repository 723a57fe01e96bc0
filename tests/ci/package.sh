#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the tarball, installs and verifies it as a user does, runs the pipelines of the examples, which install it from git,
# and asks the importer of Ansible Galaxy about it.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv demo
build_collection "$BUILD/dist"
collection=$PWD
tarball=$(echo "$BUILD"/dist/gisops-arcgis-*.tar.gz)
python "$CI/tarball.py" "$tarball"

installed=$BUILD/package/installed
rm -rf "$BUILD/package"
mkdir -p "$installed"
cd "$BUILD/package"
export ANSIBLE_COLLECTIONS_PATH=$installed
ansible-galaxy collection install --offline -p "$installed" "$tarball"
ansible-galaxy collection verify --offline gisops.arcgis

# The directories that a system package may keep are enough for the modules.
minimal=$BUILD/package/minimal/ansible_collections/gisops/arcgis
mkdir -p "$minimal"
for directory in meta plugins roles playbooks; do
    if [[ -d $installed/ansible_collections/gisops/arcgis/$directory ]]; then
        cp -r "$installed/ansible_collections/gisops/arcgis/$directory" "$minimal"
    fi
done
modules=$(cd "$minimal/plugins/modules" && for file in [a-z]*.py; do say "gisops.arcgis.${file%.py}"; done)
# shellcheck disable=SC2086
ANSIBLE_COLLECTIONS_PATH=$BUILD/package/minimal ansible-doc --json $modules >"$BUILD/package/modules.json"

# The pipelines of the examples install from a repository, which the copy of the work tree is.
git -C "$collection" -c user.name=tests -c user.email=tests@example.com commit --quiet --message 'The work tree'
git -C "$collection" branch --force --move main
mkdir -p checkout
python "$CI/with_simulator.py" --directory "$BUILD/package/simulator" -- \
    python "$CI/pipelines.py" "$collection" checkout | tee pipelines.log

use_venv importer
log=$BUILD/logs/galaxy-importer.txt
GALAXY_IMPORTER_CONFIG=$CI/galaxy-importer.cfg python -m galaxy_importer.main "$tarball" 2>&1 | tee "$log"
if grep -E '^(ERROR|WARNING)' "$log"; then
    fail "the importer is not content"
fi

# What ansible-builder makes of it; the stage ee builds that where it can.
python "$CI/definition.py" "$tarball" "$installed" "$BUILD/package/definition"
say "$(basename "$tarball"): built, installed, verified, and accepted by galaxy-importer and ansible-builder; $(tail -n 1 pipelines.log)"
