# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody should look at: sites that could not be read, jobs that are open for too long, and jobs that failed.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._options import Moment
from ..sources import began_ms, is_open
from .model import PRODUCT_NAMES, Finding, SourceRow
from .texts import counted, cut, moment, span

_MOST_IDS = 20
_MOST_ERROR = 300

# The kinds of findings about jobs, in their order, and what is said of one job and of several. A site does not record
# when a GP job left the queue, so the submission is what counts.
_CLAUSES = {
    "executing_long": (
        "was submitted {since} and is still executing",
        "were submitted {since} and are still executing",
    ),
    "cancelling_long": (
        "was submitted {since} and is being cancelled",
        "were submitted {since} and are being cancelled",
    ),
    "queued_long": ("was submitted {since} and waits in the queue", "were submitted {since} and wait in the queue"),
    "failed": ("failed {since}", "failed {since}"),
    "failed_undated": ("failed at a time that is not known", "failed at times that are not known"),
}


class Watch:
    """Looks at one job after the other, at the time of a report, and keeps what is worth a finding.

    executing and queued are ages from which a job has been open for too long, or the latest moments at which such a job
    began. failed_since is where failures begin to count. None looks for nothing.
    """

    def __init__(
        self, now_ms: int, executing: Moment | None, queued: Moment | None, failed_since: Moment | None
    ) -> None:
        self.now_ms = now_ms
        self.failed_since_ms = None if failed_since is None else failed_since.at(now_ms)
        self._began_by = {"queued_long": queued, "executing_long": executing, "cancelling_long": executing}
        self._failed_since = failed_since
        self._counts = dict.fromkeys(_CLAUSES, 0)
        self._ids: dict[str, list[str]] = {kind: [] for kind in _CLAUSES}

    def look_at(self, job: Mapping[str, Any], group: str) -> None:
        """Note a job that somebody should look at."""
        kind = self._failure(job) if group == "failed" else self._overdue(job, group)
        if kind is not None:
            self._counts[kind] += 1
            if len(self._ids[kind]) < _MOST_IDS:
                self._ids[kind].append(job["job_id"])

    def _failure(self, job: Mapping[str, Any]) -> str | None:
        """Return the kind of finding that a failed job is. One whose end is not known may have failed just now."""
        if self.failed_since_ms is None:
            return None
        ended: int | None = job.get("end_time_ms")
        if ended is None:
            return "failed_undated"
        return "failed" if ended >= self.failed_since_ms else None

    def _overdue(self, job: Mapping[str, Any], group: str) -> str | None:
        """Return the kind of finding that an open job is; None where it is none, or does not tell when it began."""
        began = began_ms(job)
        if began is None or not is_open(job):
            return None
        kind = f"{group}_long" if f"{group}_long" in self._began_by else "executing_long"
        limit = self._began_by[kind]
        return kind if limit is not None and began <= limit.at(self.now_ms) else None

    def findings(self, sources: Sequence[SourceRow], damaged: Mapping[str, int]) -> list[Finding]:
        """Return the findings, what could not be read first; damaged has the bad lines of archives by their paths."""
        found = [
            Finding("unreadable", f"{_named(row)} could not be read{_partly(row)}: {cut(row.error, _MOST_ERROR)}", 1)
            for row in sources
            if row.error is not None
        ]
        for path, lines in damaged.items():
            text = (
                f"{counted(lines, 'line')} of {cut(path, 200)} {'holds' if lines == 1 else 'hold'} no record of a job."
            )
            found.append(Finding("damaged_archive", text, lines))
        for kind, count in self._counts.items():
            if count:
                found.append(Finding(kind, self._text(kind, count), count, tuple(self._ids[kind])))
        return found

    def _text(self, kind: str, count: int) -> str:
        clause = _CLAUSES[kind][count > 1].format(since=self._since(kind))
        return f"{counted(count, 'job')} {clause}."

    def _since(self, kind: str) -> str:
        """Return the clause of time that belongs to a finding."""
        limit = self._began_by.get(kind) or self._failed_since
        if limit is None:
            return ""
        age = None if limit.age_ms is None else _age(limit.age_ms // 1000)
        if kind in self._began_by:
            return f"before {moment(limit.epoch_ms)}" if age is None else f"more than {age} ago"
        return f"since {moment(limit.epoch_ms)}" if age is None else f"in the last {age}"


def _age(seconds: int) -> str:
    """Return an age as people say it: up to two days in hours."""
    return f"{seconds // 3600} h" if seconds % 3600 == 0 and 0 < seconds <= 172_800 else span(seconds)


def _named(row: SourceRow) -> str:
    product = PRODUCT_NAMES[row.product]
    return f"{product} of {cut(row.site, 80)}" if row.site else product


def _partly(row: SourceRow) -> str:
    return " completely" if row.jobs else ""
