# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of each module that succeeds on the simulated site as it is."""

from __future__ import annotations

from typing import Any

from ansible_collections.gisops.arcgis.tests.unit.faults import matrix_cases

STUCK_JOB = "jb0ffe200000000000000000000stuck1"
NOTEBOOK_JOB, VIDEO_JOB = matrix_cases.NOTEBOOK_JOB, matrix_cases.VIDEO_JOB

# The product and the options of each module.
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    task.module: (task.context, task.options) for task in matrix_cases.TASKS.values()
}
