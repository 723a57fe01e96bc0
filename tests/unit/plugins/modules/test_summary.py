# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that stay readable: counts, summaries without jobs, and failed tasks that list what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

BUFFER = "Maps/Buffer"
EXECUTING = ["jb0ffe20000000000000000executing1", "jb0ffe20000000000000000executing2"]
WAITING = "jb0ffe2000000000000000000waiting1"
GONE = "jb0ffe2000000000000000000000none1"


def add_jobs(sim: Simulator, count: int, **more: Any) -> list[str]:
    """Add jobs to a service, and return their IDs."""
    ids = [f"j{number:032x}" for number in range(count)]
    for job_id in ids:
        sim.add_job("server", service=BUFFER, job_id=job_id, **{"status": "executing", **more})
    return ids


# gp_job


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state, outcome", [("cancelled", "cancel_accepted"), ("absent", "deleted")])
def test_the_summary_alone(run: Callable, sim: Simulator, state: str, outcome: str, check: bool) -> None:
    ids = add_jobs(sim, 40)
    result = run("gp_job", state=state, service=BUFFER, job_ids=ids, summary_only=True, check=check)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert (result["jobs"], result["summary"]) == ([], {outcome: 40})
    assert (result["total"], result["returned"], result["truncated"]) == (40, 0, True)


@pytest.mark.parametrize("summary_only", [False, True])
def test_a_failed_task_lists_every_failed_job_and_no_other(run: Callable, sim: Simulator, summary_only: bool) -> None:
    ids = [*add_jobs(sim, 40), WAITING, GONE]
    result = run("gp_job", state="cancelled", service=BUFFER, job_ids=ids, summary_only=summary_only)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert [(job["job_id"], job["error"]["code"]) for job in result["jobs"]] == [
        (WAITING, "cancel_refused"),
        (GONE, "unknown_job"),
    ]
    assert result["summary"] == {"cancel_accepted": 40, "failed": 2}
    assert (result["total"], result["returned"], result["truncated"]) == (42, 2, True)
    assert "2 of 42 jobs failed" in result["msg"]
    assert not any(job_id in result["msg"] for job_id in ids[:40])


def test_a_failed_task_still_diffs_every_job(run: Callable, sim: Simulator) -> None:
    result = run("gp_job", state="cancelled", service=BUFFER, job_ids=[*EXECUTING, WAITING], diff=True)
    assert result["diff"]["before"] == {EXECUTING[0]: "executing", EXECUTING[1]: "executing", WAITING: "waiting"}
    assert result["diff"]["after"] == {EXECUTING[0]: "cancelling", EXECUTING[1]: "cancelling", WAITING: "waiting"}


def test_jobs_that_were_not_tried_are_counted_and_not_listed(run: Callable, sim: Simulator) -> None:
    options = {"service": BUFFER, "job_ids": add_jobs(sim, 40), "user": "gis_viewer", "max_concurrency": 1}
    result = run("gp_job", state="absent", **options)
    assert (result["changed"], result["summary"]) == (False, {"failed": 1, "not_tried": 39})
    assert [job["error"]["code"] for job in result["jobs"]] == ["no_privilege"]
    assert "39 were not tried" in result["msg"]


def test_a_failure_that_meets_every_job_needs_no_list(run: Callable, sim: Simulator) -> None:
    result = run("gp_job", state="absent", service="Maps/Bufer", job_ids=add_jobs(sim, 40))
    assert (result["error"]["code"], result.get("jobs", [])) == ("unknown_service", [])


# gp_job_query


def test_the_summary_of_a_query_counts_by_service_and_status(run: Callable, sim: Simulator) -> None:
    summary = run("gp_job_query", all_services=True)["summary"]
    jobs = [job for job in sim.jobs("server") if not job["service"].startswith("System/")]
    assert summary["service"] == Counter(job["service"] for job in jobs)
    assert sum(summary["status"].values()) == len(jobs)
    assert (summary["status"]["executing"], summary["status"]["timed_out"]) == (7, 1)
    assert [summary[name] for name in ("username", "machine", "oldest", "newest")] == [None] * 4


@pytest.mark.parametrize("options", [{"details": True}, {"start_time": "30d"}], ids=["details", "window"])
def test_where_the_jobs_are_read_they_are_counted_by_user_and_machine_too(
    run: Callable, sim: Simulator, options: dict[str, Any]
) -> None:
    result = run("gp_job_query", services=[BUFFER, "Elevation"], summary_only=True, **options)
    jobs = [*sim.jobs("server", BUFFER), *sim.jobs("server", "Elevation")]
    assert result["jobs"] == []
    assert result["summary"]["username"] == Counter(job["username"] or "null" for job in jobs)
    assert result["summary"]["machine"] == Counter(job["machine"] for job in jobs)
    times = run("gp_job_query", services=[BUFFER, "Elevation"], details=True)["jobs"]
    assert result["summary"]["oldest"] == min(job["submitted_time"] for job in times)
    assert result["summary"]["newest"] == max(job["submitted_time"] for job in times)


@pytest.mark.parametrize("more", [{}, {"summary_only": True}, {"limit": 3}, {"limit": 0}], ids=str)
@pytest.mark.parametrize("details", [False, True])
def test_the_summary_counts_all_that_matched_whatever_is_returned(
    run: Callable, more: dict[str, Any], details: bool
) -> None:
    result = run("gp_job_query", services=[BUFFER], statuses=["failed", "executing"], details=details, **more)
    assert (result["total"], result["returned"]) == (7, len(result["jobs"]))
    assert result["truncated"] is (result["returned"] < 7)
    assert result["summary"]["status"] == {"failed": 3, "executing": 4}
    assert result["summary"]["service"] == {BUFFER: 7}
    # Who submitted jobs is told of all of them or not at all.
    all_read = details and "limit" not in more
    assert (result["summary"]["username"] is not None) is all_read


def test_the_summary_alone_reads_no_job(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", services=[BUFFER], summary_only=True)
    assert (result["total"], result["returned"], result["truncated"]) == (25, 0, True)
    assert [request["operation"] for request in sim.requests()] == ["rest/info", "generateToken", "query"]


@pytest.mark.parametrize("options", [{"services": []}, {"services": [BUFFER], "statuses": []}])
def test_the_summary_of_nothing_has_its_shape(run: Callable, options: dict[str, Any]) -> None:
    for summary_only in (False, True):
        summary = run("gp_job_query", summary_only=summary_only, **options)["summary"]
        assert (summary["service"], summary["status"]) == ({}, {})
        assert set(summary) == {"service", "status", "username", "machine", "oldest", "newest"}


def test_a_service_that_cannot_be_read_does_not_spoil_the_summary(run: Callable) -> None:
    options = {"services": ["Elevation", "Maps/Bufer"], "summary_only": True}
    failed = run("gp_job_query", **options)
    passed = run("gp_job_query", ignore_unreadable=True, **options)
    assert (failed["failed"], "failed" in passed) == (True, False)
    assert failed["summary"] == passed["summary"]
    assert passed["summary"]["service"] == {"Elevation": 4}


# The others


def test_the_summaries_of_the_other_modules(run: Callable, sim: Simulator) -> None:
    ids = [*EXECUTING, WAITING, GONE]
    assert run("gp_job_info", service=BUFFER, job_ids=ids)["summary"] == {"executing": 2, "waiting": 1}
    queue = run("gp_queue", state="empty", services=[BUFFER])
    assert (queue["summary"], queue["total"]) == ({"purged": 5}, 5)
    notebooks = run("notebook_jobs", "notebook", state="absent", scope="all_finished")
    assert (notebooks["summary"], notebooks["total"]) == ({"deleted": 8}, 8)
