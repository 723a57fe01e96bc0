# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queues of GP services, which a site can purge as a whole.

Follows the page "Purge job queue" of the ArcGIS Server administrator API. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .._arcgis.client import Operation
from .._concurrent import run_concurrently
from .._errors import ArcGISError, Failure
from .._jobs.desired_state import JobChange
from .._jobs.record import QUEUED
from .._jobs.source import JobRef, TaskContext, read_back, settle_after
from .jobs import GpJobs
from .query import QUERYABLE
from .services import Service

PURGE = Operation(
    "purge the queue of the service {service}", "POST", "admin/services/{admin_path}/jobs/purgeQueue", writes=True
)

_WAITING = tuple(QUERYABLE[status] for status in ("new", "submitted", "waiting"))


@dataclass(frozen=True)
class _Queue:
    """The jobs that wait for a service, and whether these are surely all."""

    service: Service
    changes: tuple[JobChange, ...]
    is_whole: bool


def empty_queues(
    jobs: GpJobs, services: Sequence[Service], context: TaskContext, max_jobs: int | None = None
) -> tuple[list[JobChange], Failure | None]:
    """Purge the queue of each service that has one; return what became of each job that waited, and the first failure.

    The site does not say what it removed, so the queues are read before and their jobs are read after; a job that began
    to execute in between is not purged. In check mode nothing is written, and the changes say what would be.
    Raises ArcGISError where a queue cannot be read, and too_many_jobs, before any write.
    """
    read = run_concurrently(lambda service: _queue_of(jobs, service), services, context.concurrency).all_values()
    queues = [queue for queue in read.values() if queue.changes]
    waiting, is_whole = sum(len(queue.changes) for queue in queues), all(queue.is_whole for queue in read.values())
    if max_jobs is not None and (waiting > max_jobs or not is_whole):
        reason = f"{waiting} jobs wait in the queues, and max_jobs is {max_jobs}"
        reason += "" if is_whole else ", and there may be more, because the queues changed while they were read"
        raise ArcGISError("too_many_jobs", reason, "purge the queues")
    if not is_whole:
        context.warn(
            "The queues changed while they were read: more jobs may wait than are listed. A purge removes them too."
        )
    if context.check_mode:
        foretold = [change for queue in queues for change in queue.changes]
        return [replace(change, after="cancelled", changed=True, outcome="purged") for change in foretold], None
    results = run_concurrently(lambda queue: _purge(jobs, queue, context), queues, context.concurrency)
    changes: list[JobChange] = []
    for queue in queues:
        failure = results.errors.get(queue)
        failed = [change.failed(failure) for change in queue.changes] if failure else queue.changes
        changes += results.values.get(queue, failed)
    return changes, next((change.error for change in changes if change.error is not None), None)


def _purge(jobs: GpJobs, queue: _Queue, context: TaskContext) -> list[JobChange]:
    """Purge the queue of one service; return what is then seen of its jobs."""
    failure = jobs.client.write(PURGE, **queue.service.parts)
    changes = {change.ref: change for change in queue.changes}
    waiting, unseen = list(changes), set()

    def is_empty() -> bool:
        seen = read_back(jobs, waiting, context)
        unseen.update(set(waiting) - seen.keys())
        changes.update((ref, _seen(changes[ref], status, failure is None)) for ref, status in seen.items())
        waiting[:] = [ref for ref in seen if changes[ref].after in QUEUED]
        return not waiting

    settle_after(context, "purge the queue", failure, is_empty)
    for ref in unseen:
        # An accepted purge is a change even where no effect can be seen.
        accepted = replace(changes[ref], changed=True, outcome="purge_accepted")
        changes[ref] = changes[ref].failed(failure.leaving_unknown("purge the queue")) if failure else accepted
    if failure is not None and not any(change.changed for change in changes.values()):
        if failure.code == "not_found":
            failure = failure.of_missing_operation()
        raise ArcGISError.of(failure.leaving_unknown("purge the queue") if unseen else failure)
    return list(changes.values())


def _seen(change: JobChange, status: str | None, accepted: bool) -> JobChange:
    """Return a job as it was seen after the purge."""
    if status in QUEUED:
        return replace(change, after=status, changed=accepted, outcome="still_queued")
    is_purged = status in (None, "deleted", "cancelled", "cancelling")
    return replace(change, after=status, changed=is_purged, outcome="purged" if is_purged else "left_queue")


def _queue_of(jobs: GpJobs, service: Service) -> _Queue:
    """Return the jobs that wait in the queue of a service; the labels decide."""
    queued: dict[str, str] = {}
    is_whole = False
    for _dummy in range(2):
        listings = [jobs.list_jobs(service, {"jobStatus": status}) for status in _WAITING]
        for listing in listings:
            queued.update((job_id, word) for job_id, word in listing.statuses.items() if word in QUEUED)
        is_whole = all(listing.is_complete for listing in listings)
        if is_whole:
            break
    changes = [JobChange.of_job(JobRef(service, job_id), word) for job_id, word in queued.items()]
    return _Queue(service, tuple(changes), is_whole)


def still_queued(changes: Sequence[JobChange]) -> tuple[list[JobChange], Failure | None]:
    """Return the changes, and the failure for jobs that wait in the queue although it was purged."""
    left = [change for change in changes if change.outcome == "still_queued"]
    if not left:
        return list(changes), None
    marked = [
        replace(change, error=Failure("purge_incomplete", f"job {change.ref.name} is still {change.after}"))
        if change in left
        else change
        for change in changes
    ]
    details = tuple(f"{change.ref.name} is still {change.after}." for change in left)
    return marked, Failure("purge_incomplete", f"jobs that still wait in the queue: {len(left)}", details=details)
