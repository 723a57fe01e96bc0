# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of what was collected, in the text format of Prometheus.

Every metric is a gauge: the counts fall when jobs are deleted. No label grows with the number of jobs or of users. No
series appears twice, because rows are counted by the very texts that become labels. This module is private to the
collection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from .._jobs.record import GP_STATUSES
from .sources import Source, open_seconds

# The help texts never change, not even with a new release: where two files differ in one, node_exporter leaves out rows
# of one file, or answers with an error in place of all metrics.
HELP = {
    "arcgis_jobs": "Jobs that were collected.",
    "arcgis_job_oldest_seconds": "Age of the oldest open job when the jobs were collected.",
    "arcgis_job_duration_average_seconds": "Average duration of the jobs that were collected.",
    "arcgis_job_duration_maximum_seconds": "Longest duration of the jobs that were collected.",
    "arcgis_collection_success": "Whether the jobs could be read (1) or not (0).",
    "arcgis_collection_timestamp_seconds": "When the jobs were collected, in seconds since 1970.",
    "arcgis_collection_duration_seconds": "How long it took to collect the jobs.",
}

# How many statuses that the collection does not know are labels, for each site and product. The others are one, OTHER.
MOST_UNKNOWN_STATUSES = 10
OTHER = "other"

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})

Labels = Mapping[str, str]
Row = tuple[str, Labels, float]


@dataclass(frozen=True)
class Metrics:
    """The text of a file of metrics, the number of its series, and the statuses that were put together as OTHER."""

    text: str
    series: int
    other_statuses: Sequence[Mapping[str, Any]]


def metrics_of(sources: Iterable[Source], now_ms: int) -> Metrics:
    """Return the metrics of all sources, collected at now_ms (milliseconds since 1970)."""
    lines: dict[str, list[str]] = {name: [] for name in HELP}
    other_statuses = []
    for source in sources:
        cut = unknown_statuses(source)[MOST_UNKNOWN_STATUSES:]
        if cut:
            other_statuses.append({"site": source.site, "product": source.product, "statuses": cut})
        for name, labels, value in _rows(source, frozenset(cut), now_ms):
            lines[name].append(f"{name}{{{_written(labels)}}} {_number(value)}")
    families = [
        "\n".join((f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge", *lines[name], "")) for name in sorted(HELP)
    ]
    return Metrics("".join(families), sum(map(len, lines.values())), other_statuses)


def unknown_statuses(source: Source) -> list[str]:
    """Return the statuses of a source that the collection does not know, in the order of the alphabet.

    The order depends on nothing else, so that a status keeps its label from one collection to the next.
    """
    return sorted({_text(job["status"]) for job in _jobs(source)} - set(GP_STATUSES))


def _jobs(source: Source) -> Sequence[Mapping[str, Any]]:
    """Return the jobs that count: none where the source could not be read, whatever part of it was."""
    return () if source.error else source.jobs


def _rows(source: Source, cut: frozenset[str], now_ms: int) -> Iterator[Row]:
    """Yield the rows of one source."""
    origin = {"site": _text(source.site), "product": source.product}
    yield "arcgis_collection_success", origin, 0 if source.error else 1
    yield "arcgis_collection_timestamp_seconds", origin, now_ms / 1000
    if source.elapsed is not None:
        yield "arcgis_collection_duration_seconds", origin, source.elapsed
    for (service, status), jobs in _groups(source, cut).items():
        yield from _rows_of_jobs({**origin, "service": service, "status": status}, jobs, now_ms)


def _groups(source: Source, cut: frozenset[str]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Return the jobs by service and status; a service that has jobs has each status that is known."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for service in sorted({_service(job) for job in _jobs(source)}):
        groups.update({(service, status): [] for status in GP_STATUSES})
    for job in _jobs(source):
        status = _text(job["status"])
        groups[_service(job), OTHER if status in cut else status].append(job)
    return groups


def _rows_of_jobs(labels: Labels, jobs: Sequence[Mapping[str, Any]], now_ms: int) -> Iterator[Row]:
    """Yield the rows of the jobs with one service and one status."""
    yield "arcgis_jobs", labels, len(jobs)
    ages = [age for age in (open_seconds(job, now_ms) for job in jobs) if age is not None]
    if ages:
        yield "arcgis_job_oldest_seconds", labels, max(ages)
    durations = [job["duration"] for job in jobs if job.get("duration") is not None]
    if durations:
        yield "arcgis_job_duration_average_seconds", labels, fmean(durations)
        yield "arcgis_job_duration_maximum_seconds", labels, max(durations)


def _service(job: Mapping[str, Any]) -> str:
    """Return the service of a job. It is empty where a product has none, which Prometheus takes for no label."""
    return _text(str(job.get("service") or ""))


def _text(value: str) -> str:
    """Return a text as a label can hold it: what no encoding knows becomes a question mark."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _written(labels: Labels) -> str:
    """Write labels in the text format."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())


def _number(value: float) -> str:
    """Write a number in the text format, whole ones without a point."""
    return str(int(value)) if value == int(value) else repr(float(value))
