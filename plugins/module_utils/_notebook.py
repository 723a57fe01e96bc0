# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook jobs: the list of a site, one job, and the filters that the site does not have.

Follows the pages "Jobs", "Job", "Cancel job" and "Delete all jobs" of the ArcGIS Notebook Server administrator API, and
the first three in the ArcGIS Enterprise on Kubernetes administrator API.
This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from ._arcgis.client import Client, Operation
from ._arcgis.responses import whole_number
from ._errors import ArcGISError, Failure
from ._jobs.desired_state import JobChange
from ._jobs.record import QUEUED, Fields, duration, is_finished, is_the_job, no_time, status_of
from ._jobs.source import JobRef, RecordOrError, SourceWithLists, StatusOrError, TaskContext, settle_after, status_in
from ._jobs.waiter import Reading, WaitOptions, read_and_wait
from ._options import other_spellings
from ._retries import Retries

# The list of Kubernetes has the last of these names in older pages.
_ON_SERVER, _ON_KUBERNETES = ("asyncJobs",), ("asyncNotebookJobs", "notebookJobs")


def _entries(payload: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return the list of jobs that a payload has under one of these names; None where it has none."""
    found = [payload[name] for name in names if isinstance(payload.get(name), list)]
    return found[0] if found and all(isinstance(entry, dict) for entry in found[0]) else None


def _is_list(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being the list of a Notebook Server; None where nothing does."""
    return "holds no list asyncJobs" if _entries(payload, _ON_SERVER) is None else None


def _is_kubernetes_list(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being the list of Kubernetes; None where nothing does."""
    return "holds no list asyncNotebookJobs" if _entries(payload, _ON_KUBERNETES) is None else None


_SERVER = "of the Notebook Server"
_JOBS = "admin/system/jobs"
LIST = Operation(f"list the jobs {_SERVER}", "GET", _JOBS, validate=_is_list)
READ = Operation(f"read job {{job_id}} {_SERVER}", "GET", f"{_JOBS}/{{job_id}}", validate=is_the_job)
# The pages say GET for both, and the site's own clients send POST, which is what a write should be.
CANCEL = Operation(f"cancel job {{job_id}} {_SERVER}", "POST", f"{_JOBS}/{{job_id}}/cancel", writes=True)
DELETE_ALL = Operation(f"delete the finished jobs {_SERVER}", "POST", f"{_JOBS}/deleteAll", writes=True)

_NOTEBOOKS = "admin/notebooks/jobs"
LIST_KUBERNETES = Operation("list the notebook jobs of the site", "GET", _NOTEBOOKS, validate=_is_kubernetes_list)
READ_KUBERNETES = Operation("read notebook job {job_id}", "GET", f"{_NOTEBOOKS}/{{job_id}}", validate=is_the_job)
CANCEL_KUBERNETES = Operation("cancel notebook job {job_id}", "POST", f"{_NOTEBOOKS}/{{job_id}}/cancel", writes=True)

SCAN_LIMIT = 1000
# What is asked for at most, of a site that always returns as many as it is asked for.
_LONGEST_LIST = 100_000
# What "deleteAll" deletes, and what it surely leaves: the words of jobs that are open.
_DELETED_WORDS = ("succeeded", "failed")
_KNOWN_WORDS = frozenset((*_DELETED_WORDS, *QUEUED, "executing", "cancelling"))
_NO_ID = "The site gives no ID of the job that can be read."
_NO_MESSAGES = "The site gives no messages of the job, or none that can be read."
_VANISHED = "The site has listed the job, and no longer has it."

# How long pages commonly are. A list of exactly that length may be one, and then proves nothing.
COMMON_LENGTHS = frozenset((10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000))

# The first and the last moment of a window in milliseconds since 1970; None is no bound.
Window = tuple[Optional[int], Optional[int]]


@dataclass(frozen=True)
class NotebookFilter:
    """Which jobs are wanted. None does not select; started and ended bound the start and the end of a job, included."""

    statuses: Collection[str] | None = None
    types: Collection[str] | None = None
    submitted_by: str | None = None
    cancelled: bool | None = None
    started: Window = (None, None)
    ended: Window = (None, None)

    @property
    def selects(self) -> bool:
        """Say whether any filter is set."""
        return self != NotebookFilter()

    @property
    def needs_details(self) -> bool:
        """Say whether the abbreviated list lacks what the filter tests."""
        return replace(self, types=None, submitted_by=None, started=(None, None)).selects

    @property
    def beyond_kubernetes(self) -> NotebookFilter:
        """Return what the list of Kubernetes cannot be tested for: it tells neither users nor what was cancelled."""
        return NotebookFilter(self.statuses, submitted_by=self.submitted_by, cancelled=self.cancelled)

    @property
    def on_kubernetes(self) -> NotebookFilter:
        """Return what the list of Kubernetes can be tested for."""
        return replace(self, statuses=None, submitted_by=None, cancelled=None)

    def accepts(self, job: Mapping[str, Any]) -> bool:
        """Say whether a record matches."""
        tests = (
            self.statuses is None or job["status"] in self.statuses,
            self.types is None or job["type"] in self.types,
            self.submitted_by is None or job["username"] == self.submitted_by,
            self.cancelled is None or job["is_cancelled"] == self.cancelled,
            _is_in(self.started, job["start_time_ms"]),
            _is_in(self.ended, job.get("end_time_ms")),  # the abbreviated list has no end
        )
        return all(tests)


def _is_in(window: Window, moment: int | None) -> bool:
    if moment is None:
        return window == (None, None)
    return (window[0] is None or window[0] <= moment) and (window[1] is None or moment <= window[1])


@dataclass(frozen=True)
class NotebookListing:
    """The records of jobs that match, how many jobs were seen, and whether the site may have more."""

    records: list[dict[str, Any]]
    scanned: int = 0
    may_have_more: bool = False


@dataclass(frozen=True)
class NotebookSelection:
    """Which jobs a user asks for: by their IDs or, where refs is None, out of the list of the site.

    With messages, as many jobs of the list as limit says are read on their own; None is no limit.
    """

    refs: Sequence[JobRef] | None
    wanted: NotebookFilter
    details: bool
    newest_first: bool
    scan_limit: int
    limit: int | None = None
    messages: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether an empty list selects nothing."""
        return [] in (self.refs, self.wanted.types, self.wanted.statuses)


class NotebookJobs(SourceWithLists):
    """The jobs of one Notebook Server."""

    can_delete = False
    # Whether the list, asked for details, tells of each job all but its messages.
    lists_details = True
    reads, cancels = READ, CANCEL

    def __init__(self, client: Client) -> None:
        self.client = client
        self.concurrency = client.connection.max_concurrency

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, StatusOrError]:
        """Return what is known of every job: from one list where there are several, else each on its own."""
        seen: dict[JobRef, StatusOrError] = {}
        if len(refs) > 1:
            records = self.list_jobs(True, True, SCAN_LIMIT, retries).records
            listed = {record["job_id"]: record["status"] for record in records if record["status"] != "unknown"}
            seen = {ref: listed[ref.job_id] for ref in refs if ref.job_id in listed}
        alone = self.read([ref for ref in refs if ref not in seen], retries)
        return {ref: seen[ref] if ref in seen else status_in(alone[ref]) for ref in refs}

    def send(self, state: str, ref: JobRef, retries: Retries) -> Failure | None:
        """Ask the site to cancel a job, which is all that it offers for a single one, as Client.write does."""
        return self.client.write(self.cancels, None, retries, job_id=ref.job_id)

    def list_jobs(
        self, details: bool, newest_first: bool, scan_limit: int, retries: Retries | None = None
    ) -> NotebookListing:
        """Return the list of the site, and whether it holds as many as were asked for, or counts more.

        Raises ArcGISError unexpected_shape, or what the client met.
        """
        parameters = {"num": scan_limit, "detail": _flag(details), "sortByDate": _flag(newest_first)}
        answer = self.client.call(LIST, parameters, retries)
        entries, total = answer["asyncJobs"], whole_number(answer.get("total"))
        translate = notebook_record if details else brief_record
        may_have_more = len(entries) >= scan_limit or (total or 0) > len(entries)
        return NotebookListing([translate(entry) for entry in entries], len(entries), may_have_more)

    def find(self, wanted: NotebookFilter, details: bool, newest_first: bool, scan_limit: int) -> NotebookListing:
        """Find the jobs that match in the list of the site, the newest first where only some of them may be seen."""
        listing = self.list_jobs(details or wanted.needs_details, newest_first or wanted.selects, scan_limit)
        listing = self._with_all_tested(listing, wanted)
        for name, window in (("start", wanted.started), ("end", wanted.ended)):
            unread = sum(f"{name}Time" in record["unreadable_fields"] for record in listing.records)
            if unread and window != (None, None):
                self.client.warn(f"The {name} of {unread} jobs cannot be read, so they were left out of the window.")
        unread = sum(record.get("status") == "unknown" for record in listing.records)
        if unread and "unknown" not in (wanted.statuses or ("unknown",)):
            self.client.warn(f"The status of {unread} jobs cannot be read, so they were left out.")
        names = [record["username"] for record in listing.records]
        if wanted.submitted_by is not None and wanted.submitted_by not in names:
            text = other_spellings(wanted.submitted_by, names)
            if text:
                self.client.warn(text)
        return replace(listing, records=self.matching(listing.records, wanted))

    def matching(self, records: Sequence[dict[str, Any]], wanted: NotebookFilter) -> list[dict[str, Any]]:
        """Return the records that match."""
        return [record for record in records if wanted.accepts(record)]

    def _with_all_tested(self, listing: NotebookListing, wanted: NotebookFilter) -> NotebookListing:
        """Return a list whose records have all that the filter tests."""
        return listing

    def read_alone(
        self, records: Sequence[dict[str, Any]], is_wanted: Callable[[Mapping[str, Any]], bool]
    ) -> list[dict[str, Any]]:
        """Return the records of a list, the wanted ones as the jobs themselves say, which have their messages.

        A job that cannot be read stays as it was listed, with the reason, so that it does not hide the others. What was
        read on its own before is not read again. Raises the ArcGISError that would meet every job.
        """

        def is_left(record: Mapping[str, Any]) -> bool:
            return "messages_reason" not in record and is_wanted(record)

        refs = dict.fromkeys(JobRef(None, job["job_id"]) for job in records if job["job_id"] and is_left(job))
        found: dict[str | None, RecordOrError] = {ref.job_id: own for ref, own in self.read(list(refs)).items()}
        return [_own_or_listed(record, found) if is_left(record) else record for record in records]

    def longest_list(self, retries: Retries | None = None) -> tuple[list[dict[str, Any]], bool]:
        """Return the longest list that the site gives, with details, and whether it has a limit of its own.

        The list has no pages, so more is asked for until the site returns less than that. A site that returns no more
        than before although it was asked for more has a limit.
        """
        scan_limit, before = SCAN_LIMIT, -1
        while True:
            listing = self.list_jobs(True, True, scan_limit, retries)
            if not listing.may_have_more or listing.scanned == before or scan_limit >= _LONGEST_LIST:
                return listing.records, listing.may_have_more
            scan_limit, before = scan_limit * 10, listing.scanned

    def is_proven(self, rows: int) -> bool:
        """Say whether the site shows that a list of so many rows is all that it has, asked for one row less.

        A site that then returns as many rows overlooks the number, so its list has a limit that nobody knows. One that
        still counts all rows in its total counts its jobs, and not what it returned.
        """
        if rows < 2:
            return True
        answer = self.client.call(LIST, {"num": rows - 1, "detail": _flag(False), "sortByDate": _flag(True)})
        found, total = len(answer["asyncJobs"]), whole_number(answer.get("total"))
        counts_all = total is not None and found < total <= rows
        return found < rows and (counts_all or rows not in COMMON_LENGTHS)

    def read_one(self, ref: JobRef, retries: Retries | None) -> dict[str, Any] | None:
        """Return the record of a job, or None where the site says that it does not find it. Raises ArcGISError."""
        payload = self.client.look_up(self.reads, retries, job_id=ref.job_id)
        if payload is None:
            return None
        record = self.translate(payload, ref.job_id)
        return {**record, "messages_reason": _NO_MESSAGES if record["messages"] is None else None}

    def translate(self, payload: Mapping[str, Any], job_id: str | None = None) -> dict[str, Any]:
        """Return the record of a full entry."""
        return notebook_record(payload, job_id)

    def listed_among(self, refs: Sequence[JobRef], retries: Retries | None) -> dict[JobRef, bool | Failure]:
        """Say which of the jobs that the site did not find are in its list all the same."""
        listed = {record["job_id"] for record in self.longest_list(retries)[0]}
        return {ref: ref.job_id in listed for ref in refs}


class KubernetesNotebookJobs(NotebookJobs):
    """The notebook jobs of ArcGIS Enterprise on Kubernetes, which lists them from 11.4 and cancels them from 11.5.

    Its pages document little. Assumed, and documented nowhere: the list is whole, since it takes no parameters; one job
    has the keys of a Notebook Server beside those of the list; a job that was cancelled says so in isCancelled, or with
    a status CANCELLING or CANCELLED, or is gone; times are milliseconds; and a job that does not exist is answered with
    code 404. Some releases remove a job once it has finished.
    """

    lists_details = False
    reads, cancels = READ_KUBERNETES, CANCEL_KUBERNETES

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, StatusOrError]:
        """Return what is known of every job, each read on its own: the list does not tell what was cancelled."""
        return {ref: status_in(record) for ref, record in self.read(refs, retries).items()}

    def list_jobs(
        self, details: bool, newest_first: bool, scan_limit: int, retries: Retries | None = None
    ) -> NotebookListing:
        """Return the list of the site, which takes no parameters: it always has statuses, and is put in order here.

        Raises ArcGISError unexpected_shape, or what the client met.
        """
        answer = self.client.call(LIST_KUBERNETES, None, retries)
        entries, total = _entries(answer, _ON_KUBERNETES) or [], whole_number(answer.get("total"))
        records = [self.translate(entry) for entry in entries]
        if newest_first:
            records.sort(key=lambda record: record["start_time_ms"] or 0, reverse=True)
        may_have_more = len(entries) in COMMON_LENGTHS or (total or 0) > len(entries)
        return NotebookListing(records, len(entries), may_have_more)

    def longest_list(self, retries: Retries | None = None) -> tuple[list[dict[str, Any]], bool]:
        """Return the list of the site, and whether it may have a limit."""
        listing = self.list_jobs(True, True, SCAN_LIMIT, retries)
        return listing.records, listing.may_have_more

    def matching(self, records: Sequence[dict[str, Any]], wanted: NotebookFilter) -> list[dict[str, Any]]:
        """Return the records that match, and warn of those that do not tell whether they do."""
        tested = [("username", wanted.submitted_by), ("is_cancelled", wanted.cancelled)]
        names = [name for name, value in tested if value is not None]
        told = [record for record in records if wanted.on_kubernetes.accepts(record)]
        unknown = sum(any(record[name] is None for name in names) for record in told)
        if unknown:
            self.client.warn(f"The site does not tell {' or '.join(names)} of {unknown} jobs, so they were left out.")
        return super().matching(records, wanted)

    def _with_all_tested(self, listing: NotebookListing, wanted: NotebookFilter) -> NotebookListing:
        """Return the jobs, those that may match read on their own where the list lacks what the filter tests."""
        if not wanted.beyond_kubernetes.selects:
            return listing
        records = self.read_alone(listing.records, wanted.on_kubernetes.accepts)
        reasons = [record.get("messages_reason") for record in records]
        unread = [reason for reason in reasons if reason not in (None, _NO_MESSAGES)]
        if unread:
            text = f"{len(unread)} jobs could not be read on their own, so the filter takes them as they are listed."
            self.client.warn(f"{text} {unread[0]}")
        return replace(listing, records=records)

    def translate(self, payload: Mapping[str, Any], job_id: str | None = None) -> dict[str, Any]:
        """Return the record of an entry of the list, or of one job; whether it was cancelled may be unknown."""
        record = notebook_record(payload, job_id, type_names=("name", "type"))
        if record["status"] in ("cancelling", "cancelled"):
            record["is_cancelled"] = True
        elif "isCancelled" not in record["custom_attributes"]:
            record["is_cancelled"] = None
        return record


def notebook_jobs(client: Client, platform: str) -> NotebookJobs:
    """Return the notebook jobs of a site of this platform."""
    return KubernetesNotebookJobs(client) if platform == "kubernetes" else NotebookJobs(client)


def select_jobs(
    jobs: NotebookJobs,
    selection: NotebookSelection,
    wait: WaitOptions | None,
    fail_on: Collection[str],
    context: TaskContext,
) -> tuple[Reading, NotebookListing]:
    """Return the jobs that a user asks for, waited for if that is asked for too, and the list that they came from.

    Jobs that were named are judged by what they have become, and those of the list by what they were.
    """
    if selection.is_empty:
        return Reading([], []), NotebookListing([])
    if selection.refs is not None:
        reading = read_and_wait(jobs, selection.refs, wait, context)
        listing = NotebookListing([], len(reading.records))
        if reading.overtime is not None:
            return reading, listing
        return reading.with_records(jobs.matching(reading.records, selection.wanted)), listing
    details = selection.details or selection.messages or wait is not None or bool(fail_on)
    listing = jobs.find(selection.wanted, details, selection.newest_first, selection.scan_limit)
    reading = Reading(listing.records, [])
    if wait is not None:
        reading = _waited_for(jobs, listing.records, wait, context)
    if reading.overtime is not None:
        # The time is over: nothing more is asked.
        return reading, listing
    records = jobs.read_alone(reading.records, lambda job: _may_be_at_fault(jobs, job, fail_on))
    if selection.messages:
        # What a job of the list says of itself decides, and it may have gone on meanwhile.
        accepts = selection.wanted.accepts if wait is None else lambda job: True
        records = _with_messages(jobs, records, selection.limit, accepts)
    return reading.with_records(records), listing


def _with_messages(
    jobs: NotebookJobs,
    records: Sequence[dict[str, Any]],
    limit: int | None,
    accepts: Callable[[dict[str, Any]], bool],
) -> list[dict[str, Any]]:
    """Return the records that are still accepted once read on their own, as many as limit says, and the rest unread."""
    kept: list[dict[str, Any]] = []
    while records and (limit is None or len(kept) < limit):
        asked = records[: None if limit is None else limit - len(kept)]
        kept += filter(accepts, jobs.read_alone(asked, lambda job: True))
        records = records[len(asked) :]
    return [*kept, *records]


def _may_be_at_fault(jobs: NotebookJobs, job: Mapping[str, Any], fail_on: Collection[str]) -> bool:
    """Say whether a job of the list ended as fail_on names; some lists do not tell what was cancelled."""
    is_unsure = not jobs.lists_details and job.get("finished") is True and "cancelled" in fail_on
    return is_unsure or job.get("status") in fail_on


def _waited_for(
    jobs: NotebookJobs, records: Sequence[dict[str, Any]], wait: WaitOptions, context: TaskContext
) -> Reading:
    """Wait until the jobs of a list have ended, and read them again."""
    refs = [JobRef(None, record["job_id"]) for record in records if record["job_id"]]
    if len(refs) < len(records):
        context.warn("Jobs whose ID cannot be read were not waited for.")
    reading = read_and_wait(jobs, refs, wait, context)
    whole = {record["job_id"]: record for record in reading.records}
    kept = [record for record in records if record["job_id"] not in reading.missing]
    return reading.with_records([{**record, **whole.get(record["job_id"], {})} for record in kept])


def _own_or_listed(record: dict[str, Any], found: Mapping[str | None, RecordOrError]) -> dict[str, Any]:
    """Return a job as it says itself, or as the list says and why it could not be read."""
    if not record["job_id"]:
        return {**record, "messages_reason": _NO_ID}
    own = found[record["job_id"]]
    if isinstance(own, Failure):
        return {**record, "messages_reason": str(own)}
    return {**record, "messages_reason": _VANISHED} if own is None else own


def delete_all_finished(
    jobs: NotebookJobs, context: TaskContext, max_jobs: int | None = None
) -> tuple[list[JobChange], Failure | None]:
    """Delete every finished job, which is all that the site offers; return what became of each, and what went wrong.

    In check mode nothing is sent, and the changes say what would be. Raises ArcGISError too_many_jobs before anything
    is sent: also where the site does not prove how many jobs there are.
    """
    records, has_limit = jobs.longest_list()
    # The site deletes what completed or failed in its own words, and what it thinks of any other word is not known.
    words = [status_of(str(record["raw_status"])) for record in records]
    finished = [record for record, word in zip(records, words) if word in _DELETED_WORDS]
    doubtful = [record for record, word in zip(records, words) if word not in _KNOWN_WORDS]
    changes, others = (
        [JobChange.of_job(JobRef(None, each["job_id"]), each["status"], "deleted") for each in some if each["job_id"]]
        for some in (finished, doubtful)
    )
    count = len(finished) + len(doubtful)
    may_hide = has_limit or len(records) in COMMON_LENGTHS
    if max_jobs is not None and not has_limit and len(changes) == len(finished) and count <= max_jobs:
        may_hide = not jobs.is_proven(len(records))
    is_whole = len(changes) == len(finished) and not may_hide
    if max_jobs is not None and (count > max_jobs or not is_whole):
        reason = f"{count} jobs have finished{', or may have' if doubtful else ''}, and max_jobs is {max_jobs}"
        reason += "" if count > max_jobs else ", and the site does not prove that it shows all of its jobs"
        raise ArcGISError("too_many_jobs", reason, DELETE_ALL.title)
    if doubtful:
        context.warn(f"Of {len(doubtful)} jobs it is not certain that they are open. The site may delete them as well.")
    if changes and not is_whole:
        context.warn("Perhaps the site does not show all of its jobs. It deletes finished ones that it does not show.")
    if context.check_mode or not changes:
        return [replace(change, after=None, changed=True) for change in changes], None
    return _delete_all(jobs, changes, others, context, may_hide)


def _delete_all(
    jobs: NotebookJobs, changes: Sequence[JobChange], others: Sequence[JobChange], context: TaskContext, may_hide: bool
) -> tuple[list[JobChange], Failure | None]:
    """Send the deletion; tell what is left, and which others are gone. may_hide says that the list may lack jobs."""
    failure = jobs.client.write(DELETE_ALL)
    left: dict[str, str] = {}

    def are_gone() -> bool:
        left.clear()
        left.update(_left_of(jobs, [change.ref for change in (*changes, *others)], may_hide))
        return not any(change.ref.job_id in left for change in changes)

    try:
        settle_after(context, "delete them", failure, are_gone)
    except ArcGISError as error:
        return [change.failed(error.failure, changed=failure is None) for change in changes], error.failure
    if failure is not None and not failure.kind.retryable and len(left) == len(changes) + len(others):
        raise ArcGISError.of(failure.adding(", and all of the jobs are still there"))
    told = [*changes, *(change for change in others if change.ref.job_id not in left)]
    return [_after_deletion(change, left.get(change.ref.job_id), failure is None) for change in told], None


def _left_of(jobs: NotebookJobs, refs: Sequence[JobRef], may_hide: bool) -> dict[str, str]:
    """Return {job ID: status} of the jobs that the site still has."""
    listing = jobs.list_jobs(True, True, SCAN_LIMIT)
    listed = {record["job_id"]: record["status"] for record in listing.records}
    left = {ref.job_id: listed[ref.job_id] for ref in refs if ref.job_id in listed}
    if listing.may_have_more or may_hide:
        # A list that the site cuts short proves the absence of none.
        for ref, record in jobs.read([ref for ref in refs if ref.job_id not in left]).items():
            if isinstance(record, Failure):
                raise ArcGISError.of(record)
            left.update({ref.job_id: record["status"]} if record else {})
    return left


def _after_deletion(change: JobChange, status: str | None, accepted: bool) -> JobChange:
    """Return a job as it was seen after the deletion."""
    if status is None:
        return replace(change, after=None, changed=True)
    reason = f"the deletion was sent, but the job is still {status}"
    error = Failure("delete_unconfirmed", reason, f"delete job {change.ref.name}")
    return replace(change, after=status).failed(error, changed=accepted)


def brief_record(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Translate an entry of the abbreviated list, which has neither status nor end."""
    fields = Fields(entry)
    return {
        "job_id": fields.text("jobId"),
        "type": fields.text("type"),
        **fields.time("startTime", "start_time"),
        "username": fields.text("username"),
        "unreadable_fields": fields.unreadable,
    }


def notebook_record(
    entry: Mapping[str, Any], job_id: str | None = None, type_names: Sequence[str] = ("type",)
) -> dict[str, Any]:
    """Translate a full entry. A cancelled job has no status of its own: customAttributes.isCancelled tells it."""
    fields = Fields(entry)
    attributes = fields.mapping("customAttributes") or {}
    marks = Fields(attributes)
    is_cancelled = marks.flag("isCancelled")
    started, ended = fields.time("startTime", "start_time"), fields.time("endTime", "end_time")
    status = fields.status()
    if is_cancelled:
        word = "cancelled" if status["finished"] or ended["end_time_ms"] else "cancelling"
        status.update(status=word, finished=is_finished(word))
    return {
        "job_id": fields.text("jobId") or job_id,
        "type": fields.text(*type_names),
        **status,
        "is_cancelled": is_cancelled,
        **no_time("submitted_time"),
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
        "unreadable_fields": fields.unreadable + marks.unreadable,
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
