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
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import no_job, whole_number
from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import found_and_missing, run_all, seen_of
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._fields import Fields
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import is_finished, status_of
from ansible_collections.gisops.arcgis.plugins.module_utils._times import duration
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Seen
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import CANCELLED, Target

PAGE_SIZE = 1000


def _no_page(payload: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being a page of jobs. A page without jobs may lack the list."""
    results = payload.get("results")
    is_one = isinstance(results, dict) or (not results and whole_number(payload.get("total")) == 0)
    return None if is_one else "holds no list of jobs"


QUERY = Operation(
    "query the jobs of the service {service}", "GET", "admin/services/{service:admin}/jobs/query", flaw=_no_page
)
READ = Operation(
    "read job {job_id} of the service {service}", "GET", "admin/services/{service:admin}/jobs/{job_id}", flaw=no_job
)
CANCEL = Operation(
    "cancel job {job_id} of the service {service}",
    "POST",
    "admin/services/{service:admin}/jobs/{job_id}/cancel",
    writes=True,
)
DELETE = Operation(
    "delete job {job_id} of the service {service}",
    "POST",
    "admin/services/{service:admin}/jobs/{job_id}/delete",
    writes=True,
)
STATISTICS = Operation(
    "read the job statistics of the service {service}", "POST", "admin/services/{service:admin}/jobs/statistics"
)


class GpJobs:
    """Reads the GP jobs of one site, and remembers for one task which services are proven to exist."""

    can_delete = True

    def __init__(self, site: Site) -> None:
        self.site = site
        self._proven: set[Service] = set()
        self._lock = threading.Lock()

    def read(self, service: Service, job_id: str) -> dict[str, Any] | None:
        """Return what the site says about a job; None where the site has no such job.

        "Not found" can mean the service as well, so it counts only once a query of the service has succeeded.
        Raises ArcGISError unknown_service, or what the client met.
        """
        try:
            return self.site.call(READ, service=service, job_id=job_id)
        except ArcGISError as error:
            if error.code != "not_found":
                raise
        self.prove(service)
        return None

    def status(self, target: Target) -> str | None:
        """Return the present status of one job, read on its own; None where the site has no such job."""
        payload = self.read(target.place, target.job_id)
        return None if payload is None else _status_in(payload)

    def send(self, state: str, target: Target) -> ArcGISError | None:
        """Ask the site to cancel or delete a job, as Site.write does."""
        operation = CANCEL if state == CANCELLED else DELETE
        return self.site.write(operation, service=target.place, job_id=target.job_id)

    def statuses(self, targets: Sequence[Target], absent_means_gone: bool = False) -> dict[Target, Seen]:
        """Return what is known of every job, service by service; the error of a service stands for each of its jobs."""
        groups: dict[Service, list[str]] = {}
        for target in targets:
            groups.setdefault(target.place, []).append(target.job_id)
        outcomes = run_all(
            lambda service: self.statuses_in(service, groups[service], absent_means_gone),
            list(groups),
            self.site.settings.max_concurrency,
        )
        seen: dict[Target, Seen] = {}
        for service, statuses in seen_of(outcomes).items():
            for job_id in groups[service]:
                status = statuses if isinstance(statuses, ArcGISError) else (statuses or {}).get(job_id)
                seen[Target(service, job_id)] = status
        return seen

    def prove(self, service: Service) -> None:
        """Make sure that the service exists, with one successful query a task; raise unknown_service otherwise."""
        if service not in self._proven:
            self.page(service, {"number": 1})

    def page(self, service: Service, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return one page of the service's jobs. Raises ArcGISError unknown_service or unexpected_shape."""
        # ArcGIS Server calls startTime required; its own clients leave it empty, which filters nothing.
        try:
            page = self.site.call(QUERY, {"startTime": "", **parameters}, service=service)
        except ArcGISError as error:
            if error.code != "not_found":
                raise
            unknown = ArcGISError("unknown_service", f"the site has no service {service.label}", error.attempted)
            unknown.method, unknown.url, unknown.site_code = error.method, error.url, error.site_code
            unknown.http_status = error.http_status
            raise unknown from None
        with self._lock:
            self._proven.add(service)
        return page

    def listing(
        self,
        service: Service,
        parameters: Mapping[str, Any],
        size: int = PAGE_SIZE,
        enough: Callable[[dict[str, str], int], bool] = lambda page, left: False,
    ) -> tuple[dict[str, str], bool]:
        """Return {job ID: status} from all pages, and whether that is surely every job.

        enough is asked after each page, with that page and the number of jobs on the pages after it, whether to stop.
        Jobs come and go while pages are read, so a page without news and a nextStart that does not advance end the
        reading. Each page begins with the last row of the page before: where that row is gone, or where the total
        shrank, the rows shifted and some may have been passed over.
        """
        seen: dict[str, str] = {}
        start, steady, last_total, overlaps = 1, True, 0, False
        while True:
            page = self.page(service, {**parameters, "number": size, **({"start": start} if start > 1 else {})})
            statuses = statuses_on(page)
            news = statuses.keys() - seen.keys()
            steady = steady and (not overlaps or len(news) < len(statuses))
            seen.update(statuses)
            total, following = _number(page.get("total"), len(seen)), _number(page.get("nextStart"), -1)
            steady, last_total = steady and total >= last_total, total
            if following <= start or not news:
                return seen, steady and len(seen) >= total
            if enough(statuses, max(1, total - len(seen))):
                return seen, False
            overlaps = following - 1 > start
            start = following - 1 if overlaps else following

    def statuses_in(self, service: Service, job_ids: Sequence[str], absent_means_gone: bool = False) -> dict[str, Seen]:
        """Return the present status of every job of one service, with as few requests as it can.

        It is None where the site has no such job, and the error where a job could not be read on its own. Pages of the
        query resource show many jobs a request, so they are read while that promises to cost less than one request for
        each job still looked for. A job that the pages did not show is read on its own, unless absent_means_gone says
        that its absence from all pages is enough. Raises ArcGISError where the service or the site cannot be read.
        """
        wanted = set(job_ids)
        found: dict[str, Seen] = {}

        def enough(page: dict[str, str], left: int) -> bool:
            found.update((job_id, page[job_id]) for job_id in wanted & page.keys())
            # A site may show fewer jobs on a page than it was asked for.
            return -(-left // max(1, len(page))) >= len(wanted) - len(found)

        if len(wanted) > 1 or absent_means_gone:
            seen, complete = self.listing(service, {}, enough=enough)
            found.update((job_id, seen[job_id]) for job_id in wanted & seen.keys())
            if complete and absent_means_gone:
                return {job_id: found.get(job_id) for job_id in job_ids}
        alone = [job_id for job_id in job_ids if job_id not in found]
        outcomes = run_all(
            lambda job_id: self.status(Target(service, job_id)), alone, self.site.settings.max_concurrency
        )
        on_their_own = seen_of(outcomes)
        found.update(on_their_own)
        return {job_id: found[job_id] for job_id in job_ids}

    def statistics(self, service: Service) -> dict[str, Any]:
        """Return the counts that the site keeps for a service; the page "Job statistics" is for ArcGIS Server only."""
        counts = self.site.call(STATISTICS, service=service)
        total, *ended = (_number(counts.get(name), 0) for name in ("total", "succeeded", "failed", "cancelled"))
        names = ("succeeded", "failed", "cancelled")
        return {"service": service.label, "total": total, **dict(zip(names, ended)), "unfinished": total - sum(ended)}


def record(service: Service, job_id: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the payload of a job resource into a record.

    duration counts from submission to the end, the time in the queue included, because the site knows no start.
    """
    fields = Fields(payload)
    status = status_of(fields.text("status") or "unknown")
    submitted, ended = fields.time("submittedTime", "submitted_time"), fields.time("endTime", "end_time")
    return {
        "job_id": fields.text("jobId", "jobID") or job_id,
        "service": service.label,
        "type": service.type,
        "status": status,
        "raw_status": payload.get("status"),
        "finished": is_finished(status),
        **submitted,
        "start_time": None,
        "start_time_ms": None,
        **ended,
        "duration": duration(submitted["submitted_time_ms"], ended["end_time_ms"]),
        "username": fields.text("username"),
        "machine": fields.text("machinename", "machineName"),
        "url": fields.text("url"),
        "messages": None,
        "unreadable": fields.unreadable,
    }


def read_records(jobs: GpJobs, targets: Sequence[Target]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a full record of every job in the order given, and the IDs that the site does not have."""

    def read(target: Target) -> dict[str, Any] | None:
        payload = jobs.read(target.place, target.job_id)
        return None if payload is None else record(target.place, target.job_id, payload)

    found, missing = found_and_missing(run_all(read, targets, jobs.site.settings.max_concurrency))
    return found, [target.job_id for target in missing]


def _status_in(payload: Mapping[str, Any]) -> str:
    return status_of(_word(payload.get("status")))


def statuses_on(page: Mapping[str, Any]) -> dict[str, str]:
    """Return {job ID: status} of a page of jobs."""
    return {job_id: status_of(_word(label)) for job_id, label in (page.get("results") or {}).items()}


def _word(value: Any) -> str:
    return value if isinstance(value, str) and value else "unknown"


def _number(value: Any, otherwise: int) -> int:
    number = whole_number(value)
    return otherwise if number is None else number
