# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for jobs of all products, with the clock moved: until the end, to the time-out, and through failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    NOT_FOUND,
    each_job,
    page,
)
from arcgis_simulator import Simulator

RUNNING = "je49040000000000000000000running1"
BUFFER = "Maps/Buffer"
STUCK = "jb0ffe200000000000000000000stuck1"
STUBBORN = "jb0ffe200000000000000000stubborn1"
EXECUTING = "jb0ffe20000000000000000executing1"
DONE = "jb0ffe20000000000000000succeeded1"
GONE = "jb0ffe2000000000000000000000none1"
NOTEBOOK = "j0000000{0}-0b00-4000-8000-00000000000{0}"
VIDEO = "j0000000{0}-51de-4000-8000-00000000000{0}"


def operations(sim: Simulator) -> Counter[str]:
    """Return how often each operation arrived."""
    return Counter(request["operation"] for request in sim.requests())


def add_jobs(sim: Simulator, count: int, ends_after: float | None = None) -> list[str]:
    """Add executing jobs that succeed after some seconds, and return their IDs."""
    ids = [f"j{number:032x}" for number in range(count)]
    schedule = [] if ends_after is None else [{"after": ends_after, "status": "succeeded"}]
    for job_id in ids:
        sim.add_job("server", service=BUFFER, job_id=job_id, status="executing", schedule=schedule)
    return ids


# gp_job_info


def test_a_gp_job_is_read_until_it_has_ended(run: Callable, naps: Any, sim: Simulator) -> None:
    result = run("gp_job_info", service="Planning/NightlyExport", job_id=[RUNNING], wait=True)
    assert "failed" not in result and result["changed"] is False
    assert result["summary"] == {"succeeded": 1}
    assert result["jobs"][0]["finished"] is True
    assert 20 <= naps.seconds < 40
    assert operations(sim)["query"] == 0


def test_without_wait_nothing_is_waited_for(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service="Planning/NightlyExport", job_id=[RUNNING])
    assert (result["summary"], naps.taken) == ({"executing": 1}, [])


def test_jobs_that_have_ended_are_not_waited_for(run: Callable, naps: Any) -> None:
    assert run("gp_job_info", service=BUFFER, job_ids=[DONE], wait=True)["summary"] == {"succeeded": 1}
    assert naps.taken == []


def test_no_job_is_nothing_to_wait_for(run: Callable, naps: Any, sim: Simulator) -> None:
    assert run("gp_job_info", service=BUFFER, job_ids=[], wait=True)["api"]["requests"] == 0
    assert (sim.requests(), naps.taken) == ([], [])


def test_the_first_pause_is_what_was_asked_for(run: Callable, naps: Any) -> None:
    run("gp_job_info", service="Planning/NightlyExport", job_id=[RUNNING], wait=True, wait_sleep=0.5)
    assert 0.45 <= naps.taken[0] <= 0.55
    assert naps.taken == sorted(naps.taken)


def test_many_jobs_of_one_service_are_looked_at_by_the_page(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = add_jobs(sim, 30, ends_after=20)[::-1]
    result = run("gp_job_info", service=BUFFER, job_ids=ids, wait=True)
    assert [found["job_id"] for found in result["jobs"]] == ids
    assert result["summary"] == {"succeeded": 30}
    assert operations(sim) == {"rest/info": 1, "generateToken": 1, "query": len(naps.taken) + 1, "job": 30}


def test_a_job_that_vanishes_is_missing_and_not_waited_for_to_the_end(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = [*add_jobs(sim, 2, ends_after=60), EXECUTING]
    naps.after[1] = lambda: sim.remove_job(EXECUTING)
    result = run("gp_job_info", service=BUFFER, job_ids=ids, wait=True)
    assert (result["missing"], result["summary"]) == ([EXECUTING], {"succeeded": 2})
    naps.after.clear()
    naps.after[len(naps.taken) + 1] = lambda: sim.remove_job(STUCK)
    before = len(naps.taken)
    assert run("gp_job_info", service=BUFFER, job_ids=[STUCK], wait=True)["missing"] == [STUCK]
    assert len(naps.taken) == before + 1


def test_a_missing_job_is_not_waited_for(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=[GONE], wait=True)
    assert ("failed" in result, result["missing"], naps.taken) == (False, [GONE], [])


def test_the_time_out_names_each_open_job_its_status_and_the_time_waited(
    run: Callable, naps: Any, sim: Simulator
) -> None:
    ids = [STUCK, DONE, "jb0ffe2000000000000000cancelling1"]
    result = run("gp_job_info", service=BUFFER, job_ids=ids, wait=True, wait_timeout=90)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "wait_timeout")
    assert f"{STUCK} of Maps/Buffer is executing." in result["msg"]
    assert f"{ids[2]} of Maps/Buffer is cancelling." in result["msg"]
    assert "still open after 90 seconds: 2" in result["msg"]
    assert DONE not in result["msg"]
    assert (result["error"]["retryable"], naps.seconds) == (True, pytest.approx(90))


def test_a_failed_task_lists_the_jobs_that_failed_it(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = [*add_jobs(sim, 20, ends_after=5), STUCK]
    result = run("gp_job_info", service=BUFFER, job_ids=ids, wait=True, wait_timeout=30)
    assert [found["job_id"] for found in result["jobs"]] == [STUCK]
    assert (result["total"], result["returned"], result["truncated"]) == (21, 1, True)
    assert result["summary"] == {"succeeded": 20, "executing": 1}


def test_a_timeout_of_zero_is_one_look(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=[STUCK], wait=True, wait_timeout=0)
    assert (result["error"]["code"], naps.taken) == ("wait_timeout", [])


@pytest.mark.parametrize("options", [{"wait_sleep": 0}, {"wait_sleep": -1}, {"wait_timeout": -1}])
@pytest.mark.parametrize("wait", [False, True])
def test_times_that_make_no_sense_are_refused(run: Callable, sim: Simulator, options: dict, wait: bool) -> None:
    for name, more in (
        ("gp_job_info", {"service": BUFFER, "job_ids": [STUCK]}),
        ("gp_job", {"service": BUFFER, "job_ids": [STUCK], "state": "cancelled"}),
    ):
        result = run(name, wait=wait, **more, **options)
        assert result["error"]["code"] == "bad_option"
        assert f"The option {next(iter(options))} is" in result["msg"]
    assert sim.requests() == []


def test_an_unknown_service_fails_at_once(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service="Maps/Bufer", job_ids=[STUCK, EXECUTING], wait=True)
    assert (result["error"]["code"], naps.taken) == ("unknown_service", [])


def test_a_token_that_expires_meanwhile_is_renewed_once(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = add_jobs(sim, 12, ends_after=60)
    naps.after[2] = sim.expire_tokens
    result = run("gp_job_info", service=BUFFER, job_ids=ids, wait=True)
    assert (result["summary"], result["api"]["logins"]) == ({"succeeded": 12}, 2)
    assert operations(sim)["generateToken"] == 2


def test_kubernetes_jobs_are_waited_for_as_well(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = ["jc800000000000000000000executing1", "jc800000000000000000000submitted1"]
    for job_id in ids:
        sim.update_job(job_id, schedule=[{"after": 9, "status": "failed"}])
    result = run("gp_job_info", "kubernetes", platform="kubernetes", service=BUFFER, job_ids=ids, wait=True)
    assert result["summary"] == {"failed": 2}


def test_reading_in_check_mode_waits_as_well(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service="Planning/NightlyExport", job_id=[RUNNING], wait=True, check=True)
    assert result["summary"] == {"succeeded": 1}


ENDED = page(j1="Succeeded", j2="Failed")
OPEN = page(j1="Executing", j2="Executing")


@pytest.mark.parametrize("down", [GATEWAY_DOWN, DROPPED], ids=["502", "reset"])
def test_four_failures_in_a_row_are_survived(scripted: Callable, run_scripted: Callable, naps: Any, down: Any) -> None:
    server = scripted(query=[OPEN, *[down] * 4, OPEN, *[down] * 4, ENDED], job=each_job("esriJobSucceeded"))
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1", "j2"], wait=True, retries=0)
    assert "failed" not in result
    assert server.operations() == ["query"] * 11 + ["job"] * 2


def test_the_fifth_failure_in_a_row_is_the_end(scripted: Callable, run_scripted: Callable, naps: Any) -> None:
    server = scripted(query=[OPEN, GATEWAY_DOWN])
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1", "j2"], wait=True, retries=0)
    assert (result["failed"], result["error"]["code"]) == (True, "busy")
    assert len(server.received) == 6


def test_a_vanished_service_is_not_polled_to_the_end(scripted: Callable, run_scripted: Callable, naps: Any) -> None:
    server = scripted(query=[OPEN, NOT_FOUND])
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1", "j2"], wait=True)
    assert (result["error"]["code"], len(naps.taken)) == ("unknown_service", 1)


# notebook_jobs_info


def test_notebook_jobs_of_the_list_are_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    result = run("notebook_jobs_info", "notebook", submitted_by="night_batch", wait=True)
    assert (result["total"], result["summary"]) == (4, {"succeeded": 3, "failed": 1})
    assert all(found["finished"] for found in result["jobs"])
    assert 20 <= naps.seconds < 40


def test_open_notebook_jobs_that_were_found_are_returned_with_their_end(run: Callable, naps: Any) -> None:
    result = run("notebook_jobs_info", "notebook", submitted_by="night_batch", statuses=["executing"], wait=True)
    assert [(found["job_id"], found["status"]) for found in result["jobs"]] == [(NOTEBOOK.format(7), "succeeded")]


def test_notebook_jobs_are_looked_at_with_one_list_a_round(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = [f"jn-{number}" for number in range(20)]
    for job_id in ids:
        sim.add_job("notebook", job_id=job_id, status="PROCESSING", schedule=[{"after": 20, "status": "COMPLETED"}])
    result = run("notebook_jobs_info", "notebook", job_ids=ids, wait=True)
    assert [found["job_id"] for found in result["jobs"]] == ids
    assert result["summary"] == {"succeeded": 20}
    assert operations(sim)["system/jobs"] == len(naps.taken) + 1
    assert operations(sim)["job"] == 20


def test_a_notebook_job_that_vanishes_is_missing(run: Callable, naps: Any, sim: Simulator) -> None:
    naps.after[1] = lambda: sim.remove_job(NOTEBOOK.format(6))
    result = run("notebook_jobs_info", "notebook", job_ids=[NOTEBOOK.format(6), NOTEBOOK.format(7)], wait=True)
    assert (result["missing"], result["summary"]) == ([NOTEBOOK.format(6)], {"succeeded": 1})


def test_the_time_out_of_notebook_jobs(run: Callable, naps: Any) -> None:
    result = run("notebook_jobs_info", "notebook", types=["executeNotebook"], wait=True, wait_timeout=45)
    assert (result["failed"], result["error"]["code"]) == (True, "wait_timeout")
    assert f"{NOTEBOOK.format(6)} is executing. {NOTEBOOK.format(9)} is submitted." in result["msg"] or (
        f"{NOTEBOOK.format(9)} is submitted. {NOTEBOOK.format(6)} is executing." in result["msg"]
    )
    assert "still open after 45 seconds: 2" in result["msg"]
    assert NOTEBOOK.format(7) not in result["msg"]


# video_job_info


def test_a_video_job_is_read_until_it_has_ended(run: Callable, naps: Any) -> None:
    result = run("video_job_info", "video", job_ids=[VIDEO.format(2), VIDEO.format(3)], wait=True)
    assert [found["status"] for found in result["jobs"]] == ["succeeded", "failed"]
    assert len(result["jobs"][0]["steps"]) == 16
    assert 20 <= naps.seconds < 60


def test_the_time_out_of_a_video_job(run: Callable, naps: Any) -> None:
    result = run("video_job_info", "video", job_ids=[VIDEO.format(2), VIDEO.format(3)], wait=True, wait_timeout=10)
    assert (result["failed"], result["error"]["code"]) == (True, "wait_timeout")
    assert f"{VIDEO.format(2)} is executing." in result["msg"]
    assert VIDEO.format(3) not in result["msg"]


def test_a_video_job_that_vanishes_is_missing(run: Callable, naps: Any, sim: Simulator) -> None:
    naps.after[1] = lambda: sim.remove_job(VIDEO.format(2))
    result = run("video_job_info", "video", job_ids=[VIDEO.format(2)], wait=True)
    assert (result["missing"], len(naps.taken)) == ([VIDEO.format(2)], 1)


def test_a_broken_round_does_not_make_video_jobs_vanish(scripted: Callable, run_scripted: Callable, naps: Any) -> None:
    def answer(received: Any) -> Any:
        if len(naps.taken) == 1:
            return DROPPED
        # The two jobs that meet the broken connection end before the others.
        ends_after = 1 if received.path.endswith(("/j0", "/j1")) else 3
        return {"status": "Completed" if len(naps.taken) > ends_after else "In Progress", "messages": []}

    ids = [f"j{number}" for number in range(12)]
    result = run_scripted("video_job_info", scripted(job=answer), job_ids=ids, wait=True, retries=0, max_concurrency=2)
    assert (result["summary"], result["missing"], len(naps.taken)) == ({"succeeded": 12}, [], 4)


# gp_job


def change(run: Callable, job_ids: list[str], state: str = "cancelled", **more: Any) -> dict[str, Any]:
    """Run the module for jobs of one service, and wait."""
    return run("gp_job", state=state, service=BUFFER, job_ids=job_ids, wait=True, **more)


def test_a_cancelled_job_is_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    (found,) = change(run, [EXECUTING])["jobs"]
    assert (found["outcome"], found["changed"], found["status"]) == ("cancel_accepted", True, "cancelled")
    assert 2 <= naps.seconds < 6


def test_a_job_that_is_already_being_cancelled_is_waited_for_and_unchanged(
    run: Callable, naps: Any, sim: Simulator
) -> None:
    run("gp_job", state="cancelled", service=BUFFER, job_ids=[EXECUTING])
    result = change(run, [EXECUTING])
    assert (result["changed"], result["jobs"][0]["outcome"], result["jobs"][0]["status"]) == (
        False,
        "already_cancelling",
        "cancelled",
    )
    assert operations(sim)["cancel"] == 1


def test_a_job_that_never_stops_is_a_time_out_and_a_change(run: Callable, naps: Any) -> None:
    result = change(run, [EXECUTING, STUBBORN], wait_timeout=60)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "wait_timeout")
    assert f"{STUBBORN} of Maps/Buffer is cancelling." in result["msg"]
    assert "still open after 60 seconds: 1" in result["msg"]
    assert EXECUTING not in result["msg"]
    (found,) = result["jobs"]
    assert (found["job_id"], found["outcome"], found["status"]) == (STUBBORN, "cancel_accepted", "cancelling")
    assert found["error"]["code"] == "wait_timeout"
    assert result["summary"] == {"cancel_accepted": 2}


def test_a_time_out_among_other_failures(run: Callable, naps: Any) -> None:
    result = change(run, [EXECUTING, STUBBORN, GONE], wait_timeout=60)
    assert result["error"]["code"] == "some_jobs_failed"
    assert [found["error"]["code"] for found in result["jobs"]] == ["wait_timeout", "unknown_job"]


def test_a_single_job_that_never_stops(run: Callable, naps: Any) -> None:
    result = change(run, [STUBBORN], wait_timeout=7)
    assert (result["error"]["code"], result["changed"]) == ("wait_timeout", True)
    assert "after 7 seconds" in result["msg"] and STUBBORN in result["msg"]


def test_a_deleted_job_is_waited_for_until_it_is_gone(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.settings("server", delete_seconds=9)
    result = change(run, [EXECUTING, STUCK, DONE], "absent")
    assert (result["changed"], result["summary"]) == (True, {"deleted": 3})
    assert {found["status"] for found in result["jobs"]} == {"absent"}
    assert naps.seconds >= 9


def test_a_deletion_that_the_site_carries_out_later_is_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.add_fault("carried_out_later", context="server", operation="delete", seconds=30)
    result = run("gp_job", service=BUFFER, job_ids=[DONE], state="absent", wait=True)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert [(job["outcome"], job["status"], job["error"]) for job in result["jobs"]] == [("deleted", "absent", None)]
    assert 30 <= naps.seconds < 90
    assert operations(sim)["delete"] == 1


def test_a_job_that_is_already_being_deleted_is_waited_for_and_unchanged(
    run: Callable, naps: Any, sim: Simulator
) -> None:
    sim.settings("server", delete_seconds=9)
    for state in ("cancelled", "absent"):
        job_id = {"cancelled": EXECUTING, "absent": STUCK}[state]
        run("gp_job", state="absent", service=BUFFER, job_ids=[job_id])
        result = change(run, [job_id], state)
        assert (result["changed"], result["jobs"][0]["outcome"], result["jobs"][0]["status"]) == (
            False,
            "already_deleting",
            "absent",
        )
    assert operations(sim)["delete"] == 2


def test_what_needs_no_change_is_not_waited_for(run: Callable, naps: Any) -> None:
    ids = [DONE, STUCK, GONE]
    result = change(run, ids, only_statuses=["failed"], missing_ok=True)
    assert (result["changed"], naps.taken) == (False, [])
    assert [found["outcome"] for found in result["jobs"]] == ["not_selected", "not_selected", "missing"]


@pytest.mark.parametrize("state", ["cancelled", "absent"])
def test_check_mode_waits_for_nothing(run: Callable, naps: Any, sim: Simulator, state: str) -> None:
    result = change(run, [STUBBORN, "jb0ffe2000000000000000cancelling1"], state, check=True)
    assert ("failed" in result, result["changed"], naps.taken) == (False, True, [])


def test_many_cancelled_jobs_are_looked_at_by_the_page(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.settings("server", cancel_seconds=20)
    ids = add_jobs(sim, 30)
    result = change(run, ids)
    assert {found["status"] for found in result["jobs"]} == {"cancelled"}
    # One look before the writes, one after them, and one for each round.
    assert operations(sim)["query"] == 2 + len(naps.taken) + 1
    assert (operations(sim)["cancel"], operations(sim)["job"]) == (30, 0)


def test_a_site_that_goes_down_during_the_wait_leaves_a_truthful_result(
    scripted: Callable, run_scripted: Callable, naps: Any
) -> None:
    cancelling = page(j1="Cancelling", j2="Cancelling")
    server = scripted(query=[OPEN, cancelling, cancelling, GATEWAY_DOWN], cancel={"status": "success"})
    options = {"service": BUFFER, "job_ids": ["j1", "j2"], "state": "cancelled", "wait": True, "retries": 0}
    result = run_scripted("gp_job", server, **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert [(found["outcome"], found["status"], found["error"]["code"]) for found in result["jobs"]] == [
        ("cancel_accepted", "cancelling", "busy")
    ] * 2


# notebook_job


def test_cancelled_notebook_jobs_are_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = [NOTEBOOK.format(6), NOTEBOOK.format(9), NOTEBOOK.format(3)]
    result = run("notebook_job", "notebook", state="cancelled", job_ids=ids, wait=True)
    assert [(found["outcome"], found["status"]) for found in result["jobs"]] == [
        ("cancel_accepted", "cancelled"),
        ("cancel_accepted", "cancelled"),
        ("already_finished", "failed"),
    ]
    assert 2 <= naps.seconds < 6


def test_a_notebook_job_that_never_stops(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.settings("notebook", cancel_seconds=600)
    result = run(
        "notebook_job", "notebook", state="cancelled", job_ids=[NOTEBOOK.format(6)], wait=True, wait_timeout=30
    )
    assert (result["error"]["code"], result["changed"]) == ("wait_timeout", True)
    assert f"{NOTEBOOK.format(6)} is cancelling." in result["msg"]
