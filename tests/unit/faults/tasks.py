# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of each module that succeeds on the simulated site as it is."""

from __future__ import annotations

from typing import Any

STUCK_JOB = "jb0ffe200000000000000000000stuck1"
NOTEBOOK_JOB = "j00000006-0b00-4000-8000-000000000006"
VIDEO_JOB = "j00000001-51de-4000-8000-000000000001"

# The product and the options of each module.
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "gp_job": ("server", {"service": "Maps/Buffer", "job_ids": [STUCK_JOB], "state": "absent"}),
    "gp_job_info": ("server", {"service": "Maps/Buffer", "job_ids": [STUCK_JOB]}),
    "gp_job_query": ("server", {"services": ["Maps/Buffer"]}),
    "gp_jobs_directory": ("server", {"max_age_minutes": 360, "allow_restart": True}),
    "gp_queue": ("server", {"services": ["Maps/Buffer"], "state": "empty"}),
    "gp_services_info": ("server", {}),
    "notebook_job": ("notebook", {"job_ids": [NOTEBOOK_JOB], "state": "cancelled"}),
    "notebook_jobs": ("notebook", {"state": "absent", "scope": "all_finished"}),
    "notebook_jobs_info": ("notebook", {}),
    "token": ("server", {}),
    "video_job_info": ("video", {"job_ids": [VIDEO_JOB]}),
}
