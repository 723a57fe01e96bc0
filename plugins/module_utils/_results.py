# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules return what they found and did: lists of jobs, changes, counts, and what could not be read.

This module is private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ._errors import Failure
from ._jobs.desired_state import ABSENT, JobChange
from ._jobs.record import GP_STATUSES

_MOST_NAMES = 5
_BRIEFLY = ("job_id", "service", "status_before", "status", "outcome")
# The statuses and outcomes that the collection knows, which are counted beside unknown words of the site.
_OWN_WORDS = frozenset(
    (*GP_STATUSES, "cancel_accepted", "delete_accepted", "missing", "not_selected", "not_tried", "already_finished")
    + ("already_cancelled", "already_cancelling", "already_deleting", "already_absent")
    + ("purged", "purge_accepted", "still_queued", "left_queue", "unknown")
)
# The fields whose keys are words of the site.
_SITE_FIELDS = frozenset(
    ("inputs", "results", "custom_attributes", "messages", "code", "raw_status", "before", "after")
)

# What a module returns, and what makes its task fail.
Outcome = tuple[dict[str, Any], Optional[Failure]]


def job_list(
    jobs: Sequence[Mapping[str, Any]], total: int | None = None, truncated: bool = False, counts_only: bool = False
) -> dict[str, Any]:
    """Return the part of a result that every module with a list of jobs has.

    total counts what matched. counts_only says that jobs are left out on purpose, while everything is counted.
    """
    matched = len(jobs) if total is None else total
    return {
        "jobs": list(jobs),
        "total": matched,
        "returned": len(jobs),
        "truncated": truncated or (matched > len(jobs) and not counts_only),
    }


def change_result(
    changes: Sequence[JobChange], failed_only: bool = False, summary_only: bool = False
) -> dict[str, Any]:
    """Return the part of a result that every module has which changes jobs.

    A failed task prints its whole result, so failed_only lists what failed, and of the rest what was changed, briefly;
    the summary counts all.
    """
    jobs = [_changed_job(change) for change in changes]
    shown = [] if summary_only else jobs
    result: dict[str, Any] = {}
    if failed_only:
        shown = [job for job in jobs if job["error"]]
        done = [job for job in jobs if job["changed"] and not job["error"]]
        result["changed_jobs"] = [{key: job[key] for key in _BRIEFLY if key in job} for job in done]
    return {
        "changed": any(change.changed for change in changes),
        **job_list(shown, len(jobs), counts_only=True),
        **result,
        "summary": count_by("outcome", jobs),
        "diff": {name: _by_service(jobs, key) for name, key in (("before", "status_before"), ("after", "status"))},
    }


def _by_service(jobs: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
    """Return a field of each job that has it by its ID, below its service where it has one."""
    found: dict[str, Any] = {}
    for job in jobs:
        if job[key]:
            below = found.setdefault(job["service"], {}) if "service" in job else found
            below[job["job_id"]] = job[key]
    return found


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


def with_masked_keys(result: Mapping[str, Any], masked: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a result with the keys masked that are words of the site; those of the collection stay as they are."""

    def in_fields(value: Any) -> Any:
        if isinstance(value, list):
            return [in_fields(each) for each in value]
        if not isinstance(value, Mapping) or not any(isinstance(each, (list, Mapping)) for each in value.values()):
            return value
        return {name: masked(each) if name in _SITE_FIELDS else in_fields(each) for name, each in value.items()}

    def of_words(counts: Any) -> Any:
        if not isinstance(counts, Mapping):
            return counts
        own = {word: count for word, count in counts.items() if word in _OWN_WORDS}
        return {**own, **masked({word: count for word, count in counts.items() if word not in own})}

    shown: dict[str, Any] = in_fields(result)
    if "summary" in result:
        counts = result["summary"]
        is_nested = any(isinstance(count, Mapping) for count in counts.values())
        shown["summary"] = {name: of_words(each) for name, each in counts.items()} if is_nested else of_words(counts)
    return shown


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
