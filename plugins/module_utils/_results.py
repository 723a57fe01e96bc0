# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules return what they found and did: lists of jobs, changes, counts, and what could not be read.

This module is private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ._errors import Failure
from ._jobs.desired_state import ABSENT, JobChange

_MOST_NAMES = 5

# What a module returns, and what makes its task fail.
Outcome = tuple[dict[str, Any], Optional[Failure]]


def job_list(jobs: Sequence[Mapping[str, Any]], total: int | None = None, truncated: bool = False) -> dict[str, Any]:
    """Return the part of a result that every module with a list of jobs has. total counts what matched."""
    matched = len(jobs) if total is None else total
    return {
        "jobs": list(jobs),
        "total": matched,
        "returned": len(jobs),
        "truncated": truncated or matched > len(jobs),
    }


def change_result(
    changes: Sequence[JobChange], failed_only: bool = False, summary_only: bool = False
) -> dict[str, Any]:
    """Return the part of a result that every module has which changes jobs.

    A failed task prints its whole result, so failed_only lists what failed; the summary counts the rest.
    """
    jobs = [_changed_job(change) for change in changes]
    shown = [job for job in jobs if job["error"]] if failed_only else jobs
    return {
        "changed": any(change.changed for change in changes),
        **job_list([] if summary_only and not failed_only else shown, len(jobs)),
        "summary": count_by("outcome", jobs),
        "diff": {
            "before": {job["job_id"]: job["status_before"] for job in jobs if job["status_before"]},
            "after": {job["job_id"]: job["status"] for job in jobs if job["status"]},
        },
    }


def _changed_job(change: JobChange) -> dict[str, Any]:
    """Return a change as a module returns it; a job that could not be read has no status."""
    before, after = (change.before or ABSENT, change.after or ABSENT) if change.was_read else (None, None)
    return {
        "job_id": change.ref.job_id,
        **({"service": change.ref.service.label} if change.ref.service else {}),
        "status_before": before,
        "status": after,
        "changed": change.changed,
        "outcome": change.outcome,
        "error": change.error.as_result() if change.error else None,
    }


def count_by(key: str, jobs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many of the jobs have each value of a key; those without the key do not count."""
    return dict(Counter(str(job[key]) for job in jobs if key in job))


def unreadable_list(unreadable: Mapping[tuple[str, str | None], Failure]) -> list[dict[str, Any]]:
    """Return what could not be read as modules return it: services, and the jobs of a service that met the same."""
    entries: dict[tuple[str, str | None], dict[str, Any]] = {}
    for (service, job_id), failure in unreadable.items():
        entry: dict[str, Any] = {"service": service, "error": failure.as_result()}
        entry = entries.setdefault((service, job_id and failure.code), entry)
        if job_id is not None:
            entry.setdefault("job_ids", []).append(job_id)
    return list(entries.values())


def unreadable_failure(unreadable: Mapping[tuple[str, str | None], Failure], others_read: bool) -> Failure | None:
    """Return the failure of a task that could not read all; where there is nothing else, it is that of the one."""
    if not unreadable:
        return None
    failure = next(iter(unreadable.values()))
    if len(unreadable) == 1 and not others_read:
        return failure
    services = [service for service, job_id in unreadable if job_id is None]
    jobs = [f"{job_id} of {service}" for service, job_id in unreadable if job_id is not None]
    parts = [f"{len(services)} services could not be read: {', '.join(services)}"] if services else []
    parts += [f"{len(jobs)} jobs could not be read: {_some(jobs)}"] if jobs else []
    return Failure("unreadable_services", f"{'. '.join(parts)}. The first failure: {failure}")


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list that a message has no room for, and how many there are besides."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
