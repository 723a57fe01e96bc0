# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From records of jobs to the numbers of a report, in one pass over them. This module is private to the collection."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..sources import Source, began_ms, is_open, open_seconds
from .findings import Watch
from .messages import message_of
from .model import SPANS, Counts, DurationRow, FailureRow, Hour, OpenJob, Report, ServiceRow, SourceRow, group_of

_HOUR_MS = 3_600_000
_HOURS = 24
# What a report keeps of the lists that may be as long as there are jobs. It counts what it does not keep.
MOST_LISTED = 200
_MOST_IDS = 10
_BOUNDS = [bound for bound, _name in SPANS]


def make_report(title: str, sources: Sequence[Source], watch: Watch, damaged: Mapping[str, int]) -> Report:
    """Return the report on what was collected, at the time of the watch; damaged counts the bad lines of archives."""
    tally = _Tally(watch)
    for source in sources:
        tally.add(source)
    return tally.report(title, sources, damaged)


def name_of(job: Mapping[str, Any]) -> str:
    """Return what a job is counted under: its service, or its type where its product has no services."""
    return str(job.get("service") or job.get("type") or "unknown")


class _Failures:
    """The failed jobs by their messages."""

    def __init__(self) -> None:
        self._counts: Counter[str | None] = Counter()
        self._services: dict[str | None, dict[str, None]] = {}
        self._ids: dict[str | None, list[str]] = {}

    def add(self, job: Mapping[str, Any]) -> None:
        """Count a failed job."""
        message = message_of(job)
        self._counts[message] += 1
        self._services.setdefault(message, {})[name_of(job)] = None
        ids = self._ids.setdefault(message, [])
        if len(ids) < _MOST_IDS:
            ids.append(job["job_id"])

    @property
    def messages(self) -> int:
        """Return how many messages there are."""
        return len(self._counts)

    def rows(self) -> list[FailureRow]:
        """Return the most frequent messages, the first of them first."""
        most = heapq.nsmallest(MOST_LISTED, self._counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        return [
            FailureRow(message, count, tuple(sorted(self._services[message])), tuple(self._ids[message]))
            for message, count in most
        ]


class _Hours:
    """What began and what failed in each of the last hours, the one of the report included."""

    def __init__(self, now_ms: int) -> None:
        self._first_ms = (now_ms // _HOUR_MS - _HOURS + 1) * _HOUR_MS
        self._began: list[Counter[str]] = [Counter() for _hour in range(_HOURS)]
        self._failed = [0] * _HOURS

    def add(self, job: Mapping[str, Any], group: str) -> None:
        """Count a job in the hours in which it began and failed."""
        began = self._number_of(began_ms(job))
        if began is not None:
            self._began[began][group] += 1
        ended = self._number_of(job.get("end_time_ms"))
        if ended is not None and group == "failed":
            self._failed[ended] += 1

    def _number_of(self, ms: int | None) -> int | None:
        hour = -1 if ms is None else int(ms - self._first_ms) // _HOUR_MS
        return hour if 0 <= hour < _HOURS else None

    def rows(self) -> list[Hour]:
        """Return the hours, the oldest first."""
        pairs = zip(self._began, self._failed)
        return [Hour(self._first_ms + n * _HOUR_MS, dict(began), failed) for n, (began, failed) in enumerate(pairs)]


class _Tally:
    """Counts job by job, and holds no record."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._hours = _Hours(watch.now_ms)
        self._failures = _Failures()
        self._by: dict[str, Counter[str]] = {name: Counter() for name in ("products", "statuses", "sites")}
        self._groups: dict[tuple[str, str, str], Counter[str]] = {}
        self._durations: dict[tuple[str, str, str], array[float]] = {}
        self._spans = [0] * (len(SPANS) + 1)
        self._oldest: list[tuple[float, str, int, OpenJob]] = []
        self._open = self._open_since = self._failed = self._total = 0

    def add(self, source: Source) -> None:
        """Count the jobs of a source."""
        for job in source.jobs:
            group = group_of(job["status"])
            self._total += 1
            key = (source.site, source.product, name_of(job))
            self._groups.setdefault(key, Counter())[group] += 1
            self._by["statuses"][job["status"]] += 1
            self._hours.add(job, group)
            self._add_duration(key, job)
            self._open += is_open(job)
            self._add_open(key, job)
            if group == "failed":
                self._failed += 1
                self._failures.add(job)
            self._watch.look_at(job, group)
        self._by["products"][source.product] += len(source.jobs)
        self._by["sites"][source.site] += len(source.jobs)

    def _add_duration(self, key: tuple[str, str, str], job: Mapping[str, Any]) -> None:
        duration = job.get("duration")
        if duration is not None:
            self._durations.setdefault(key, array("d")).append(duration)
            self._spans[bisect_right(_BOUNDS, duration)] += 1

    def _add_open(self, key: tuple[str, str, str], job: Mapping[str, Any]) -> None:
        seconds, began = open_seconds(job, self._watch.now_ms), began_ms(job)
        if seconds is None or began is None:
            return
        self._open_since += 1
        found = OpenJob(*key, job["job_id"], job["status"], job.get("username"), began, seconds)
        # The number keeps the order steady where two are equal, and jobs from being compared.
        entry = (seconds, job["job_id"], self._total, found)
        keep = heapq.heappush if len(self._oldest) < MOST_LISTED else heapq.heappushpop
        keep(self._oldest, entry)

    def report(self, title: str, sources: Iterable[Source], damaged: Mapping[str, int]) -> Report:
        """Return what was counted."""
        rows = [SourceRow(each.site, each.product, len(each.jobs), each.error, each.elapsed) for each in sources]
        counts = Counts(self._total, self._open, self._failed, *(dict(counter) for counter in self._by.values()))
        services = [
            ServiceRow(*key, dict(groups), sum(groups.values()), _durations(self._durations.get(key)))
            for key, groups in self._groups.items()
        ]
        return Report(
            title=title,
            time_ms=self._watch.now_ms,
            findings=self._watch.findings(rows, damaged),
            counts=counts,
            sources=rows,
            services=sorted(services, key=lambda row: (-row.total, row.site, row.name)),
            spans=self._spans,
            hours=self._hours.rows(),
            oldest=[found for _seconds, _id, _number, found in sorted(self._oldest, key=lambda entry: -entry[0])],
            open_since=self._open_since,
            failures=self._failures.rows(),
            messages=self._failures.messages,
            failed_since_ms=self._watch.failed_since_ms,
        )


def _durations(seconds: array[float] | None) -> DurationRow | None:
    """Return how long the jobs of a service took; None where no record tells."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    count = len(ordered)
    # The value at or below which that share of the jobs is.
    median, most = (ordered[min(count - 1, -(-count * share // 100) - 1)] for share in (50, 95))
    return DurationRow(count, median, most, ordered[-1])
