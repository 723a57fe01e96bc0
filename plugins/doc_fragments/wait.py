# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of waiting, and of failing if a job did not succeed."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options of waiting."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until every job has reached its final or requested state. All jobs are checked at once.
      - The modules that read wait for the end of every job. The modules that write wait until the jobs that are being
        cancelled or deleted have reached the requested state; in check mode they do not wait.
      - Up to four failed checks in a row are tolerated. After one good check, these may be what a site answers while it
        restarts, such as web pages, 404 or HTTP 500.
    type: bool
    default: false
  wait_timeout:
    description:
      - For how many seconds to wait. After that, the task fails and names each job that is still open. To read the
        records of the jobs may take one O(timeout) more; a job whose record cannot be read then is returned with
        C(job_id), C(service) and the C(status) that was last seen.
    type: int
    default: 600
  wait_sleep:
    description:
      - How many seconds to pause after the first check. The pauses grow to 30 seconds.
    type: float
    default: 2
"""

    FAIL_ON = r"""
options:
  fail_on:
    description:
      - Fail if a job is in one of these statuses, which are V(failed), V(timed_out) and V(cancelled), or if it is
        V(missing). The error shows the last messages of the job.
    type: list
    elements: str
    default: []
"""
