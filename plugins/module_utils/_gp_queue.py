# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying the queue of a GP service: what waits in it, and what a purge removed.

Follows the page "Purge job queue" of the ArcGIS Server administrator API. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all, values_of
from ansible_collections.gisops.arcgis.plugins.module_utils._changes import SETTLING, look
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ANSWER_LOST, ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import QUEUEABLE, QUEUED
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Change, Target

PURGE = Operation(
    "purge the queue of the service {service}", "POST", "admin/services/{service:admin}/jobs/purgeQueue", writes=True
)


def empty_queues(
    jobs: GpJobs, services: Sequence[Service], most: int | None = None
) -> tuple[list[Change], ArcGISError | None]:
    """Purge the queue of each service that has one; return what became of each job that waited, and the first failure.

    The site does not say what it removed, so the queues are read before and their jobs are read after; a job that began
    to execute in between is not purged. In check mode nothing is written, and the changes say what would be.
    Raises ArcGISError where a queue cannot be read, and too_many_jobs, before any write.
    """
    concurrency = jobs.site.settings.max_concurrency
    queues = [
        queue for queue in values_of(run_all(lambda service: _queued(jobs, service), services, concurrency)) if queue
    ]
    waiting = sum(len(queue) for queue in queues)
    if most is not None and waiting > most:
        said = f"{waiting} jobs wait in the queues, and max_jobs is {most}"
        raise ArcGISError("too_many_jobs", said, "purge the queues")
    changes = [change for queue in queues for change in queue]
    if jobs.site.read_only:
        for change in changes:
            change.after, change.changed, change.outcome = "cancelled", True, "purged"
        return changes, None
    outcomes = run_all(lambda queue: _purge(jobs, queue), queues, concurrency)
    for outcome in outcomes:
        for change in outcome.item if outcome.error is not None else ():
            change.outcome, change.error = "failed", outcome.error
    return changes, next((outcome.error for outcome in outcomes if outcome.error is not None), None)


def _purge(jobs: GpJobs, queue: Sequence[Change]) -> None:
    """Purge the queue of one service, and note what is then seen of its jobs."""
    failure = None
    try:
        jobs.site.call(PURGE, service=queue[0].target.place)
    except ArcGISError as error:
        # After a lost answer, what is seen of the jobs decides.
        if error.code not in ANSWER_LOST:
            raise
        failure = error
    waiting, all_seen = list(queue), True
    for pause in (0.0, *SETTLING):
        if not waiting:
            break
        if pause:
            jobs.site.transport.sleep(pause)
        seen = look(jobs, [change.target for change in waiting])
        all_seen = all_seen and len(seen) == len(waiting)
        for change in waiting:
            _note(change, seen, accepted=failure is None)
        waiting = [change for change in waiting if change.target in seen and change.after in QUEUED]
    if failure is not None and not any(change.changed for change in queue):
        raise failure if all_seen else failure.leaves_unknown("purge the queue")


def _note(change: Change, seen: dict[Target, str | None], accepted: bool) -> None:
    """Note what was seen of a job after the purge; an accepted purge is a change even where no effect can be seen."""
    if change.target not in seen:
        change.changed, change.outcome = accepted, "purged" if accepted else "still_queued"
        return
    change.after = seen[change.target]
    if change.after in QUEUED:
        change.changed, change.outcome = accepted, "still_queued"
    else:
        change.changed = change.after in (None, "deleted", "cancelled", "cancelling")
        change.outcome = "purged" if change.changed else "left_queue"


def _queued(jobs: GpJobs, service: Service) -> list[Change]:
    """Return the jobs that wait in the queue of a service; the labels of the site decide."""
    queued: dict[str, str] = {}
    for status in QUEUEABLE:
        listed, dummy = jobs.listing(service, {"jobStatus": status})
        queued.update((job_id, word) for job_id, word in listed.items() if word in QUEUED)
    return [Change(Target(service, job_id), True, word, word) for job_id, word in queued.items()]


def still_queued(changes: Sequence[Change]) -> ArcGISError | None:
    """Return the error for jobs that wait in the queue although it was purged; None where there are none."""
    left = [change for change in changes if change.outcome == "still_queued"]
    if not left:
        return None
    for change in left:
        change.error = ArcGISError("purge_incomplete", f"job {change.target.name} is still {change.after}")
    details = [f"{change.target.name} is still {change.after}." for change in left]
    return ArcGISError("purge_incomplete", f"jobs that still wait in the queue: {len(left)}", details=details)
