# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints the lines that let a shell find the simulated site by the variables of the environment."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

simulator = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["simulator"]
variables = {
    "ARCGIS_SERVER_URL": simulator["urls"]["server"],
    "ARCGIS_NOTEBOOK_URL": simulator["urls"]["notebook"],
    "ARCGIS_VIDEO_URL": simulator["urls"]["video"],
    "ARCGIS_USERNAME": "gis_admin",
    "ARCGIS_PASSWORD": simulator["accounts"]["gis_admin"]["password"],
    "ARCGIS_CA_PATH": simulator["ca_path"],
}
for name, value in variables.items():
    print(f"export {name}={shlex.quote(value)}")
