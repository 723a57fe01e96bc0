#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: gp_queue
short_description: Empty the queue of GP services
version_added: 1.0.0
description:
  - Cancels every job that waits in the queue of the named geoprocessing (GP) services, which are those that are new,
    submitted or waiting. Jobs that execute are left alone.
  - The site does not say what it removed, so the module reads the queue before and checks the jobs after. A job that
    began to execute in between is reported as V(left_queue) and was not changed.
  - Follows the page C(Purge job queue) of the ArcGIS Server administrator API.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.gp
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.writing
  - gisops.arcgis.attributes.action_groups_gp
options:
  state:
    description:
      - The wanted state of the queues.
    type: str
    choices: [empty]
    required: true
  services:
    description:
      - The services, each as C(Folder/Name), or as C(Name) if it is in no folder. An empty list selects nothing.
      - Either this option or O(all_services=true) is required.
    type: list
    elements: str
    aliases: [service]
  all_services:
    description:
      - Whether to empty the queue of every GP service of the site, except those in the folder C(System). If a folder
        cannot be read, nothing is written.
    type: bool
    default: false
    version_added: 1.1.0
  max_jobs:
    description:
      - Fail before anything is written if more jobs than this would be removed.
    type: int
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - module: gisops.arcgis.gp_job
  - name: Purge job queue
    description: The page of the API that this module follows.
    link: https://developers.arcgis.com/rest/enterprise-administration/server/purge-job-queue/
"""

EXAMPLES = r"""
- name: Empty the queue of a service before an urgent job is submitted
  gisops.arcgis.gp_queue:
    services: [Maps/Buffer]
    state: empty
"""

RETURN = r"""
jobs:
  description: The jobs that waited in the queues, and what became of them. A failed task lists the jobs with an error
    only.
  type: list
  elements: dict
  returned: success, and failure unless no queue was tried
  contains:
    job_id:
      description: The ID of the job.
      type: str
      sample: j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6
    service:
      description: The service, as C(Folder/Name).
      type: str
      sample: Maps/Buffer
    status_before:
      description: The status before the task.
      type: str
      sample: waiting
    status:
      description: The status after the task, or in check mode the status that is expected; V(absent) if the job is
        gone.
      type: str
      sample: cancelled
    changed:
      description: Whether the task changed the job.
      type: bool
      sample: true
    outcome:
      description:
        - What became of the job, which is V(purged), V(left_queue) or V(still_queued). It is V(purge_accepted) if the
          site accepted the purge and the job could not be read afterwards.
        - V(failed) is explained by C(error). V(not_tried) means that the failure of another queue would have affected
          this one.
      type: str
      sample: purged
    error:
      description: What went wrong with this job or its queue, as listed in the error catalogue; null otherwise.
      type: dict
changed_jobs:
  description: What the task changed beside the jobs that failed, each with C(job_id), C(service),
    C(status_before), C(status) and C(outcome).
  type: list
  elements: dict
  returned: failure unless no job was tried
  sample: []
  version_added: 1.1.0
total:
  description: How many jobs waited in the queues.
  type: int
  returned: success, and failure unless no queue was tried
  sample: 1
returned:
  description: How many entries C(jobs) has.
  type: int
  returned: success, and failure unless no queue was tried
  sample: 1
truncated:
  description: Whether jobs are missing from RV(total) and RV(summary). They never are.
  type: bool
  returned: success, and failure unless no queue was tried
  sample: false
summary:
  description: How many of the jobs have each outcome.
  type: dict
  returned: success, and failure unless no queue was tried
  sample: {"purged": 1}
diff:
  description: The status of each job before and after, by its service and its ID.
  type: dict
  returned: in diff mode
  sample:
    before: {"Maps/Buffer": {"j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6": "waiting"}}
    after: {"Maps/Buffer": {"j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6": "cancelled"}}
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

from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._errors import ArcGISError
from ..module_utils._gp.jobs import GpJobs
from ..module_utils._gp.queue import empty_queues, still_queued
from ..module_utils._gp.services import list_gp_services, selected_services
from ..module_utils._module import PLATFORM, SERVER, ModuleSpec, run_module, server_only, task_context
from ..module_utils._options import require_range
from ..module_utils._results import Outcome, change_result

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    "state": {"type": "str", "choices": ["empty"], "required": True},
    "services": {"type": "list", "elements": "str", "aliases": ["service"]},
    "all_services": {"type": "bool", "default": False},
    "max_jobs": {"type": "int"},
}


def empty(client: Client, options: dict[str, Any]) -> Outcome:
    """Purge the queues, and return what became of the jobs that waited."""
    require_range(options, max_jobs=0)
    services = selected_services(options)
    if services != []:
        server_only(options, "purge a queue")
    if services is None:
        services, unreadable = list_gp_services(client, include_system=False)
        if unreadable:
            raise ArcGISError.of(next(iter(unreadable.values())))
    changes, failure = empty_queues(GpJobs(client), services, task_context(client), options["max_jobs"])
    changes, left = still_queued(changes) if failure is None else (changes, None)
    problem = failure or left
    return change_result(changes, failed_only=problem is not None), problem


SPEC = ModuleSpec(empty, ARGUMENTS, SERVER)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
