# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling and deleting jobs of any product: the writes, the looks before and after them, and the waits.

This module is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .._concurrent import Results, run_concurrently
from .._errors import FATAL_CODES, ArcGISError, Failure
from .._retries import Retries
from .desired_state import ABSENT, CANCELLED, GONE, VERBS, DesiredState, JobChange
from .record import QUEUED, is_finished
from .source import JobRef, JobSource, StatusOrError, TaskContext, read_back, read_status, settling
from .waiter import WaitOptions, WaitResult, overtime_failure, wait_for

_REFUSED = {CANCELLED: "cancel_refused", ABSENT: "delete_refused"}
_ACCEPTED = {CANCELLED: "cancel_accepted", ABSENT: "delete_accepted"}
_UNDER_WAY = ("cancel_accepted", "delete_accepted", "already_cancelling", "already_deleting")

_STOP_AT = FATAL_CODES | {"no_privilege", "unsupported"}

# What the pages "Cancel job" and "Delete job" show as the refusal of a job that cannot be cancelled or deleted. Of any
# other failure, such as "Unable to complete operation", nobody knows when it came about.
_DOCUMENTED_REFUSAL = re.compile(r"unable to (cancel|delete)\b", re.IGNORECASE)

Changes = dict[JobRef, JobChange]


def apply_state(
    source: JobSource,
    desired: DesiredState,
    refs: Sequence[JobRef],
    context: TaskContext,
    wait: WaitOptions | None = None,
) -> list[JobChange]:
    """Bring selected jobs into the wanted state; return what became of each, in the order given.

    Every job is tried unless nothing can succeed. All statuses are read before the first write, and what was written is
    looked at after the last; with wait, until the wanted state is reached. In check mode nothing is written and nothing
    is waited for, and the changes say what would be.
    Raises ArcGISError where a failure meets every job, and too_many_jobs before any write.
    """
    if desired.only_statuses == [] or not refs:
        return []
    changes = _decided(desired, source.statuses(refs))
    to_write = [change for change in changes.values() if change.error is None and desired.action(change.before).send]
    if desired.max_jobs is not None and len(to_write) > desired.max_jobs:
        reason = f"{len(to_write)} jobs would be changed, and max_jobs is {desired.max_jobs}"
        raise ArcGISError("too_many_jobs", reason, f"{VERBS[desired.state]} the jobs")
    if context.check_mode:
        after = None if desired.state == ABSENT else "cancelling"
        queued = sum(change.before in QUEUED for change in to_write) if after else 0
        if queued:
            context.warn(f"{_count(queued)} in the queue. Some sites refuse to cancel jobs before they execute.")
        changes.update((change.ref, replace(change, changed=True, after=after)) for change in to_write)
        return list(changes.values())
    writer = _Writer(source, desired, context)
    written = _written(to_write, run_concurrently(writer.change, to_write, context.concurrency, _STOP_AT))
    accepted = {ref: change for ref, change in written.items() if change.changed}
    changes.update(written)
    changes.update(_seen_after(source, desired, accepted, context, wait is not None))
    if wait is not None:
        changes.update(_waited_for(source, desired, changes, context, wait))
    return list(changes.values())


def _decided(desired: DesiredState, seen: Mapping[JobRef, StatusOrError]) -> Changes:
    """Return every job with what is decided for it in its present status; raise what met all of them alike."""
    failures = [status for status in seen.values() if isinstance(status, Failure)]
    if len(failures) == len(seen) and len({failure.code for failure in failures}) == 1:
        raise ArcGISError.of(failures[0])
    changes = {}
    for ref, status in seen.items():
        if isinstance(status, Failure):
            changes[ref] = JobChange(ref).failed(status)
        else:
            changes[ref] = JobChange.of_job(ref, status).concluded(desired.action(status))
    return changes


def _written(to_write: Sequence[JobChange], results: Results[JobChange, JobChange]) -> Changes:
    """Return what became of each job, those included that a fatal failure left untried."""
    changes = {change.ref: replace(change, outcome="not_tried") for change in to_write}
    changes.update((change.ref, written) for change, written in results.values.items())
    changes.update((change.ref, change.failed(failure)) for change, failure in results.errors.items())
    return changes


@dataclass(frozen=True)
class _Writer:
    """Changes one job at a time, with one budget of tries for the write and the looks around it."""

    source: JobSource
    desired: DesiredState
    context: TaskContext

    def change(self, change: JobChange) -> JobChange:
        """Send the write for one job until it is settled, and look at the job wherever the answer does not settle it.

        Returns what became of the job.
        """
        retries = self.context.retries()
        if self.desired.only_statuses is not None and not is_finished(change.before):
            # What must hold is what the job says right before the write.
            change = JobChange.of_job(change.ref, read_status(self.source, change.ref, retries))
        action = self.desired.action(change.before)
        if not action.send:
            return change.concluded(action)
        in_doubt = lost = False
        while True:
            failure = self._sent(change, retries, in_doubt)
            if failure is None:
                # A deletion counts as deleted once the job was seen to be gone.
                return replace(change, changed=True, outcome=_ACCEPTED[self.desired.state])
            in_doubt, lost = in_doubt or _leaves_doubt(failure), lost or failure.is_lost
            is_final = not retries.pauses(failure)
            may_settle = is_final and (lost or failure.code == "not_found")
            change = replace(change, after=self._look(change, retries, in_doubt, may_settle))
            action = self.desired.action_after_failure(change.after, in_doubt)
            if not action.send:
                return change.concluded(action, action.is_own_doing)
            if is_final:
                return change.failed(self._final(failure, change.after))

    def _sent(self, change: JobChange, retries: Retries, in_doubt: bool) -> Failure | None:
        """Send the write once; return its failure. Raises the ArcGISError of one that would meet every job."""
        try:
            failure = self.source.send(self.desired.state, change.ref, retries)
        except ArcGISError as error:
            failure = error.failure
        if failure is not None and failure.code in _STOP_AT and not failure.is_lost:
            stopping = ArcGISError.of(failure)
            raise self._unknown(stopping) if in_doubt else stopping
        return failure

    def _look(self, change: JobChange, retries: Retries, in_doubt: bool, may_settle: bool) -> str | None:
        """Return the status of a job after a write that failed; the look may take the time that the site settles in.

        A site whose pages and jobs contradict each other gets that time as well: its machines may be behind.
        """
        status: str | None = None
        contradiction: ArcGISError | None = None
        for _dummy in settling(self.context):
            try:
                status, contradiction = read_status(self.source, change.ref, retries), None
            except ArcGISError as error:
                if not (error.failure.code == "contradicted" and in_doubt):
                    raise (self._unknown(error) if in_doubt else error) from None
                contradiction = error
                continue
            if not may_settle or not self.desired.action_after_failure(status, in_doubt).send:
                break
        if contradiction is not None:
            raise self._unknown(contradiction)
        return status

    def _unknown(self, error: ArcGISError) -> ArcGISError:
        return ArcGISError.of(error.failure.leaving_unknown(f"{VERBS[self.desired.state]} it"))

    def _final(self, failure: Failure, status: str | None) -> Failure:
        """Return what a write means that was refused, or not answered, for a job that is still as it was."""
        if failure.code == "not_found":
            return failure.of_missing_operation()
        failure = failure.adding(f", and the job is still {status}")
        if failure.was_sent and not failure.is_lost:
            return self._refused(failure, status)
        is_deletion = self.desired.state == ABSENT and failure.kind.retryable and failure.was_sent
        return replace(failure, code="delete_unconfirmed") if is_deletion else failure

    def _refused(self, failure: Failure, status: str | None) -> Failure:
        hint = failure.hint
        if self.desired.state == CANCELLED and not self.source.can_delete:
            hint = "Look at the job again later."
        elif self.desired.state == CANCELLED and status not in QUEUED:
            hint = "Look at the job again later, or use state: absent to delete it."
        return replace(failure, code=_REFUSED[self.desired.state], hint=hint)


def _count(queued: int) -> str:
    return "1 of the jobs waits" if queued == 1 else f"{queued} of the jobs wait"


def _leaves_doubt(failure: Failure) -> bool:
    """Say whether a write that failed may have been carried out; a documented refusal says that it was not."""
    return failure.is_indeterminate and not _DOCUMENTED_REFUSAL.search(failure.reason)


def _seen_after(
    source: JobSource,
    desired: DesiredState,
    accepted: Mapping[JobRef, JobChange],
    context: TaskContext,
    will_wait: bool,
) -> Changes:
    """Look at the jobs after the writes: what cancelled ones are now, and whether deleted ones are gone."""
    changes, waiting, deleting = dict(accepted), list(accepted), desired.state == ABSENT
    for _dummy in settling(context) if accepted else ():
        seen = read_back(source, waiting, context, absent_means_gone=deleting)
        changes.update((ref, changes[ref].seen(status)) for ref, status in seen.items())
        waiting = [ref for ref in seen if deleting and changes[ref].after not in (*GONE, "deleting")]
        if not waiting:
            break
    if will_wait:
        return changes
    for ref in waiting:
        # The site cancels a running job before it removes it, and a job may take its time to stop.
        if changes[ref].after != "cancelling":
            reason = f"the site accepted the deletion, but the job is still {changes[ref].after}"
            error = Failure("delete_unconfirmed", reason, f"delete job {ref.name}")
            changes[ref] = changes[ref].failed(error, changed=True)
    return changes


def _waited_for(
    source: JobSource, desired: DesiredState, changes: Changes, context: TaskContext, wait: WaitOptions
) -> Changes:
    """Wait until the jobs that are on their way have arrived; return them with what was seen."""
    under_way = {
        ref: change
        for ref, change in changes.items()
        if change.error is None and change.outcome in _UNDER_WAY and not desired.is_reached(change.after)
    }
    try:
        waited = wait_for(source.statuses, list(under_way), desired.is_reached, wait, context, was_seen=True)
    except ArcGISError as error:
        return {ref: replace(change, error=error.failure) for ref, change in under_way.items()}
    return {ref: _after_wait(change, waited) for ref, change in under_way.items()}


def _after_wait(change: JobChange, waited: WaitResult) -> JobChange:
    """Return a job as it was last seen, with the failure that the wait for it ended in."""
    change = replace(change.seen(waited.last.get(change.ref, change.after)), waited=waited.seconds)
    if change.ref in waited.still_open:
        return replace(change, error=overtime_failure([(change.ref.name, str(change.after))], waited.seconds))
    return replace(change, error=waited.unreadable.get(change.ref))
