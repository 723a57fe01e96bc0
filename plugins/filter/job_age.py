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
  - Returns how many seconds ago a job was submitted or, for products that do not tell, began. Whether the job has ended
    makes no difference.
positional: now
options:
  _input:
    description: A job as the modules of the collection return it.
    type: dict
    required: true
  now:
    description:
      - The time from which to count, in ISO 8601 with a zone or in seconds since 1970. The default is the present time.
      - What C(now(\)) returns has no zone, and is refused.
    type: raw
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - plugin: gisops.arcgis.finished
    plugin_type: test
"""

EXAMPLES = r"""
- name: Show for how many hours the open jobs have been open
  ansible.builtin.debug:
    msg: "{{ item.job_id }}: {{ (item | gisops.arcgis.job_age / 3600) | round(1) }} h"
  loop: "{{ found.jobs | reject('gisops.arcgis.finished') }}"
  loop_control:
    label: "{{ item.job_id }}"
"""

RETURN = r"""
_value:
  description: The age in seconds, 0 for a job of the future, and null for a record without times.
  type: float
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import ArcGISError
from ..module_utils._options import parse_time
from ..module_utils._outputs.sources import began_ms


def job_age(job: Any, now: Any = None) -> float | None:
    """Return how many seconds ago a job was submitted or began; None where its record does not tell."""
    if not isinstance(job, Mapping) or "job_id" not in job:
        raise AnsibleFilterError("job_age wants a job as the modules of gisops.arcgis return it.")
    began = began_ms(job)
    return None if began is None else max(0, _milliseconds(now) - began) / 1000


def _milliseconds(now: Any) -> int:
    """Return a time in milliseconds since 1970; None is now. Raises AnsibleFilterError where it could be several."""
    if now is None:
        now = time.time()
    if isinstance(now, datetime):
        if now.tzinfo is None:
            raise AnsibleFilterError(
                "job_age: now is a time without a zone, as now() and now(utc=true) return it, which could mean two "
                "moments. Leave it out to count from the present time, or give a time with a zone such as "
                "'2026-01-31T08:00:00Z' or seconds since 1970."
            )
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
