# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding GP jobs on the simulated sites: by service, status, submitter, machine and time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

MINUTE = 60_000
HOUR = 60 * MINUTE


def found(result: dict[str, Any]) -> list[str]:
    """Return the IDs of the jobs of a result."""
    return sorted(job["job_id"] for job in result["jobs"])


def expected(
    sim: Simulator, accepts: Callable[[dict[str, Any]], bool], context: str = "server", service: str = "Maps/Buffer"
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
    "settings",
    [{}, {"window_tests": "end"}, {"end_without_start": "apply"}, {"max_number": 3}, {"unfinished_end_time": "zero"}],
    ids=str,
)
@pytest.mark.parametrize("options, accepts", QUESTIONS.values(), ids=QUESTIONS)
def test_the_site_and_the_module_agree_whatever_the_window_tests(
    run: Callable, sim: Simulator, options: dict[str, Any], accepts: Callable, settings: dict[str, Any]
) -> None:
    sim.settings("server", **settings)
    # The clock of the site is known to the second, so no job of the demo is as old as a bound.
    now = sim.now()
    result = run("gp_job_query", services=["Maps/Buffer"], **options)
    assert found(result) == expected(sim, lambda job: accepts(job, now))
    assert (result["total"], result["returned"], result["truncated"]) == (
        len(result["jobs"]),
        len(result["jobs"]),
        False,
    )
    assert sum(result["summary"]["status"].values()) == result["total"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_kubernetes_finds_the_same(run: Callable, sim: Simulator, name: str) -> None:
    options, accepts = QUESTIONS[name]
    result = run("gp_job_query", "kubernetes", platform="kubernetes", services=["Maps/Buffer"], **options)
    now = sim.now()
    assert found(result) == expected(sim, lambda job: accepts(job, now), "kubernetes")


@pytest.mark.parametrize("context, platform, digits", [("server", "server", 13), ("kubernetes", "kubernetes", 10)])
def test_times_go_out_as_the_platform_takes_them(
    run: Callable, sim: Simulator, context: str, platform: str, digits: int
) -> None:
    run(
        "gp_job_query",
        context,
        platform=platform,
        services=["Maps/Buffer"],
        statuses=["succeeded"],
        start_time="6h",
        end_time="1h",
    )
    query = next(request["query"] for request in sim.requests() if request["operation"] == "query")
    assert (len(query["startTime"]), len(query["endTime"])) == (digits, digits)
    assert query["jobStatus"] == "esriJobSucceeded"


def test_only_an_end_is_sent_with_a_start_of_zero(run: Callable, sim: Simulator) -> None:
    run("gp_job_query", services=["Maps/Buffer"], statuses=["failed"], end_time="6h")
    assert [request["query"]["startTime"] for request in sim.requests() if request["operation"] == "query"] == ["0"]


def test_ages_are_reckoned_on_the_clock_of_the_site(run: Callable, sim: Simulator) -> None:
    before = run("gp_job_query", services=["Maps/Buffer"], start_time="1h")["total"]
    sim.advance(3600)
    assert 0 == run("gp_job_query", services=["Maps/Buffer"], start_time="1h")["total"] < before


def test_a_fixed_time(run: Callable, sim: Simulator) -> None:
    now = sim.now()
    seconds = (now - 2 * HOUR - 60_000) // 1000
    result = run("gp_job_query", services=["Maps/Buffer"], start_time=str(seconds))
    assert found(result) == expected(sim, lambda job: job["submitted"] >= seconds * 1000)


def test_the_jobs_of_an_anonymous_service(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", services=["Elevation", "Maps/Buffer"], submitted_by="null")
    assert {job["service"] for job in result["jobs"]} == {"Elevation"}
    assert result["total"] == 4


def test_all_services_and_the_order_of_the_result(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", all_services=True)
    services = list(dict.fromkeys(job["service"] for job in result["jobs"]))
    assert set(services) == {
        "Elevation",
        "Maps/Buffer",
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


@pytest.mark.parametrize("more", [{}, {"details": True}, {"submitted_by": "night_batch"}])
@pytest.mark.parametrize("limit", [0, 3, 1000])
def test_a_limit_counts_the_whole_result(run: Callable, more: dict[str, Any], limit: int) -> None:
    total = run("gp_job_query", all_services=True, **more)["total"]
    result = run("gp_job_query", all_services=True, limit=limit, **more)
    assert (result["total"], result["returned"], len(result["jobs"])) == (total, min(limit, total), min(limit, total))
    assert result["truncated"] is (limit < total)


def test_short_and_full_records(run: Callable) -> None:
    short = run("gp_job_query", services=["Maps/Buffer"])["jobs"]
    full = run("gp_job_query", services=["Maps/Buffer"], details=True)["jobs"]
    assert [{name: job[name] for name in ("job_id", "service", "status")} for job in full] == short
    info = run("gp_job_info", service="Maps/Buffer", job_ids=[job["job_id"] for job in full])["jobs"]
    assert info == full


def test_statistics_are_the_counts_of_the_site(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", services=["Maps/Buffer", "Elevation"], statistics=True, limit=0)
    assert result["statistics"] == [
        {"service": "Maps/Buffer", "total": 25, "succeeded": 9, "failed": 3, "cancelled": 2, "unfinished": 11},
        {"service": "Elevation", "total": 4, "succeeded": 2, "failed": 1, "cancelled": 0, "unfinished": 1},
    ]
    assert "statistics" not in run("gp_job_query", services=["Elevation"])


def test_statistics_are_read_in_check_mode_too(run: Callable) -> None:
    assert run("gp_job_query", services=["Elevation"], statistics=True, check=True)["statistics"][0]["total"] == 4


def test_an_unknown_service_fails_alone_and_among_others(run: Callable) -> None:
    alone = run("gp_job_query", services=["Maps/Bufer"])
    assert (alone["failed"], alone["error"]["code"]) == (True, "unknown_service")
    among = run("gp_job_query", services=["Elevation", "Maps/Bufer"])
    assert (among["failed"], among["error"]["code"]) == (True, "unreadable_services")
    assert [entry["service"] for entry in among["unreadable"]] == ["Maps/Bufer"]
    assert among["total"] == 4
    fine = run("gp_job_query", services=["Elevation", "Maps/Bufer"], ignore_unreadable=True)
    assert "failed" not in fine
    assert [(entry["service"], entry["error"]["code"]) for entry in fine["unreadable"]] == [
        ("Maps/Bufer", "unknown_service")
    ]


def test_a_service_without_gp_jobs_is_unknown_to_the_query(run: Callable) -> None:
    assert run("gp_job_query", services=["Maps/Basemap.MapServer"])["error"]["code"] == "unknown_service"


def test_a_viewer_may_read(run: Callable) -> None:
    assert run("gp_job_query", services=["Maps/Buffer"], user="gis_viewer")["total"] == 25


def test_full_records_of_many_jobs_are_read_side_by_side(run: Callable, sim: Simulator) -> None:
    sim.settings("server", latency_ms=60)
    result = run("gp_job_query", services=["Maps/Buffer"], details=True, max_concurrency=25)
    assert result["total"] == 25
    assert result["api"]["elapsed"] < 25 * 0.060
    assert result["api"]["requests"] == 2 + 1 + 25


@pytest.mark.parametrize("context", ["server", "kubernetes"])
def test_a_window_that_was_left_out_is_one_warning(run: Callable, sim: Simulator, context: str) -> None:
    sim.add_fault("wrong_unit", context=context)
    options = {"statuses": ["succeeded"], "start_time": "4h", "end_time": "1m"}
    result = run("gp_job_query", context, platform=context, services=["Maps/Buffer"], **options)
    now = sim.now()
    window = range(now - 4 * HOUR, now - MINUTE)
    right = expected(sim, lambda job: job["status"] == "esriJobSucceeded" and job["submitted"] in window, context)
    assert found(result) == right
    assert len(right) < len(expected(sim, lambda job: job["status"] == "esriJobSucceeded", context))
    assert len(result["warnings"]) == 1
    assert "the window was left out" in str(result["warnings"])
