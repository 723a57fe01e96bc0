# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is new at a site: each look is compared with what is remembered of the looks before, and told as events.

Nothing here makes a request: a look is a value, and the records of single jobs come from a function that is handed in.
This module is private to the collection.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._errors import Failure
from .._jobs.record import QUEUED, is_finished, iso
from .._jobs.source import JobRef, RecordOrError
from .._options import Moment
from .sources import began_ms

# How many jobs of one product are remembered, unless more than that are open.
MOST_KNOWN = 100_000
# How many records are in memory at once.
_CHUNK = 500

Event = dict[str, Any]
Reader = Callable[[Sequence[JobRef]], Mapping[JobRef, RecordOrError]]


@dataclass(frozen=True)
class News:
    """Which news a user wants: None does not select, and asks for nothing.

    statuses are those in which a job is news. Of the jobs that are there at the start, since makes those news that were
    submitted, began or ended since then, and emit_existing all. stuck_after is in seconds.
    """

    statuses: Collection[str] | None = None
    since: Moment | None = None
    emit_existing: bool = False
    stuck_after: float | None = None
    queue_longer_than: int | None = None


@dataclass(frozen=True)
class Look:
    """What a site lists at a moment on its clock: a status for each job.

    parts are the services that could be read, or None alone where a product has no services, each with whether its list
    was whole. failures are those of the parts that could not. existing are the services that the site has, read or not;
    None where nobody knows them all, and then none counts as gone.
    """

    statuses: Mapping[JobRef, str]
    parts: Mapping[Any, bool]
    now_ms: int
    failures: Sequence[Failure] = ()
    existing: Collection[Any] | None = None


class Known(NamedTuple):
    """What is remembered of a job: its status in the list and in its own words, which may differ, and when it began.

    began_ms is when it was first seen where the site does not tell, and None where nobody has asked.
    """

    listed: str
    status: str
    began_ms: int | None = None
    is_stuck: bool = False


def after(known: Known | None, listed: str, record: Mapping[str, Any], now_ms: int, stuck_after: float | None) -> Known:
    """Return what is to be remembered of a job after its record was read.

    A machine of the site that is behind may say of a job that has ended that it is open: it stays ended. One that is
    deleted goes on, though.
    """
    status = record["status"]
    if known is not None and is_finished(known.status) and not is_finished(status) and status != "deleting":
        status = known.status
    began = began_ms(record)
    if began is None:
        began = now_ms if known is None or known.began_ms is None else known.began_ms
    is_stuck = known is not None and known.is_stuck
    return Known(listed, status, began, is_stuck or _is_due(Known(listed, status, began), now_ms, stuck_after))


def _is_due(known: Known, now_ms: int, stuck_after: float | None) -> bool:
    """Say whether a job has been open for too long, and that has not been told yet."""
    if stuck_after is None or known.began_ms is None or known.is_stuck or is_finished(known.status):
        return False
    return now_ms - known.began_ms >= stuck_after * 1000


def is_since(record: Mapping[str, Any], moment_ms: int) -> bool:
    """Say whether a job was submitted, began or ended since a moment; one without times may have."""
    times = [record[name] for name in ("submitted_time_ms", "start_time_ms", "end_time_ms")]
    return max((time for time in times if time is not None), default=moment_ms) >= moment_ms


@dataclass
class Watch:
    """The looks at one product of a site, and what is remembered between them. failures are those of the last look.

    What an event tells is remembered once the next event is asked for, so that no event is lost where a look is given
    up. A job that could not be read is told by a later look.
    """

    site: str
    product: str
    news: News
    most_known: int = MOST_KNOWN
    failures: list[Failure] = field(default_factory=list)
    is_crowded: bool = False
    _known: dict[JobRef, Known] = field(default_factory=dict)
    _since_ms: int | None = None
    _seen: set[Any] = field(default_factory=set)
    _unread: set[JobRef] = field(default_factory=set)
    _counts: dict[Any, Counter[str]] = field(default_factory=dict)

    def events(self, look: Look, read: Reader) -> Iterator[Event]:
        """Yield what is new in a look. read returns the records of jobs, None for one that is gone, or failures."""
        self.failures = list(look.failures)
        if self._since_ms is None and self.news.since is not None:
            self._since_ms = self.news.since.at(look.now_ms)
        most = max(len(look.statuses), len(self._known))
        was_crowded, self.is_crowded = self.is_crowded, most > self.most_known
        refs = self._to_read(look, self.is_crowded or was_crowded)
        gone = self._gone_parts(look)
        unread = {ref for ref in self._unread if ref.service not in look.parts and ref.service not in gone}
        for first in range(0, len(refs), _CHUNK):
            for ref, record in read(refs[first : first + _CHUNK]).items():
                if isinstance(record, Failure):
                    self.failures.append(record)
                    unread.update(() if self._came_later(ref) else (ref,))
                else:
                    yield from self._told(ref, record, look)
        for ref in [ref for ref in self._known if ref.service in gone]:
            yield from self._gone(ref, self._known[ref], look)
        yield from self._summaries(look, gone)
        self._forget(look)
        self._seen.update(look.parts)
        self._unread = unread

    def _to_read(self, look: Look, is_crowded: bool) -> list[JobRef]:
        """Return the jobs that may be news, and remember the others."""
        refs = []
        for ref, listed in look.statuses.items():
            known = self._known.get(ref)
            if known is not None:
                is_news = listed != known.listed or _is_due(known, look.now_ms, self.news.stuck_after)
            else:
                is_old = is_crowded and is_finished(listed)
                is_news = not is_old and (ref.service in self._seen or self._asks_for_existing(listed))
            if is_news:
                refs.append(ref)
            elif known is None:
                self._known[ref] = Known(listed, listed)
        return refs + [
            ref
            for ref, known in self._known.items()
            if ref not in look.statuses and ref.service in look.parts and not is_finished(known.status)
        ]

    def _gone_parts(self, look: Look) -> Collection[Any]:
        """Return the services of which something is remembered and that the site no longer has."""
        if look.existing is None:
            return ()
        remembered, existing = dict.fromkeys([*self._counts, *(ref.service for ref in self._known)]), set(look.existing)
        return [part for part in remembered if part not in existing]

    def _asks_for_existing(self, listed: str) -> bool:
        """Say whether a job that was there before the first look has to be read.

        What a list calls ended may have been cancelled: some lists do not tell.
        """
        news = self.news
        if news.stuck_after is not None and not is_finished(listed):
            return True
        may_be_wanted = self._is_wanted(listed) or (is_finished(listed) and self._is_wanted("cancelled"))
        return may_be_wanted and (news.emit_existing or news.since is not None)

    def _told(self, ref: JobRef, record: Mapping[str, Any] | None, look: Look) -> Iterator[Event]:
        """Yield the events of one job, and remember it."""
        known, listed = self._known.get(ref), look.statuses.get(ref)
        if record is None:
            yield from self._gone(ref, known, look)
            return
        now = after(known, listed or record["status"], record, look.now_ms, self.news.stuck_after)
        content = {"job": {**record, "status": now.status}, "previous_status": known.status if known else None}
        if known is None:
            if self._is_wanted(now.status) and self._is_new(ref, record):
                yield self._event("appeared", ref, look, now.status, **content)
        elif known.status != now.status and self._is_wanted(now.status):
            yield self._event("status_changed", ref, look, now.status, **content)
        if now.is_stuck and not (known and known.is_stuck):
            yield self._event("stuck", ref, look, "stuck", **content)
        self._known[ref] = now

    def _gone(self, ref: JobRef, known: Known | None, look: Look) -> Iterator[Event]:
        """Yield the event of a job that the site no longer has, which is one where it was open."""
        if known is not None and not is_finished(known.status):
            service = {"service": ref.service.label} if ref.service else {}
            job = {"job_id": ref.job_id, **service, "status": known.status}
            yield self._event("vanished", ref, look, "vanished", job=job, previous_status=known.status)
        self._known.pop(ref, None)
        if ref in look.statuses:
            self._known[ref] = Known(look.statuses[ref], "deleted")

    def _is_new(self, ref: JobRef, record: Mapping[str, Any]) -> bool:
        """Say whether a job came since the first look, or is one of those before it that are asked for."""
        if self._came_later(ref) or self.news.emit_existing:
            return True
        return self._since_ms is not None and is_since(record, self._since_ms)

    def _came_later(self, ref: JobRef) -> bool:
        """Say whether a job was not there at the first look at its service."""
        return ref.service in self._seen and ref not in self._unread

    def _is_wanted(self, status: str) -> bool:
        return self.news.statuses is None or status in self.news.statuses

    def _summaries(self, look: Look, gone: Collection[Any]) -> Iterator[Event]:
        """Yield the counts of each part that has others than before, which are 0 for one that is gone."""
        counts: dict[Any, Counter[str]] = {part: Counter() for part in (*look.parts, *gone)}
        for ref, status in look.statuses.items():
            counts[ref.service][status] += 1
        for part, count in counts.items():
            if self._counts.get(part) != count:
                queued = sum(count[status] for status in QUEUED)
                limit = self.news.queue_longer_than
                yield self._event(
                    "summary",
                    JobRef(part, ""),
                    look,
                    str(look.now_ms),
                    jobs=sum(count.values()),
                    statuses=dict(count),
                    queued=queued,
                    is_queue_long=limit is not None and queued > limit,
                )
                self._counts[part] = count
        for part in gone:
            self._counts.pop(part, None)

    def _forget(self, look: Look) -> None:
        """Forget what has ended and is listed no longer, and where there are too many jobs, all that have ended."""

        def is_kept(ref: JobRef, known: Known) -> bool:
            is_listed = ref in look.statuses or not look.parts.get(ref.service, False)
            return not is_finished(known.status) or (is_listed and not self.is_crowded)

        self._known = {ref: known for ref, known in self._known.items() if is_kept(ref, known)}

    def _event(self, kind: str, ref: JobRef, look: Look, fact: str, **content: Any) -> Event:
        """Return an event. Its ID is the same whenever the same is told of the same job."""
        service = ref.service.label if ref.service else None
        told = json.dumps([self.site, self.product, service, ref.job_id, fact])
        return {
            "arcgis": {
                "kind": kind,
                "site": self.site,
                "product": self.product,
                "service": service,
                **content,
                "observed_at": iso(look.now_ms),
                "event_id": hashlib.sha256(told.encode()).hexdigest()[:32],
            }
        }
