# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option that all modules for notebook jobs share."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the option platform."""

    DOCUMENTATION = r"""
options:
  platform:
    description:
      - What kind of site O(url) is.
      - V(server) is ArcGIS Notebook Server.
      - V(kubernetes) is ArcGIS Enterprise on Kubernetes, which lists notebook jobs from release 11.4 and cancels them
        from release 11.5. It documents no operation that deletes them, so a deletion fails before anything is sent.
    type: str
    choices: [server, kubernetes]
    default: server
    version_added: 1.1.0
notes:
  - With O(platform=kubernetes), the following is assumed and documented nowhere. The list of the site is complete. A
    single job has the fields of a Notebook Server in addition to those of the list, among them the user, the messages
    and whether it was cancelled. A cancelled job says so, or is gone. None of this was tested on a real site.
"""
