# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling and deleting jobs of any product: the writes, the looks before and after them, and the waits.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import MEETS_EVERY_REQUEST, ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._looks import Readable, look, settles
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import QUEUED
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Patience, timeout_error, wait_until
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import (
    ABSENT,
    CANCELLED,
    GONE,
    VERBS,
    Change,
    Step,
    Target,
    Wish,
)

_REFUSED = {CANCELLED: "cancel_refused", ABSENT: "delete_refused"}

_STOPS = MEETS_EVERY_REQUEST | {"no_privilege", "unsupported"}


# What the pages "Cancel job" and "Delete job" show as the refusal of a job that cannot be cancelled or deleted.
_DOCUMENTED_REFUSAL = "unable to "


def _leaves_doubt(failure: ArcGISError) -> bool:
    """Say whether a write that failed may have been carried out; a documented refusal says that it was not."""
    return failure.is_indeterminate and _DOCUMENTED_REFUSAL not in failure.said.lower()


class Jobs(Readable, Protocol):
    """What a product offers for changing its jobs. can_delete says whether it can delete a single one."""

    can_delete: bool

    def status(self, target: Target) -> str | None:
        """Return the present status of one job, read on its own; None where the site has no such job."""

    def send(self, state: str, target: Target) -> ArcGISError | None:
        """Ask the site to cancel or delete a job, as Site.write does."""


class Changes:
    """Brings selected jobs into the wanted state."""

    def __init__(self, jobs: Jobs, wish: Wish) -> None:
        self.jobs = jobs
        self.site = jobs.site
        self.wish = wish

    def apply(self, targets: Sequence[Target], patience: Patience | None = None) -> list[Change]:
        """Return what became of every selected job, in the order given; every job is tried unless nothing can succeed.

        All statuses are read before the first write, and what was written is looked at after the last; with patience,
        until the wanted state is reached. In check mode nothing is written and nothing is waited for, and the changes
        say what would be. Raises ArcGISError where a failure meets every job, and too_many_jobs before any write.
        """
        if self.wish.only_statuses == [] or not targets:
            return []
        changes = [Change(target) for target in targets]
        self._read_present(changes)
        to_write = [change for change in changes if change.error is None and self._conclude_present(change)]
        if self.wish.most is not None and len(to_write) > self.wish.most:
            said = f"{len(to_write)} jobs would be changed, and max_jobs is {self.wish.most}"
            raise ArcGISError("too_many_jobs", said, f"{VERBS[self.wish.state]} the jobs")
        if self.site.read_only:
            for change in to_write:
                change.changed, change.after = True, None if self.wish.state == ABSENT else "cancelling"
            return changes
        for outcome in run_all(self._write, to_write, self.site.settings.max_concurrency, _STOPS):
            if outcome.error is not None:
                outcome.item.outcome, outcome.item.error, outcome.item.changed = "failed", outcome.error, False
            elif not outcome.tried:
                outcome.item.outcome = "not_tried"
        self._observe([change for change in to_write if change.changed], patience is not None)
        if patience is not None:
            self._wait(changes, patience)
        return changes

    def _read_present(self, changes: Sequence[Change]) -> None:
        """Fill in the present status of every job."""
        seen = self.jobs.statuses([change.target for change in changes])
        for change in changes:
            status = seen[change.target]
            if isinstance(status, ArcGISError):
                change.outcome, change.error = "failed", status
            else:
                change.was_read, change.before, change.after = True, status, status
        errors = [change.error for change in changes if change.error is not None]
        if len(errors) == len(changes) and len({error.code for error in errors}) == 1:
            raise errors[0]

    def _conclude_present(self, change: Change) -> bool:
        """Note what is decided for a job in its present status; say whether that is a write."""
        step = self.wish.step(change.before)
        self._conclude(change, step)
        return step.send

    def _conclude(self, change: Change, step: Step) -> None:
        """Note what was decided for a job."""
        change.outcome = step.outcome
        if step.outcome == "unknown_job":
            change.outcome = "failed"
            change.error = ArcGISError("unknown_job", "the site has no such job", f"cancel job {change.target.name}")

    def _write(self, change: Change) -> None:
        """Send the write for one job, and look at the job wherever the answer does not settle what happened."""
        if self.wish.only_statuses is not None:
            # What must hold is what the job says right before the write.
            change.before = change.after = self.jobs.status(change.target)
        step = self.wish.step(change.before)
        self._conclude(change, step)
        in_doubt, lost, last = False, False, self.site.settings.retries
        for attempt in range(last + 1):
            if not step.send:
                return
            try:
                failure = self.jobs.send(self.wish.state, change.target)
            except ArcGISError as error:
                if error.code in _STOPS:
                    raise (self._in_doubt(error) if in_doubt else error) from None
                failure = error
            if failure is None:
                change.changed = True
                if self.wish.state == ABSENT:
                    # It counts as deleted once it was seen to be gone.
                    change.outcome = "delete_accepted"
                return
            in_doubt, lost = in_doubt or _leaves_doubt(failure), lost or failure.is_lost
            is_final = attempt == last or not failure.kind.retryable
            if not is_final:
                self.site.transport.pause(attempt, failure)
            may_settle = is_final and (lost or failure.code == "not_found")
            step = self._look_after(change, in_doubt, may_settle)
            if step.send and is_final:
                was_judged = failure.sent and not failure.is_lost
                raise self._refused(failure, change) if was_judged else self._unsettled(failure, change)

    def _look_after(self, change: Change, in_doubt: bool, may_settle: bool) -> Step:
        """Look at a job after a write that failed, and note what that means; the look may take the time to settle.

        A site whose pages and jobs contradict each other gets that time as well: its machines may be behind.
        """
        contradiction: ArcGISError | None = None

        def is_settled() -> bool:
            nonlocal contradiction
            contradiction = None
            try:
                change.after = self.jobs.status(change.target)
            except ArcGISError as error:
                if error.code == "contradicted" and in_doubt:
                    contradiction = error
                    return False
                raise (self._in_doubt(error) if in_doubt else error) from None
            return not may_settle or not self.wish.verdict(change.after, in_doubt).send

        settles(self.site, is_settled)
        if contradiction is not None:
            raise self._in_doubt(contradiction)
        step = self.wish.verdict(change.after, in_doubt)
        self._conclude(change, step)
        change.changed = not step.send and step.outcome in ("deleted", "delete_accepted", "cancel_accepted")
        return step

    def _in_doubt(self, failure: ArcGISError) -> ArcGISError:
        return failure.leaves_unknown(f"{VERBS[self.wish.state]} it")

    def _refused(self, failure: ArcGISError, change: Change) -> ArcGISError:
        """Return what a refusal means for a job that is still there and still unfinished."""
        if failure.code == "not_found":
            failure.code = "unsupported"
            failure.hint = "The job exists, so the site lacks the operation: check url, platform and the release."
            return failure
        failure.code = _REFUSED[self.wish.state]
        failure.said += f", and the job is still {change.after}"
        if failure.code == "cancel_refused" and not self.jobs.can_delete:
            failure.hint = "Look at the job again later."
        elif failure.code == "cancel_refused" and change.after not in QUEUED:
            failure.hint = "Look at the job again later, or use state: absent to delete it."
        return failure

    def _unsettled(self, failure: ArcGISError, change: Change) -> ArcGISError:
        """Return the error for a write that was not answered and that shows no effect."""
        failure.said += f", and the job is still {change.after}"
        if self.wish.state == ABSENT and failure.kind.retryable and failure.sent:
            failure.code = "delete_unconfirmed"
        return failure

    def _observe(self, changes: Sequence[Change], will_wait: bool) -> None:
        """Look at the jobs after the writes: what cancelled ones are now, and whether deleted ones are gone."""
        waiting, deleting = list(changes), self.wish.state == ABSENT

        def all_arrived() -> bool:
            seen = look(self.jobs, [change.target for change in waiting], absent_means_gone=deleting)
            waiting[:] = [change for change in waiting if change.target in seen]
            for change in waiting:
                self._note(change, seen[change.target])
            waiting[:] = [change for change in waiting if deleting and change.after not in (*GONE, "deleting")]
            return not waiting

        if not changes or settles(self.site, all_arrived) or will_wait:
            return
        for change in waiting:
            # The site cancels a running job before it removes it, and a job may take its time to stop.
            if change.after != "cancelling":
                change.outcome = "failed"
                said = f"the site accepted the deletion, but the job is still {change.after}"
                change.error = ArcGISError("delete_unconfirmed", said, f"delete job {change.target.name}")

    def _note(self, change: Change, status: str | None) -> None:
        """Note what was seen of a job after the writes."""
        change.after = status
        if change.outcome == "delete_accepted" and status in GONE:
            change.outcome = "deleted"

    def _wait(self, changes: Sequence[Change], patience: Patience) -> None:
        """Wait until the jobs that are on their way have arrived, and note those that have not."""
        under_way = ("cancel_accepted", "delete_accepted", "already_cancelling", "already_deleting")
        by_target = {
            change.target: change
            for change in changes
            if change.error is None and change.outcome in under_way and not self.wish.is_reached(change.after)
        }
        try:
            waited = wait_until(
                self.jobs.statuses, list(by_target), self.wish.is_reached, patience, self.site.transport.sleep
            )
        except ArcGISError as error:
            for change in by_target.values():
                change.error = error
            return
        for target, change in by_target.items():
            self._note(change, waited.last.get(target, change.after))
            change.error = waited.unreadable.get(target)
            if target in waited.still_open:
                change.error = timeout_error([(target.name, str(change.after))], waited.seconds)
                change.error.result["waited"] = waited.seconds
