#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Sets up a look-alike of AWX with the real modules of awx.awx. They are taken out of the Python package ansible, which is
# the one place that has them beside Ansible Galaxy.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
package=ansible==12.3.0
awx=$BUILD/cache/awx-${package#*==}

install_uv "$(python_for uv)"
if [[ ! -d $awx ]]; then
    rm -rf "$awx.part"
    "$BUILD/venvs/uv/bin/pip" download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: \
        --python-version 3.13 --dest "$awx.part" "$package" || skip "$package could not be downloaded"
    "$BUILD/venvs/uv/bin/python" - "$awx.part" <<'PYTHON'
import pathlib, sys, zipfile
directory = pathlib.Path(sys.argv[1])
(wheel,) = directory.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(directory, [name for name in archive.namelist() if name.startswith("ansible_collections/awx/")])
wheel.unlink()
PYTHON
    mv "$awx.part" "$awx"
fi

# The second run is on the oldest ansible-core, where the machine has a Python for it.
oldest=
if python_for core-2.16 >/dev/null; then
    (use_venv core-2.16)
    oldest=$BUILD/venvs/core-2.16/bin
fi
use_venv runner
data=$BUILD/controller
install_collection "$data"
cp -R examples/awx "$data/project"
cp -R "$awx" "$data/awx"
cd "$data"
python "$CI/controller_setup.py" "$data" ${oldest:+"$oldest"}
