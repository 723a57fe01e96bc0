# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job query of geoprocessing services: filters, time windows and pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from itertools import islice
from typing import Any, Callable

from .call import Call
from .families import ApiError
from .gp import Job, Service

Test = Callable[[Job], bool]


def _number(call: Call, name: str) -> int | None:
    text = call.first(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise ApiError(400, f"Invalid value for parameter '{name}'.") from None


def server_moment(call: Call, name: str) -> int | None:
    """Read a time as ArcGIS Server does: epoch milliseconds."""
    return _number(call, name)


def kubernetes_moment(call: Call, name: str) -> int | None:
    """Read a time as Enterprise on Kubernetes does: epoch seconds, or a timestamp that is taken as UTC."""
    text = call.first(name)
    if "T" not in text:
        seconds = _number(call, name)
        return None if seconds is None else seconds * 1000
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        raise ApiError(400, f"Invalid value for parameter '{name}'.") from None
    return int(moment.timestamp() * 1000)


def _window(call: Call, settings: dict[str, Any], kubernetes: bool, now: int) -> list[Test]:
    read = kubernetes_moment if kubernetes else server_moment
    start, end = read(call, "startTime"), read(call, "endTime")
    if start is None and end is not None and settings["end_without_start"] != "apply":
        if settings["end_without_start"] == "error":
            raise ApiError(400, "Parameter 'endTime' needs 'startTime'.")
        end = None
    if start is None and end is None:
        return []
    earliest, latest = start or 0, now if end is None else end
    if settings["window_tests"] == "end":
        return [lambda job: job.end is not None and earliest <= job.end <= latest]
    return [lambda job: earliest <= job.submitted <= latest]


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


def _page_size(call: Call, settings: dict[str, Any]) -> int:
    number = _number(call, "number") or 0
    number = number if number > 0 else settings["number"]
    return min(number, settings["max_number"] or number)


def run_query(call: Call, service: Service, settings: dict[str, Any], kubernetes: bool, now: int) -> dict[str, Any]:
    """Answer one page; Server looks at the first `jobStatus` alone, Kubernetes at every one."""
    statuses = call.every("jobStatus")
    statuses = statuses if kubernetes else statuses[:1]
    tests = _tests(call, statuses, settings, kubernetes, now)
    jobs = service.jobs(now).values()
    found: Iterable[Job] = jobs
    total = len(jobs)
    if tests:
        found = [job for job in jobs if all(test(job) for test in tests)]
        total = len(found)
    number = _page_size(call, settings)
    start = max(_number(call, "start") or 1, 1)
    page = islice(found, start - 1, start - 1 + number)
    following = start + number
    return {
        "total": total,
        "query": {"serviceName": service.name, "userName": call.first("userName"), "status": statuses},
        "num": number,
        "start": start,
        "nextStart": following if following <= total else -1,
        "results": {job.job_id: job.label for job in page},
    }
