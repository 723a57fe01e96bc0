# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of waiting, and of failing where a job ended badly."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options of waiting."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the jobs have arrived where they are going. All jobs are watched at once.
      - With the modules that read, this is the end of every job. With the modules that write, it is the wanted state of
        the jobs that are on their way to it; in check mode nothing is waited for.
    type: bool
    default: false
  wait_timeout:
    description:
      - For how many seconds to wait. When they are over, the task fails and names each job that is still open.
    type: int
    default: 600
  wait_sleep:
    description:
      - How many seconds to pause after the first look. The pauses grow to 30 seconds.
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
