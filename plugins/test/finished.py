# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test finished."""

from __future__ import annotations

DOCUMENTATION = r"""
name: finished
short_description: Whether a job has ended
version_added: 1.1.0
description:
  - Tells whether a job has ended, which is so if its status is V(succeeded), V(failed), V(cancelled), V(timed_out) or
    V(deleted). It works for records with and without details, which have no key C(finished).
  - A job whose status is not known has not ended.
options:
  _input:
    description: A job as the modules of the collection return it, or its status.
    type: raw
    required: true
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - plugin: gisops.arcgis.job_age
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the jobs that are still open
  ansible.builtin.debug:
    msg: "{{ found.jobs | reject('gisops.arcgis.finished') | map(attribute='job_id') | list }}"
"""

RETURN = r"""
_value:
  description: Whether the job has ended.
  type: bool
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ..module_utils._jobs.record import is_finished


def finished(job: Any) -> bool:
    """Say whether a job, or a status, is one that has ended."""
    if isinstance(job, str):
        return is_finished(job)
    if not isinstance(job, Mapping) or "job_id" not in job:
        raise AnsibleFilterError("finished wants a job as the modules of gisops.arcgis return it, or a status.")
    return is_finished(job.get("status"))


class TestModule:
    """The tests of this file."""

    def tests(self) -> dict[str, Callable[..., bool]]:
        """Return the tests by their names."""
        return {"finished": finished}
