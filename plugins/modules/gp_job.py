#!/usr/bin/python
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: gp_job
short_description: Cancel or delete GP jobs
version_added: 1.0.0
description:
  - Brings geoprocessing (GP) jobs into the wanted state. The present status of each job decides whether anything is
    sent, so a second run changes nothing.
  - After a refusal, or when an answer was lost, the job is read again, and its status decides what is reported.
  - Follows the pages C(Cancel job) and C(Delete job) of the ArcGIS Server administrator API.
extends_documentation_fragment:
  - gisops.arcgis.connection
  - gisops.arcgis.gp
  - gisops.arcgis.wait
  - gisops.arcgis.attributes
  - gisops.arcgis.attributes.writing
  - gisops.arcgis.attributes.action_groups_gp
options:
  state:
    description:
      - The wanted state of the jobs.
      - With V(cancelled), jobs that are not finished are cancelled and stay in the list of the site. Finished jobs are
        left alone. A job that does not exist is an error, unless O(missing_ok=true).
      - With V(absent), jobs are deleted whatever their status, and a running job is cancelled by the site first. A job
        that does not exist is fine.
    type: str
    choices: [cancelled, absent]
    required: true
  service:
    description:
      - The service of the jobs in O(job_ids), as C(Folder/Name), or as C(Name) if it is in no folder.
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
      - An entry whose names no URL can carry fails alone, and the others are tried. An ID with an asterisk is refused,
        because Ansible has masked a secret in it.
    type: list
    elements: dict
  only_statuses:
    description:
      - Touch only jobs that have one of these statuses, which are V(new), V(submitted), V(waiting), V(executing),
        V(succeeded), V(failed), V(cancelling), V(cancelled), V(timed_out) and V(deleting). An empty list selects
        nothing.
      - A job that has not finished is read again right before its write. The status of a finished job is final.
    type: list
    elements: str
  missing_ok:
    description:
      - Whether a job that does not exist is fine with O(state=cancelled).
    type: bool
    default: false
  max_jobs:
    description:
      - Fail before anything is written if more jobs than this would be cancelled or deleted. Jobs that are left alone
        do not count.
    type: int
  archive:
    description:
      - A file in which each job is kept before it is deleted, with its messages, because a deletion removes every trace
        of a job. Each line is one record in JSON, as M(gisops.arcgis.gp_job_info) returns it with its option
        C(messages), and with C(site) and C(archived_time) beside. M(gisops.arcgis.job_report) reads such files.
      - Records are appended, and each is on the disk before the deletion of its job is sent. If it cannot be written,
        the job is not deleted, the task fails with C(unwritable_file), and no further deletion begins.
      - If the account may not write to the file or its folder, the task fails so before anything is sent, in check mode
        as well.
      - A job whose messages cannot be read is kept without them and deleted. Its C(messages_reason) says why, and the
        task warns.
      - A job may be in the file more than once, such as after a deletion that failed. Its last record counts. In check
        mode nothing is written.
      - A new file can be read by its owner only. Its folder must exist, on the host that runs the module. Each job
        costs at least two more requests.
      - With O(state=cancelled) this option is refused.
    type: path
    version_added: 1.1.0
  summary_only:
    description:
      - Whether to leave RV(jobs) out and return the counts only. A failed task still lists the jobs with an error.
    type: bool
    default: false
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - The site cancels a running job when the tool next allows it. If the tool never does, the job stays in V(cancelling)
    until it is deleted or its service is restarted.
  - The API documents in two ways whether jobs that wait in the queue can be cancelled. Check mode warns of such jobs.
    If the site refuses, the task fails with C(cancel_refused) and never deletes the job instead.
  - A write whose answer was lost counts as a change if the job is then gone, or is being cancelled.
seealso:
  - module: gisops.arcgis.gp_job_query
  - module: gisops.arcgis.gp_job_info
  - module: gisops.arcgis.job_report
  - name: Cancel job
    description: The page of the API that this module follows for O(state=cancelled).
    link: https://developers.arcgis.com/rest/enterprise-administration/server/cancel-job/
  - name: Delete job
    description: The page of the API that this module follows for O(state=absent).
    link: https://developers.arcgis.com/rest/enterprise-administration/server/delete-job/
"""

EXAMPLES = r"""
- name: Cancel one job
  gisops.arcgis.gp_job:
    service: Maps/Buffer
    job_id: "{{ stuck_job_id }}"
    state: cancelled

- name: Find the finished jobs that are older than a week
  gisops.arcgis.gp_job_query:
    services: [Maps/Buffer, Planning/NightlyExport]
    statuses: [succeeded, failed, cancelled, timed_out]
    end_time: 7d
  register: old

- name: Delete them, unless the status of one has changed
  gisops.arcgis.gp_job:
    jobs: "{{ old.jobs }}"
    state: absent
    only_statuses: [succeeded, failed, cancelled, timed_out]
    max_jobs: 5000

- name: Delete a job, and keep what is known of it in a file
  gisops.arcgis.gp_job:
    service: Planning/NightlyExport
    job_id: "{{ failed_job_id }}"
    state: absent
    archive: "{{ archive_folder }}/deleted_jobs.jsonl"

- name: Cancel one job and wait until it has stopped
  gisops.arcgis.gp_job:
    service: Maps/Buffer
    job_id: "{{ running_job_id }}"
    state: cancelled
    wait: true
    wait_timeout: 120
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
      sample: j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6
    service:
      description: The service, as C(Folder/Name).
      type: str
      sample: Maps/Buffer
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
      description:
        - What became of the job.
        - V(cancel_accepted) and V(deleted) are changes, and so is V(delete_accepted), where the site accepted the
          deletion and still works on it.
        - V(already_finished), V(already_cancelled), V(already_cancelling), V(already_deleting), V(already_absent),
          V(missing) and V(not_selected) say why nothing was sent.
        - V(failed) is explained by C(error). A job that did not reach the requested state in time keeps its outcome and
          has an C(error).
        - V(not_tried) means that the failure of another job would have affected this one too.
      type: str
      sample: cancel_accepted
    error:
      description: What went wrong with this job, as listed in the error catalogue; null otherwise.
      type: dict
changed_jobs:
  description: What the task changed beside the jobs that failed, each with C(job_id), C(service),
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
  description: The status of each job before and after, by its service and its ID.
  type: dict
  returned: in diff mode
  sample:
    before: {"Maps/Buffer": {"j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6": "executing"}}
    after: {"Maps/Buffer": {"j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6": "cancelling"}}
api:
  description: What the task cost, as requests, retries, log-ins, and seconds.
  type: dict
  returned: always
  sample: {"elapsed": 0.05, "logins": 1, "requests": 3, "retries": 0}
error:
  description: What went wrong, as listed in the error catalogue.
  type: dict
  returned: failure
  sample: {"code": "some_jobs_failed"}
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..module_utils._arcgis.client import Client
from ..module_utils._errors import ArcGISError, Failure, bad_option
from ..module_utils._gp.jobs import GpJobs, job_ref, jobs_of_service, names_in
from ..module_utils._gp.messages import MessageReader
from ..module_utils._gp.services import Service
from ..module_utils._jobs.apply import apply_state
from ..module_utils._jobs.desired_state import DesiredState, JobChange, failure_of, missing_in
from ..module_utils._jobs.record import GP_STATUSES, iso
from ..module_utils._jobs.source import JobRef, JobSource, read_record
from ..module_utils._jobs.waiter import wait_options
from ..module_utils._module import (
    EITHER_SERVICE_OR_JOBS,
    PLATFORM,
    SERVER,
    SERVICE_OR_JOBS,
    WAIT,
    ModuleSpec,
    run_module,
    server_only,
    task_context,
)
from ..module_utils._options import parse_choices, require_range
from ..module_utils._outputs.archive import Archive, ArchivedJobs, parse_archive
from ..module_utils._results import Outcome, change_result
from ..module_utils._retries import Retries

ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLATFORM,
    **WAIT,
    "state": {"type": "str", "choices": ["cancelled", "absent"], "required": True},
    **SERVICE_OR_JOBS,
    "only_statuses": {"type": "list", "elements": "str"},
    "missing_ok": {"type": "bool", "default": False},
    "max_jobs": {"type": "int"},
    "archive": {"type": "path"},
    "summary_only": {"type": "bool", "default": False},
}


def cancel_or_delete(client: Client, options: dict[str, Any]) -> Outcome:
    """Cancel or delete the selected jobs, and return what became of each."""
    require_range(options, max_jobs=0)
    only = parse_choices("only_statuses", options["only_statuses"], [each for each in GP_STATUSES if each != "deleted"])
    desired = DesiredState(options["state"], only, options["missing_ok"], options["max_jobs"])
    refs, refused = selected_jobs(options)
    wait = wait_options(options)
    if refs:
        server_only(options, "cancel or delete GP jobs")
    tried = [ref for ref in refs if ref not in refused]
    with jobs_of(client, options) as source:
        changes = {change.ref: change for change in apply_state(source, desired, tried, task_context(client), wait)}
    changes.update((ref, JobChange(ref).failed(refused[ref])) for ref in refused)
    in_order = [changes[ref] for ref in refs if ref in changes]
    failure = failure_of(in_order)
    result = {**change_result(in_order, failure is not None, options["summary_only"]), "missing": missing_in(in_order)}
    return result, failure


@contextmanager
def jobs_of(client: Client, options: dict[str, Any]) -> Iterator[JobSource]:
    """Give the jobs of the site, which are archived before they are deleted if the user asks for it.

    Raises ArcGISError bad_option, or unwritable_file for an archive.
    """
    jobs = GpJobs(client)
    if options["archive"] is None:
        yield jobs
        return
    if options["state"] != "absent":
        raise bad_option("archive", "is for state: absent, and state is cancelled", "Leave the option out.")
    archive = Archive(parse_archive("archive", options["archive"]), client.secrets.masked)
    reader = MessageReader(client)
    unread: list[str] = []

    def read_whole(ref: JobRef, retries: Retries | None) -> dict[str, Any] | None:
        record = read_record(jobs, ref, retries)
        if record is None:
            return None
        told = reader.told_of(ref.service.label, ref.job_id)
        unread.extend([ref.name] if told["messages"] is None else [])
        where = {"site": client.connection.url, "archived_time": iso(client.now_ms())}
        return {**record, **told, **where}

    try:
        yield ArchivedJobs(jobs, read_whole, archive)
    finally:
        archive.close()
        if unread:
            client.warn(f"The messages of {len(unread)} archived jobs could not be read. The archive says why.")


def selected_jobs(options: dict[str, Any]) -> tuple[list[JobRef], dict[JobRef, Failure]]:
    """Return every selected job, without repetitions, in the order given, and why some of them cannot be dealt with.

    What a task before this one returned may hold a name that no URL can carry; it fails alone.
    """
    if options["jobs"] is None:
        return jobs_of_service(options), {}
    refs: list[JobRef] = []
    refused: dict[JobRef, Failure] = {}
    for service_name, job_id in map(names_in, options["jobs"]):
        try:
            refs.append(job_ref(service_name, job_id))
        except ArcGISError as error:
            refs.append(JobRef(Service("", service_name), job_id))
            refused[refs[-1]] = error.failure
    return list(dict.fromkeys(refs)), refused


SPEC = ModuleSpec(cancel_or_delete, ARGUMENTS, SERVER, **EITHER_SERVICE_OR_JOBS)


def main() -> None:
    """Run the module."""
    run_module(SPEC)


if __name__ == "__main__":
    main()
