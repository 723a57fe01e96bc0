#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: notebook_job
short_description: Cancel notebook jobs
version_added: 1.0.0
description:
  - Cancels administrative jobs of an ArcGIS Notebook Server, or notebook jobs of ArcGIS Enterprise on Kubernetes. The
    present status of each job decides whether anything is sent, so a second run changes nothing.
  - The site has no status for cancelled jobs; C(customAttributes.isCancelled) decides.
  - Follows the page C(Cancel job) of the ArcGIS Notebook Server administrator API, and that of the ArcGIS Enterprise on
    Kubernetes administrator API. The site cannot delete a single job; M(gisops.arcgis.notebook_jobs) deletes all
    finished ones of a Notebook Server.
  - With O(platform=kubernetes), each job is read with a request of its own, because the list does not tell which jobs
    were cancelled. A release that lacks the operation fails with C(unsupported). Some releases remove a job once it has
    finished; it then counts as absent.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.notebook
  - gisops.arcgis.wait
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.writing
  - gisops.arcgis.attributes.action_groups_notebook
options:
  state:
    description:
      - The wanted state of the jobs. Jobs that have ended are left alone.
    type: str
    choices: [cancelled]
    required: true
  job_ids:
    description:
      - The IDs of the jobs. An empty list selects nothing.
    type: list
    elements: str
    required: true
    aliases: [job_id]
  missing_ok:
    description:
      - Whether a job that does not exist is fine.
    type: bool
    default: false
  max_jobs:
    description:
      - Fail before anything is written if more jobs than this would be cancelled. Jobs that are left alone do not
        count.
    type: int
author:
  - gisops.arcgis contributors (@gisops)
seealso:
  - module: gisops.arcgis.notebook_jobs_info
  - module: gisops.arcgis.notebook_jobs
"""

EXAMPLES = r"""
- name: Find the notebooks that have been executing for more than two hours
  gisops.arcgis.notebook_jobs_info:
    types: [executeNotebook]
    statuses: [executing]
    end_time: 2h
  register: long_runs

- name: Cancel them
  gisops.arcgis.notebook_job:
    job_ids: "{{ long_runs.jobs | map(attribute='job_id') | list }}"
    state: cancelled

- name: Cancel a notebook on ArcGIS Enterprise on Kubernetes
  gisops.arcgis.notebook_job:
    url: "{{ kubernetes_url }}"
    platform: kubernetes
    job_id: "{{ kubernetes_notebook_job_id }}"
    state: cancelled
"""

RETURN = r"""
jobs:
  description: What became of each selected job, in the order given. A failed task lists the jobs with an error only.
  type: list
  elements: dict
  returned: success, and failure unless no job was tried
  contains:
    job_id:
      description: The ID of the job.
      type: str
      sample: j9ed8e170-21d8-412f-bea2-609a82f1b436
    status_before:
      description: The status before the task; V(absent) if there was no such job, and null if it could not be read.
      type: str
      sample: executing
    status:
      description: The status that was last seen, or in check mode the status that is expected; V(absent) if there is no
        such job, and null if it could not be read.
      type: str
      sample: cancelling
    changed:
      description: Whether the task changed the job.
      type: bool
      sample: true
    outcome:
      description: What became of the job, in the words of M(gisops.arcgis.gp_job).
      type: str
      sample: cancel_accepted
    error:
      description: What went wrong with this job, as listed in the error catalogue; null otherwise.
      type: dict
changed_jobs:
  description: What the task changed beside the jobs that failed, each with C(job_id),
    C(status_before), C(status) and C(outcome).
  type: list
  elements: dict
  returned: failure unless no job was tried
  sample: []
  version_added: 1.1.0
missing:
  description: The IDs of the jobs that the site did not have.
  type: list
  elements: str
  returned: success, and failure unless no job was tried
  sample: []
total:
  description: How many jobs were selected.
  type: int
  returned: success, and failure unless no job was tried
  sample: 1
returned:
  description: How many entries C(jobs) has.
  type: int
  returned: success, and failure unless no job was tried
  sample: 1
truncated:
  description: Whether jobs are missing from RV(total) and RV(summary). They never are.
  type: bool
  returned: success, and failure unless no job was tried
  sample: false
summary:
  description: How many of the selected jobs have each outcome.
  type: dict
  returned: success, and failure unless no job was tried
  sample: {"cancel_accepted": 1}
diff:
  description: The status of each job before and after, by its ID.
  type: dict
  returned: in diff mode
  sample:
    before: {"j9ed8e170-21d8-412f-bea2-609a82f1b436": "executing"}
    after: {"j9ed8e170-21d8-412f-bea2-609a82f1b436": "cancelling"}
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
from ..module_utils._jobs.apply import apply_state
from ..module_utils._jobs.desired_state import DesiredState, failure_of, missing_in
from ..module_utils._jobs.source import JobRef
from ..module_utils._jobs.waiter import wait_options
from ..module_utils._module import NOTEBOOK, PLATFORM, WAIT, ModuleSpec, run_module, task_context
from ..module_utils._notebook import notebook_jobs
from ..module_utils._options import parse_job_ids, require_range
from ..module_utils._results import Outcome, change_result

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    **WAIT,
    "state": {"type": "str", "choices": ["cancelled"], "required": True},
    "job_ids": {"type": "list", "elements": "str", "required": True, "aliases": ["job_id"]},
    "missing_ok": {"type": "bool", "default": False},
    "max_jobs": {"type": "int"},
}


def cancel(client: Client, options: dict[str, Any]) -> Outcome:
    """Cancel the selected jobs, and return what became of each."""
    require_range(options, max_jobs=0)
    refs = [JobRef(None, job_id) for job_id in parse_job_ids("job_ids", options["job_ids"])]
    desired = DesiredState(options["state"], missing_ok=options["missing_ok"], max_jobs=options["max_jobs"])
    jobs = notebook_jobs(client, options["platform"])
    changes = apply_state(jobs, desired, refs, task_context(client), wait_options(options))
    failure = failure_of(changes)
    result = {**change_result(changes, failed_only=failure is not None), "missing": missing_in(changes)}
    return result, failure


SPEC = ModuleSpec(cancel, ARGUMENTS, NOTEBOOK)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
