# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GP jobs: one job, many jobs, and what the site says about them.

Follows the pages "Job", "Query", "Cancel job", "Delete job" and "Job statistics" of a GP service in the ArcGIS Server
administrator API, and the first two in the ArcGIS Enterprise on Kubernetes administrator API.
This module is private to the collection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Union

from .._arcgis.client import Client, Operation, confirms
from .._arcgis.responses import whole_number
from .._concurrent import run_concurrently
from .._errors import ArcGISError, Failure, bad_option
from .._jobs.desired_state import CANCELLED
from .._jobs.record import Fields, duration, is_of_the_job, is_the_job, no_time, status_of
from .._jobs.source import JobRef, SourceWithLists, StatusOrError, status_in
from .._options import parse_job_id, parse_job_ids, parse_text
from .._retries import Retries
from .services import Service, nearest, parse_service, parse_services

PAGE_SIZE = 1000
# A list of a site that does not end is cut here, and counts as incomplete.
_MOST_PAGES, _MOST_JOBS = 10_000, 1_000_000

# The public resource of a GP service answers a cancel with the status of the job.
_ACCEPTED = frozenset(("cancelling", "cancelled", "deleting", "deleted"))


def _is_page(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being a page of jobs. A page without jobs may lack the list."""
    results = payload.get("results")
    is_one = isinstance(results, dict) or (not results and whole_number(payload.get("total")) == 0)
    return None if is_one else "holds no list of jobs"


def _confirms(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps an answer from saying that the write for this job was accepted; None where nothing does."""
    status = payload.get("jobStatus")
    is_status = isinstance(status, str) and status_of(status) in _ACCEPTED
    return is_of_the_job(payload, parts) or (None if is_status else confirms(payload, parts))


_JOB = "admin/services/{admin_path}/jobs/{job_id}"
_OF_SERVICE = "job {job_id} of the service {service}"
QUERY = Operation(
    "query the jobs of the service {service}", "GET", "admin/services/{admin_path}/jobs/query", validate=_is_page
)
READ = Operation(f"read {_OF_SERVICE}", "GET", _JOB, validate=is_the_job)
CANCEL = Operation(f"cancel {_OF_SERVICE}", "POST", f"{_JOB}/cancel", writes=True, validate=_confirms)
DELETE = Operation(f"delete {_OF_SERVICE}", "POST", f"{_JOB}/delete", writes=True, validate=_confirms)
STATISTICS = Operation(
    "read the job statistics of the service {service}", "POST", "admin/services/{admin_path}/jobs/statistics"
)
# What a query that shows whether a service has a job at all sends, and what each sends in place of a window.
_ANY_JOB: Mapping[str, Any] = {"number": 1}
EMPTY_START: Mapping[str, str] = {"startTime": ""}
_Answer = Union[dict[str, Any], Failure]


@dataclass(frozen=True)
class Listing:
    """The statuses by job ID that the pages of a service show, and whether these are surely all jobs."""

    statuses: dict[str, str]
    is_complete: bool


class _Page(NamedTuple):
    """A page of jobs: the statuses by job ID, how many jobs all pages show, and the row with which the next begins."""

    statuses: dict[str, str]
    total: int | None
    following: int


class GpJobs(SourceWithLists):
    """The GP jobs of one site. It remembers for one task which jobs the pages have shown."""

    can_delete = True

    def __init__(self, client: Client, no_window: Mapping[str, str] | None = None) -> None:
        self.client = client
        self.concurrency = client.connection.max_concurrency
        self._shown: dict[Service, set[str]] = {}
        self._read_to_the_end: set[Service] = set()
        self._has_asked_for_names = False
        # What queries without a window send in its place; None until a page has proven it.
        self.no_window = no_window
        self._lists_under_way: list[Service] = []
        self._lock = threading.Lock()

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, StatusOrError]:
        """Return what is known of every job, with as few requests as there can be.

        Pages show many jobs a request, so they are read where several jobs of a service are looked for, or where
        absent_means_gone says that absence from all pages is enough. The failure of a page stands for each of its jobs.
        A job that no page shows is read on its own.
        """
        groups = by_service(refs)
        paged = [service for service, job_ids in groups.items() if len(job_ids) > 1 or absent_means_gone]

        def look_up(service: Service) -> dict[str, StatusOrError]:
            return self._on_pages(service, groups[service], retries, absent_means_gone)

        results = run_concurrently(look_up, paged, self.concurrency)
        seen: dict[JobRef, StatusOrError] = {}
        for service, found in results.each().items():
            of_each = dict.fromkeys(groups[service], found) if isinstance(found, Failure) else found
            seen.update((JobRef(service, job_id), status) for job_id, status in of_each.items())
        alone = self.read([ref for ref in refs if ref not in seen], retries)
        return {ref: seen[ref] if ref in seen else status_in(alone[ref]) for ref in refs}

    def send(self, state: str, ref: JobRef, retries: Retries) -> Failure | None:
        """Ask the site to cancel or delete a job, as Client.write does."""
        operation = CANCEL if state == CANCELLED else DELETE
        return self.client.write(operation, None, retries, job_id=ref.job_id, **ref.service.parts)

    def page(self, service: Service, parameters: Mapping[str, Any], retries: Retries | None = None) -> dict[str, Any]:
        """Return one page of the service's jobs. Raises ArcGISError unknown_service or unexpected_shape."""
        page = self._answer_of(service, parameters, retries)
        if isinstance(page, Failure):
            raise ArcGISError.of(self._unknown_service(service, page) if page.code == "not_found" else page)
        with self._lock:
            self._shown.setdefault(service, set()).update(page.get("results") or ())
        return page

    def _answer_of(self, service: Service, parameters: Mapping[str, Any], retries: Retries | None) -> _Answer:
        """Return a page as the site answers the query, where there is no window with what stands for none.

        ArcGIS Server calls startTime required; its own clients leave it empty, which filters nothing. A page with jobs
        proves that it filters nothing here too. Until then, where a page has none, any job of the service is asked for.
        """

        def ask(no_window: Mapping[str, str], others: Mapping[str, Any]) -> _Answer:
            try:
                return self.client.call(QUERY, {**no_window, **others}, retries, **service.parts)
            except ArcGISError as error:
                return error.failure

        if self.no_window is not None or "startTime" in parameters:
            return ask(self.no_window or {}, parameters)
        page = ask(EMPTY_START, parameters)
        is_filter = _is_filter(ask, page)
        if is_filter is not None:
            self.no_window = {} if is_filter else EMPTY_START
        return ask({}, parameters) if is_filter else page

    def list_jobs(
        self,
        service: Service,
        parameters: Mapping[str, Any],
        size: int = PAGE_SIZE,
        stop_after: Callable[[dict[str, str], int], bool] | None = None,
        retries: Retries | None = None,
    ) -> Listing:
        """Return the jobs on all pages.

        stop_after is asked after each page, with that page and the number of jobs on the pages after it, whether to
        stop. Without it, pages are asked for side by side, as many as the other lists under way leave room for.
        Raises ArcGISError timeout where the time of the wait is over.
        """

        def ask(start: int) -> _Page:
            where = {"start": start} if start > 1 else {}
            if where and retries is not None and retries.time_left(1.0) <= 0:
                raise ArcGISError("timeout", "the time to wait was over before all pages were read")
            page = self.page(service, {**parameters, "number": size, **where}, retries)
            return _Page(statuses_on(page), whole_number(page.get("total")), _number(page.get("nextStart"), -1))

        self._lists_under_way.append(service)
        try:
            listing, is_the_end = _listed(ask, lambda: self.concurrency // len(self._lists_under_way), stop_after)
        finally:
            self._lists_under_way.remove(service)
        if is_the_end and not parameters:
            self._read_to_the_end.add(service)
        return listing

    def statistics(self, service: Service) -> dict[str, Any]:
        """Return the counts that the site keeps for a service; the page "Job statistics" is for ArcGIS Server only."""
        counts = self.client.call(STATISTICS, **service.parts)
        names = ("succeeded", "failed", "cancelled")
        total, *ended = (_number(counts.get(name), 0) for name in ("total", *names))
        return {"service": service.label, "total": total, **dict(zip(names, ended)), "unfinished": total - sum(ended)}

    def read_one(self, ref: JobRef, retries: Retries | None) -> dict[str, Any] | None:
        """Return the record of a job, or None where the site says that it does not find it. Raises ArcGISError."""
        payload = self.client.look_up(READ, retries, job_id=ref.job_id, **ref.service.parts)
        return None if payload is None else gp_record(ref, payload)

    def _unknown_service(self, service: Service, failure: Failure) -> Failure:
        """Return the failure for a service that the site does not find, with the names that are near."""
        unknown = replace(failure, code="unknown_service")
        with self._lock:
            # Who mistypes many needs one answer, and not a list of all services for each of them.
            is_first, self._has_asked_for_names = not self._has_asked_for_names, True
        hint = nearest(self.client, service) if is_first else ""
        reason = f"the site has no service {service.label}: {failure.reason}"
        return replace(unknown, reason=reason, hint=f"{hint}{unknown.kind.remedy}")

    def listed_among(self, refs: Sequence[JobRef], retries: Retries | None) -> dict[JobRef, bool | Failure]:
        """Say which of the jobs that the site did not find are on the pages of their services all the same.

        "Not found" can mean the service as well, so its pages are read at least once in a task, to the end.
        """
        groups = by_service(refs)
        results = run_concurrently(
            lambda service: self._shown_of(service, groups[service], retries), list(groups), self.concurrency
        )
        return {
            JobRef(service, job_id): shown if isinstance(shown, Failure) else job_id in shown
            for service, shown in results.each().items()
            for job_id in groups[service]
        }

    def _shown_of(self, service: Service, job_ids: Sequence[str], retries: Retries | None) -> set[str]:
        """Return the named jobs that the pages show now. Raises unknown_service where there are no pages."""
        were_shown = not self._shown.get(service, set()).isdisjoint(job_ids)
        if service in self._read_to_the_end and not were_shown:
            return set()
        left = set(job_ids)

        def all_found(page: dict[str, str], _left: int) -> bool:
            left.difference_update(page)
            return not left

        listed = self.list_jobs(service, {}, stop_after=all_found, retries=retries).statuses
        return {job_id for job_id in job_ids if listed.get(job_id, "deleted") != "deleted"}

    def _on_pages(
        self, service: Service, job_ids: Sequence[str], retries: Retries | None, absent_means_gone: bool
    ) -> dict[str, StatusOrError]:
        """Return what the pages of a service show of its jobs; None for one that they lack, where that is enough.

        They are read while that promises to cost less than one request for each job still looked for.
        Raises ArcGISError where the service or the site cannot be read.
        """
        wanted = set(job_ids)
        found: dict[str, StatusOrError] = {}

        def cost_more(page: dict[str, str], left: int) -> bool:
            found.update((job_id, page[job_id]) for job_id in wanted & page.keys())
            # A site may show fewer jobs on a page than it was asked for.
            return -(-left // max(1, len(page))) >= len(wanted) - len(found)

        listing = self.list_jobs(service, {}, stop_after=cost_more, retries=retries)
        found.update((job_id, listing.statuses[job_id]) for job_id in wanted & listing.statuses.keys())
        absent = wanted - found.keys() if listing.is_complete and absent_means_gone else ()
        return {**found, **dict.fromkeys(absent)}


def _is_filter(ask: Callable[..., _Answer], page: _Answer) -> bool | None:
    """Say whether an empty startTime filters, after the page that was asked for with it; None where that stays open."""
    if not _shows_nothing(page):
        return _shows_nothing(page)
    any_job = ask({}, _ANY_JOB)
    if isinstance(page, Failure) and not isinstance(any_job, Failure):
        return True
    return _shows_nothing(ask(EMPTY_START, _ANY_JOB)) if _shows_nothing(any_job) is False else None


def _shows_nothing(page: _Answer) -> bool | None:
    """Say whether a page has no jobs, or the site refuses a parameter of its query; None for any other failure."""
    if isinstance(page, Failure):
        return (page.code, page.site_code) == ("site_error", 400) or None
    return not page.get("results")


def jobs_of_service(options: Mapping[str, Any]) -> list[JobRef]:
    """Return the jobs that the options service and job_ids name. Raises ArcGISError bad_option."""
    service = parse_services("service", [options["service"]])[0]
    return [JobRef(service, job_id) for job_id in parse_job_ids("job_ids", options["job_ids"])]


def names_in(job: Mapping[str, Any]) -> tuple[str, str]:
    """Return the service and the ID that an entry of the option jobs names. Raises ArcGISError bad_option."""
    names = (job.get("service"), job.get("job_id"))
    if not all(isinstance(name, str) for name in names):
        instead = "Pass the jobs of gp_job_query on, or objects with service and job_id."
        raise bad_option("jobs", "holds an entry whose service or job_id is no text", instead)
    return parse_text("jobs", names[0]), parse_text("jobs", names[1])


def job_ref(service_name: str, job_id: str) -> JobRef:
    """Return a job by the names that a site gave it. Raises ArcGISError bad_option where no URL can carry them."""
    return JobRef(parse_service("jobs", service_name), parse_job_id("jobs", job_id))


def gp_record(ref: JobRef, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the payload of a job resource into a record.

    duration counts from submission to the end, the time in the queue included, because the site knows no start.
    """
    fields = Fields(payload)
    status = fields.status()
    submitted, ended = fields.time("submittedTime", "submitted_time"), fields.time("endTime", "end_time")
    return {
        "job_id": fields.text("jobId", "jobID") or ref.job_id,
        "service": ref.service.label,
        "type": ref.service.type,
        **status,
        **submitted,
        **no_time("start_time"),
        **ended,
        "duration": duration(submitted["submitted_time_ms"], ended["end_time_ms"]),
        "username": fields.text("username"),
        "machine": fields.text("machinename", "machineName"),
        "url": fields.text("url"),
        "messages": None,
        "unreadable_fields": fields.unreadable,
    }


def _listed(
    ask: Callable[[int], _Page], width: Callable[[], int], stop_after: Callable[[dict[str, str], int], bool] | None
) -> tuple[Listing, bool]:
    """Return the jobs on all pages, and whether the pages were read to their end.

    Jobs come and go while pages are read, so a page without news and a nextStart that does not advance end the reading.
    Each page begins with the last row of the page before: where that row is gone, or where the total shrank, the rows
    shifted and some may have been passed over. Pages that never end are left unread: see _most_of.
    Where a page foretells the pages after it, width of them are asked for at once, and no more ahead than were read.
    """
    seen: dict[str, str] = {}
    ahead: dict[int, _Page | Failure] = {}
    start, steady, last_total, overlaps, most, foretold = 1, True, 0, False, 0, range(0)
    for number in range(_MOST_PAGES):
        if start not in ahead:
            # Pages that are left there were foretold and did not come, so nothing more is asked for ahead.
            at_once = 1 if ahead or stop_after else width()
            rows = foretold[: max(number, at_once)] if at_once > 1 else ()
            ahead.update(run_concurrently(ask, rows or (start,), at_once).each())
        page, before = ahead.pop(start), len(seen)
        if isinstance(page, Failure):
            raise ArcGISError.of(page)
        seen.update(page.statuses)
        news, total = len(seen) - before, len(seen) if page.total is None else page.total
        steady = steady and not (overlaps and news == len(page.statuses)) and total >= last_total
        last_total, most = total, most or _most_of(page.total)
        if page.following <= start or not news:
            return Listing(seen, steady and len(seen) >= total), True
        if len(seen) > most or (stop_after and stop_after(page.statuses, max(1, total - len(seen)))):
            break
        overlaps = page.following - 1 > start
        step = page.following - start - overlaps
        start += step
        foretold = range(start, min(total, most), step) if overlaps else range(0)
    return Listing(seen, False), False


def _most_of(total: int | None) -> int:
    """Return how many jobs the pages after the first one may show: as many as it counts, and what a busy site adds."""
    return _MOST_JOBS if total is None else min(_MOST_JOBS, 2 * total + PAGE_SIZE)


def by_service(refs: Sequence[JobRef]) -> dict[Service, list[str]]:
    """Return the IDs of jobs by their service."""
    groups: dict[Service, list[str]] = {}
    for ref in refs:
        groups.setdefault(ref.service, []).append(ref.job_id)
    return groups


def statuses_on(page: Mapping[str, Any]) -> dict[str, str]:
    """Return {job ID: status} of a page of jobs."""
    labels = page.get("results") or {}
    words = [label if isinstance(label, str) and label else "unknown" for label in labels.values()]
    return dict(zip(labels, map(status_of, words)))


def _number(value: Any, otherwise: int) -> int:
    number = whole_number(value)
    return otherwise if number is None else number
