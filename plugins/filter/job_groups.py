# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter job_groups."""

from __future__ import annotations

DOCUMENTATION = r"""
name: job_groups
short_description: Count jobs by a key
version_added: 1.1.0
description:
  - Counts how many of the jobs have each value of a key, the most frequent value first.
  - Jobs without the key, and those in which it is null, count under C(null).
positional: key
options:
  _input:
    description: Jobs as the modules of the collection return them.
    type: list
    elements: dict
    required: true
  key:
    description: The key to count by, such as V(status), V(service), V(username) or V(machine).
    type: str
    required: true
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - plugin: gisops.arcgis.job_age
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show who has how many jobs
  ansible.builtin.debug:
    msg: "{{ found.jobs | gisops.arcgis.job_groups('username') }}"
"""

RETURN = r"""
_value:
  description: How many jobs there are by the value of the key, as a text.
  type: dict
  sample: {"a_doe": 12, "null": 3}
"""

from collections import Counter
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ..module_utils._outputs.sources import mappings_in


def job_groups(jobs: Any, key: str) -> dict[str, int]:
    """Return how many jobs have each value of a key, the most frequent value first, and equal ones by name."""
    listed = mappings_in(jobs)
    if listed is None:
        raise AnsibleFilterError("job_groups wants a list of jobs as the modules of gisops.arcgis return them.")
    counts = Counter("null" if job.get(key) is None else str(job[key]) for job in listed)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by their names."""
        return {"job_groups": job_groups}
