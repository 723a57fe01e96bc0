# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option that all modules for GP jobs share."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the option platform."""

    DOCUMENTATION = r"""
options:
  platform:
    description:
      - What kind of site O(url) is.
      - V(server) is ArcGIS Server, whose queries take times in milliseconds.
      - V(kubernetes) is ArcGIS Enterprise on Kubernetes, whose queries take times in seconds. It documents no cancel,
        delete or statistics for GP jobs, so these fail before anything is sent.
    type: str
    choices: [server, kubernetes]
    default: server
"""
