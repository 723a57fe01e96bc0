# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was collected: the jobs of one product of one site each, or why they could not be read.

Reports and metrics are made from these, and from nothing else. This module is private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import bad_option
from .._jobs.record import is_finished
from .._options import parse_text

PRODUCTS = ("gp", "notebook", "video")
_TEXTS = ("service", "type", "username", "machine")
# The years 1 to 9999, which are those that can be written, and all the seconds in them.
_TIMES_MS = (-62_135_596_800_000, 253_402_300_799_999)
_SPANS = (0, (_TIMES_MS[1] - _TIMES_MS[0]) // 1000)
_NUMBERS = {**dict.fromkeys(("submitted_time_ms", "start_time_ms", "end_time_ms"), _TIMES_MS), "duration": _SPANS}

SOURCES: dict[str, dict[str, Any]] = {
    "sources": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "site": {"type": "str", "required": True},
            "product": {"type": "str", "choices": list(PRODUCTS), "required": True},
            "jobs": {"type": "list", "elements": "dict", "default": []},
            "error": {"type": "str"},
            "elapsed": {"type": "float"},
        },
    }
}


@dataclass(frozen=True)
class Source:
    """One product of one site. error says why it could not be read; elapsed is how many seconds it took to ask."""

    site: str
    product: str
    jobs: Sequence[Mapping[str, Any]] = ()
    error: str | None = None
    elapsed: float | None = None


def parse_sources(option: str, given: Iterable[Mapping[str, Any]]) -> list[Source]:
    """Return what an option of the form of SOURCES holds. Raises ArcGISError bad_option."""
    sources = [
        Source(
            parse_text(f"{option}.site", entry["site"]),
            entry["product"],
            checked_jobs(f"{option}.jobs", entry["jobs"]),
            entry["error"] or None,
            _elapsed(f"{option}.elapsed", entry["elapsed"]),
        )
        for entry in given
    ]
    for (site, product), count in Counter((source.site, source.product) for source in sources).items():
        if count > 1:
            instead = "Give each site a name of its own, and each of its products once."
            raise bad_option(option, f"holds {product} of the site {site!r} more than once", instead)
    return sources


def mappings_in(given: Any) -> list[Mapping[str, Any]] | None:
    """Return the entries of a list that holds mappings only, such as jobs; None for anything else."""
    is_list = isinstance(given, Iterable) and not isinstance(given, (str, Mapping))
    entries = list(given) if is_list else []
    return entries if is_list and all(isinstance(each, Mapping) for each in entries) else None


def checked_jobs(option: str, jobs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the jobs, each with a job_id and a status; refuse what no module of the collection returns.

    Abbreviated lists have no status, and a site may give an ID that cannot be read: such jobs count all the same.
    Raises ArcGISError bad_option.
    """
    return [_checked(option, job) for job in jobs]


def _checked(option: str, job: Mapping[str, Any]) -> Mapping[str, Any]:
    job_id, status = job.get("job_id"), job.get("status", "unknown")
    if "job_id" not in job or not isinstance(job_id, (str, type(None))) or not isinstance(status, str):
        instead = "Pass on the jobs that a query or info module returned."
        raise bad_option(option, "holds an entry whose job_id or status is no text", instead)
    for name in _TEXTS:
        if not isinstance(job.get(name), (str, type(None))):
            raise bad_option(option, f"holds an entry whose {name} is no text", "Pass on the jobs as they are.")
    for name, bounds in _NUMBERS.items():
        if not _is_number(job.get(name), bounds):
            problem = f"holds an entry whose {name} is no number from {bounds[0]} to {bounds[1]}"
            raise bad_option(option, problem, "Pass on the jobs as they are.")
    return job if job_id is not None and "status" in job else {**job, "job_id": job_id or "", "status": status}


def _elapsed(option: str, value: float | None) -> float | None:
    """Return how long it took to ask; refuse what is no span of time. Raises ArcGISError bad_option."""
    if _is_number(value, _SPANS):
        return value
    raise bad_option(option, f"is no number from {_SPANS[0]} to {_SPANS[1]}", "Pass on api.elapsed of the result.")


def _is_number(value: object, bounds: tuple[int, int]) -> bool:
    """Say whether a value is null or a number within bounds, which is neither infinite nor a truth value."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (is_number and bounds[0] <= value <= bounds[1])  # type: ignore[operator]


def product_of(job: Mapping[str, Any]) -> str:
    """Return the product that a record is of: only GP jobs have a service, and only those of a Video Server steps."""
    return "gp" if "service" in job else "video" if "steps" in job else "notebook"


def began_ms(job: Mapping[str, Any]) -> int | None:
    """Return when a job was submitted or, where a product does not tell, when it began; None where it is unknown."""
    submitted, started = job.get("submitted_time_ms"), job.get("start_time_ms")
    began = started if submitted is None else submitted
    return None if began is None else int(began)


def is_open(job: Mapping[str, Any]) -> bool:
    """Say whether a job has not ended; where nothing is known of its status, it does not count as open."""
    return job["status"] != "unknown" and not is_finished(job["status"])


def open_seconds(job: Mapping[str, Any], now_ms: int) -> float | None:
    """Return how long a job has been open; None where it is not, or where the record does not tell its beginning."""
    began = began_ms(job)
    if began is None or not is_open(job):
        return None
    return max(0, now_ms - began) / 1000
