# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding GP jobs on the simulated sites: by service, status, submitter, machine and time, and counting them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, EXPORT, FAILED_EXPORT, operations
from arcgis_simulator import Simulator

MINUTE = 60_000
HOUR = 60 * MINUTE


def found(result: dict[str, Any]) -> list[str]:
    """Return the IDs of the jobs of a result."""
    return sorted(job["job_id"] for job in result["jobs"])


def expected(
    sim: Simulator, accepts: Callable[[dict[str, Any]], bool], context: str = "server", service: str = BUFFER
) -> list[str]:
    """Return the IDs of the jobs that the simulator itself finds fit."""
    return sorted(job["job_id"] for job in sim.jobs(context, service) if accepts(job))


QUESTIONS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any], int], bool]]] = {
    "everything": ({}, lambda job, now: True),
    "executing": ({"statuses": ["executing"]}, lambda job, now: job["status"] == "esriJobExecuting"),
    "two statuses": (
        {"statuses": ["failed", "waiting"]},
        lambda job, now: job["status"] in ("esriJobFailed", "esriJobWaiting"),
    ),
    "timed out, which the query does not take": (
        {"statuses": ["timed_out"]},
        lambda job, now: job["status"] == "esriJobTimedOut",
    ),
    "a submitter": ({"submitted_by": "j_doe"}, lambda job, now: job["username"] == "j_doe"),
    "a machine in lower case": (
        {"machine": "gis02.example.com"},
        lambda job, now: job["machine"] == "GIS02.EXAMPLE.COM",
    ),
    "the last hours": ({"start_time": "350m"}, lambda job, now: job["submitted"] >= now - 350 * MINUTE),
    "older than some hours": ({"end_time": "350m"}, lambda job, now: job["submitted"] <= now - 350 * MINUTE),
    "a window": (
        {"start_time": "70h", "end_time": "170m"},
        lambda job, now: now - 70 * HOUR <= job["submitted"] <= now - 170 * MINUTE,
    ),
    "stuck": (
        {"statuses": ["executing", "waiting"], "end_time": "110m"},
        lambda job, now: job["status"] == "esriJobExecuting" and job["submitted"] <= now - 110 * MINUTE,
    ),
    "failures of one user in a window": (
        {"statuses": ["failed"], "submitted_by": "a_doe", "start_time": "7d"},
        lambda job, now: (
            job["status"] == "esriJobFailed" and job["username"] == "a_doe" and job["submitted"] >= now - 168 * HOUR
        ),
    ),
}


@pytest.mark.parametrize(
    "context, settings",
    [
        ("server", {}),
        ("server", {"window_tests": "end"}),
        ("server", {"end_without_start": "apply"}),
        ("server", {"max_number": 3}),
        ("server", {"unfinished_end_time": "zero"}),
        ("kubernetes", {}),
    ],
    ids=str,
)
@pytest.mark.parametrize("options, accepts", QUESTIONS.values(), ids=QUESTIONS)
def test_the_site_and_the_module_agree_whatever_the_window_tests(
    run: Callable, sim: Simulator, options: dict[str, Any], accepts: Callable, context: str, settings: dict[str, Any]
) -> None:
    sim.settings(context, **settings)
    # The clock of the site is known to the second, so no job of the demo is as old as a bound.
    now = sim.now()
    result = run("gp_job_query", context, platform=context, services=[BUFFER], **options)
    assert found(result) == expected(sim, lambda job: accepts(job, now), context)
    assert (result["total"], result["returned"], result["truncated"]) == (
        len(result["jobs"]),
        len(result["jobs"]),
        False,
    )
    assert sum(result["summary"]["status"].values()) == result["total"]


@pytest.mark.parametrize("context, digits", [("server", 13), ("kubernetes", 10)])
def test_times_go_out_as_the_platform_takes_them(run: Callable, sim: Simulator, context: str, digits: int) -> None:
    window = {"start_time": "6h", "end_time": "1h"}
    run("gp_job_query", context, platform=context, services=[BUFFER], statuses=["succeeded"], **window)
    query = next(request["query"] for request in sim.requests() if request["operation"] == "query")
    assert (len(query["startTime"]), len(query["endTime"])) == (digits, digits)
    assert query["jobStatus"] == "esriJobSucceeded"


def test_only_an_end_is_sent_with_a_start_of_zero(run: Callable, sim: Simulator) -> None:
    run("gp_job_query", services=[BUFFER], statuses=["failed"], end_time="6h")
    assert [request["query"]["startTime"] for request in sim.requests() if request["operation"] == "query"] == ["0"]


def test_ages_are_reckoned_on_the_clock_of_the_site(run: Callable, sim: Simulator) -> None:
    before = run("gp_job_query", services=[BUFFER], start_time="1h")["total"]
    sim.advance(3600)
    assert 0 == run("gp_job_query", services=[BUFFER], start_time="1h")["total"] < before


@pytest.mark.parametrize("bound", ["end_time", "ended_before"])
def test_a_clock_of_the_site_that_is_ahead_makes_no_job_old(run: Callable, sim: Simulator, bound: str) -> None:
    before = run("gp_job_query", services=[BUFFER], **{bound: "8d"})
    assert "clock" not in str(before.get("warnings"))
    sim.advance(30 * 86400)
    after = run("gp_job_query", services=[BUFFER], **{bound: "8d"})
    assert after["total"] == before["total"] > 0
    assert "The clock of the site is more than an hour off the one here." in str(after["warnings"])


def test_open_jobs_are_those_that_show_no_end(scripted: Callable, run_scripted: Callable) -> None:
    labels = {"a": "Succeeded", "b": None, "c": "Pondering", "d": "Executing", "e": "Failed", "f": ""}
    server = scripted(query={"total": 6, "num": 1000, "start": 1, "nextStart": -1, "results": labels})
    found = run_scripted("gp_job_query", server, services=[BUFFER], open_only=True)
    assert {job["job_id"]: job["status"] for job in found["jobs"]} == {
        "b": "unknown", "c": "pondering", "d": "executing", "f": "unknown",
    }  # fmt: skip


def test_the_jobs_of_an_anonymous_service(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", services=["Elevation", BUFFER], submitted_by="null")
    assert {job["service"] for job in result["jobs"]} == {"Elevation"}
    assert result["total"] == 4


def test_all_services_and_the_order_of_the_result(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", all_services=True)
    services = list(dict.fromkeys(job["service"] for job in result["jobs"]))
    assert set(services) == {
        "Elevation",
        BUFFER,
        "Maps/Viewshed",
        "Planning/NightlyExport",
        "Utilities/PrintingTools",
    }
    assert [job["service"] for job in result["jobs"]] == sorted(
        (job["service"] for job in result["jobs"]), key=services.index
    )
    assert run("gp_job_query", all_services=True, include_system=True)["total"] == len(
        [job for job in sim.jobs("server") if job["type"] == "GPServer"]
    )


def test_short_and_full_records(run: Callable) -> None:
    short = run("gp_job_query", services=[BUFFER])["jobs"]
    full = run("gp_job_query", services=[BUFFER], details=True)["jobs"]
    assert [{name: job[name] for name in ("job_id", "service", "status")} for job in full] == short
    info = run("gp_job_info", service=BUFFER, job_ids=[job["job_id"] for job in full])["jobs"]
    assert info == full


def test_an_unknown_service_fails_alone_and_among_others(run: Callable) -> None:
    alone = run("gp_job_query", services=["Maps/Bufer"])
    assert (alone["failed"], alone["error"]["code"]) == (True, "unknown_service")
    among = run("gp_job_query", services=["Elevation", "Maps/Bufer"])
    assert (among["failed"], among["error"]["code"]) == (True, "unreadable_services")
    fine = run("gp_job_query", services=["Elevation", "Maps/Bufer"], ignore_unreadable=True)
    assert "failed" not in fine
    for result in (among, fine):
        unreadable = [(entry["service"], entry["error"]["code"]) for entry in result["unreadable"]]
        assert unreadable == [("Maps/Bufer", "unknown_service")]
        assert (result["total"], result["summary"]["service"]) == (4, {"Elevation": 4})


@pytest.mark.parametrize("check", [False, True])
def test_statistics_are_the_counts_of_the_site(run: Callable, check: bool) -> None:
    result = run("gp_job_query", services=[BUFFER, "Elevation"], statistics=True, limit=0, check=check)
    assert result["statistics"] == [
        {"service": BUFFER, "total": 25, "succeeded": 9, "failed": 3, "cancelled": 2, "unfinished": 11},
        {"service": "Elevation", "total": 4, "succeeded": 2, "failed": 1, "cancelled": 0, "unfinished": 1},
    ]
    assert "statistics" not in run("gp_job_query", services=["Elevation"], check=check)


def test_a_service_without_gp_jobs_is_unknown_to_the_query(run: Callable) -> None:
    assert run("gp_job_query", services=["Maps/Basemap.MapServer"])["error"]["code"] == "unknown_service"


def test_a_viewer_may_read(run: Callable) -> None:
    assert run("gp_job_query", services=[BUFFER], user="gis_viewer")["total"] == 25


@pytest.mark.parametrize("context", ["server", "kubernetes"])
def test_a_window_that_was_left_out_is_one_warning(run: Callable, sim: Simulator, context: str) -> None:
    sim.add_fault("wrong_unit", context=context)
    options = {"statuses": ["succeeded"], "start_time": "4h", "end_time": "1m"}
    result = run("gp_job_query", context, platform=context, services=[BUFFER], **options)
    now = sim.now()
    window = range(now - 4 * HOUR, now - MINUTE)
    right = expected(sim, lambda job: job["status"] == "esriJobSucceeded" and job["submitted"] in window, context)
    assert found(result) == right
    assert len(right) < len(expected(sim, lambda job: job["status"] == "esriJobSucceeded", context))
    assert len(result["warnings"]) == 1
    assert "the window was left out" in str(result["warnings"])


# The counts


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


FAILED_OR_EXECUTING = {"statuses": ["failed", "executing"]}


@pytest.mark.parametrize("more", [{}, {"summary_only": True}, *({"limit": limit} for limit in (0, 3, 1000))], ids=str)
@pytest.mark.parametrize(
    "options", [FAILED_OR_EXECUTING, {**FAILED_OR_EXECUTING, "details": True}, {"submitted_by": "j_doe"}], ids=str
)
def test_the_counts_are_of_all_that_matched_whatever_is_returned(
    run: Callable, options: dict[str, Any], more: dict[str, Any]
) -> None:
    everything = run("gp_job_query", all_services=True, **options)
    result = run("gp_job_query", all_services=True, **options, **more)
    total, counts = len(everything["jobs"]), everything["summary"]
    returned = 0 if "summary_only" in more else min(more.get("limit", total), total)
    assert total > 3 and sum(counts["status"].values()) == total
    assert (result["total"], result["returned"], len(result["jobs"])) == (total, returned, returned)
    assert result["truncated"] is (returned < total and "limit" in more)
    assert [result["summary"][name] for name in ("status", "service")] == [counts["status"], counts["service"]]
    # Who submitted jobs is told of all of them or not at all.
    some_are_read = "details" in options and returned < total and "limit" in more
    assert result["summary"]["username"] == (None if some_are_read else counts["username"])


@pytest.mark.parametrize("options", [{"services": []}, {"services": [BUFFER], "statuses": []}])
def test_the_summary_of_nothing_has_its_shape(run: Callable, options: dict[str, Any]) -> None:
    for summary_only in (False, True):
        summary = run("gp_job_query", summary_only=summary_only, **options)["summary"]
        assert (summary["service"], summary["status"]) == ({}, {})
        assert set(summary) == {"service", "status", "username", "machine", "oldest", "newest"}


# When jobs ended


@pytest.fixture
def night(sim: Simulator) -> dict[str, str]:
    """Jobs that were submitted long ago, and ended at different times or not at all."""
    durations = {"early": "21h", "night": "28h", "late": "29h", "open": None}
    statuses = {"early": "failed", "night": "failed", "late": "succeeded", "open": "executing"}
    for name, duration in durations.items():
        times = {"submitted": "-30h", **({"duration": duration} if duration else {})}
        sim.add_job("server", service=EXPORT, job_id=f"j{name}", status=statuses[name], **times)
    return {name: f"j{name}" for name in durations}


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"ended_after": "3h"}, {"night", "late"}),
        ({"ended_after": "3h", "statuses": ["failed"]}, {"night"}),
        ({"ended_before": "3h"}, {"early"}),
        ({"ended_after": "10h", "ended_before": "90m"}, {"early", "night"}),
        ({"ended_after": "3h", "start_time": "1h"}, set()),
        ({"ended_after": "10h", "statuses": ["executing"]}, set()),
    ],
)
def test_jobs_by_the_time_of_their_end(
    run: Callable, sim: Simulator, night: dict[str, str], options: dict[str, Any], expected: set[str]
) -> None:
    for job in sim.jobs("server", EXPORT):
        if job["job_id"] not in night.values():
            sim.remove_job(job["job_id"])
    result = run("gp_job_query", services=[EXPORT], **options)
    assert {job["job_id"] for job in result["jobs"]} == {night[name] for name in expected}
    assert result["total"] == len(expected)


def test_the_failures_of_the_night_with_their_messages_take_one_task(run: Callable, night: dict[str, str]) -> None:
    result = run("gp_job_query", services=[EXPORT], statuses=["failed"], messages=True)
    messages = {job["job_id"]: job["messages"] for job in result["jobs"]}
    assert any("ERROR 000732" in message["description"] for message in messages[FAILED_EXPORT])
    assert all("messages_reason" in job and "submitted_time" in job for job in result["jobs"])


def test_messages_are_read_of_the_jobs_that_are_returned(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", services=[BUFFER], messages=True, limit=2)
    assert (len(result["jobs"]), operations(sim)["public job"] <= 4) == (2, True)
