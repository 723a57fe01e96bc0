# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Geoprocessing services and their jobs: the state, and how it moves with the clock."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from .times import duration_ms, moment_ms

PREFIX = "esriJob"
NEW, SUBMITTED, WAITING, EXECUTING = "esriJobNew", "esriJobSubmitted", "esriJobWaiting", "esriJobExecuting"
SUCCEEDED, FAILED, TIMED_OUT = "esriJobSucceeded", "esriJobFailed", "esriJobTimedOut"
CANCELLING, CANCELLED = "esriJobCancelling", "esriJobCancelled"
DELETING, DELETED = "esriJobDeleting", "esriJobDeleted"
FINISHED = frozenset({SUCCEEDED, FAILED, TIMED_OUT, CANCELLED, DELETED})
UNFINISHED_QUEUE = (NEW, SUBMITTED, WAITING)
_GONE = ""

_FIELDS = frozenset(
    {
        "job_id",
        "status",
        "submitted",
        "end",
        "duration",
        "username",
        "machine",
        "task",
        "messages",
        "honours_cancel",
        "schedule",
        "url",
        "inputs",
        "results",
    }
)


def full_status(word: str) -> str:
    """Return the site's word for `timed_out`, `TimedOut` or `esriJobTimedOut`; unknown words are kept."""
    if word.startswith(PREFIX):
        return word
    return PREFIX + "".join(part[:1].upper() + part[1:] for part in word.split("_"))


class Job:
    """A job; `pending` holds the statuses to come as (epoch milliseconds, status), the next one first."""

    __slots__ = (
        "job_id",
        "status",
        "submitted",
        "end",
        "username",
        "machine",
        "task",
        "messages",
        "honours_cancel",
        "pending",
        "url",
        "inputs",
        "results",
    )

    def __init__(self, fields: dict[str, Any], now: int) -> None:
        self.job_id: str = fields["job_id"]
        self.status = SUBMITTED
        self.submitted: int = now
        self.end: int | None = None
        self.username: str | None = None
        self.machine: str | None = None
        self.task: str | None = None
        self.messages: list[Any] = []
        self.honours_cancel = True
        self.pending: list[tuple[int, str]] = []
        self.url: str | None = None
        self.inputs: dict[str, Any] | None = None
        self.results: dict[str, Any] | None = None
        self.change(fields, now)

    def change(self, fields: dict[str, Any], now: int) -> None:
        """Set fields as a scenario or a control request names them."""
        unknown = set(fields) - _FIELDS
        if unknown:
            raise ValueError(f"Unknown field of a job: {', '.join(sorted(unknown))}")
        for name in ("username", "machine", "task", "messages", "honours_cancel", "url", "inputs", "results"):
            if name in fields:
                setattr(self, name, fields[name])
        self._change_times(fields, now)
        if "schedule" in fields:
            self.pending = sorted(
                (
                    (self.submitted if step.get("since") == "submission" else now) + duration_ms(step["after"]),
                    full_status(step["status"]),
                )
                for step in fields["schedule"]
            )

    def _change_times(self, fields: dict[str, Any], now: int) -> None:
        """Set when the job was submitted, what it is now, and when it ended."""
        if "submitted" in fields:
            self.submitted = moment_ms(fields["submitted"], now) or 0
        if "status" in fields:
            self.pending = []
            self._enter(full_status(fields["status"]), now)
        if "duration" in fields:
            self.end = self.submitted + duration_ms(fields["duration"])
        if "end" in fields:
            self.end = moment_ms(fields["end"], now)

    def __deepcopy__(self, memo: Any) -> Job:
        """Copy the job fast: of what it holds, `pending` alone is ever changed in place."""
        twin = copy.copy(self)
        twin.pending = list(self.pending)
        return twin

    def _enter(self, status: str, at: int) -> None:
        self.status = status
        self.end = at if status in FINISHED else None

    def settle(self, now: int) -> bool:
        """Take the steps that are due; the answer is False when the job has ceased to exist."""
        while self.pending and self.pending[0][0] <= now:
            due, status = self.pending.pop(0)
            if status == _GONE:
                return False
            self._enter(status, due)
        return True

    def cancel(self, now: int, interval_ms: int) -> None:
        """Go to Cancelling and, if the tool honours it, to Cancelled when the interval is over."""
        self._enter(CANCELLING, now)
        self.pending = [(now + interval_ms, CANCELLED)] if self.honours_cancel else []

    def delete_later(self, now: int, interval_ms: int) -> None:
        """Go to Deleting and vanish when the interval is over."""
        self._enter(DELETING, now)
        self.pending = [(now + interval_ms, _GONE)]

    @property
    def label(self) -> str:
        """Return the status without its prefix, as query answers show it."""
        return self.status[len(PREFIX) :] if self.status.startswith(PREFIX) else self.status

    def view(self) -> dict[str, Any]:
        """Return the whole job for the control endpoint."""
        return {name: getattr(self, name) for name in self.__slots__}


class Service:
    """A service; those that are not geoprocessing services have no jobs unless the scenario gives them some."""

    def __init__(self, name: str, tasks: Iterable[str] = (), anonymous: bool = False, has_jobs: bool = False) -> None:
        path, dummy, kind = name.rpartition("/")[2].partition(".")
        self.folder = name.rpartition("/")[0]
        self.name = path
        self.type = kind or "GPServer"
        self.tasks = list(tasks)
        self.anonymous = anonymous
        self.has_jobs = has_jobs or self.type == "GPServer"
        self._jobs: dict[str, Job] = {}
        self._moving: set[str] = set()
        # How often a site that shuffles its answers has been asked.
        self.queries = 0

    @property
    def path(self) -> str:
        """Return the folder and the name."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def key(self) -> str:
        """Return the path with the type, as in the administrator directory."""
        return f"{self.path}.{self.type}"

    def put(self, job: Job) -> None:
        """Add a job, or note that one has changed."""
        self._jobs[job.job_id] = job
        if job.pending:
            self._moving.add(job.job_id)

    def drop(self, job_id: str) -> bool:
        """Remove a job and tell whether it was there."""
        self._moving.discard(job_id)
        return self._jobs.pop(job_id, None) is not None

    def jobs(self, now: int) -> dict[str, Job]:
        """Return the jobs as they are at `now`; only those with steps to come are looked at."""
        for job_id in list(self._moving):
            job = self._jobs[job_id]
            if not job.settle(now):
                self.drop(job_id)
            elif not job.pending:
                self._moving.discard(job_id)
        return self._jobs
