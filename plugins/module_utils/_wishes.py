# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants of jobs, what a job in each status needs for it, and what became of it; nothing here is sent.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import FINISHED
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import timeout_error

CANCELLED, ABSENT = "cancelled", "absent"
VERBS = {CANCELLED: "cancel", ABSENT: "delete"}
GONE = (None, "deleted")


class Target(NamedTuple):
    """One selected job. place is what its product needs to find it, such as a service, and shows as its name."""

    place: Any
    job_id: str

    @property
    def name(self) -> str:
        """Return how messages name the job."""
        return f"{self.job_id} of {self.place.label}" if self.place else self.job_id


@dataclass(frozen=True)
class Step:
    """What to do about a job: whether the write is to be sent, and the outcome that this leads to."""

    outcome: str
    send: bool = False


@dataclass
class Change:
    """One selected job and what became of it. Once was_read, a status of None means that the site has no such job."""

    target: Target
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
        """Return the change as a module returns it; a job that could not be read has no status."""
        before, after = (self.before or ABSENT, self.after or ABSENT) if self.was_read else (None, None)
        return {
            "job_id": self.target.job_id,
            **({"service": self.target.place.label} if self.target.place else {}),
            "status_before": before,
            "status": after,
            "changed": self.changed,
            "outcome": self.outcome,
            "error": self.error.as_result() if self.error else None,
        }


@dataclass(frozen=True)
class Wish:
    """What the user wants of the selected jobs. most refuses to write to more jobs than that; None does not."""

    state: str
    only_statuses: Collection[str] | None = None
    missing_ok: bool = False
    most: int | None = None

    def step(self, status: str | None) -> Step:
        """Decide what a job with this present status needs."""
        if status in GONE:
            if self.state == ABSENT:
                return Step("already_absent")
            return Step("missing" if self.missing_ok else "unknown_job")
        if self.only_statuses is not None and status not in self.only_statuses:
            return Step("not_selected")
        if status == "deleting":
            return Step("already_deleting")
        if self.state == ABSENT:
            return Step("deleted", send=True)
        if status in ("cancelled", "cancelling"):
            return Step(f"already_{status}")
        return Step("already_finished") if status in FINISHED else Step("cancel_accepted", send=True)

    def verdict(self, status: str | None, in_doubt: bool) -> Step:
        """Decide what a look at the job means after a write that was refused, or that is in doubt.

        A write is in doubt after a lost answer, and after one that says error: what it would have brought about counts
        as its doing then. A step that still sends says that the job is as it was: the write may be repeated after a
        lost answer, and was refused otherwise.
        """
        if in_doubt and self.state == ABSENT and status in (*GONE, "deleting"):
            return Step("deleted" if status in GONE else "delete_accepted")
        if in_doubt and self.state == CANCELLED and status in ("cancelling", "cancelled"):
            return Step("cancel_accepted")
        return self.step(status)

    def is_reached(self, status: str | None) -> bool:
        """Say whether a job with this status needs no more waiting."""
        return status in GONE or (self.state == CANCELLED and status in FINISHED)


def missing_in(changes: Sequence[Change]) -> list[str]:
    """Return the IDs of the jobs that the site did not have."""
    return [change.target.job_id for change in changes if change.was_missing]


def failure_of(changes: Sequence[Change]) -> ArcGISError | None:
    """Return the error of a task whose jobs did not all reach the wanted state; None where they did.

    A task with one job fails with the error of that job, and one whose jobs only need more time with wait_timeout.
    """
    failed = [change for change in changes if change.error is not None]
    errors = [change.error for change in changes if change.error is not None]
    if not errors:
        return None
    if len(changes) == 1:
        return errors[0]
    if all(error.code == "wait_timeout" for error in errors):
        seconds = max(error.result["waited"] for error in errors)
        return timeout_error([(change.target.name, str(change.after)) for change in failed], seconds)
    not_tried = sum(change.outcome == "not_tried" for change in changes)
    said = f"{len(errors)} of {len(changes)} jobs failed"
    if not_tried:
        said += f", and {not_tried} were not tried because the failure would have met them too"
    return ArcGISError("some_jobs_failed", f"{said}. The first failure: {errors[0]}")
