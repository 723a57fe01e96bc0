# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling and deleting GP jobs: what each job needs, what the site made of it, and what that means.

Follows the pages "Cancel job" and "Delete job" of the ArcGIS Server administrator API.
This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import (
    ANSWER_LOST,
    MEETS_EVERY_REQUEST,
    ArcGISError,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import FINISHED, QUEUED
from ansible_collections.gisops.arcgis.plugins.module_utils._transport import pause_before

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

CANCELLED, ABSENT = "cancelled", "absent"

# A site of several machines may show a deleted job a moment longer: looks at growing intervals, 6.2 seconds in all.
_SETTLING = (0.2, 0.4, 0.8, 1.6, 3.2)

_GONE = (None, "deleted")
_STOPS = MEETS_EVERY_REQUEST | {"no_privilege", "unsupported"}


@dataclass(frozen=True)
class Step:
    """What to do about a job: the operation to send, if any, and the outcome that this leads to."""

    outcome: str
    send: Operation | None = None


@dataclass
class Change:
    """One selected job and what became of it. Once was_read, a status of None means that the site has no such job."""

    service: Service
    job_id: str
    was_read: bool = False
    before: str | None = None
    after: str | None = None
    outcome: str = "not_tried"
    changed: bool = False
    error: ArcGISError | None = None

    @property
    def was_missing(self) -> bool:
        """Say whether the site had no such job before the task."""
        unknown = self.error is not None and self.error.code == "unknown_job"
        return self.outcome in ("already_absent", "missing") or unknown

    def as_result(self) -> dict[str, Any]:
        """Return the change as the module returns it; a job that could not be read has no status."""
        before, after = (self.before or ABSENT, self.after or ABSENT) if self.was_read else (None, None)
        return {
            "job_id": self.job_id,
            "service": self.service.label,
            "status_before": before,
            "status": after,
            "changed": self.changed,
            "outcome": self.outcome,
            "error": self.error.as_result() if self.error else None,
        }


@dataclass(frozen=True)
class Wish:
    """What the user wants of the selected jobs."""

    state: str
    only_statuses: Collection[str] | None = None
    missing_ok: bool = False

    def step(self, status: str | None) -> Step:
        """Decide what a job with this present status needs."""
        if status in _GONE:
            if self.state == ABSENT:
                return Step("already_absent")
            return Step("missing" if self.missing_ok else "unknown_job")
        if self.only_statuses is not None and status not in self.only_statuses:
            return Step("not_selected")
        if status == "deleting":
            return Step("already_deleting")
        if self.state == ABSENT:
            return Step("deleted", DELETE)
        if status in ("cancelled", "cancelling"):
            return Step(f"already_{status}")
        return Step("already_finished") if status in FINISHED else Step("cancel_accepted", CANCEL)

    def verdict(self, status: str | None, lost: bool) -> Step:
        """Decide what a look at the job means after a write was refused, or after its answer was lost.

        After a lost answer, what the write would have brought about counts as its doing. A step that still names an
        operation says that the job is as it was: the write may be repeated after a lost answer, and was refused
        otherwise.
        """
        if lost and self.state == ABSENT and status in (*_GONE, "deleting"):
            return Step("deleted" if status in _GONE else "delete_accepted")
        if lost and self.state == CANCELLED and status in ("cancelling", "cancelled"):
            return Step("cancel_accepted")
        return self.step(status)


class Changes:
    """Brings selected jobs into the wanted state."""

    def __init__(self, jobs: GpJobs, wish: Wish) -> None:
        self.jobs = jobs
        self.site = jobs.site
        self.wish = wish

    def apply(self, selected: Sequence[tuple[Service, str]]) -> list[Change]:
        """Return what became of every selected job, in the order given; every job is tried unless nothing can succeed.

        All statuses are read before the first write, and what was written is looked at after the last. In check mode
        nothing is written, and the changes say what would be. Raises ArcGISError where a failure meets every job.
        """
        if self.wish.only_statuses == []:
            return []
        changes = [Change(service, job_id) for service, job_id in selected]
        self._read_present(changes)
        to_write = []
        for change in changes:
            if change.error is None:
                step = self.wish.step(change.before)
                self._conclude(change, step)
                if step.send:
                    to_write.append(change)
        if self.site.read_only:
            for change in to_write:
                change.changed, change.after = True, None if self.wish.state == ABSENT else "cancelling"
            return changes
        for outcome in run_all(self._write, to_write, self.site.settings.max_concurrency, _STOPS):
            if outcome.error is not None:
                outcome.item.outcome, outcome.item.error, outcome.item.changed = "failed", outcome.error, False
            elif not outcome.tried:
                outcome.item.outcome = "not_tried"
        self._observe([change for change in to_write if change.changed])
        return changes

    def _read_present(self, changes: Sequence[Change]) -> None:
        """Fill in the present status of every job, service by service."""
        groups: dict[Service, list[Change]] = {}
        for change in changes:
            groups.setdefault(change.service, []).append(change)
        outcomes = run_all(
            lambda service: self.jobs.statuses(service, [change.job_id for change in groups[service]]),
            list(groups),
            self.site.settings.max_concurrency,
        )
        for outcome in outcomes:
            if outcome.error is not None and (len(groups) == 1 or outcome.error.code in MEETS_EVERY_REQUEST):
                raise outcome.error
            for change in groups[outcome.item]:
                if outcome.error is not None:
                    change.outcome, change.error = "failed", outcome.error
                elif outcome.value is not None:
                    self._note_present(change, outcome.value[change.job_id])

    def _note_present(self, change: Change, status: str | ArcGISError | None) -> None:
        if isinstance(status, ArcGISError):
            change.outcome, change.error = "failed", status
        else:
            change.was_read, change.before, change.after = True, status, status

    def _conclude(self, change: Change, step: Step) -> None:
        """Note what was decided for a job."""
        change.outcome = step.outcome
        if step.outcome == "unknown_job":
            change.outcome = "failed"
            title = f"cancel job {change.job_id} of the service {change.service.label}"
            change.error = ArcGISError("unknown_job", "the service has no such job", title)

    def _write(self, change: Change) -> None:
        """Send the write for one job, and look at the job wherever the answer does not settle what happened."""
        if self.wish.only_statuses is not None:
            # What must hold is what the job says right before the write.
            change.before = change.after = self.jobs.status(change.service, change.job_id)
        step = self.wish.step(change.before)
        self._conclude(change, step)
        lost = False
        for attempt in range(self.site.settings.retries + 1):
            if step.send is None:
                return
            try:
                self._send(step.send, change)
            except ArcGISError as error:
                if error.code in _STOPS - ANSWER_LOST:
                    raise
                failure = error
            else:
                change.changed = True
                return
            if failure.code in ANSWER_LOST:
                lost = True
                self.site.transport.sleep(pause_before(attempt, failure.retry_after))
            change.after = self.jobs.status(change.service, change.job_id)
            step = self.wish.verdict(change.after, lost)
            self._conclude(change, step)
            change.changed = step.send is None and step.outcome in ("deleted", "delete_accepted", "cancel_accepted")
            if step.send and failure.code not in ANSWER_LOST:
                raise self._refused(failure, change.after)
        if step.send:
            raise self._unsettled(failure, change.after)

    def _send(self, operation: Operation, change: Change) -> None:
        """Send one write; an answer that says neither success nor error leaves open what happened."""
        answer = self.site.call(operation, service=change.service, job_id=change.job_id)
        title = operation.title.format(service=change.service, job_id=change.job_id)
        accepted = answer.get("success") is True or "jobStatus" in answer
        if not accepted and str(answer.get("status")).lower() != "success":
            raise ArcGISError("unexpected_shape", "the answer says neither success nor error", title)
        if self.wish.state == ABSENT:
            # It counts as deleted once it was seen to be gone.
            change.outcome = "delete_accepted"

    def _refused(self, failure: ArcGISError, status: str | None) -> ArcGISError:
        """Return what a refusal means for a job that is still there and still unfinished."""
        if failure.code == "not_found":
            failure.code, failure.hint = (
                "unsupported",
                "The job exists, so the site lacks the operation: check platform and its release.",
            )
            return failure
        failure.code = "delete_refused" if self.wish.state == ABSENT else "cancel_refused"
        failure.said += f", and the job is still {status}"
        if failure.code == "cancel_refused" and status not in QUEUED:
            failure.hint = "Look at the job again later, or use state: absent to delete it."
        return failure

    def _unsettled(self, failure: ArcGISError, status: str | None) -> ArcGISError:
        """Return the error for a write whose answer was lost every time and that shows no effect."""
        failure.said += f", and the job is still {status}"
        if self.wish.state == ABSENT:
            failure.code = "delete_unconfirmed"
        return failure

    def _observe(self, changes: Sequence[Change]) -> None:
        """Look at the jobs after the writes: what cancelled ones are now, and whether deleted ones are gone."""
        groups: dict[Service, list[Change]] = {}
        for change in changes:
            groups.setdefault(change.service, []).append(change)
        outcomes = run_all(self._look, list(groups.items()), self.site.settings.max_concurrency)
        for outcome in outcomes:
            if outcome.error is not None or not outcome.tried:
                self.site.warn(
                    f"The jobs of {outcome.item[0].label} could not be read after the writes; their status is older."
                )

    def _look(self, group: tuple[Service, Sequence[Change]]) -> None:
        service, changes = group
        deleting = self.wish.state == ABSENT
        waiting = list(changes)
        for pause in (0.0, *_SETTLING):
            if pause:
                self.site.transport.sleep(pause)
            statuses = self.jobs.statuses(service, [change.job_id for change in waiting], absent_means_gone=deleting)
            for change in waiting:
                status = statuses[change.job_id]
                if not isinstance(status, ArcGISError):
                    change.after = status
                    change.outcome = "deleted" if deleting and status in _GONE else change.outcome
            waiting = [change for change in waiting if deleting and change.after not in (*_GONE, "deleting")]
            if not waiting:
                return
        for change in waiting:
            if change.after == "cancelling":
                # The site cancels a running job before it removes it, and a job may take its time to stop.
                continue
            change.outcome = "failed"
            title = f"delete job {change.job_id} of the service {service.label}"
            said = f"the site accepted the deletion, but the job is still {change.after}"
            change.error = ArcGISError("delete_unconfirmed", said, title)


def failure_of(changes: Sequence[Change]) -> ArcGISError | None:
    """Return the error of a task whose jobs did not all reach the wanted state; None where they did.

    A task with one job fails with the error of that job.
    """
    failed = [change.error for change in changes if change.error is not None]
    not_tried = sum(change.outcome == "not_tried" for change in changes)
    if not failed:
        return None
    if len(changes) == 1:
        return failed[0]
    said = f"{len(failed)} of {len(changes)} jobs failed"
    if not_tried:
        said += f", and {not_tried} were not tried because the failure would have met them too"
    return ArcGISError("some_jobs_failed", f"{said}. The first failure: {failed[0]}")
