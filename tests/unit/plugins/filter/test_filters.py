# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters and the test for playbooks."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gisops.arcgis.plugins.filter.job_age import FilterModule as JobAge
from ansible_collections.gisops.arcgis.plugins.filter.job_groups import FilterModule as JobGroups
from ansible_collections.gisops.arcgis.plugins.filter.without_jobs import FilterModule as WithoutJobs
from ansible_collections.gisops.arcgis.plugins.test.finished import TestModule as Finished

job_age = JobAge().filters()["job_age"]
job_groups = JobGroups().filters()["job_groups"]
without_jobs = WithoutJobs().filters()["without_jobs"]
finished = Finished().tests()["finished"]
GP = {"job_id": "a", "submitted_time_ms": 1769821200000, "start_time_ms": None}
NOTEBOOK = {"job_id": "b", "submitted_time_ms": None, "start_time_ms": 1769821200000}


@pytest.mark.parametrize("job", [GP, NOTEBOOK])
@pytest.mark.parametrize(
    "now",
    [
        1769821290,
        1769821290.0,
        "1769821290",
        "2026-01-31T02:01:30+01:00",
        datetime(2026, 1, 31, 1, 1, 30, tzinfo=timezone.utc),
    ],
)
def test_the_age_of_a_job(job: dict[str, Any], now: Any) -> None:
    assert job_age(job, now) == 90.0


def test_a_job_of_the_future_and_one_without_times() -> None:
    assert job_age(GP, 1769821000) == 0
    assert job_age({"job_id": "v"}, 1769821000) is None


def test_the_age_of_a_job_counts_from_the_present_time_unless_another_is_given() -> None:
    job = {"job_id": "a", "submitted_time_ms": int(time.time() * 1000) - 90_000}
    assert 90 <= job_age(job) == pytest.approx(job_age(job, datetime.now(timezone.utc)), abs=60)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"job_age: .*without a zone.* Leave it out .*'2026-01-31T08:00:00Z'"):
        job_age(GP, datetime(2026, 1, 31, 1, 1, 30))


@pytest.mark.parametrize("job, now", [("a", 1), ({}, 1), (GP, "6h"), (GP, "soon"), (GP, ""), (GP, True)])
def test_what_has_no_age(job: Any, now: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="job_age"):
        job_age(job, now)


def test_jobs_are_counted_by_a_key() -> None:
    jobs = [{"user": "b"}, {"user": "a"}, {"user": None}, {}, {"user": "c"}, {"user": "c"}, {"user": "c"}]
    assert list(job_groups(jobs, "user").items()) == [("c", 3), ("null", 2), ("a", 1), ("b", 1)]
    assert job_groups(iter(jobs), "none") == {"null": 7} and job_groups([], "user") == {}


@pytest.mark.parametrize("jobs", ["text", {"a": 1}, ["text"], None, 1])
def test_what_are_no_jobs(jobs: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="job_groups"):
        job_groups(jobs, "status")


@pytest.mark.parametrize(
    "job, ended",
    [
        ("succeeded", True),
        ("timed_out", True),
        ("executing", False),
        ("odd", False),
        ("", False),
        ({"job_id": "a", "status": "deleted"}, True),
        ({"job_id": "a", "status": "cancelling"}, False),
        ({"job_id": "a"}, False),
    ],
)
def test_whether_a_job_has_ended(job: Any, ended: bool) -> None:
    assert finished(job) is ended


@pytest.mark.parametrize("job", [None, {}, 1, []])
def test_what_has_no_end(job: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="finished"):
        finished(job)


def test_jobs_are_told_apart_by_service_and_id() -> None:
    a, b, other = ({"service": service, "job_id": job_id} for service, job_id in ("Aa", "Ab", "Ba"))
    assert without_jobs([a, b, other], [{**a, "status": "failed"}]) == [b, other]
    assert without_jobs(iter([b, a, b]), []) == [b, a, b] and without_jobs([], [a]) == []
    assert without_jobs([NOTEBOOK, a], [{**NOTEBOOK, "service": None}]) == [a]


@pytest.mark.parametrize("jobs, others", [("a", []), ([], None), ([{}], []), ([], ["a"]), ({"job_id": "a"}, [])])
def test_what_cannot_be_told_apart(jobs: Any, others: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="without_jobs"):
        without_jobs(jobs, others)
