# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs site_info in the process of the controller where nothing can differ, and as a module otherwise."""

from __future__ import annotations

from ..modules.site_info import SPEC
from ..plugin_utils._direct import DirectAction


class ActionModule(DirectAction):
    """The task that runs site_info."""

    spec = SPEC
