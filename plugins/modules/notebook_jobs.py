#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: notebook_jobs
short_description: Delete the finished jobs of a Notebook Server
version_added: 1.0.0
description:
  - Deletes all finished administrative jobs of an ArcGIS Notebook Server, which are those that completed or failed. The
    site can only delete all of them at once, so O(scope) is required as confirmation.
  - Jobs that are open are left alone.
  - Follows the page C(Delete all jobs) of the ArcGIS Notebook Server administrator API.
  - ArcGIS Enterprise on Kubernetes documents no such operation, so O(platform=kubernetes) fails with C(unsupported)
    before anything is sent.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.notebook
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.writing
  - gisops.arcgis.attributes.action_groups_notebook
options:
  state:
    description:
      - The wanted state of the jobs.
    type: str
    choices: [absent]
    required: true
  scope:
    description:
      - Which jobs to delete. The site can only delete all that have finished.
    type: str
    choices: [all_finished]
    required: true
  max_jobs:
    description:
      - Fail before anything is written if more jobs than this would be deleted.
    type: int
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - The site deletes the jobs that have finished when it carries the request out. A job that finishes after the module
    read the list is deleted too, without being listed.
seealso:
  - module: gisops.arcgis.notebook_jobs_info
  - module: gisops.arcgis.notebook_job
"""

EXAMPLES = r"""
- name: Delete all finished notebook jobs, unless there are surprisingly many
  gisops.arcgis.notebook_jobs:
    state: absent
    scope: all_finished
    max_jobs: 1000
"""

RETURN = r"""
jobs:
  description: The finished jobs, and what became of each.
  type: list
  elements: dict
  returned: success, and failure unless no job was tried
  contains:
    job_id:
      description: The ID of the job.
      type: str
      sample: j0bc73e29-3725-4eb1-b6c7-db2cdc56799c
    status_before:
      description: The status before the task.
      type: str
      sample: succeeded
    status:
      description: The status after the task, or in check mode the status that is expected; V(absent) if the job is
        gone.
      type: str
      sample: absent
    changed:
      description: Whether the task changed the job.
      type: bool
      sample: true
    outcome:
      description: What became of the job, which is V(deleted) or V(failed).
      type: str
      sample: deleted
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
total:
  description: How many finished jobs there were.
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
  description: How many of the jobs have each outcome.
  type: dict
  returned: success, and failure unless no job was tried
  sample: {"deleted": 1}
diff:
  description: The status of each job before and after, by its ID.
  type: dict
  returned: in diff mode
  sample:
    before: {"j0bc73e29-3725-4eb1-b6c7-db2cdc56799c": "succeeded"}
    after: {"j0bc73e29-3725-4eb1-b6c7-db2cdc56799c": "absent"}
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
from ..module_utils._jobs.desired_state import failure_of
from ..module_utils._module import NOTEBOOK, PLATFORM, ModuleSpec, run_module, server_only, task_context
from ..module_utils._notebook import NotebookJobs, delete_all_finished
from ..module_utils._options import require_range
from ..module_utils._results import Outcome, change_result

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    "state": {"type": "str", "choices": ["absent"], "required": True},
    "scope": {"type": "str", "choices": ["all_finished"], "required": True},
    "max_jobs": {"type": "int"},
}


def delete_finished(client: Client, options: dict[str, Any]) -> Outcome:
    """Delete the finished jobs, and return what became of each."""
    require_range(options, max_jobs=0)
    server_only(options, "delete the finished notebook jobs", "Notebook Server")
    changes, failure = delete_all_finished(NotebookJobs(client), task_context(client), options["max_jobs"])
    failure = failure or failure_of(changes)
    return change_result(changes, failed_only=failure is not None), failure


SPEC = ModuleSpec(delete_finished, ARGUMENTS, NOTEBOOK)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
