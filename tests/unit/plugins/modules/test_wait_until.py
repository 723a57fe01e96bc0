# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""gp_job_query with wait_until: the query is repeated until no selected job is open, with the clock moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, EXPORT, RUNNING_EXPORT, add_jobs, operations
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    NOT_FOUND,
    PAGE_404,
    page,
    refused,
)
from arcgis_simulator import Simulator

ENDS = [{"after": 60, "status": "succeeded"}]
OPEN, ENDED = page(j1="Executing"), page(j1="Succeeded")


def wait(run: Callable, *services: str, **more: Any) -> dict[str, Any]:
    """Wait until the services have no open job."""
    return run("gp_job_query", services=list(services), wait_until="none_open", **more)


def test_the_query_is_repeated_until_no_job_is_open(run: Callable, naps: Any) -> None:
    result = wait(run, EXPORT, wait_sleep=0.5, details=True)
    assert ("failed" in result, result["changed"]) == (False, False)
    assert all(job["finished"] for job in result["jobs"])
    assert RUNNING_EXPORT in {job["job_id"] for job in result["jobs"]}
    assert 20 <= naps.seconds < 60
    assert 0.45 <= naps.taken[0] <= 0.55


def test_only_the_last_round_reads_the_jobs(run: Callable, naps: Any, sim: Simulator) -> None:
    result = wait(run, EXPORT, details=True)
    assert len(naps.taken) > 3
    assert operations(sim)["job"] == result["total"]


def test_a_job_that_arrives_meanwhile_is_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    naps.after[1] = lambda: add_jobs(sim, 1, EXPORT, schedule=ENDS)
    result = wait(run, EXPORT)
    assert "failed" not in result
    assert 60 <= naps.seconds < 120


@pytest.mark.parametrize(
    "options", [{"services": [EXPORT], "statuses": ["succeeded"]}, {"services": []}, {"services": ["Elevation"]}]
)
def test_without_an_open_job_nothing_is_waited_for(
    run: Callable, naps: Any, sim: Simulator, options: dict[str, Any]
) -> None:
    for job in sim.jobs("server", "Elevation"):
        if job["status"] == "esriJobExecuting":
            sim.remove_job(job["job_id"])
    result = run("gp_job_query", **options, wait_until="none_open")
    assert ("failed" in result, naps.taken) == (False, [])
    assert result["jobs"] == run("gp_job_query", **options)["jobs"]


def test_only_selected_jobs_are_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    add_jobs(sim, 1, EXPORT, username="somebody", schedule=ENDS)
    result = wait(run, EXPORT, BUFFER, submitted_by="somebody", statuses=["executing", "succeeded"])
    assert (result["summary"]["status"], result["total"]) == ({"succeeded": 1}, 1)
    assert 60 <= naps.seconds < 120


def test_nothing_is_waited_for_without_the_option_and_in_check_mode(run: Callable, naps: Any) -> None:
    plain = run("gp_job_query", services=[BUFFER], details=True)
    predicted = wait(run, BUFFER, details=True, check=True)
    assert ("failed" in predicted, naps.taken) == (False, [])
    assert predicted["jobs"] == plain["jobs"]


# Time-outs


def test_the_time_out_counts_the_open_jobs_and_names_twenty(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = add_jobs(sim, 23, "Elevation")
    result = wait(run, "Elevation", wait_timeout=45, details=True)
    assert (result["failed"], result["error"]["code"]) == (True, "wait_timeout")
    assert "24 jobs were still open after 45 seconds: Elevation j" in result["error"]["message"]
    assert f"Elevation {ids[0]} executing, " in result["msg"]
    assert result["msg"].count("Elevation j") == 20
    assert ", and 4 more." in result["msg"]
    assert (naps.seconds, result["error"]["retryable"]) == (pytest.approx(45), True)
    assert {tuple(job) for job in result["jobs"]} == {("job_id", "service", "status")}
    assert (len(result["jobs"]), result["total"], result["truncated"]) == (24, 24, False)


@pytest.mark.parametrize("options", [{"limit": 1}, {"summary_only": True}])
def test_a_short_list_does_not_hide_what_is_open(run: Callable, naps: Any, options: dict[str, Any]) -> None:
    result = wait(run, BUFFER, wait_timeout=1, **options)
    assert "10 jobs were still open after 1 seconds" in result["msg"]
    assert (len(result["jobs"]), result["total"]) == (options.get("limit", 0), 10)


def test_one_open_job_is_one_job(run: Callable, naps: Any) -> None:
    reason = f"1 job was still open after 0 seconds: Planning/NightlyExport {RUNNING_EXPORT} executing"
    assert wait(run, EXPORT, wait_timeout=0)["error"]["message"] == reason
    assert naps.taken == []


# Failures


@pytest.mark.parametrize(
    "turns, code, rounds",
    [
        ([OPEN, *[GATEWAY_DOWN] * 4, OPEN, *[DROPPED] * 4, ENDED], None, 11),
        ([GATEWAY_DOWN, OPEN, ENDED], None, 3),
        ([OPEN, GATEWAY_DOWN], "busy", 6),
    ],
    ids=["four failures", "the first round", "the fifth failure"],
)
@pytest.mark.parametrize("ignore_unreadable", [False, True])
def test_up_to_four_failed_rounds_in_a_row_are_survived(
    scripted: Callable,
    run_scripted: Callable,
    naps: Any,
    turns: list[Any],
    code: str | None,
    rounds: int,
    ignore_unreadable: bool,
) -> None:
    server = scripted(query=turns)
    options = {"wait_until": "none_open", "ignore_unreadable": ignore_unreadable, "retries": 0}
    result = run_scripted("gp_job_query", server, services=[BUFFER], **options)
    assert result.get("error", {}).get("code") == code
    # The last round asks for what has ended as well.
    assert len(server.received) == rounds + (code is None)


def test_a_busy_service_is_waited_for(scripted: Callable, run_scripted: Callable, naps: Any) -> None:
    def answer(received: Any) -> Any:
        return GATEWAY_DOWN if "Elevation" in received.path and len(naps.taken) < 9 else page()

    options = {"wait_until": "none_open", "ignore_unreadable": True, "retries": 0}
    result = run_scripted("gp_job_query", scripted(query=answer), services=[BUFFER, "Elevation"], **options)
    assert ("failed" in result, result["unreadable"], len(naps.taken)) == (False, [], 9)


@pytest.mark.parametrize("answer", [PAGE_404, refused(500, "The site is not started."), NOT_FOUND])
@pytest.mark.parametrize("services", [[BUFFER], [BUFFER, "Elevation"]])
def test_a_restart_of_the_site_is_survived_after_a_good_look(
    scripted: Callable, run_scripted: Callable, naps: Any, answer: Any, services: list[str]
) -> None:
    def restarting(received: Any) -> Any:
        is_down = 1 <= len(naps.taken) <= 3 and (len(services) == 1 or "Elevation" in received.path)
        return answer if is_down else page(j1="Executing") if len(naps.taken) < 6 else page()

    server = scripted(query=restarting)
    result = run_scripted("gp_job_query", server, services=services, wait_until="none_open", retries=0)
    assert ("failed" in result, result["unreadable"], len(naps.taken)) == (False, [], 6)
    first = scripted(query=answer)
    at_once = run_scripted("gp_job_query", first, services=services, wait_until="none_open", retries=0)
    assert at_once["failed"] and len(naps.taken) == 6


def test_an_unknown_service_fails_at_once(run: Callable, naps: Any) -> None:
    result = wait(run, EXPORT, "Maps/Bufer")
    assert (result["error"]["code"], naps.taken) == ("unreadable_services", [])


def test_an_unknown_service_is_passed_over_where_that_is_asked_for(run: Callable, naps: Any) -> None:
    result = wait(run, EXPORT, "Maps/Bufer", ignore_unreadable=True)
    assert "failed" not in result and naps.taken
    assert [entry["service"] for entry in result["unreadable"]] == ["Maps/Bufer"]


def test_a_list_that_changed_while_it_was_read_proves_nothing(
    scripted: Callable, run_scripted: Callable, naps: Any
) -> None:
    shifted = {**page(j1="Succeeded"), "total": 5}
    server = scripted(query=[shifted, shifted, ENDED])
    result = run_scripted("gp_job_query", server, services=[BUFFER], wait_until="none_open")
    assert ("failed" in result, len(naps.taken), result.get("warnings", [])) == (False, 2, [])
    late = run_scripted("gp_job_query", scripted(query=shifted), services=[BUFFER], wait_until="none_open")
    assert (late["error"]["code"], late["truncated"]) == ("wait_timeout", True)
    assert "0 jobs were still open after 600 seconds. There may be more" in late["msg"]


def test_no_request_waits_beyond_the_time(scripted: Callable, run_scripted: Callable, naps: Any) -> None:
    server = scripted(query=[OPEN, GATEWAY_DOWN])
    result = run_scripted("gp_job_query", server, services=[BUFFER], wait_until="none_open", wait_timeout=5, retries=20)
    assert result["error"]["code"] == "wait_timeout"
    assert naps.seconds == pytest.approx(5, abs=1.1)


@pytest.mark.parametrize("option, value", [("wait_timeout", -1), ("wait_sleep", 0), ("wait_sleep", "nan")])
def test_a_wait_that_cannot_be_is_refused(run: Callable, sim: Simulator, option: str, value: Any) -> None:
    result = wait(run, BUFFER, **{option: value})
    assert result["error"]["code"] == "bad_option" and option in result["msg"]
    assert sim.requests() == []
