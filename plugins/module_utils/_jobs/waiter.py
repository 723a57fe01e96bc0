# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for many jobs at once: a deadline, growing pauses, and a budget of failures that a long wait survives.

This module is private to the collection.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from .._errors import ArcGISError, Failure, bad_option
from .._options import require_range
from .._retries import Retries
from .record import is_finished
from .source import JobRef, JobSource, RecordOrError, StatusOrError, TaskContext

# What the option fail_on names.
BAD_ENDS = ("failed", "timed_out", "cancelled", "missing")

_GROWTH = 1.5
_LONGEST_PAUSE = 30.0
_FAILURES_IN_A_ROW = 5
# What a site answers while it restarts, beside what is retried anyway. At the first look it means what it says.
_WHILE_IT_RESTARTS = frozenset(("html_answer", "site_error", "not_found", "unknown_service", "wrong_url"))
_LAST_MESSAGES = 3
_DAY = 86400
_YEAR = 365 * _DAY

State = TypeVar("State")


@dataclass(frozen=True)
class WaitOptions:
    """How long to wait: seconds in all, and seconds before the second look. The pauses grow from there to 30."""

    timeout: float
    sleep: float


@dataclass(frozen=True)
class WaitResult:
    """What a wait saw: the last status of each job, the jobs that are still open, and those that cannot be read.

    in_a_row counts the rounds in which a job could not be read lately.
    """

    last: Mapping[JobRef, str | None] = field(default_factory=dict)
    still_open: tuple[JobRef, ...] = ()
    unreadable: Mapping[JobRef, Failure] = field(default_factory=dict)
    seconds: float = 0.0
    in_a_row: Mapping[JobRef, int] = field(default_factory=dict)


def wait_options(options: Mapping[str, Any]) -> WaitOptions | None:
    """Return how long to wait; None where the task is not to wait. Raises ArcGISError bad_option."""
    require_range(options, _YEAR, wait_timeout=0)
    # In this form it refuses what is no number as well.
    if not 0 < options["wait_sleep"] <= _DAY:
        raise bad_option("wait_sleep", f"is {options['wait_sleep']}", f"Write seconds, more than 0 and at most {_DAY}.")
    return WaitOptions(options["wait_timeout"], options["wait_sleep"]) if options["wait"] else None


def repeat(
    look: Callable[[State, float], State],
    state: State,
    is_over: Callable[[State], bool],
    options: WaitOptions,
    context: TaskContext,
    was_seen: bool = False,
) -> tuple[State, float, Failure | None]:
    """Look again and again until what is known says that the wait is over, or the time is.

    look gets what is known, and the moment on the clock after which none of its requests may wait for an answer. It
    returns what is known then, or raises the ArcGISError of a whole round. A round that meets a passing failure is made
    up for by the next one, unless five fail in a row; what a site answers while it restarts passes after one good look,
    which was_seen says that there was. Returns what is known in the end, the seconds that it took, and the failure of
    the last round. Raises ArcGISError for five failures, and for a failure that does not pass.
    """
    began = context.clock.now()
    pause, failures, seconds = options.sleep, 0, 0.0
    problem: Failure | None = None
    while not is_over(state):
        try:
            # The last look, when the time is over, gets a second.
            state, problem = look(state, max(began + options.timeout, context.clock.now() + 1.0)), None
            was_seen = True
        except ArcGISError as error:
            problem = error.failure
        failures = failures + 1 if problem else 0
        if problem and (not may_pass(problem, was_seen) or failures >= _FAILURES_IN_A_ROW):
            raise ArcGISError.of(problem)
        seconds = context.clock.now() - began
        left = options.timeout - seconds
        if is_over(state) or left <= 0:
            break
        context.clock.sleep(min(pause * random.uniform(0.9, 1.1), left))
        pause = min(pause * _GROWTH, max(_LONGEST_PAUSE, options.sleep))
    return state, seconds, problem


def may_pass(failure: Failure, was_seen: bool) -> bool:
    """Say whether a later look may do better; was_seen says that there was a good one before."""
    return failure.kind.retryable or (was_seen and failure.code in _WHILE_IT_RESTARTS)


def wait_for(
    read: Callable[[Sequence[JobRef], Retries], dict[JobRef, StatusOrError]],
    refs: Sequence[JobRef],
    is_done: Callable[[str | None], bool],
    options: WaitOptions,
    context: TaskContext,
    was_seen: bool = False,
) -> WaitResult:
    """Read the open jobs, all in one round, until each is done or the time is over. Raises as repeat does.

    was_seen says that the jobs were read before, in the same task.
    """

    def look(known: WaitResult, until: float) -> WaitResult:
        seen = read(known.still_open, context.retries(until))
        failures = [status for status in seen.values() if isinstance(status, Failure)]
        if failures and len(failures) == len(seen):
            raise ArcGISError.of(failures[0])
        return _after_round(known, seen, is_done, was_seen)

    first = WaitResult(still_open=tuple(refs))
    result, seconds, _dummy = repeat(look, first, lambda known: not known.still_open, options, context, was_seen)
    return replace(result, seconds=seconds)


def _after_round(
    result: WaitResult, seen: Mapping[JobRef, StatusOrError], is_done: Callable[[str | None], bool], was_seen: bool
) -> WaitResult:
    """Return what is known after a further round of looks."""
    statuses = {ref: status for ref, status in seen.items() if not isinstance(status, Failure)}
    failures = {ref: status for ref, status in seen.items() if isinstance(status, Failure)}
    in_a_row = {ref: result.in_a_row.get(ref, 0) + 1 for ref in failures}
    lasting = {
        ref: failure
        for ref, failure in failures.items()
        if not may_pass(failure, was_seen or ref in result.last)
        or (in_a_row[ref] >= _FAILURES_IN_A_ROW and not failure.kind.retryable)
    }
    done = {ref for ref, status in statuses.items() if is_done(status)} | lasting.keys()
    return replace(
        result,
        last={**result.last, **statuses},
        still_open=tuple(ref for ref in result.still_open if ref not in done),
        unreadable={**result.unreadable, **lasting},
        in_a_row=in_a_row,
    )


@dataclass(frozen=True)
class Reading:
    """The records of jobs, the IDs that the site does not have, and the failure of a wait whose time was over."""

    records: list[dict[str, Any]]
    missing: list[str]
    overtime: Failure | None = None

    def with_records(self, records: list[dict[str, Any]]) -> Reading:
        """Return this reading with other records."""
        return replace(self, records=records)


def read_and_wait(source: JobSource, refs: Sequence[JobRef], wait: WaitOptions | None, context: TaskContext) -> Reading:
    """Wait until the jobs have ended, where that is asked for, and read each of them.

    Once the time is over there is one more time-out for the records. A job that cannot be read for the moment is
    returned with the status that was seen last. Raises the ArcGISError of a job that cannot be read.
    """
    if wait is None:
        return read_all(source, refs)
    waited = wait_for(source.statuses, refs, _is_over, wait, context)
    overtime = timeout_failure(waited)
    try:
        found = source.read(refs, context.retries(context.clock.now() + context.timeout) if overtime else None)
    except ArcGISError as error:
        found = dict.fromkeys(refs, error.failure)
    failures = {ref: record for ref, record in found.items() if isinstance(record, Failure)}
    for ref, failure in failures.items():
        # One that was never seen is not known to be late.
        if ref not in waited.last or not (overtime or may_pass(failure, was_seen=True)):
            raise ArcGISError.of(failure)
    if failures and not overtime:
        first = next(iter(failures.values()))
        context.warn(f"{len(failures)} jobs have ended, and only their statuses could be read. The first: {first}")
    overtime = overtime or _contradiction(found, waited)
    records = [
        _last_seen(ref, waited) if isinstance(record, Failure) else record
        for ref, record in found.items()
        if record is not None
    ]
    return Reading(records, [ref.job_id for ref, record in found.items() if record is None], overtime)


def _contradiction(found: Mapping[JobRef, RecordOrError], waited: WaitResult) -> Failure | None:
    """Return the failure for jobs that are open although the wait did not find them; None where there are none."""
    again = [
        (ref.name, record["status"])
        for ref, record in found.items()
        if isinstance(record, dict) and waited.last.get(ref, "") is None and not is_finished(record["status"])
    ]
    return overtime_failure(again, waited.seconds) if again else None


def _last_seen(ref: JobRef, waited: WaitResult) -> dict[str, Any]:
    """Return what is known of a job whose record could not be read in time."""
    status = waited.last.get(ref) or "unknown"
    service = {"service": ref.service.label} if ref.service else {}
    return {"job_id": ref.job_id, **service, "status": status, "finished": is_finished(status), "messages": None}


def read_all(source: JobSource, refs: Sequence[JobRef]) -> Reading:
    """Read each of the jobs. Raises the ArcGISError of one that cannot be read."""
    found = source.read(refs)
    for problem in found.values():
        if isinstance(problem, Failure):
            raise ArcGISError.of(problem)
    records = [record for record in found.values() if isinstance(record, dict)]
    return Reading(records, [ref.job_id for ref, record in found.items() if record is None])


def _is_over(status: str | None) -> bool:
    """Say whether a job needs no more waiting: it has ended, or the site has no such job."""
    return status is None or is_finished(status)


def timeout_failure(waited: WaitResult) -> Failure | None:
    """Return the failure for jobs that were still open when the time was over; None where there are none."""
    if not waited.still_open:
        return None
    names = [(ref.name, str(waited.last.get(ref, "unread"))) for ref in waited.still_open]
    return overtime_failure(names, waited.seconds)


def overtime_failure(names: Sequence[tuple[str, str]], seconds: float) -> Failure:
    """Return the failure of a wait that ended before the jobs did; names holds each open job with its last status."""
    reason = f"jobs that were still open after {seconds:.0f} seconds: {len(names)}"
    return Failure("wait_timeout", reason, details=tuple(f"{name} is {status}." for name, status in names))


def fail_on_failure(
    records: Sequence[Mapping[str, Any]], missing: Sequence[str], fail_on: Collection[str]
) -> Failure | None:
    """Return the failure for jobs that ended as fail_on names, with the last messages of each; None where none did."""
    details = [f"{job_id} is missing: check the ID and url." for job_id in missing if "missing" in fail_on]
    details += [_bad_end(job) for job in records if job.get("status") in fail_on]
    if not details:
        return None
    reason = "1 job did not succeed" if len(details) == 1 else f"{len(details)} jobs did not succeed"
    return Failure("job_ended_badly", reason, details=tuple(details))


def _bad_end(job: Mapping[str, Any]) -> str:
    """Say how a job ended: with its last messages or, where a product has steps, with the one that failed."""
    step, told = job.get("failed_step"), _texts(job["messages"])
    if step and step["message"].isprintable() and step["message"].strip(" .") and step["message"] in told[-1:]:
        number = "" if step["code"] is None else f" {step['code']},"
        return f"{job['job_id']} failed at step{number} {step['message'].rstrip('.')}."
    last = " ".join(told[-_LAST_MESSAGES:]) or "It has no messages."
    return f"{job['job_id']} is {job['status']}. {last}"


def jobs_at_fault(reading: Reading, fail_on: Collection[str]) -> list[dict[str, Any]]:
    """Return the jobs that make a task fail: those that are still open, and those that ended as fail_on names."""
    return [
        job
        for job in reading.records
        if job.get("status") in fail_on or (reading.overtime is not None and not is_finished(job.get("status")))
    ]


def _texts(messages: Any) -> list[str]:
    """Return the texts of messages, which some products write as objects."""
    items = messages if isinstance(messages, list) else []
    found = [item.get("description") if isinstance(item, dict) else item for item in items]
    return [text for text in found if isinstance(text, str) and text]
