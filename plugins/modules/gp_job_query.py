#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: gp_job_query
short_description: Find GP jobs of a site
version_added: 1.0.0
description:
  - Finds geoprocessing (GP) jobs by service, status, submitter, machine, and time of submission or end. It changes
    nothing.
  - All pages of the site are read, and the data of each job decides whether it matches. The filters of the site only
    make the lists shorter.
  - Follows the page C(Query) of a GP service in the administrator APIs of ArcGIS Server and of ArcGIS Enterprise on
    Kubernetes.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.gp
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.reading
  - gisops.arcgis.attributes.action_groups_gp
options:
  services:
    description:
      - The services, each as C(Folder/Name), or as C(Name) if it is in no folder. An empty list selects nothing.
      - Either this option or O(all_services=true) is required.
    type: list
    elements: str
    aliases: [service]
  all_services:
    description:
      - Whether to read every GP service of the site.
    type: bool
    default: false
  include_system:
    description:
      - Whether O(all_services=true) includes the folder C(System), which holds the tools of the site itself.
    type: bool
    default: false
  statuses:
    description:
      - Only jobs with one of these statuses, which are V(new), V(submitted), V(waiting), V(executing), V(succeeded),
        V(failed), V(cancelling), V(cancelled), V(timed_out), V(deleting) and V(deleted). An empty list selects nothing.
      - This is C(jobStatus) in the API.
    type: list
    elements: str
  submitted_by:
    description:
      - Only jobs that this user submitted. V(null) stands for the jobs of anonymous services, as in the API.
      - This is C(userName) in the API. Each job is read, because only the job itself tells who submitted it.
    type: str
  machine:
    description:
      - Only jobs on this machine, written as the site writes it, which may tell upper from lower case.
      - This is C(machineName) in the API. Each job is read, because only the job itself tells its machine.
    type: str
  start_time:
    description:
      - Only jobs that were submitted at this time or later.
      - An ISO 8601 time with a zone, seconds since 1970, or an age such as V(6h) or V(7d), calculated with the clock of
        the site. If that clock is ahead of the one here, O(end_time) and O(ended_before) are calculated with the one
        here, so that no job counts as older than it is.
      - This is C(startTime) in the API. Each job is read, because only the job itself tells when it was submitted.
    type: str
  end_time:
    description:
      - Only jobs that were submitted at this time or earlier, written as O(start_time). To find jobs that are older
        than six hours, write V(6h).
      - This is C(endTime) in the API, which does not say which time of a job it tests. The site is sent a time one day
        later, so that a job that ended after this time is still found, unless it ran for more than a day.
    type: str
  ended_after:
    description:
      - Only jobs that ended at this time or later, written as O(start_time), whenever they were submitted.
      - The API has no such filter, so every job that has finished is read.
    type: str
    version_added: 1.1.0
  ended_before:
    description:
      - Only jobs that ended at this time or earlier, written as O(start_time).
    type: str
    version_added: 1.1.0
  open_only:
    description:
      - Only jobs that have not ended. A status that is missing, or that the collection does not know, is no sign of an
        end, so such a job is among them.
      - O(statuses) selects the statuses that are named, and nothing else.
    type: bool
    default: false
    version_added: 1.1.0
  limit:
    description:
      - At most this many jobs are returned. It counts the whole result, after filtering. RV(total) counts them all.
    type: int
  page_size:
    description:
      - How many jobs to ask for in one request. This is C(number) in the API. Each page repeats the last row of the one
        before, so very short pages cost many requests.
    type: int
    default: 1000
  details:
    description:
      - Whether to return full records. Each job is then read with a request of its own.
    type: bool
    default: false
  messages:
    description:
      - Whether to read the messages of each job that is returned as well. This implies O(details=true).
      - They are read from the public service on the same site, at the cost of a request or more for each job. Its first
        50 tasks are tried in turn, because a job does not name its task.
    type: bool
    default: false
    version_added: 1.1.0
  statistics:
    description:
      - Whether to return the counts that the site keeps for each service. Filters do not apply to them.
    type: bool
    default: false
  summary_only:
    description:
      - Whether to leave RV(jobs) out and return the counts of RV(summary) only.
    type: bool
    default: false
  exclude_services:
    description:
      - No jobs of these services, each written as in O(services). Name jobs that must not be deleted here and not in a
        filter of the playbook, which sees names with secrets masked.
      - A service that the site does not have fails the task, unless O(exclude_missing_ok=true).
    type: list
    elements: str
    default: []
    version_added: 1.1.0
  exclude_users:
    description:
      - No jobs that one of these users submitted; case, and blanks at the ends or marks that nobody sees, make no
        difference. V(null) stands for the jobs of anonymous services. Each job is read. A job whose submitter cannot be
        read is not selected, and is listed under RV(unreadable).
    type: list
    elements: str
    default: []
    version_added: 1.1.0
  exclude_missing_ok:
    description:
      - Whether O(exclude_services) may name services that the site does not have.
    type: bool
    default: false
    version_added: 1.1.0
  wait_until:
    description:
      - What to wait for. With V(none_open), the query is repeated until none of the selected jobs is open, which means
        that every one has ended. Jobs that arrive meanwhile count as well. In check mode the task does not wait.
      - O(wait_timeout) and O(wait_sleep) are used with this option only.
      - If the time is over, the task fails with C(wait_timeout), names the first twenty open jobs, and returns the open
        jobs as RV(jobs), without details. Up to four failed rounds in a row are tolerated.
      - To wait for jobs whose IDs you know, use M(gisops.arcgis.gp_job_info).
    type: str
    choices: [none_open]
    version_added: 1.1.0
  wait_timeout:
    description:
      - For how many seconds to wait, if O(wait_until) is set.
    type: int
    default: 600
    version_added: 1.1.0
  wait_sleep:
    description:
      - How many seconds to pause after the first query, if O(wait_until) is set. The pauses grow to 30 seconds.
    type: float
    default: 2
    version_added: 1.1.0
  ignore_unreadable:
    description:
      - Whether the task succeeds although services, or single jobs, could not be read. They are listed under
        RV(unreadable) either way.
      - With O(wait_until), the task waits for a service that cannot be read at the moment in any case.
    type: bool
    default: false
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - "How the parameters of the API are called here: C(startTime) is O(start_time), C(endTime) is O(end_time),
    C(jobStatus) is O(statuses), C(userName) is O(submitted_by), C(machineName) is O(machine), C(number) is
    O(page_size). C(start) and C(nextStart) are followed by the module."
  - The guide R(Getting started,ansible_collections.gisops.arcgis.docsite.guide_getting_started) shows the same as a
    table.
seealso:
  - module: gisops.arcgis.gp_job_info
  - module: gisops.arcgis.gp_job
  - name: Query jobs (ArcGIS Server)
    description: The page of the API that this module follows for O(platform=server).
    link: https://developers.arcgis.com/rest/enterprise-administration/server/query-jobs/
  - name: Query GP service job (ArcGIS Enterprise on Kubernetes)
    description: The page of the API that this module follows for O(platform=kubernetes).
    link: https://developers.arcgis.com/rest/enterprise-administration/enterprise/query-gp-service-job/
"""

EXAMPLES = r"""
- name: Find the jobs that have been stuck for more than six hours, on the whole site
  gisops.arcgis.gp_job_query:
    all_services: true
    statuses: [executing, waiting, cancelling]
    end_time: 6h
    details: true
  register: stuck

- name: List the failures of the last day of two services
  gisops.arcgis.gp_job_query:
    services: [Planning/NightlyExport, Maps/Buffer]
    statuses: [failed, timed_out]
    start_time: 1d
    details: true

- name: Show up to ten jobs of one user
  gisops.arcgis.gp_job_query:
    services: [Maps/Buffer]
    submitted_by: j_doe
    limit: 10

- name: Read how many jobs each service has, from the site's own statistics
  gisops.arcgis.gp_job_query:
    all_services: true
    include_system: true
    statistics: true
    limit: 0

- name: Count the jobs of the whole site by service and status
  gisops.arcgis.gp_job_query:
    all_services: true
    summary_only: true

- name: Show every job of the site that has not ended
  gisops.arcgis.gp_job_query:
    all_services: true
    open_only: true
    details: true

- name: Find the failures of the last day on the whole site, with their messages
  gisops.arcgis.gp_job_query:
    all_services: true
    statuses: [failed, timed_out]
    ended_after: 24h
    messages: true

- name: Wait for up to half an hour until a service has no open job
  gisops.arcgis.gp_job_query:
    services: [Planning/NightlyExport]
    wait_until: none_open
    wait_timeout: 1800

- name: Query a site on Kubernetes
  gisops.arcgis.gp_job_query:
    url: "{{ kubernetes_url }}"
    platform: kubernetes
    services: [System/PublishingTools]
    statuses: [succeeded]
"""

RETURN = r"""
jobs:
  description: The jobs that match, service by service.
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
      sample: Maps/Buffer
    status:
      description: The status, one of those of O(statuses). An unknown status is kept, in lower case.
      type: str
      sample: executing
    type:
      description: The type of the service.
      type: str
      returned: if O(details=true)
      sample: GPServer
    raw_status:
      description: The status as the site wrote it.
      type: str
      returned: if O(details=true)
      sample: esriJobExecuting
    finished:
      description: Whether the job has ended.
      type: bool
      returned: if O(details=true)
      sample: false
    submitted_time:
      description: When the job was submitted, in UTC.
      type: str
      returned: if O(details=true)
      sample: "2026-01-31T01:00:00Z"
    submitted_time_ms:
      description: When the job was submitted, in milliseconds since 1970.
      type: int
      returned: if O(details=true)
      sample: 1769821200000
    start_time:
      description: Always null, because the site does not record when a job began to execute.
      type: str
      returned: if O(details=true)
    start_time_ms:
      description: Always null, because the site does not record when a job began to execute.
      type: int
      returned: if O(details=true)
    end_time:
      description: When the job ended, in UTC; null while it is open.
      type: str
      returned: if O(details=true)
    end_time_ms:
      description: When the job ended, in milliseconds since 1970; null while it is open.
      type: int
      returned: if O(details=true)
    duration:
      description: Seconds from submission to the end, the time in the queue included; null while the job is open.
      type: float
      returned: if O(details=true)
    username:
      description: Who submitted the job; null for an anonymous service.
      type: str
      returned: if O(details=true)
      sample: j_doe
    machine:
      description: The machine that runs the job.
      type: str
      returned: if O(details=true)
      sample: GIS01.EXAMPLE.COM
    url:
      description: The URL that the site gives for the job.
      type: str
      returned: if O(details=true)
    messages:
      description: The messages in the words of the site; null if they were not asked for, or could not be read.
      type: list
      elements: dict
      returned: if O(details=true)
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
      returned: if O(messages=true)
      version_added: 1.1.0
    unreadable_fields:
      description:
        - The names of the fields, as the site spells them, that hold something that cannot be read. They count as
          absent.
      type: list
      elements: str
      returned: if O(details=true)
      sample: []
total:
  description: How many jobs match.
  type: int
  returned: success
  sample: 2
returned:
  description: How many jobs are returned.
  type: int
  returned: success
  sample: 2
truncated:
  description: Whether there are more jobs than are returned, because of O(limit) or because the list changed while it
    was read. It is false where O(summary_only=true) leaves out jobs that are all counted.
  type: bool
  returned: success
  sample: false
summary:
  description: Counts of all jobs that match, whether or not they are returned.
  type: dict
  returned: success
  contains:
    status:
      description: How many jobs have each status.
      type: dict
      sample: {"executing": 2}
    service:
      description: How many jobs each service has.
      type: dict
      sample: {"Maps/Buffer": 2}
    username:
      description: How many jobs each user submitted; null unless the jobs themselves were read.
      type: dict
      sample: {"j_doe": 2}
    machine:
      description: How many jobs each machine has; null unless the jobs themselves were read.
      type: dict
      sample: {"GIS01.EXAMPLE.COM": 2}
    oldest:
      description: When the oldest of the jobs was submitted, in UTC; null unless the jobs themselves were read.
      type: str
      sample: "2026-01-31T01:00:00Z"
    newest:
      description: When the newest of the jobs was submitted, in UTC; null unless the jobs themselves were read.
      type: str
      sample: "2026-01-31T01:00:00Z"
statistics:
  description: The counts that the site keeps, one entry for each service.
  type: list
  elements: dict
  returned: if O(statistics=true)
  contains:
    service:
      description: The service.
      type: str
      sample: Maps/Buffer
    total:
      description: All jobs of the service.
      type: int
      sample: 19
    succeeded:
      description: Jobs that succeeded.
      type: int
      sample: 14
    failed:
      description: Jobs that failed.
      type: int
      sample: 2
    cancelled:
      description: Jobs that were cancelled.
      type: int
      sample: 1
    unfinished:
      description: All other jobs.
      type: int
      sample: 2
excluded:
  description: How many matching jobs each entry of O(exclude_services) and O(exclude_users) left out.
  type: list
  elements: dict
  returned: success or failure
  contains:
    option:
      description: Which of the two options the entry is of.
      type: str
      sample: exclude_users
    value:
      description: The service or the user.
      type: str
      sample: nightly_batch
    jobs:
      description: How many jobs it left out.
      type: int
      sample: 3
unreadable:
  description: The services, folders and jobs that could not be read. Unless O(ignore_unreadable=true), the task fails
    if there are any.
  type: list
  elements: dict
  returned: success or failure
  contains:
    service:
      description: The service, or C(Folder/*).
      type: str
      sample: Maps/Bufer
    job_ids:
      description: The jobs of the service that could not be read. A job is unreadable as well if the site contradicts
        itself on whether it exists, or if a field that a filter tests cannot be read.
      type: list
      elements: str
      returned: if single jobs could not be read
    error:
      description: What went wrong, as listed in the error catalogue; for several jobs, with the first of them.
      type: dict
      sample: {"code": "unknown_service"}
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
from ..module_utils._gp.jobs import PAGE_SIZE
from ..module_utils._gp.query import Exclusions, Query, find, find_once_idle
from ..module_utils._gp.services import parse_services, selected_services
from ..module_utils._jobs.record import GP_STATUSES
from ..module_utils._jobs.waiter import wait_options
from ..module_utils._module import PLATFORM, SERVER, WAIT, ModuleSpec, run_module, task_context
from ..module_utils._options import parse_choices, parse_optional_text, parse_texts, parse_window, require_range
from ..module_utils._results import Outcome, job_list, unreadable_failure, unreadable_list

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    "services": {"type": "list", "elements": "str", "aliases": ["service"]},
    "all_services": {"type": "bool", "default": False},
    "include_system": {"type": "bool", "default": False},
    "statuses": {"type": "list", "elements": "str"},
    "submitted_by": {"type": "str"},
    "machine": {"type": "str"},
    "start_time": {"type": "str"},
    "end_time": {"type": "str"},
    "ended_after": {"type": "str"},
    "ended_before": {"type": "str"},
    "open_only": {"type": "bool", "default": False},
    "limit": {"type": "int"},
    "page_size": {"type": "int", "default": PAGE_SIZE},
    "details": {"type": "bool", "default": False},
    "messages": {"type": "bool", "default": False},
    "statistics": {"type": "bool", "default": False},
    "summary_only": {"type": "bool", "default": False},
    "exclude_services": {"type": "list", "elements": "str", "default": []},
    "exclude_users": {"type": "list", "elements": "str", "default": []},
    "exclude_missing_ok": {"type": "bool", "default": False},
    "wait_until": {"type": "str", "choices": ["none_open"]},
    **{name: WAIT[name] for name in ("wait_timeout", "wait_sleep")},
    "ignore_unreadable": {"type": "bool", "default": False},
}


def query(client: Client, options: dict[str, Any]) -> Outcome:
    """Return the jobs that match, and what could not be read."""
    question, ignore_unreadable = question_of(options), options["ignore_unreadable"]
    wait = wait_options({**options, "wait": options["wait_until"] is not None and not client.check_mode})
    if wait is None:
        found, overtime = find(client, question), None
    else:
        found, overtime = find_once_idle(client, question, ignore_unreadable, wait, task_context(client))
    excluded = [
        {"option": option, "value": value, "jobs": found.excluded.get((option, value), 0)}
        for option, value in question.exclude.named
    ]
    result = {
        **job_list(found.jobs, found.total, truncated=not found.is_complete, counts_only=question.summary_only),
        "summary": found.summary,
        "excluded": excluded,
        "unreadable": unreadable_list(found.unreadable),
        **({"statistics": found.statistics} if options["statistics"] else {}),
    }
    failure = None if ignore_unreadable else unreadable_failure(found.unreadable, found.services_read > 0)
    return result, overtime or failure


def question_of(options: dict[str, Any]) -> Query:
    """Return what the user asks for. Raises ArcGISError bad_option."""
    require_range(options, limit=0)
    require_range(options, 10000, page_size=1)
    start, end = parse_window(options, "start_time", "end_time")
    ended_start, ended_end = parse_window(options, "ended_after", "ended_before")
    return Query(
        services=selected_services(options),
        statuses=parse_choices("statuses", options["statuses"], GP_STATUSES),
        submitted_by=parse_optional_text("submitted_by", options["submitted_by"]),
        machine=parse_optional_text("machine", options["machine"]),
        start=start,
        end=end,
        ended_start=ended_start,
        ended_end=ended_end,
        exclude=Exclusions(
            parse_services("exclude_services", options["exclude_services"]),
            parse_texts("exclude_users", options["exclude_users"]),
        ),
        on_kubernetes=options["platform"] == "kubernetes",
        **{name: options[name] for name in ("include_system", "exclude_missing_ok", "open_only", "limit", "page_size")},
        **{name: options[name] for name in ("details", "messages", "statistics", "summary_only")},
    )


SPEC = ModuleSpec(query, ARGUMENTS, SERVER)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
