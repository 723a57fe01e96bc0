# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report holds: numbers and names, and nothing of how they are shown.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..._jobs.record import QUEUED

# The statuses as they are drawn, in the order in which they are stacked.
GROUPS = ("queued", "executing", "cancelling", "succeeded", "cancelled", "failed", "other")
_GROUP_OF = {
    **dict.fromkeys(QUEUED, "queued"),
    "executing": "executing",
    "cancelling": "cancelling",
    "deleting": "cancelling",
    "succeeded": "succeeded",
    "cancelled": "cancelled",
    "deleted": "cancelled",
    "failed": "failed",
    "timed_out": "failed",
}
PRODUCT_NAMES = {"gp": "Geoprocessing", "notebook": "Notebook", "video": "Video"}


def group_of(status: str) -> str:
    """Return the group of a status; one that the collection does not know is of the group other."""
    return _GROUP_OF.get(status, "other")


@dataclass(frozen=True)
class Finding:
    """Something that somebody should look at. job_ids holds the first ones only, count counts all."""

    kind: str
    text: str
    count: int
    job_ids: tuple[str, ...] = ()

    def as_result(self) -> dict[str, object]:
        """Return the finding as the module returns it."""
        return {"kind": self.kind, "text": self.text, "count": self.count, "job_ids": list(self.job_ids)}


@dataclass(frozen=True)
class SourceRow:
    """One product of one site: how many jobs it gave, how long that took, and why it was not read, or in part."""

    site: str
    product: str
    jobs: int
    error: str | None
    elapsed: float | None


@dataclass(frozen=True)
class ServiceRow:
    """The jobs of one service, or of one type where a product has no services, by the groups of their statuses."""

    site: str
    product: str
    name: str
    groups: Mapping[str, int]
    total: int
    durations: DurationRow | None


@dataclass(frozen=True)
class DurationRow:
    """How long the finished jobs of a service took, in seconds."""

    count: int
    median: float
    percentile_95: float
    longest: float


@dataclass(frozen=True)
class OpenJob:
    """A job that has not ended, and for how many seconds it has been open."""

    site: str
    product: str
    service: str
    job_id: str
    status: str
    username: str | None
    began_ms: int
    seconds: float


@dataclass(frozen=True)
class FailureRow:
    """Jobs that failed with the same message, which is None where none was read."""

    message: str | None
    count: int
    services: tuple[str, ...]
    job_ids: tuple[str, ...]


@dataclass(frozen=True)
class Hour:
    """The jobs that began in one hour by the groups of their present statuses, and those that failed in it."""

    start_ms: int
    began: Mapping[str, int]
    failed: int


@dataclass(frozen=True)
class Counts:
    """How many jobs there are, by what a report counts them by."""

    total: int
    open: int
    failed: int
    products: Mapping[str, int]
    statuses: Mapping[str, int]
    sites: Mapping[str, int]

    def as_result(self) -> dict[str, object]:
        """Return the counts as the module returns them."""
        numbers = {"total": self.total, "open": self.open, "failed": self.failed}
        words = {"products": self.products, "statuses": self.statuses, "sites": self.sites}
        return {**numbers, **{name: dict(sorted(counts.items())) for name, counts in words.items()}}


@dataclass(frozen=True)
class Report:
    """All that a report shows. services is whole, oldest and failures are the first of theirs; pages cut them further.

    open_since counts all open jobs of which the beginning is known, and messages all messages of failures. spans counts
    the finished jobs by how long they took, below each of the bounds of SPANS and above the last.
    """

    title: str
    time_ms: int
    findings: Sequence[Finding]
    counts: Counts
    sources: Sequence[SourceRow]
    services: Sequence[ServiceRow]
    spans: Sequence[int]
    hours: Sequence[Hour]
    oldest: Sequence[OpenJob]
    open_since: int
    failures: Sequence[FailureRow]
    messages: int
    failed_since_ms: int | None

    @property
    def has_sites(self) -> bool:
        """Say whether the site belongs to the name of a service, because there are jobs of several."""
        return len({row.site for row in self.services}) > 1

    def named(self, site: str, name: str) -> str:
        """Return the name of a service, with its site where there are several."""
        return f"{site}: {name}" if self.has_sites and site else name


# The bounds of a count of durations, in seconds, and their names; one more is above the last.
SPANS = (
    (1, "under 1 s"),
    (10, "1 to 10 s"),
    (60, "10 s to 1 min"),
    (600, "1 to 10 min"),
    (3600, "10 min to 1 h"),
    (21600, "1 to 6 h"),
)
LONGEST_SPAN = "6 h and longer"
