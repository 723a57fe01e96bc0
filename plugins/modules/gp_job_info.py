#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: gp_job_info
short_description: Read GP jobs
version_added: 1.0.0
description:
  - Returns one record for each of the given geoprocessing (GP) jobs.
  - A job that the site does not have is not an error; it is listed under RV(missing). A service that the site does not
    have is an error.
  - Follows the page C(Job) of a GP service in the ArcGIS Server administrator API.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.gp
  - gisops.arcgis.wait
  - gisops.arcgis.wait.fail_on
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups_gp
options:
  service:
    description:
      - The service of the jobs in O(job_ids), as C(Folder/Name), or as C(Name) if it is in no folder. The type
        C(.GPServer) may be added.
    type: str
  job_ids:
    description:
      - The IDs of the jobs. An empty list selects nothing.
      - Either O(service) and this option, or O(jobs), is required.
    type: list
    elements: str
    aliases: [job_id]
  jobs:
    description:
      - Jobs as M(gisops.arcgis.gp_job_query) returns them, of any number of services. Only C(service) and C(job_id) of
        each are read. An empty list selects nothing.
    type: list
    elements: dict
    version_added: 1.1.0
  messages:
    description:
      - Whether to read the messages of each job as well.
      - The administrator API has none, so they are read from the public service on the same site. Its first 50 tasks
        are tried in turn, because a job does not name its task.
    type: bool
    default: false
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - module: gisops.arcgis.gp_job_query
  - module: gisops.arcgis.gp_job
  - name: Job
    description: The page of the API that this module follows.
    link: https://developers.arcgis.com/rest/enterprise-administration/server/job/
"""

EXAMPLES = r"""
- name: Read one job with its messages
  gisops.arcgis.gp_job_info:
    service: Planning/NightlyExport
    job_id: "{{ failed_job_id }}"
    messages: true
  register: result

- name: Show why it failed
  ansible.builtin.debug:
    msg: "{{ result.jobs[0].messages | default([], true) | map(attribute='description') | list }}"

- name: Wait until the nightly export has ended, and stop here if it failed
  gisops.arcgis.gp_job_info:
    service: Planning/NightlyExport
    job_id: "{{ export_job_id }}"
    wait: true
    wait_timeout: 3600
    fail_on: [failed, timed_out, cancelled, missing]
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
      sample: j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6
    service:
      description: The service, as C(Folder/Name).
      type: str
      sample: Planning/NightlyExport
    type:
      description: The type of the service.
      type: str
      sample: GPServer
    status:
      description:
        - The status, which is one of V(new), V(submitted), V(waiting), V(executing), V(succeeded), V(failed),
          V(cancelling), V(cancelled), V(timed_out), V(deleting) and V(deleted). An unknown status is kept, in lower
          case.
      type: str
      sample: failed
    raw_status:
      description: The status as the site wrote it.
      type: str
      sample: esriJobFailed
    finished:
      description: Whether the job has ended.
      type: bool
      sample: true
    submitted_time:
      description: When the job was submitted, in UTC.
      type: str
      sample: "2026-01-31T01:00:00Z"
    submitted_time_ms:
      description: When the job was submitted, in milliseconds since 1970.
      type: int
      sample: 1769821200000
    start_time:
      description: Always null, because the site does not record when a job began to execute.
      type: str
    start_time_ms:
      description: Always null, because the site does not record when a job began to execute.
      type: int
    end_time:
      description: When the job ended, in UTC; null while it is open.
      type: str
      sample: "2026-01-31T01:00:42Z"
    end_time_ms:
      description: When the job ended, in milliseconds since 1970; null while it is open.
      type: int
      sample: 1769821242000
    duration:
      description: Seconds from submission to the end, the time in the queue included; null while the job is open.
      type: float
      sample: 42.0
    username:
      description: Who submitted the job; null for an anonymous service.
      type: str
      sample: night_batch
    machine:
      description: The machine that ran the job.
      type: str
      sample: GIS01.EXAMPLE.COM
    url:
      description: The URL that the site gives for the job.
      type: str
      sample: https://gis.example.com/server/rest/services/Planning/NightlyExport/GPServer/Export/jobs/j0f3a6c1d2e4
    messages:
      description:
        - The messages in the words of the site; null if they were not asked for, or could not be read.
        - Those of jobs that ended as O(fail_on) names are always read.
      type: list
      elements: dict
      contains:
        type:
          description: The kind of message.
          type: str
          sample: esriJobMessageTypeError
        description:
          description: The text of the message.
          type: str
          sample: The export found no features.
    messages_reason:
      description: Why the messages could not be read; null if they could.
      type: str
      returned: if the messages were read
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
  sample: {"failed": 1}
api:
  description: What the task cost, as requests, retries, log-ins, and seconds.
  type: dict
  returned: always
  sample: {"elapsed": 0.05, "logins": 1, "requests": 3, "retries": 0}
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "unknown_service"}
"""

from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._gp.jobs import GpJobs, job_ref, jobs_of_service, names_in
from ..module_utils._gp.messages import with_messages
from ..module_utils._jobs.source import JobRef
from ..module_utils._jobs.waiter import BAD_ENDS, fail_on_failure, jobs_at_fault, read_and_wait, wait_options
from ..module_utils._module import (
    EITHER_SERVICE_OR_JOBS,
    FAIL_ON,
    PLATFORM,
    SERVER,
    SERVICE_OR_JOBS,
    WAIT,
    ModuleSpec,
    run_module,
    task_context,
)
from ..module_utils._options import parse_choices
from ..module_utils._results import Outcome, count_by, job_list

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    **WAIT,
    **FAIL_ON,
    **SERVICE_OR_JOBS,
    "messages": {"type": "bool", "default": False},
}


def read(client: Client, options: dict[str, Any]) -> Outcome:
    """Return a record for each job that the site has, and the IDs of the others."""
    wait, fail_on = wait_options(options), parse_choices("fail_on", options["fail_on"], BAD_ENDS) or []
    reading = read_and_wait(GpJobs(client), selected_jobs(options), wait, task_context(client))
    if reading.overtime is None:
        # Once the time to wait is over, nothing more is asked.
        told = with_messages(client, reading.records, lambda job: options["messages"] or job["status"] in fail_on)
        reading = reading.with_records(told)
    failure = reading.overtime or fail_on_failure(reading.records, reading.missing, fail_on)
    shown = jobs_at_fault(reading, fail_on) if failure else reading.records
    summary = count_by("status", reading.records)
    return {**job_list(shown, len(reading.records)), "missing": reading.missing, "summary": summary}, failure


def selected_jobs(options: dict[str, Any]) -> list[JobRef]:
    """Return every selected job, without repetitions, in the order given."""
    if options["jobs"] is not None:
        return list(dict.fromkeys(job_ref(*names_in(job)) for job in options["jobs"]))
    return jobs_of_service(options)


SPEC = ModuleSpec(read, ARGUMENTS, SERVER, **EITHER_SERVICE_OR_JOBS)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
