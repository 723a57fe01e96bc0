# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules support, in the terms that Ansible has for it."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the attributes, in two variants: for reading and for writing modules."""

    DOCUMENTATION = r"""
attributes:
  platform:
    description: Target operating systems on which the module can run.
    platforms: posix
    support: full
"""

    READING = r"""
attributes:
  check_mode:
    description: Can run in check mode and predict what it would change.
    support: full
    details: The module changes nothing, so check mode makes no difference.
  diff_mode:
    description: Returns the difference that it makes.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: A second run changes nothing.
    support: full
    details: The module changes nothing.
"""

    WRITING = r"""
attributes:
  check_mode:
    description: Can run in check mode and predict what it would change.
    support: full
    details: The client refuses every request that changes the site while in check mode.
  diff_mode:
    description: Returns the difference that it makes.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
    details: The present status of a job decides whether anything is sent.
"""

    ACTION_GROUPS_GP = r"""
attributes:
  action_group:
    description: Use C(group/gisops.arcgis.arcgis) or C(group/gisops.arcgis.gp) in C(module_defaults) to set defaults.
    support: full
    membership:
      - gisops.arcgis.arcgis
      - gisops.arcgis.gp
"""

    ACTION_GROUPS_NOTEBOOK = r"""
attributes:
  action_group:
    description: Use C(group/gisops.arcgis.arcgis) or C(group/gisops.arcgis.notebook) in C(module_defaults) to set
      defaults.
    support: full
    membership:
      - gisops.arcgis.arcgis
      - gisops.arcgis.notebook
"""

    ACTION_GROUPS_VIDEO = r"""
attributes:
  action_group:
    description: Use C(group/gisops.arcgis.arcgis) or C(group/gisops.arcgis.video) in C(module_defaults) to set
      defaults.
    support: full
    membership:
      - gisops.arcgis.arcgis
      - gisops.arcgis.video
"""

    ACTION_GROUPS = r"""
attributes:
  action_group:
    description: Use C(group/gisops.arcgis.arcgis) in C(module_defaults) to set defaults.
    support: full
    membership:
      - gisops.arcgis.arcgis
"""
