# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying the queue of a GP service: what waits in it, and what a purge removed.

Follows the page "Purge job queue" of the ArcGIS Server administrator API. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all, values_of
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._looks import look, settles_after
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
    read = values_of(run_all(lambda service: _queued(jobs, service), services, concurrency))
    queues = [queue for queue, dummy in read if queue]
    waiting, is_whole = sum(len(queue) for queue in queues), all(whole for dummy, whole in read)
    if most is not None and (waiting > most or not is_whole):
        said = f"{waiting} jobs wait in the queues, and max_jobs is {most}"
        said += "" if is_whole else ", and there may be more, because the queues changed while they were read"
        raise ArcGISError("too_many_jobs", said, "purge the queues")
    if not is_whole:
        jobs.site.warn(
            "The queues changed while they were read: more jobs may wait than are listed. A purge removes them too."
        )
    changes = [change for queue in queues for change in queue]
    if jobs.site.read_only:
        for change in changes:
            change.after, change.changed, change.outcome = "cancelled", True, "purged"
        return changes, None
    outcomes = run_all(lambda queue: _purge(jobs, queue), queues, concurrency)
    for outcome in outcomes:
        for change in outcome.item if outcome.error is not None else ():
            change.outcome, change.error = "failed", outcome.error
    return changes, next((change.error for change in changes if change.error is not None), None)


def _purge(jobs: GpJobs, queue: Sequence[Change]) -> None:
    """Purge the queue of one service, and note what is then seen of its jobs."""
    failure = jobs.site.write(PURGE, service=queue[0].target.place)
    waiting = list(queue)
    unseen: list[Change] = []

    def is_empty() -> bool:
        seen = look(jobs, [change.target for change in waiting])
        unseen.extend(change for change in waiting if change.target not in seen)
        waiting[:] = [change for change in waiting if change.target in seen]
        for change in waiting:
            _note(change, seen[change.target], accepted=failure is None)
        waiting[:] = [change for change in waiting if change.after in QUEUED]
        return not waiting

    settles_after(jobs.site, "purge the queue", failure, is_empty)
    for change in unseen:
        # An accepted purge is a change even where no effect can be seen.
        change.changed, change.outcome = failure is None, "purge_accepted" if failure is None else "failed"
        change.error = failure.leaves_unknown("purge the queue") if failure is not None else None
    if failure is not None and not any(change.changed for change in queue):
        raise failure.leaves_unknown("purge the queue") if unseen else failure


def _note(change: Change, status: str | None, accepted: bool) -> None:
    """Note what was seen of a job after the purge."""
    change.after = status
    if status in QUEUED:
        change.changed, change.outcome = accepted, "still_queued"
    else:
        change.changed = status in (None, "deleted", "cancelled", "cancelling")
        change.outcome = "purged" if change.changed else "left_queue"


def _queued(jobs: GpJobs, service: Service) -> tuple[list[Change], bool]:
    """Return the jobs that wait in the queue of a service, and whether these are surely all; the labels decide."""
    queued: dict[str, str] = {}
    is_whole = False
    for _dummy in range(2):
        lists = [jobs.listing(service, {"jobStatus": status}) for status in QUEUEABLE]
        queued.update((job_id, word) for listed, dummy in lists for job_id, word in listed.items() if word in QUEUED)
        is_whole = all(whole for dummy, whole in lists)
        if is_whole:
            break
    return [Change(Target(service, job_id), True, word, word) for job_id, word in queued.items()], is_whole


def still_queued(changes: Sequence[Change]) -> ArcGISError | None:
    """Return the error for jobs that wait in the queue although it was purged; None where there are none."""
    left = [change for change in changes if change.outcome == "still_queued"]
    if not left:
        return None
    for change in left:
        change.error = ArcGISError("purge_incomplete", f"job {change.target.name} is still {change.after}")
    details = [f"{change.target.name} is still {change.after}." for change in left]
    return ArcGISError("purge_incomplete", f"jobs that still wait in the queue: {len(left)}", details=details)
