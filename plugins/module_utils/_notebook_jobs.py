# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook Server jobs: the list of administrative jobs, one job, and the filters that the site does not have.

Follows the pages "Jobs", "Job", "Cancel job" and "Delete all jobs" of the ArcGIS Notebook Server administrator API.
This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import no_job, whole_number
from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all, seen_of
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._fields import Fields
from ansible_collections.gisops.arcgis.plugins.module_utils._looks import settles_after
from ansible_collections.gisops.arcgis.plugins.module_utils._selections import other_spellings
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import is_finished, status_of
from ansible_collections.gisops.arcgis.plugins.module_utils._times import duration
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Patience, Seen, is_over, time_out, wait_until
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Change, Target


def _no_list(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being the list of jobs; None where nothing does."""
    entries = payload.get("asyncJobs")
    is_one = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    return None if is_one else "holds no list asyncJobs"


LIST = Operation("list the jobs of the Notebook Server", "GET", "admin/system/jobs", flaw=_no_list)
READ = Operation("read job {job_id} of the Notebook Server", "GET", "admin/system/jobs/{job_id}", flaw=no_job)
# The pages say GET for both, and the site's own clients send POST, which is what a write should be.
CANCEL = Operation(
    "cancel job {job_id} of the Notebook Server", "POST", "admin/system/jobs/{job_id}/cancel", writes=True
)
DELETE_ALL = Operation(
    "delete the finished jobs of the Notebook Server", "POST", "admin/system/jobs/deleteAll", writes=True
)

SCAN_LIMIT = 1000

# How long pages commonly are. A list of exactly that length may be one, and then proves nothing.
_PAGES = frozenset((10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000))


@dataclass(frozen=True)
class Filter:
    """Which jobs are wanted. None does not select; start_ms and end_ms bound the start of a job, both included."""

    statuses: Collection[str] | None = None
    types: Collection[str] | None = None
    submitted_by: str | None = None
    cancelled: bool | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def selects(self) -> bool:
        """Say whether any filter is set."""
        return self != Filter()

    @property
    def needs_details(self) -> bool:
        """Say whether the abbreviated list lacks what the filter tests."""
        return self.statuses is not None or self.cancelled is not None

    def accepts(self, job: Mapping[str, Any]) -> bool:
        """Say whether a record matches."""
        started = job["start_time_ms"]
        return (
            (self.statuses is None or job["status"] in self.statuses)
            and (self.types is None or job["type"] in self.types)
            and (self.submitted_by is None or job["username"] == self.submitted_by)
            and (self.cancelled is None or job["is_cancelled"] == self.cancelled)
            and (self.start_ms is None or (started is not None and started >= self.start_ms))
            and (self.end_ms is None or (started is not None and started <= self.end_ms))
        )


@dataclass
class Found:
    """The jobs that match, the IDs that the site does not have, how many jobs were seen, and whether it has more."""

    jobs: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    scanned: int = 0
    maybe_more: bool = False


def list_jobs(site: Site, details: bool, newest_first: bool, scan_limit: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the records of the list, and whether the site returned as many as were asked for, or counts more.

    Raises ArcGISError unexpected_shape, or what the client met.
    """
    parameters = {"num": scan_limit, "detail": _flag(details), "sortByDate": _flag(newest_first)}
    answer = site.call(LIST, parameters)
    entries, total = answer["asyncJobs"], whole_number(answer.get("total"))
    translate = record if details else abbreviated
    return [translate(entry) for entry in entries], len(entries) >= scan_limit or (total or 0) > len(entries)


class NotebookJobs:
    """Reads and changes the jobs of one Notebook Server."""

    can_delete = False

    def __init__(self, site: Site) -> None:
        self.site = site

    def read(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any] | ArcGISError | None]:
        """Return a full record of every job, each read on its own; None where the site has no such job.

        "Not found" can mean another product at this URL, which has no list of jobs, or that a machine of the site is
        out of step. So a job counts as missing only where the list does not show it; otherwise it is read once more,
        and is contradicted where the site still does not find it.
        Raises ArcGISError for what would meet every job, and returns that of a single one.
        """
        found = self._read_alone(job_ids)
        unknown = [job_id for job_id in job_ids if found[job_id] is None]
        if unknown:
            listed = {job["job_id"] for job in longest_list(self.site)[0]}
            found.update(self._read_alone([job_id for job_id in unknown if job_id in listed]))
            for job_id in unknown:
                if found[job_id] is None and job_id in listed:
                    said = f"the site does not find job {job_id}, and lists it"
                    found[job_id] = ArcGISError("contradicted", said)
        return found

    def _read_alone(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any] | ArcGISError | None]:
        """Return the record of every job, or its error, or None where the site says that it does not find it."""

        def read(job_id: str) -> dict[str, Any] | None:
            try:
                return record(self.site.call(READ, job_id=job_id), job_id)
            except ArcGISError as error:
                if error.code != "not_found":
                    raise
                return None

        return seen_of(run_all(read, job_ids, self.site.settings.max_concurrency))

    def read_all(self, job_ids: Sequence[str]) -> Found:
        """Read every job on its own, in the order given. Raises the ArcGISError of a job that cannot be read."""
        found = self.read(job_ids)
        for problem in found.values():
            if isinstance(problem, ArcGISError):
                raise problem
        jobs = [job for job in found.values() if isinstance(job, dict)]
        return Found(jobs, [job_id for job_id, job in found.items() if job is None], len(jobs))

    def find(self, wanted: Filter, details: bool, newest_first: bool, scan_limit: int) -> Found:
        """Find the jobs that match in the list of the site, the newest first where only some of them may be seen."""
        details = details or wanted.needs_details
        listed, maybe_more = list_jobs(self.site, details, newest_first or wanted.selects, scan_limit)
        if wanted.submitted_by is not None and wanted.submitted_by not in (job["username"] for job in listed):
            said = other_spellings(wanted.submitted_by, [job["username"] for job in listed])
            if said:
                self.site.warn(said)
        return Found([job for job in listed if wanted.accepts(job)], [], len(listed), maybe_more)

    def wait(self, found: Found, patience: Patience) -> ArcGISError | None:
        """Wait until the found jobs have ended and read them again; return the error for those that have not."""
        targets = [Target(None, job["job_id"]) for job in found.jobs if job["job_id"]]
        if len(targets) < len(found.jobs):
            self.site.warn("Jobs whose ID cannot be read were not waited for.")
        waited = wait_until(self.statuses, targets, is_over, patience, self.site.transport.sleep)
        again = self.read_all([target.job_id for target in targets])
        whole = {job["job_id"]: job for job in again.jobs}
        found.jobs = [whole.get(job["job_id"], job) for job in found.jobs if job["job_id"] not in again.missing]
        found.missing += again.missing
        return time_out(waited, lambda target: target.name)

    def add_messages(self, found: Found, statuses: Collection[str]) -> None:
        """Read the found jobs with one of these statuses on their own, because the list leaves the messages out."""
        named = [job for job in found.jobs if job["job_id"]]
        without = [job["job_id"] for job in named if job.get("status") in statuses and job["messages"] is None]
        whole = {job["job_id"]: job for job in self.read_all(without).jobs}
        found.jobs = [whole.get(job["job_id"], job) for job in found.jobs]

    def status(self, target: Target) -> str | None:
        """Return the present status of one job, read on its own; None where the site has no such job."""
        status = self.statuses_alone([target])[target]
        if isinstance(status, ArcGISError):
            raise status
        return status

    def statuses_alone(self, targets: Sequence[Target]) -> dict[Target, Seen]:
        """Return the status or the error of every job, each read on its own; None where there is no such job."""
        found = self.read([target.job_id for target in targets])
        return {Target(None, job_id): job["status"] if isinstance(job, dict) else job for job_id, job in found.items()}

    def statuses(self, targets: Sequence[Target], absent_means_gone: bool = False) -> dict[Target, Seen]:
        """Return what is known of every job: from one list where there are several, else each on its own."""
        seen: dict[Target, Seen] = {}
        if len(targets) > 1:
            jobs, dummy = list_jobs(self.site, True, True, SCAN_LIMIT)
            listed = {job["job_id"]: job["status"] for job in jobs}
            seen = {target: listed[target.job_id] for target in targets if target.job_id in listed}
        seen.update(self.statuses_alone([target for target in targets if target not in seen]))
        return seen

    def send(self, state: str, target: Target) -> ArcGISError | None:
        """Ask the site to cancel a job, which is all that it offers for a single one, as Site.write does."""
        return self.site.write(CANCEL, job_id=target.job_id)


def delete_all_finished(site: Site, most: int | None = None) -> list[Change]:
    """Delete every finished job, which is all that the site offers, and return what became of each.

    In check mode nothing is sent, and the changes say what would be. Raises ArcGISError too_many_jobs before anything
    is sent: also where the site hides how many jobs there are.
    """
    jobs, has_limit = longest_list(site)
    # The site deletes what completed or failed in its own words.
    finished = [job for job in jobs if status_of(str(job["raw_status"])) in ("succeeded", "failed")]
    named = [job for job in finished if job["job_id"]]
    are_all_named = len(named) == len(finished)
    may_hide = has_limit or len(jobs) in _PAGES
    if most is not None and are_all_named and not has_limit and len(finished) <= most:
        may_hide = not is_proven(site, len(jobs))
    is_whole = are_all_named and not may_hide
    if most is not None and (len(finished) > most or not is_whole):
        said = f"{len(finished)} jobs have finished, and max_jobs is {most}"
        said += "" if len(finished) > most else ", and the site does not prove that it shows all of its jobs"
        raise ArcGISError("too_many_jobs", said, DELETE_ALL.title)
    changes = [Change(Target(None, job["job_id"]), True, job["status"], job["status"], "deleted") for job in named]
    if not changes:
        return []
    if not is_whole:
        site.warn(
            "Perhaps the site does not show all of its jobs. It deletes finished ones that it does not show as well."
        )
    left: dict[str, str] = {}
    failure = None
    if not site.read_only:
        failure = site.write(DELETE_ALL)
        left = _left_of(site, {change.target.job_id for change in changes}, failure, may_hide)
        if failure is not None and not failure.kind.retryable and len(left) == len(changes):
            failure.said += ", and all of the jobs are still there"
            raise failure
    for change in changes:
        change.after = left.get(change.target.job_id)
        change.changed = failure is None or change.after is None
        if change.after is not None:
            change.outcome = "failed"
            said = f"the deletion was sent, but the job is still {change.after}"
            change.error = ArcGISError("delete_unconfirmed", said, f"delete job {change.target.name}")
    return changes


def _left_of(site: Site, job_ids: Collection[str], failure: ArcGISError | None, may_hide: bool) -> dict[str, str]:
    """Return {job ID: status} of the jobs that the site still has, after some time to delete them.

    failure is what became of the deletion; None where it was accepted. may_hide says whether the list may lack jobs.
    """
    left: dict[str, str] = {}

    def are_gone() -> bool:
        left.clear()
        jobs, maybe_more = list_jobs(site, True, True, SCAN_LIMIT)
        left.update((job["job_id"], job["status"]) for job in jobs if job["job_id"] in job_ids)
        if maybe_more or may_hide:
            # A list that the site cuts short proves the absence of none.
            hidden = [Target(None, job_id) for job_id in job_ids if job_id not in left]
            for target, status in NotebookJobs(site).statuses_alone(hidden).items():
                if isinstance(status, ArcGISError):
                    raise status
                if status is not None:
                    left[target.job_id] = status
        return not left

    settles_after(site, "delete them", failure, are_gone)
    return left


def longest_list(site: Site) -> tuple[list[dict[str, Any]], bool]:
    """Return the longest list of jobs that the site gives, with their details, and whether it has a limit of its own.

    The list has no pages, so more is asked for until the site returns less than that. A site that returns no more than
    before although it was asked for more has a limit.
    """
    scan_limit, before = SCAN_LIMIT, -1
    while True:
        jobs, maybe_more = list_jobs(site, True, True, scan_limit)
        if not maybe_more or len(jobs) == before:
            return jobs, maybe_more
        scan_limit, before = scan_limit * 10, len(jobs)


def is_proven(site: Site, rows: int) -> bool:
    """Say whether the site shows that a list of so many rows is all that it has, asked for one row less.

    A site that then returns as many rows overlooks the number, so its list has a limit that nobody knows. One that
    still counts all rows in its total counts its jobs, and not what it returned.
    """
    if rows < 2:
        return True
    answer = site.call(LIST, {"num": rows - 1, "detail": _flag(False), "sortByDate": _flag(True)})
    found, total = len(answer["asyncJobs"]), whole_number(answer.get("total"))
    counts_all = total is not None and found < total <= rows
    return found < rows and (counts_all or rows not in _PAGES)


def abbreviated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Translate an entry of the abbreviated list, which has neither status nor end."""
    fields = Fields(entry)
    return {
        "job_id": fields.text("jobId"),
        "type": fields.text("type"),
        **fields.time("startTime", "start_time"),
        "username": fields.text("username"),
        "unreadable": fields.unreadable,
    }


def record(entry: Mapping[str, Any], job_id: str | None = None) -> dict[str, Any]:
    """Translate a full entry. A cancelled job has no status of its own: customAttributes.isCancelled tells it."""
    fields = Fields(entry)
    attributes = fields.mapping("customAttributes") or {}
    marks = Fields(attributes)
    cancelled = marks.flag("isCancelled")
    started, ended = fields.time("startTime", "start_time"), fields.time("endTime", "end_time")
    status = status_of(fields.text("status") or "unknown")
    if cancelled:
        status = "cancelled" if is_finished(status) or ended["end_time_ms"] else "cancelling"
    return {
        "job_id": fields.text("jobId") or job_id,
        "type": fields.text("type"),
        "status": status,
        "raw_status": entry.get("status"),
        "finished": is_finished(status),
        "is_cancelled": cancelled,
        "submitted_time": None,
        "submitted_time_ms": None,
        **started,
        **ended,
        "duration": duration(started["start_time_ms"], ended["end_time_ms"]),
        "username": fields.text("username"),
        "machine": None,
        "url": None,
        "messages": fields.items("messages"),
        "inputs": fields.mapping("inputs"),
        "results": fields.mapping("results"),
        "custom_attributes": attributes,
        "unreadable": fields.unreadable + marks.unreadable,
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
