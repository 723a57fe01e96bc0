# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter job_age."""

from __future__ import annotations

DOCUMENTATION = r"""
name: job_age
short_description: How long ago a job was submitted
version_added: 1.1.0
description:
  - Returns how many seconds before a given time a job was submitted or, for products that do not tell, began. Whether
    the job has ended makes no difference.
positional: now
options:
  _input:
    description: A job as the modules of the collection return it.
    type: dict
    required: true
  now:
    description: The time from which to count, as C(now(\)) returns it, in seconds since 1970, or in ISO 8601 with
      a zone.
    type: raw
    required: true
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - plugin: gisops.arcgis.finished
    plugin_type: test
"""

EXAMPLES = r"""
- name: Show for how many hours the open jobs have been open
  ansible.builtin.debug:
    msg: "{{ item.job_id }}: {{ (item | gisops.arcgis.job_age(now()) / 3600) | round(1) }} h"
  loop: "{{ found.jobs | reject('gisops.arcgis.finished') }}"
  loop_control:
    label: "{{ item.job_id }}"
"""

RETURN = r"""
_value:
  description: The age in seconds, 0 for a job of the future, and null for a record without times.
  type: float
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import ArcGISError
from ..module_utils._options import parse_time
from ..module_utils._outputs.sources import began_ms


def job_age(job: Any, now: Any) -> float | None:
    """Return how many seconds ago a job was submitted or began; None where its record does not tell."""
    if not isinstance(job, Mapping) or "job_id" not in job:
        raise AnsibleFilterError("job_age wants a job as the modules of gisops.arcgis return it.")
    began = began_ms(job)
    return None if began is None else max(0, _milliseconds(now) - began) / 1000


def _milliseconds(now: Any) -> int:
    """Return a time in milliseconds since 1970; one of Python without a zone is that of this host."""
    if isinstance(now, datetime):
        return round(now.timestamp() * 1000)
    if isinstance(now, (int, float)) and not isinstance(now, bool):
        return round(now * 1000)
    try:
        moment = parse_time("now", str(now))
    except ArcGISError as error:
        raise AnsibleFilterError(f"job_age: {error}") from None
    if moment is None or moment.epoch_ms is None:
        raise AnsibleFilterError("job_age wants a time and no age as now.")
    return moment.epoch_ms


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by their names."""
        return {"job_age": job_age}
