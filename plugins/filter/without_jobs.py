# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter without_jobs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: without_jobs
short_description: Leave out the jobs of another list
version_added: 1.1.0
description:
  - Returns the jobs of a list that are not in another list, in their order. A job is the same in both where service and
    job ID are the same, whatever else is known of it, such as another status.
positional: others
options:
  _input:
    description: Jobs as the modules of the collection return them.
    type: list
    elements: dict
    required: true
  others:
    description: The jobs to leave out.
    type: list
    elements: dict
    required: true
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - plugin: gisops.arcgis.job_groups
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show which jobs have come since the beginning of the play
  ansible.builtin.debug:
    msg: "{{ after.jobs | gisops.arcgis.without_jobs(before.jobs) }}"
"""

RETURN = r"""
_value:
  description: The jobs that are left.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ..module_utils._outputs.sources import mappings_in


def without_jobs(jobs: Any, others: Any) -> list[Mapping[str, Any]]:
    """Return the jobs that are not among the others."""
    kept, left_out = mappings_in(jobs), mappings_in(others)
    if kept is None or left_out is None or not all("job_id" in job for job in (*kept, *left_out)):
        raise AnsibleFilterError("without_jobs wants two lists of jobs as the modules of gisops.arcgis return them.")
    identities = set(map(_identity, left_out))
    return [job for job in kept if _identity(job) not in identities]


def _identity(job: Mapping[str, Any]) -> tuple[str, str]:
    return str(job.get("service")), str(job["job_id"])


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by their names."""
        return {"without_jobs": without_jobs}
