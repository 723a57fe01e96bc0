# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job query of geoprocessing services: filters, time windows and pages."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timezone
from itertools import islice
from typing import Any, Callable

from .call import Call
from .families import ApiError
from .gp import Job, Service, full_status

Test = Callable[[Job], bool]


def _number(call: Call, name: str) -> int | None:
    text = call.first(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise ApiError(400, f"Invalid value for parameter '{name}'.") from None


def _moment(call: Call, name: str, unit: str, kubernetes: bool) -> int | None:
    """Read a time in the unit of the site; Kubernetes also takes a timestamp, as UTC."""
    text = call.first(name)
    if not kubernetes or "T" not in text:
        number = _number(call, name)
        return number * 1000 if number is not None and unit == "seconds" else number
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        raise ApiError(400, f"Invalid value for parameter '{name}'.") from None
    return int(moment.timestamp() * 1000)


def _window(call: Call, settings: dict[str, Any], kubernetes: bool, now: int) -> list[Test]:
    start, end = (_moment(call, name, settings["window_unit"], kubernetes) for name in ("startTime", "endTime"))
    if start is None and end is not None and settings["end_without_start"] != "apply":
        if settings["end_without_start"] == "error":
            raise ApiError(400, "Parameter 'endTime' needs 'startTime'.")
        end = None
    if start is None and settings["empty_start_time"] != "ignored" and _is_empty(call, "startTime"):
        if settings["empty_start_time"] == "error":
            raise ApiError(400, "Invalid value for parameter 'startTime'.")
        return [lambda job: False]
    if start is None and end is None:
        return []
    earliest, latest = start or 0, now if end is None else end
    if settings["window_tests"] == "end":
        return [lambda job: job.end is not None and earliest <= job.end <= latest]
    return [lambda job: earliest <= job.submitted <= latest]


def _is_empty(call: Call, name: str) -> bool:
    """Tell whether a parameter was sent without a value."""
    return (name in call.form or name in call.query) and not call.first(name)


def _statuses(call: Call, several: str) -> list[str]:
    """Return the statuses that the site looks at where several are asked for; no job has the empty one."""
    statuses = call.every("jobStatus")
    if len(statuses) < 2:
        return statuses
    if several == "error":
        raise ApiError(400, "Invalid value for parameter 'jobStatus'.")
    return {"all": statuses, "first": statuses[:1], "last": statuses[-1:]}.get(several, [""])


def _tests(call: Call, statuses: list[str], settings: dict[str, Any], kubernetes: bool, now: int) -> list[Test]:
    tests = _window(call, settings, kubernetes, now)
    user, machine = call.first("userName"), call.first("machineName").upper()
    if statuses:
        wanted = frozenset(statuses)
        tests.append(lambda job: job.status in wanted)
    if user:
        name = None if user == "null" else user
        tests.append(lambda job: job.username == name)
    if machine and not kubernetes:
        tests.append(lambda job: (job.machine or "").upper() == machine)
    return tests


def _jobs(service: Service, settings: dict[str, Any], now: int) -> list[Job]:
    """Return the jobs that the query shows, in its order of the moment."""
    hidden = {full_status(word) for word in settings["hidden_from_pages"]}
    jobs = [job for job in service.jobs(now).values() if job.status not in hidden]
    if settings["result_order"] == "shuffled":
        service.queries += 1
        random.Random(service.queries).shuffle(jobs)
    return jobs


def run_query(call: Call, service: Service, settings: dict[str, Any], kubernetes: bool, now: int) -> dict[str, Any]:
    """Answer one page."""
    statuses = _statuses(call, settings["several_statuses"])
    tests = _tests(call, statuses, settings, kubernetes, now)
    jobs = _jobs(service, settings, now)
    found: Iterable[Job] = jobs
    total = len(jobs)
    if tests:
        found = [job for job in jobs if all(test(job) for test in tests)]
        total = len(found)
    asked = max(_number(call, "number") or 0, 0) or settings["number"]
    number = min(asked, settings["max_number"] or asked)
    start = max(_number(call, "start") or 1, 1)
    page = islice(found, start - 1, start - 1 + number)
    following = start + number
    names_the_next = following <= total and (number == asked or settings["capped_next_start"])
    return {
        "total": total,
        "query": {"serviceName": service.name, "userName": call.first("userName"), "status": statuses},
        "num": number,
        "start": start,
        "nextStart": following if names_the_next else -1,
        "results": {job.job_id: job.label for job in page},
    }
