#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: notebook_jobs_info
short_description: List notebook jobs
version_added: 1.0.0
description:
  - Lists the administrative jobs of an ArcGIS Notebook Server, such as opening and executing notebooks, or the notebook
    jobs of ArcGIS Enterprise on Kubernetes.
  - The site itself cannot filter. The filters of this module are applied to what the site returns, so RV(truncated)
    says whether there may be more.
  - Follows the pages C(Jobs) and C(Job) of the ArcGIS Notebook Server administrator API, and those of the ArcGIS
    Enterprise on Kubernetes administrator API.
  - The list of Kubernetes does not say whose job it is or whether it was cancelled. With O(platform=kubernetes), the
    filters O(statuses), O(submitted_by) and O(cancelled), and O(fail_on), therefore read jobs of the list on their own,
    one request for each job. A job without the data that a filter tests is left out with a warning. A job that cannot
    be read is returned as it is listed, with a warning too.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.notebook
  - gisops.arcgis.wait
  - gisops.arcgis.wait.fail_on
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups_notebook
options:
  job_ids:
    description:
      - Read these jobs, each with a request of its own, in place of the list. An empty list selects nothing.
    type: list
    elements: str
    aliases: [job_id]
  jobs:
    description:
      - Read these jobs in place of O(job_ids), as M(gisops.arcgis.notebook_jobs_info) and M(gisops.arcgis.notebook_job)
        return them. Only C(job_id) of each is read. An empty list selects nothing.
    type: list
    elements: dict
    version_added: 1.1.0
  messages:
    description:
      - Whether to read each job of the list on its own as well, because the detailed list lacks the messages.
      - This costs one request for each job that is returned, so set O(limit) or a filter. With O(job_ids), O(jobs) or
        O(wait), each job is read on its own anyway, and its messages are there without a further request.
      - The record is then that of the job itself. A job that no longer matches is left out. A job that cannot be read
        does not hide the others; its record is that of the list, and RV(jobs[].messages_reason) says why.
    type: bool
    default: false
    version_added: 1.1.0
  details:
    description:
      - Whether to ask for the detailed list. The abbreviated one has neither status nor end.
      - A filter that needs the detailed list asks for it by itself.
      - With O(platform=kubernetes) this makes no difference, because its list always has both.
    type: bool
    default: false
  sort_by_date:
    description:
      - Whether to ask the site for the newest jobs first. This is C(sortByDate) in the API, and it is always set when
        a limit or a filter is.
      - The API of Kubernetes has no such parameter, so the module puts the jobs in order itself.
    type: bool
    default: false
  statuses:
    description:
      - Only jobs with one of these statuses, which are V(submitted), V(executing), V(succeeded), V(failed),
        V(cancelling) and V(cancelled). An empty list selects nothing.
    type: list
    elements: str
  types:
    description:
      - Only jobs of these types, such as V(openNotebook) or V(executeNotebook). An empty list selects nothing.
      - With O(platform=kubernetes), the type is C(name) in the API. V(executeNotebookAsWebTool) is another type.
    type: list
    elements: str
  submitted_by:
    description:
      - Only jobs of this user.
    type: str
  cancelled:
    description:
      - Only jobs whose cancellation was, or was not, requested.
    type: bool
  start_time:
    description:
      - Only jobs that started at this time or later.
      - An ISO 8601 time with a zone, seconds since 1970, or an age such as V(6h) or V(7d), calculated with the clock of
        the site. If that clock is ahead of the one here, O(end_time) and O(ended_before) are calculated with the one
        here, so that no job counts as older than it is.
    type: str
  end_time:
    description:
      - Only jobs that started at this time or earlier, written as O(start_time).
    type: str
  ended_after:
    description:
      - Only jobs that ended at this time or later, written as O(start_time), whenever they started.
    type: str
    version_added: 1.1.0
  ended_before:
    description:
      - Only jobs that ended at this time or earlier, written as O(start_time).
    type: str
    version_added: 1.1.0
  limit:
    description:
      - At most this many jobs are returned, after filtering. RV(total) counts all that matched.
    type: int
  scan_limit:
    description:
      - How many jobs to ask of the site, before filtering. This is C(num) in the API.
      - The API of Kubernetes has no such parameter, so nothing is sent, and the list is taken as the site gives it.
    type: int
    default: 1000
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - name: Jobs
    description: The page of the API that this module follows.
    link: https://developers.arcgis.com/rest/enterprise-administration/notebook/jobs-notebook-server/
"""

EXAMPLES = r"""
- name: Check the notebooks that ran in the last night
  gisops.arcgis.notebook_jobs_info:
    types: [executeNotebook]
    statuses: [failed]
    ended_after: 12h
  register: nightly

- name: Wait for a notebook, and stop the pipeline here unless it succeeds
  gisops.arcgis.notebook_jobs_info:
    job_id: "{{ nightly_job_id }}"
    wait: true
    wait_timeout: 1800
    fail_on: [failed, cancelled, missing]

- name: Read these jobs again, later in the play
  gisops.arcgis.notebook_jobs_info:
    jobs: "{{ nightly.jobs }}"

- name: Show why notebooks failed in the last day
  gisops.arcgis.notebook_jobs_info:
    statuses: [failed]
    start_time: 1d
    limit: 20
    messages: true

- name: Show the twenty newest jobs
  gisops.arcgis.notebook_jobs_info:
    limit: 20

- name: List the notebooks that are open on ArcGIS Enterprise on Kubernetes
  gisops.arcgis.notebook_jobs_info:
    url: "{{ kubernetes_url }}"
    platform: kubernetes
    statuses: [submitted, executing]

- name: Read one job
  gisops.arcgis.notebook_jobs_info:
    job_id: "{{ notebook_job_id }}"
"""

RETURN = r"""
jobs:
  description: The jobs that match, in the order of the site, or of O(job_ids) or O(jobs). A task that fails because of
    jobs lists those only.
  type: list
  elements: dict
  returned: success
  contains:
    job_id:
      description: The ID of the job.
      type: str
      sample: j0bc73e29-3725-4eb1-b6c7-db2cdc56799c
    type:
      description: What the job does.
      type: str
      sample: executeNotebook
    start_time:
      description: When the job started, in UTC.
      type: str
      sample: "2026-01-31T01:00:00Z"
    start_time_ms:
      description: When the job started, in milliseconds since 1970.
      type: int
      sample: 1769821200000
    username:
      description: Whose job it is; null if the site does not say, as in the list of Kubernetes.
      type: str
      sample: a_doe
    status:
      description:
        - The status, which is one of V(submitted), V(executing), V(succeeded), V(failed), V(cancelling) and
          V(cancelled). An unknown status is kept, in lower case.
        - The site has no status for cancelled jobs. A job whose cancellation was requested is V(cancelling) while it is
          open and V(cancelled) once it has ended.
        - The list of Kubernetes does not say which jobs were cancelled, so such a job has another status there.
      type: str
      returned: with details
      sample: failed
    raw_status:
      description: The status as the site wrote it.
      type: str
      returned: with details
      sample: FAILED
    finished:
      description: Whether the job has ended.
      type: bool
      returned: with details
      sample: true
    is_cancelled:
      description: Whether the cancellation of the job was requested; null if the site does not say, as in the list of
        Kubernetes.
      type: bool
      returned: with details
      sample: false
    submitted_time:
      description: Always null, because the site records the start only.
      type: str
      returned: with details
    submitted_time_ms:
      description: Always null, because the site records the start only.
      type: int
      returned: with details
    end_time:
      description: When the job ended, in UTC; null while it is open.
      type: str
      returned: with details
      sample: "2026-01-31T01:00:42Z"
    end_time_ms:
      description: When the job ended, in milliseconds since 1970; null while it is open.
      type: int
      returned: with details
      sample: 1769821242000
    duration:
      description: Seconds from start to end; null while the job is open.
      type: float
      returned: with details
      sample: 42.0
    machine:
      description: Always null, because the site does not return it.
      type: str
      returned: with details
    url:
      description: Always null, because the site does not return it.
      type: str
      returned: with details
    messages:
      description:
        - The messages of the job; null if the site gives none, as in its list. O(messages) reads them.
        - Those of jobs that ended as O(fail_on) names are always read.
      type: list
      elements: str
      returned: with details
    messages_reason:
      description: Why there are no messages, or why the job could not be read on its own; null if it could.
      type: str
      returned: if the job was read on its own, as with O(messages), O(job_ids), O(jobs), O(wait) or O(fail_on)
    inputs:
      description: The inputs of the job, with the keys of the site.
      type: dict
      returned: with details
    results:
      description: The results of the job, with the keys of the site; null while it is open.
      type: dict
      returned: with details
    custom_attributes:
      description: Further attributes, with the keys of the site.
      type: dict
      returned: with details
    unreadable_fields:
      description:
        - The names of the fields, as the site spells them, that hold something that cannot be read. They count as
          absent.
      type: list
      elements: str
      sample: []
missing:
  description: The IDs of jobs that O(job_ids) or O(jobs) names and the site does not have, or that vanished during the
    wait.
  type: list
  elements: str
  returned: success
  sample: []
total:
  description: How many jobs matched.
  type: int
  returned: success
  sample: 1
returned:
  description: How many jobs are returned.
  type: int
  returned: success
  sample: 1
scanned:
  description: How many jobs the site returned, before filtering.
  type: int
  returned: success
  sample: 12
truncated:
  description: Whether there may be more, because of O(limit) or because the site returned as many jobs as O(scan_limit)
    asked for. The list of Kubernetes is also taken to be cut short where it is as long as pages commonly are.
  type: bool
  returned: success
  sample: false
summary:
  description: How many of the returned jobs have each status; empty for the abbreviated list.
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
  sample: {"code": "no_privilege"}
"""

from dataclasses import replace
from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._errors import bad_option
from ..module_utils._jobs.source import JobRef
from ..module_utils._jobs.waiter import BAD_ENDS, fail_on_failure, jobs_at_fault, wait_options
from ..module_utils._module import FAIL_ON, NOTEBOOK, PLATFORM, WAIT, ModuleSpec, run_module, task_context
from ..module_utils._notebook import SCAN_LIMIT, NotebookFilter, NotebookSelection, notebook_jobs, select_jobs
from ..module_utils._options import (
    parse_choices,
    parse_job_ids,
    parse_optional_text,
    parse_texts,
    parse_window,
    require_range,
    window_at,
)
from ..module_utils._results import Outcome, count_by, job_list

STATUSES = ("submitted", "executing", "succeeded", "failed", "cancelling", "cancelled")
ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    **WAIT,
    **FAIL_ON,
    "job_ids": {"type": "list", "elements": "str", "aliases": ["job_id"]},
    "jobs": {"type": "list", "elements": "dict"},
    "messages": {"type": "bool", "default": False},
    "details": {"type": "bool", "default": False},
    "sort_by_date": {"type": "bool", "default": False},
    "statuses": {"type": "list", "elements": "str"},
    "types": {"type": "list", "elements": "str"},
    "submitted_by": {"type": "str"},
    "cancelled": {"type": "bool"},
    "start_time": {"type": "str"},
    "end_time": {"type": "str"},
    "ended_after": {"type": "str"},
    "ended_before": {"type": "str"},
    "limit": {"type": "int"},
    "scan_limit": {"type": "int", "default": SCAN_LIMIT},
}


def read(client: Client, options: dict[str, Any]) -> Outcome:
    """Return the jobs that match, from the list of the site or by their IDs."""
    fail_on = parse_choices("fail_on", options["fail_on"], BAD_ENDS) or []
    wait, limit = wait_options(options), options["limit"]
    selection = selected(options)
    start, end = parse_window(options, "start_time", "end_time")
    ended_start, ended_end = parse_window(options, "ended_after", "ended_before")
    if not selection.is_empty:
        started = window_at(client.now_ms, start, end)
        ended = window_at(client.now_ms, ended_start, ended_end)
        selection = replace(selection, wanted=replace(selection.wanted, started=started, ended=ended))
    jobs = notebook_jobs(client, options["platform"])
    reading, listing = select_jobs(jobs, selection, wait, fail_on, task_context(client))
    failure = reading.overtime or fail_on_failure(reading.records, reading.missing, fail_on)
    shown = jobs_at_fault(reading, fail_on) if failure else reading.records[:limit]
    result = {
        **job_list(shown, len(reading.records), truncated=listing.may_have_more),
        "scanned": listing.scanned,
        "summary": count_by("status", shown),
        "missing": reading.missing,
    }
    return result, failure


def selected(options: dict[str, Any]) -> NotebookSelection:
    """Return which jobs the user asks for, the window aside. Raises ArcGISError bad_option."""
    require_range(options, limit=0, scan_limit=1)
    ids, types = selected_ids(options), options["types"]
    return NotebookSelection(
        None if ids is None else [JobRef(None, job_id) for job_id in ids],
        NotebookFilter(
            parse_choices("statuses", options["statuses"], STATUSES),
            None if types is None else parse_texts("types", types),
            parse_optional_text("submitted_by", options["submitted_by"]),
            options["cancelled"],
        ),
        options["details"],
        options["sort_by_date"] or options["limit"] is not None,
        options["scan_limit"],
        options["limit"],
        options["messages"],
    )


def selected_ids(options: dict[str, Any]) -> list[str] | None:
    """Return the IDs that job_ids or jobs name; None where the list of the site is asked for. Raises bad_option."""
    if options["jobs"] is None:
        return None if options["job_ids"] is None else parse_job_ids("job_ids", options["job_ids"])
    ids = [job.get("job_id") for job in options["jobs"]]
    if not all(isinstance(job_id, str) for job_id in ids):
        instead = "Pass on the jobs of notebook_jobs_info, without any whose job_id is null."
        raise bad_option("jobs", "holds an entry whose job_id is no text", instead)
    if any(job.get("service") for job in options["jobs"]):
        raise bad_option("jobs", "holds a GP job, which has a service", "Pass on the jobs of notebook_jobs_info.")
    return parse_job_ids("jobs", ids)


SPEC = ModuleSpec(read, ARGUMENTS, NOTEBOOK, mutually_exclusive=[("jobs", "job_ids")])


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
