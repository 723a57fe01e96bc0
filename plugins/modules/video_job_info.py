#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: video_job_info
short_description: Follow the jobs of a Video Server
version_added: 1.0.0
description:
  - Returns one record for each of the given jobs of an ArcGIS Video Server, with the steps that have run so far and,
    for a failed job, the step at which it failed. With O(fail_on), the error names this step.
  - The site documents no list of its jobs. The operation that starts a job returns its ID.
  - Follows the page C(Job) of the ArcGIS Video Server REST API, which is available from release 12.0.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.wait
  - gisops.arcgis.wait.fail_on
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups_video
options:
  job_ids:
    description:
      - The IDs of the jobs. An empty list selects nothing.
    type: list
    elements: str
    required: true
    aliases: [job_id]
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - name: Job
    description: The page of the API that this module follows.
    link: https://developers.arcgis.com/rest/enterprise-administration/video-server/
"""

EXAMPLES = r"""
- name: Follow an ingest until it has ended, and stop here if it failed
  gisops.arcgis.video_job_info:
    job_id: "{{ ingest_job_id }}"
    wait: true
    wait_timeout: 3600
    fail_on: [failed, missing]

- name: Read the job of an ingest that failed
  gisops.arcgis.video_job_info:
    job_ids: ["{{ failed_ingest_job_id }}"]
  register: failed

- name: Show the step at which it failed
  ansible.builtin.debug:
    msg: "{{ failed.jobs | map(attribute='failed_step') | select | map(attribute='message') | list }}"
"""

RETURN = r"""
jobs:
  description: One record for each job that the site has, in the order of O(job_ids). A task that fails because of jobs
    lists those only.
  type: list
  elements: dict
  returned: success
  contains:
    job_id:
      description: The ID of the job.
      type: str
      sample: j1b81346f-1460-482a-94f0-72b78ee843e5
    type:
      description: What the job does.
      type: str
      sample: Publish Streaming Service
    status:
      description:
        - The status, such as V(executing), V(succeeded) or V(failed). An unknown status is kept, in lower case.
        - The site writes its statuses in several ways, such as V(In Progress), V(Completed) and V(COMPLETED).
      type: str
      sample: succeeded
    raw_status:
      description: The status as the site wrote it.
      type: str
      sample: COMPLETED
    finished:
      description: Whether the job has ended.
      type: bool
      sample: true
    submitted_time:
      description: Always null, because the site does not return it.
      type: str
    submitted_time_ms:
      description: Always null, because the site does not return it.
      type: int
    start_time:
      description: Always null, because the site does not return it.
      type: str
    start_time_ms:
      description: Always null, because the site does not return it.
      type: int
    end_time:
      description: Always null, because the site does not return it.
      type: str
    end_time_ms:
      description: Always null, because the site does not return it.
      type: int
    duration:
      description: Always null, because the site does not return it.
      type: float
    username:
      description: Who started the job.
      type: str
      sample: portaladmin
    machine:
      description: Always null, because the site does not return it.
      type: str
    url:
      description: Always null, because the site does not return it.
      type: str
    messages:
      description: The messages of the steps that have run so far.
      type: list
      elements: str
      sample: [Starting Ingest, Probing Video Codec]
    steps:
      description: The messages joined with their codes.
      type: list
      elements: dict
      contains:
        message:
          description: What the step did.
          type: str
          sample: Starting Ingest
        code:
          description: The code of the message; null if the site gave none.
          type: int
          sample: 117
    failed_step:
      description: The last step of a failed job; null for other jobs.
      type: dict
      sample: {"code": 158, "message": "Generating Video Info"}
    inputs:
      description: The inputs of the job, with the keys of the site.
      type: dict
    results:
      description: The results of the job, with the keys of the site.
      type: dict
    custom_attributes:
      description: Further attributes, with the keys of the site.
      type: dict
    unreadable_fields:
      description:
        - The names of the fields, as the site spells them, that hold something that cannot be read. They count as
          absent.
      type: list
      elements: str
      sample: []
missing:
  description: The IDs of the jobs that the site does not have.
  type: list
  elements: str
  returned: success
  sample: []
total:
  description: How many of the jobs the site has.
  type: int
  returned: success
  sample: 1
returned:
  description: How many records are returned.
  type: int
  returned: success
  sample: 1
truncated:
  description: Whether records were left out, which happens only in a failed task.
  type: bool
  returned: success
  sample: false
summary:
  description: How many of the jobs have each status.
  type: dict
  returned: success
  sample: {"succeeded": 1}
api:
  description: What the task cost, as requests, retries, log-ins, and seconds.
  type: dict
  returned: always
  sample: {"elapsed": 0.05, "logins": 1, "requests": 3, "retries": 0}
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "unreachable"}
"""

from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._jobs.source import JobRef
from ..module_utils._jobs.waiter import BAD_ENDS, fail_on_failure, jobs_at_fault, read_and_wait, wait_options
from ..module_utils._module import FAIL_ON, VIDEO, WAIT, ModuleSpec, run_module, task_context
from ..module_utils._options import parse_choices, parse_job_ids
from ..module_utils._results import Outcome, count_by, job_list
from ..module_utils._video import VideoJobs

ARGUMENTS: dict[str, dict[str, Any]] = {
    **WAIT,
    **FAIL_ON,
    "job_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["job_id"]},
}


def read(client: Client, options: dict[str, Any]) -> Outcome:
    """Return a record for each job that the site has, and the IDs of the others."""
    refs = [JobRef(None, job_id) for job_id in parse_job_ids("job_ids", options["job_ids"])]
    wait, fail_on = wait_options(options), parse_choices("fail_on", options["fail_on"], BAD_ENDS) or []
    reading = read_and_wait(VideoJobs(client), refs, wait, task_context(client))
    failure = reading.overtime or fail_on_failure(reading.records, reading.missing, fail_on)
    shown = jobs_at_fault(reading, fail_on) if failure else reading.records
    summary = count_by("status", reading.records)
    return {**job_list(shown, len(reading.records)), "missing": reading.missing, "summary": summary}, failure


SPEC = ModuleSpec(read, ARGUMENTS, VIDEO)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
