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
from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all, seen_of
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import MEETS_EVERY_REQUEST, ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._fields import Fields
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import is_finished, status_of
from ansible_collections.gisops.arcgis.plugins.module_utils._times import duration
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Seen
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import CANCELLED, Target

PAGE_SIZE = 1000


def _no_page(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
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
    """Reads the GP jobs of one site, and remembers for one task which jobs its pages have shown."""

    can_delete = True

    def __init__(self, site: Site) -> None:
        self.site = site
        self._shown: dict[Service, set[str]] = {}
        self._read_to_the_end: set[Service] = set()
        self._lock = threading.Lock()

    def read(self, targets: Sequence[Target]) -> dict[Target, dict[str, Any] | ArcGISError | None]:
        """Return what the site says of every job, each read on its own; None where the site has no such job.

        A job that the site does not find may be one that it lists all the same, because one of its machines is out of
        step. So it counts as missing only where the pages of its service do not show it; otherwise it is read once
        more, and is contradicted where the site still does not find it.
        Raises ArcGISError for what would meet every job, and returns that of a single one.
        """
        found = self._read_alone(targets)
        for service, job_ids in by_service([target for target in targets if found[target] is None]).items():
            try:
                listed = [Target(service, job_id) for job_id in self._listed_all_the_same(service, job_ids)]
                found.update(self._read_alone(listed))
            except ArcGISError as error:
                if error.code in MEETS_EVERY_REQUEST:
                    raise
                found.update((Target(service, job_id), error) for job_id in job_ids)
                continue
            for target in listed:
                if found[target] is None:
                    said = f"the site does not find job {target.name}, and lists it"
                    found[target] = ArcGISError("contradicted", said)
        return found

    def _read_alone(self, targets: Sequence[Target]) -> dict[Target, dict[str, Any] | ArcGISError | None]:
        """Return the payload of every job, or its error, or None where the site says that it does not find it."""

        def read(target: Target) -> dict[str, Any] | None:
            try:
                return self.site.call(READ, service=target.place, job_id=target.job_id)
            except ArcGISError as error:
                if error.code != "not_found":
                    raise
                return None

        return seen_of(run_all(read, targets, self.site.settings.max_concurrency))

    def _listed_all_the_same(self, service: Service, job_ids: Sequence[str]) -> list[str]:
        """Return the jobs that the pages of a service show, among those that the site did not find.

        "Not found" can mean the service as well, so its pages are read at least once in a task, to the end.
        Raises ArcGISError unknown_service, or what the client met.
        """
        unseen = self._shown.get(service, set()).isdisjoint(job_ids)
        if unseen and service in self._read_to_the_end:
            return []
        left = set(job_ids)

        def all_found(page: dict[str, str], dummy: int) -> bool:
            left.difference_update(page)
            return not left

        listed, dummy = self.listing(service, {}, enough=all_found)
        return [job_id for job_id in job_ids if listed.get(job_id, "deleted") != "deleted"]

    def status(self, target: Target) -> str | None:
        """Return the present status of one job, read on its own; None where the site has no such job."""
        status = self._statuses_alone([target])[target]
        if isinstance(status, ArcGISError):
            raise status
        return status

    def _statuses_alone(self, targets: Sequence[Target]) -> dict[Target, Seen]:
        """Return the status or the error of every job, each read on its own; None where there is no such job."""
        return {
            target: status_of(_word(found.get("status"))) if isinstance(found, dict) else found
            for target, found in self.read(targets).items()
        }

    def send(self, state: str, target: Target) -> ArcGISError | None:
        """Ask the site to cancel or delete a job, as Site.write does."""
        operation = CANCEL if state == CANCELLED else DELETE
        return self.site.write(operation, service=target.place, job_id=target.job_id)

    def statuses(self, targets: Sequence[Target], absent_means_gone: bool = False) -> dict[Target, Seen]:
        """Return what is known of every job, service by service; the error of a service stands for each of its jobs."""
        groups = by_service(targets)
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
            self._shown.setdefault(service, set()).update(page.get("results") or ())
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
                if not parameters:
                    self._read_to_the_end.add(service)
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
        alone = [Target(service, job_id) for job_id in job_ids if job_id not in found]
        found.update((target.job_id, status) for target, status in self._statuses_alone(alone).items())
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
    found = jobs.read(targets)
    for problem in found.values():
        if isinstance(problem, ArcGISError):
            raise problem
    records = [record(*target, payload) for target, payload in found.items() if isinstance(payload, dict)]
    return records, [target.job_id for target, payload in found.items() if payload is None]


def by_service(targets: Sequence[Target]) -> dict[Service, list[str]]:
    """Return the IDs of jobs by their service."""
    groups: dict[Service, list[str]] = {}
    for target in targets:
        groups.setdefault(target.place, []).append(target.job_id)
    return groups


def statuses_on(page: Mapping[str, Any]) -> dict[str, str]:
    """Return {job ID: status} of a page of jobs."""
    return {job_id: status_of(_word(label)) for job_id, label in (page.get("results") or {}).items()}


def _word(value: Any) -> str:
    return value if isinstance(value, str) and value else "unknown"


def _number(value: Any, otherwise: int) -> int:
    number = whole_number(value)
    return otherwise if number is None else number
