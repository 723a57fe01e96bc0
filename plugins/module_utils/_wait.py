# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for many jobs at once: a deadline, growing pauses, and a budget of failures that a long wait survives.

This module is private to the collection.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, Union

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import is_finished

Item = TypeVar("Item")
# What is known of a job: its status, None where the site has no such job, or why it could not be read.
Seen = Union[str, ArcGISError, None]

_GROWTH = 1.5
_LONGEST_PAUSE = 30.0
_FAILURES_IN_A_ROW = 5
_LAST_MESSAGES = 3


@dataclass(frozen=True)
class Patience:
    """How long to wait: seconds in all, and seconds before the second look. The pauses grow from there to 30."""

    timeout: float
    pause: float


@dataclass
class Waited(Generic[Item]):
    """What a wait saw: the last status of each job, the jobs that are still open, and those that cannot be read."""

    last: dict[Item, str | None]
    still_open: list[Item]
    unreadable: dict[Item, ArcGISError]
    seconds: float = 0.0


def wait_until(
    read: Callable[[list[Item]], dict[Item, Seen]],
    items: Sequence[Item],
    is_done: Callable[[str | None], bool],
    patience: Patience,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Waited[Item]:
    """Read the open jobs, all in one round, until each is done or the time is over.

    A round that meets a passing failure is made up for by the next one, unless five fail in a row.
    Raises ArcGISError for that, and for a failure that does not pass.
    """
    began = clock()
    waited: Waited[Item] = Waited({}, list(items), {})
    pause, failures = patience.pause, 0
    while waited.still_open:
        failure = _look(read, waited, is_done)
        failures = failures + 1 if failure else 0
        if failure and (not failure.kind.retryable or failures >= _FAILURES_IN_A_ROW):
            raise failure
        waited.seconds = clock() - began
        left = patience.timeout - waited.seconds
        if not waited.still_open or left <= 0:
            break
        sleep(min(pause * random.uniform(0.9, 1.1), left))
        pause = min(pause * _GROWTH, max(_LONGEST_PAUSE, patience.pause))
    return waited


def _look(
    read: Callable[[list[Item]], dict[Item, Seen]], waited: Waited[Item], is_done: Callable[[str | None], bool]
) -> ArcGISError | None:
    """Read the open jobs once; return the failure where not one of them could be read."""
    try:
        seen = read(waited.still_open)
    except ArcGISError as error:
        return error
    statuses = {item: status for item, status in seen.items() if not isinstance(status, ArcGISError)}
    waited.last.update(statuses)
    errors = {item: status for item, status in seen.items() if isinstance(status, ArcGISError)}
    if errors and not statuses:
        return next(iter(errors.values()))
    waited.unreadable.update((item, error) for item, error in errors.items() if not error.kind.retryable)
    done = {item for item, status in statuses.items() if is_done(status)} | waited.unreadable.keys()
    waited.still_open = [item for item in waited.still_open if item not in done]
    return None


def is_over(status: str | None) -> bool:
    """Say whether a job needs no more waiting: it has ended, or the site has no such job."""
    return status is None or is_finished(status)


def time_out(waited: Waited[Item], name: Callable[[Item], str] = str) -> ArcGISError | None:
    """Return the error for jobs that were still open when the time was over; None where there are none."""
    if not waited.still_open:
        return None
    return timeout_error(
        [(name(item), str(waited.last.get(item, "unread"))) for item in waited.still_open], waited.seconds
    )


def timeout_error(names: Sequence[tuple[str, str]], seconds: float) -> ArcGISError:
    """Return the error for a wait that ended before the jobs did; names holds each open job with its last status."""
    said = f"jobs that were still open after {seconds:.0f} seconds: {len(names)}"
    return ArcGISError("wait_timeout", said, details=[f"{name} is {status}." for name, status in names])


def at_fault(
    jobs: Sequence[dict[str, Any]], over_time: ArcGISError | None, fail_on: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the jobs that make a task fail: those that are still open, and those that ended as fail_on names."""
    return [
        job
        for job in jobs
        if job.get("status") in fail_on or (over_time is not None and not is_finished(job.get("status")))
    ]


def bad_end(jobs: Sequence[dict[str, Any]], missing: Sequence[str], fail_on: Sequence[str]) -> ArcGISError | None:
    """Return the error for jobs that ended as fail_on names, with the last messages of each; None where none did."""
    details = [f"{job_id} is missing." for job_id in missing if "missing" in fail_on]
    for job in jobs:
        if job.get("status") in fail_on:
            last = " ".join(_texts(job["messages"])[-_LAST_MESSAGES:]) or "It has no messages."
            details.append(f"{job['job_id']} is {job['status']}. {last}")
    if not details:
        return None
    return ArcGISError("job_ended_badly", f"jobs that ended badly: {len(details)}", details=details)


def _texts(messages: Any) -> list[str]:
    """Return the texts of messages, which some products write as objects."""
    items = messages if isinstance(messages, list) else []
    found = [item.get("description") if isinstance(item, dict) else item for item in items]
    return [text for text in found if isinstance(text, str) and text]
