# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying the queue of a GP service: what waits in it, and what a purge removed.

Follows the page "Purge job queue" of the ArcGIS Server administrator API. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._changes import Change, Target
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ANSWER_LOST, ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import QUEUEABLE, QUEUED

PURGE = Operation(
    "purge the queue of the service {service}", "POST", "admin/services/{service:admin}/jobs/purgeQueue", writes=True
)


def empty_queues(jobs: GpJobs, services: Sequence[Service]) -> list[Change]:
    """Purge the queue of each service that has one, and return what became of each job that waited.

    The site does not say what it removed, so the queue is read before and its jobs are read after; a job that began to
    execute in between is not purged. In check mode nothing is written, and the changes say what would be.
    Raises ArcGISError where a service cannot be read or purged; result then holds the changes of the others.
    """
    outcomes = run_all(lambda service: _empty(jobs, service), services, jobs.site.settings.max_concurrency)
    changes = [change for outcome in outcomes for change in outcome.value or ()]
    failures = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failures:
        failures[0].result = {"changes": changes}
        raise failures[0]
    return changes


def _empty(jobs: GpJobs, service: Service) -> list[Change]:
    changes = [Change(target, True, status, status, "purged") for target, status in _queued(jobs, service).items()]
    if not changes:
        return []
    if jobs.site.read_only:
        for change in changes:
            change.after, change.changed = "cancelled", True
        return changes
    try:
        jobs.site.call(PURGE, service=service)
    except ArcGISError as error:
        # After a lost answer, what is seen of the jobs decides.
        if error.code not in ANSWER_LOST:
            raise
        failure: ArcGISError | None = error
    else:
        failure = None
    seen = jobs.statuses([change.target for change in changes])
    for change in changes:
        status = seen[change.target]
        change.after = change.before if isinstance(status, ArcGISError) else status
        change.changed = change.after in (None, "deleted", "cancelled", "cancelling")
        change.outcome = "purged" if change.changed else "still_queued" if change.after in QUEUED else "left_queue"
    if failure is not None and not any(change.changed for change in changes):
        raise failure
    return changes


def _queued(jobs: GpJobs, service: Service) -> dict[Target, str]:
    """Return the jobs that wait in the queue of a service; the labels of the site decide."""
    queued: dict[Target, str] = {}
    for status in QUEUEABLE:
        listed, dummy = jobs.listing(service, {"jobStatus": status})
        queued.update((Target(service, job_id), word) for job_id, word in listed.items() if word in QUEUED)
    return queued


def still_queued(changes: Sequence[Change]) -> ArcGISError | None:
    """Return the error for jobs that wait in the queue although it was purged; None where there are none."""
    left: list[Any] = [change for change in changes if change.outcome == "still_queued"]
    if not left:
        return None
    details = [f"{change.target.name} is still {change.after}." for change in left]
    return ArcGISError("purge_incomplete", f"{len(left)} jobs still wait in the queue", details=details)
