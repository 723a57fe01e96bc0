# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants of jobs, what a job in each status needs for it, and what became of it; nothing here is sent.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from .._errors import Failure
from .record import FINISHED
from .source import JobRef
from .waiter import overtime_failure

CANCELLED, ABSENT = "cancelled", "absent"
VERBS = {CANCELLED: "cancel", ABSENT: "delete"}
GONE = (None, "deleted")


@dataclass(frozen=True)
class Action:
    """What to do about a job: whether the write is to be sent, and the outcome that this leads to."""

    outcome: str
    send: bool = False

    @property
    def is_own_doing(self) -> bool:
        """Say whether the outcome, seen after a write in doubt, is what the write would have brought about."""
        return not self.send and self.outcome in ("deleted", "delete_accepted", "cancel_accepted")


@dataclass(frozen=True)
class DesiredState:
    """What the user wants of the selected jobs. max_jobs refuses to write to more jobs than that; None does not."""

    state: str
    only_statuses: Collection[str] | None = None
    missing_ok: bool = False
    max_jobs: int | None = None

    def action(self, status: str | None) -> Action:
        """Decide what a job with this present status needs."""
        if status in GONE:
            return Action("already_absent" if self.state == ABSENT else "missing" if self.missing_ok else "unknown_job")
        if self.only_statuses is not None and status not in self.only_statuses:
            return Action("not_selected")
        if status == "deleting":
            return Action("already_deleting")
        return Action("deleted", send=True) if self.state == ABSENT else self._cancelling(status)

    @staticmethod
    def _cancelling(status: str | None) -> Action:
        if status in ("cancelled", "cancelling"):
            return Action(f"already_{status}")
        return Action("already_finished") if status in FINISHED else Action("cancel_accepted", send=True)

    def action_after_failure(self, status: str | None, in_doubt: bool) -> Action:
        """Decide what a look at the job means after a write that was refused, or that is in doubt.

        A write is in doubt after a lost answer, and after one that says error: what it would have brought about counts
        as its doing then. An action that still sends says that the job is as it was: the write may be repeated after a
        lost answer, and was refused otherwise.
        """
        if in_doubt and self.state == ABSENT and status in (*GONE, "deleting"):
            return Action("deleted" if status in GONE else "delete_accepted")
        if in_doubt and self.state == CANCELLED and status in ("cancelling", "cancelled"):
            return Action("cancel_accepted")
        return self.action(status)

    def is_reached(self, status: str | None) -> bool:
        """Say whether a job with this status needs no more waiting."""
        return status in GONE or (self.state == CANCELLED and status in FINISHED)


@dataclass(frozen=True)
class JobChange:
    """One selected job and what became of it. Once was_read, a status of None means that the site has no such job."""

    ref: JobRef
    was_read: bool = False
    before: str | None = None
    after: str | None = None
    outcome: str = "not_tried"
    changed: bool = False
    error: Failure | None = None
    waited: float = 0.0

    @classmethod
    def of_job(cls, ref: JobRef, status: str | None, outcome: str = "not_tried") -> JobChange:
        """Return what is known of a job before anything is done to it."""
        return cls(ref, True, status, status, outcome)

    @property
    def was_missing(self) -> bool:
        """Say whether the site had no such job before the task."""
        unknown = self.error is not None and self.error.code == "unknown_job"
        return self.outcome in ("already_absent", "missing") or unknown

    def concluded(self, action: Action, changed: bool = False) -> JobChange:
        """Return the job with what was decided for it."""
        if action.outcome == "unknown_job":
            return self.failed(Failure("unknown_job", "the site has no such job", f"cancel job {self.ref.name}"))
        return replace(self, outcome=action.outcome, changed=changed)

    def failed(self, error: Failure, changed: bool = False) -> JobChange:
        """Return the job with the failure that it met."""
        return replace(self, outcome="failed", error=error, changed=changed)

    def seen(self, status: str | None) -> JobChange:
        """Return the job as it was seen after the writes."""
        is_gone = self.outcome == "delete_accepted" and status in GONE
        return replace(self, after=status, outcome="deleted" if is_gone else self.outcome)


def missing_in(changes: Sequence[JobChange]) -> list[str]:
    """Return the IDs of the jobs that the site did not have."""
    return [change.ref.job_id for change in changes if change.was_missing]


def failure_of(changes: Sequence[JobChange]) -> Failure | None:
    """Return the failure of a task whose jobs did not all reach the wanted state; None where they did.

    A task with one job fails with the failure of that job, and one whose jobs only need more time with wait_timeout.
    """
    failed = [change for change in changes if change.error is not None]
    errors = [change.error for change in changes if change.error is not None]
    if not errors:
        return None
    if len(changes) == 1:
        return errors[0]
    if all(error.code == "wait_timeout" for error in errors):
        names = [(change.ref.name, str(change.after)) for change in failed]
        return overtime_failure(names, max(change.waited for change in failed))
    not_tried = sum(change.outcome == "not_tried" for change in changes)
    reason = f"{len(errors)} of {len(changes)} jobs failed"
    if not_tried:
        reason += f", and {not_tried} were not tried because the failure would have met them too"
    details = tuple(f"{change.ref.name}: {error.code}." for change, error in zip(failed, errors))
    return Failure("some_jobs_failed", reason, details=details, hint=f"The first failure: {errors[0]}")
