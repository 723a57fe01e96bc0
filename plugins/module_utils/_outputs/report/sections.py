# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of a report: what each chart and each table shows, as plain texts, for the page and for the e-mail.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..._options import EPOCH
from .charts import Bar
from .model import GROUPS, LONGEST_SPAN, PRODUCT_NAMES, SPANS, OpenJob, Report, group_of
from .texts import counted, cut, moment, number, span

_REST = "all others"


@dataclass(frozen=True)
class Table:
    """A table: its columns, those of them that hold numbers, its rows, and how many rows were left out."""

    caption: str
    columns: Sequence[str]
    numbers: frozenset[int]
    rows: Sequence[Sequence[str]]
    left_out: int = 0


@dataclass(frozen=True)
class Section:
    """A chart and the tables below it. hours is set where time goes from left to right; the others have bars."""

    key: str
    title: str
    note: str
    summary: str
    bars: Sequence[Bar]
    tables: Sequence[Table]
    hours: Sequence[tuple[str, Mapping[str, float]]] = ()
    has_groups: bool = False


def sections_of(report: Report, most_rows: int, most_bars: int) -> list[Section]:
    """Return the sections that have something to show, in the order in which somebody asks."""
    sections = [
        _oldest(report, most_rows, most_bars),
        _failures(report, most_rows, most_bars),
        _services(report, most_rows, most_bars),
        _night(report),
        _durations(report, most_rows),
    ]
    return [section for section in sections if section.bars or section.hours]


def sources_table(report: Report, most: int) -> Table:
    """Return which products of which sites were read, what could not be read first."""
    rows = sorted(report.sources, key=lambda row: row.error is None)
    cells = [
        (
            row.site or "not named",
            PRODUCT_NAMES[row.product],
            number(row.jobs),
            _seconds(row.elapsed),
            row.error or "read",
        )
        for row in rows
    ]
    return _table("What was read", "Site|Product|#Jobs|#Took|Result", cells, len(rows), most)


def _services(report: Report, most_rows: int, most_bars: int) -> Section:
    rows = report.services
    shown, rest = rows[:most_bars], rows[most_bars:]
    drawn = [Bar(report.named(row.site, row.name), _value(row.groups), _in_order(row.groups)) for row in shown]
    if rest:
        groups = {group: sum(row.groups.get(group, 0) for row in rest) for group in GROUPS}
        drawn.append(Bar(f"{_REST} ({len(rest)})", _value(groups), _in_order(groups)))
    used = [group for group in GROUPS if any(row.groups.get(group) for row in rows)]
    cells = ((report.named(row.site, row.name), PRODUCT_NAMES[row.product], number(row.total),
              *(number(row.groups.get(group, 0)) for group in used)) for row in rows)  # fmt: skip
    columns = "|".join(["Service or type", "Product", "#Jobs", *(f"#{group.capitalize()}" for group in used)])
    return Section(
        "services",
        "Jobs by service and status",
        "Jobs without a service are counted by their type. Failed includes those that timed out.",
        _largest(drawn),
        drawn,
        [_table("Jobs by service and status", columns, cells, len(rows), most_rows)],
        has_groups=True,
    )


def _oldest(report: Report, most_rows: int, most_bars: int) -> Section:
    jobs = report.oldest
    drawn = [Bar(_job_label(report, job), span(job.seconds), {_group(job): job.seconds}) for job in jobs[:most_bars]]
    cells = (
        (report.named(job.site, job.service), span(job.seconds), job.status, job.username or "",
         moment(job.began_ms).replace(" UTC", ""), job.job_id) for job in jobs
    )  # fmt: skip
    first = f" The oldest has been open for {span(jobs[0].seconds)}." if jobs else ""
    return Section(
        "oldest",
        "Oldest open jobs",
        "How long the jobs that have not ended have been open, the time in the queue included.",
        f"{counted(report.counts.open, 'open job')}.{first}",
        drawn,
        [
            _table(
                "Oldest open jobs",
                "Service or type|#Open for|Status|User|Since (UTC)|Job",
                cells,
                report.open_since,
                most_rows,
            )
        ],
        has_groups=True,
    )


def _failures(report: Report, most_rows: int, most_bars: int) -> Section:
    rows = report.failures
    texts = [row.message or "(no message was read)" for row in rows]
    drawn = [Bar(text, number(row.count), {"failed": row.count}) for text, row in zip(texts, rows)][:most_bars]
    cells = ((text, number(row.count), _some(row.services, row.services), _some(row.job_ids, range(row.count)))
             for text, row in zip(texts, rows))  # fmt: skip
    return Section(
        "failures",
        "Failures by message",
        "Failed jobs, whenever they failed, by the first message that tells of an error.",
        _largest(drawn),
        drawn,
        [_table("Failures by message", "Message|#Jobs|Services|Job IDs", cells, report.messages, most_rows)],
    )


def _night(report: Report) -> Section:
    hours = [(_hour(hour.start_ms), _in_order(hour.began), hour) for hour in report.hours]
    busy = any(parts or hour.failed for _name, parts, hour in hours)
    cells = [
        (name, number(int(sum(parts.values()))), number(int(parts.get("failed", 0))), number(hour.failed))
        for name, parts, hour in hours
        if parts or hour.failed
    ]
    most = max(hours, key=lambda hour: sum(hour[1].values()))
    return Section(
        "hours",
        "The last 24 hours",
        "Jobs by the hour (UTC) in which they were submitted or, where a product does not tell, began.",
        f"Most jobs, {sum(most[1].values()):,.0f}, began in the hour from {most[0]}.",
        (),
        [_table("Jobs by hour, without idle hours", "Hour (UTC)|#Began|#Of these failed|#Failed in this hour", cells,
                len(cells), 24)],
        [(name, parts) for name, parts, _hour in hours] if busy else (),
        has_groups=True,
    )  # fmt: skip


def _durations(report: Report, most_rows: int) -> Section:
    names = [*(name for _bound, name in SPANS), LONGEST_SPAN]
    drawn = [Bar(name, number(count), {"accent": count}) for name, count in zip(names, report.spans)]
    timed = [(row, row.durations) for row in report.services if row.durations is not None]
    timed.sort(key=lambda pair: -pair[1].longest)
    cells = ((report.named(row.site, row.name), number(took.count), span(took.median), span(took.percentile_95),
              span(took.longest)) for row, took in timed)  # fmt: skip
    return Section(
        "durations",
        "How long jobs took",
        "From submission to end for geoprocessing jobs, which includes the queue, and from start to end for notebooks.",
        _largest([each for each in drawn if each.length]),
        drawn if any(report.spans) else (),
        [
            _table("Jobs by duration", "Duration|#Jobs", zip(names, map(number, report.spans)), len(names), 99),
            _table("Durations by service", "Service or type|#Jobs|#Median|#95 % within|#Longest", cells, len(timed),
                   most_rows),
        ],
    )  # fmt: skip


def _table(caption: str, columns: str, rows: Iterable[Sequence[str]], count: int, most: int) -> Table:
    """Return a table of at most so many rows, of which there are count; a # before a column says it holds numbers."""
    names = columns.split("|")
    kept = [row for _place, row in zip(range(most), rows)]
    numbers = frozenset(place for place, name in enumerate(names) if name.startswith("#"))
    return Table(caption, [name.lstrip("#") for name in names], numbers, kept, count - len(kept))


def _in_order(groups: Mapping[str, int]) -> dict[str, float]:
    return {group: groups[group] for group in GROUPS if groups.get(group)}


def _value(groups: Mapping[str, int]) -> str:
    """Return the number of jobs and, if there are any, of failed ones."""
    failed = groups.get("failed", 0)
    return f"{number(sum(groups.values()))}{f', {number(failed)} failed' if failed else ''}"


def _largest(drawn: Sequence[Bar]) -> str:
    """Return the description of a chart: its longest bars in words."""
    longest = sorted(drawn, key=lambda each: -each.length)[:3]
    return f"The longest bars: {', '.join(f'{cut(each.label, 60)} ({each.value})' for each in longest)}."


def _job_label(report: Report, job: OpenJob) -> str:
    return ", ".join(filter(None, (report.named(job.site, job.service), job.username)))


def _group(job: OpenJob) -> str:
    return group_of(job.status)


def _some(names: Sequence[str], everything: Sequence[object], most: int = 3) -> str:
    more = len(everything) - min(most, len(names))
    return ", ".join(names[:most]) + (f" and {number(more)} more" if more > 0 else "")


def _hour(ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=ms)).strftime("%H:%M")


def _seconds(elapsed: float | None) -> str:
    return "" if elapsed is None else f"{elapsed:.1f} s"
