# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for jobs of all products, with the clock moved, and what then fails the task: time-outs and bad ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    CANCELLED,
    CANCELLING,
    DONE,
    EXECUTING,
    EXPORT,
    FAILED,
    GONE,
    NOTEBOOK,
    RUNNING_EXPORT,
    STUBBORN,
    STUCK,
    TIMED_OUT,
    VIDEO,
    add_jobs,
    context_of,
    operations,
)
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    NOT_FOUND,
    PAGE_404,
    Answer,
    each_job,
    page,
    refused,
)
from arcgis_simulator import Simulator

JOB = EXECUTING[0]
EVERY_BAD_END = ["failed", "timed_out", "cancelled", "missing"]
# The modules that wait for jobs which they only read, and for each of them a job that succeeds after a while.
SOURCES: dict[str, dict[str, Any]] = {
    "gp_job_info": {"service": EXPORT, "job_ids": [RUNNING_EXPORT]},
    "notebook_jobs_info": {"job_ids": [NOTEBOOK.format(7)]},
    "video_job_info": {"job_ids": [VIDEO.format(2)]},
}


def read(run: Callable, module: str, **options: Any) -> dict[str, Any]:
    """Run a module that reads jobs against the site of its product."""
    return run(module, context_of(module), **options)


def read_gp(run: Callable, *job_ids: str, **options: Any) -> dict[str, Any]:
    """Run gp_job_info for jobs of one service."""
    return run("gp_job_info", service=BUFFER, job_ids=list(job_ids), **options)


# Until the end


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("module, options", SOURCES.items())
def test_a_job_is_read_until_it_has_ended(
    run: Callable, naps: Any, module: str, options: dict[str, Any], check: bool
) -> None:
    result = read(run, module, **options, wait=True, wait_sleep=0.5, fail_on=EVERY_BAD_END, check=check)
    assert ("failed" in result, result["changed"], result["summary"]) == (False, False, {"succeeded": 1})
    assert result["jobs"][0]["finished"] is True
    assert 20 <= naps.seconds < 60
    # The first pause is what was asked for.
    assert 0.45 <= naps.taken[0] <= 0.55
    assert naps.taken == sorted(naps.taken)


@pytest.mark.parametrize(
    "options", [{"job_ids": [STUCK]}, *({"job_ids": ids, "wait": True} for ids in ([], [DONE], [GONE]))], ids=str
)
def test_nothing_is_waited_for_without_wait_or_an_open_job(run: Callable, naps: Any, options: dict[str, Any]) -> None:
    result = run("gp_job_info", service=BUFFER, **options)
    assert ("failed" in result, naps.taken) == (False, [])


@pytest.mark.parametrize("fail_on", [[], ["missing"]])
@pytest.mark.parametrize("module, options", SOURCES.items())
def test_a_job_that_vanishes_is_missing_and_not_waited_for_to_the_end(
    run: Callable, naps: Any, sim: Simulator, module: str, options: dict[str, Any], fail_on: list[str]
) -> None:
    (job_id,) = options["job_ids"]
    naps.after[1] = lambda: sim.remove_job(job_id)
    result = read(run, module, **options, wait=True, fail_on=fail_on)
    assert (result["missing"], len(naps.taken)) == ([job_id], 1)
    assert result.get("error", {}).get("code") == ("job_ended_badly" if fail_on else None)
    assert not fail_on or f"{job_id} is missing: check the ID and url." in result["msg"]


def test_a_job_that_vanishes_among_others_is_missing(run: Callable, naps: Any, sim: Simulator) -> None:
    naps.after[1] = lambda: sim.remove_job(JOB)
    ids = add_jobs(sim, 2, schedule=[{"after": 60, "status": "succeeded"}])
    result = read_gp(run, *ids, JOB, wait=True)
    assert (result["missing"], result["summary"]) == ([JOB], {"succeeded": 2})


def test_an_unknown_service_fails_at_once(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service="Maps/Bufer", job_ids=[STUCK, JOB], wait=True)
    assert (result["error"]["code"], naps.taken) == ("unknown_service", [])


def test_a_token_that_expires_meanwhile_is_renewed_once(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = add_jobs(sim, 12, schedule=[{"after": 60, "status": "succeeded"}])
    naps.after[2] = sim.expire_tokens
    result = read_gp(run, *ids, wait=True)
    assert (result["summary"], result["api"]["logins"]) == ({"succeeded": 12}, 2)
    assert operations(sim)["generateToken"] == 2


def test_kubernetes_jobs_are_waited_for_as_well(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = ["jc800000000000000000000executing1", "jc800000000000000000000submitted1"]
    for job_id in ids:
        sim.update_job(job_id, schedule=[{"after": 9, "status": "failed"}])
    result = run("gp_job_info", "kubernetes", platform="kubernetes", service=BUFFER, job_ids=ids, wait=True)
    assert result["summary"] == {"failed": 2}


OPEN, ENDED = page(j1="Executing", j2="Executing"), page(j1="Succeeded", j2="Failed")


# What is in front of a site, or the site itself, answers while it restarts.
RESTARTING = {
    "a page": Answer("<html><title>The site is restarting</title></html>"),
    "a page with 404": PAGE_404,
    "an error with HTTP 500": Answer({"error": {"code": 500, "message": "Service not started"}}, 500),
    "an error": refused(500, "The site is not started."),
    "not even the address": refused(400, "Invalid URL"),
}


@pytest.mark.parametrize(
    "turns, code, requests",
    [
        ([OPEN, *[GATEWAY_DOWN] * 4, OPEN, *[GATEWAY_DOWN] * 4, ENDED], None, ["query"] * 11 + ["job"] * 2),
        ([OPEN, *[DROPPED] * 4, OPEN, *[DROPPED] * 4, ENDED], None, ["query"] * 11 + ["job"] * 2),
        ([OPEN, GATEWAY_DOWN], "busy", ["query"] * 6),
        *(
            ([OPEN, *[answer] * 4, OPEN, *[answer] * 4, ENDED], None, ["query"] * 11 + ["job"] * 2)
            for answer in RESTARTING.values()
        ),
        ([OPEN, NOT_FOUND], "unknown_service", ["query"] * 2 + ["services"] + ["query"] * 4),
        ([OPEN, PAGE_404], "html_answer", ["query"] * 6),
        ([PAGE_404], "html_answer", ["query"]),
        ([refused(500, "The site restarts.")], "site_error", ["query"]),
        ([OPEN, refused(403, "denied")], "no_privilege", ["query"] * 2),
    ],
    ids=[
        *("four times 502", "four times reset", "the fifth failure", *RESTARTING),
        *("the service has vanished", "a page to the end", "a page at first", "an error at first", "no privilege"),
    ],
)
def test_up_to_four_passing_failures_in_a_row_are_survived(
    scripted: Callable, run_scripted: Callable, naps: Any, turns: list[Any], code: str | None, requests: list[str]
) -> None:
    server = scripted(query=turns, job=each_job("esriJobSucceeded"))
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1", "j2"], wait=True, retries=0)
    assert result.get("error", {}).get("code") == code
    assert server.operations() == requests


def test_notebook_jobs_of_the_list_are_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    result = run("notebook_jobs_info", "notebook", submitted_by="night_batch", wait=True)
    assert (result["total"], result["summary"]) == (4, {"succeeded": 3, "failed": 1})
    assert all(found["finished"] for found in result["jobs"])
    assert 20 <= naps.seconds < 40


def test_open_notebook_jobs_that_were_found_are_returned_with_their_end(run: Callable, naps: Any) -> None:
    result = run("notebook_jobs_info", "notebook", submitted_by="night_batch", statuses=["executing"], wait=True)
    assert [(found["job_id"], found["status"]) for found in result["jobs"]] == [(NOTEBOOK.format(7), "succeeded")]


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


# Time-outs


@pytest.mark.parametrize(
    "module, options, still_open, ended",
    [
        (
            "gp_job_info",
            {"service": BUFFER, "job_ids": [STUCK, DONE, CANCELLING]},
            [f"{STUCK} of Maps/Buffer is executing.", f"{CANCELLING} of Maps/Buffer is cancelling."],
            DONE,
        ),
        (
            "notebook_jobs_info",
            {"types": ["executeNotebook"]},
            [f"{NOTEBOOK.format(6)} is executing.", f"{NOTEBOOK.format(9)} is submitted."],
            NOTEBOOK.format(7),
        ),
        (
            "video_job_info",
            {"job_ids": [VIDEO.format(2), VIDEO.format(3)]},
            [f"{VIDEO.format(2)} is executing."],
            VIDEO.format(3),
        ),
    ],
)
def test_the_time_out_names_each_open_job_its_status_and_the_time_waited(
    run: Callable, naps: Any, module: str, options: dict[str, Any], still_open: list[str], ended: str
) -> None:
    timeout = 10 if module == "video_job_info" else 45
    result = read(run, module, **options, wait=True, wait_timeout=timeout)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "wait_timeout")
    assert f"still open after {timeout} seconds: {len(still_open)}" in result["msg"]
    assert all(sentence in result["msg"] for sentence in still_open) and ended not in result["msg"]
    assert (result["error"]["retryable"], naps.seconds) == (True, pytest.approx(timeout))


def test_a_failed_task_lists_the_jobs_that_failed_it(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = [*add_jobs(sim, 20, schedule=[{"after": 5, "status": "succeeded"}]), STUCK]
    result = read_gp(run, *ids, wait=True, wait_timeout=30)
    assert [found["job_id"] for found in result["jobs"]] == [STUCK]
    assert (result["total"], result["returned"], result["truncated"]) == (21, 1, True)
    assert result["summary"] == {"succeeded": 20, "executing": 1}


def test_a_timeout_of_zero_is_one_look(run: Callable, naps: Any) -> None:
    assert (read_gp(run, STUCK, wait=True, wait_timeout=0)["error"]["code"], naps.taken) == ("wait_timeout", [])


def test_the_end_of_the_time_comes_before_the_bad_ends(run: Callable, naps: Any) -> None:
    result = read_gp(run, STUCK, FAILED, wait=True, wait_timeout=5, fail_on=["failed"])
    assert result["error"]["code"] == "wait_timeout"
    assert [job["job_id"] for job in result["jobs"]] == [STUCK, FAILED]


# Bad ends


@pytest.mark.parametrize(
    "module, job_id, end, last",
    [
        ("gp_job_info", FAILED, "failed", "Failed to execute (Buffer)"),
        ("gp_job_info", "jb0ffe20000000000000000000failed3", "failed", "It has no messages."),
        ("gp_job_info", TIMED_OUT, "timed_out", ""),
        ("gp_job_info", CANCELLED, "cancelled", ""),
        ("gp_job_info", GONE, "missing", ""),
        ("notebook_jobs_info", NOTEBOOK.format(3), "failed", "KeyError: parcels The notebook ended with an error"),
        ("notebook_jobs_info", NOTEBOOK.format(5), "cancelled", "It has no messages."),
        ("notebook_jobs_info", "jn-none", "missing", ""),
        ("video_job_info", VIDEO.format(3), "failed at step 159, Transcoding with GPU", ""),
        ("video_job_info", "jv-none", "missing", ""),
    ],
)
def test_a_bad_end_fails_the_task_where_it_is_named(
    run: Callable, module: str, job_id: str, end: str, last: str
) -> None:
    good = {"gp_job_info": [DONE, STUCK], "notebook_jobs_info": [NOTEBOOK.format(1)]}.get(module, [VIDEO.format(1)])
    options = {"job_ids": [job_id, *good], **({"service": BUFFER} if module == "gp_job_info" else {})}
    said = {"missing": "is missing: check the ID and url"}.get(end, end if "step" in end else f"is {end}")
    end = end.partition(" ")[0]
    result = read(run, module, **options, fail_on=[end])
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "job_ended_badly")
    (detail,) = result["error"]["details"]
    assert detail.startswith(f"{job_id} {said}.") and detail.endswith(last) and detail in result["msg"]
    assert [job["job_id"] for job in result["jobs"]] == ([] if end == "missing" else [job_id])
    assert result["missing"] == ([job_id] if end == "missing" else [])
    for others in ({}, {"fail_on": [other for other in EVERY_BAD_END if other != end]}):
        assert "failed" not in read(run, module, **options, **others)


@pytest.mark.parametrize("messages", [False, True])
def test_the_last_messages_of_the_job_are_in_the_error(run: Callable, messages: bool) -> None:
    result = read_gp(run, FAILED, fail_on=["failed"], messages=messages)
    assert "ERROR 000732: Input Features: the dataset roads does not exist" in result["msg"]
    assert [message["description"] for message in result["jobs"][0]["messages"]][-1] == "Failed to execute (Buffer)"


def test_messages_are_read_for_the_bad_ends_alone(run: Callable, sim: Simulator) -> None:
    for ids, fail_on, reads in (
        ([DONE, STUCK, FAILED, TIMED_OUT], ["failed"], {"public service": 1, "public job": 1}),
        ([DONE, STUCK], EVERY_BAD_END, {}),
    ):
        sim.clear_requests()
        read_gp(run, *ids, fail_on=fail_on)
        assert {name: count for name, count in operations(sim).items() if name.startswith("public")} == reads


def test_a_failed_task_lists_the_bad_ends_and_counts_the_others(run: Callable, sim: Simulator) -> None:
    ids = [job["job_id"] for job in sim.jobs("server", BUFFER)]
    result = read_gp(run, *ids, GONE, fail_on=["failed", "missing"])
    assert {job["status"] for job in result["jobs"]} == {"failed"}
    assert (result["returned"], result["total"], result["truncated"]) == (3, 25, True)
    assert (result["missing"], result["summary"]["succeeded"]) == ([GONE], 9)
    assert result["error"]["message"] == "4 jobs did not succeed"


@pytest.mark.parametrize(
    "module, fate, words",
    [
        (
            "gp_job_info",
            {"schedule": [{"after": 30, "status": "failed"}], "messages": ["Executing (Export)", "ERROR 000210: full"]},
            f"{RUNNING_EXPORT} is failed. Executing (Export) ERROR 000210: full",
        ),
        ("notebook_jobs_info", {"schedule": [{"after": 30, "status": "FAILED"}]}, f"{NOTEBOOK.format(7)} is failed."),
        ("video_job_info", {"fails_at": 5}, "Generating Video Stream Info"),
    ],
)
def test_a_pipeline_that_waits_stops_at_the_bad_end(
    run: Callable, naps: Any, sim: Simulator, module: str, fate: dict[str, Any], words: str
) -> None:
    sim.update_job(SOURCES[module]["job_ids"][0], **fate)
    result = read(run, module, **SOURCES[module], wait=True, fail_on=EVERY_BAD_END)
    assert (result["failed"], result["error"]["code"]) == (True, "job_ended_badly")
    assert words in result["msg"] and naps.taken


@pytest.mark.parametrize("wait", [False, True])
def test_notebook_jobs_of_the_list_show_their_messages(run: Callable, naps: Any, wait: bool) -> None:
    filters = {"submitted_by": "night_batch", "start_time": "12h"}
    result = run("notebook_jobs_info", "notebook", **filters, fail_on=["failed"], wait=wait)
    assert result["error"]["details"] == [
        f"{NOTEBOOK.format(3)} is failed. Starting the container Cell 7: KeyError: parcels "
        "The notebook ended with an error"
    ]
    assert [job["job_id"] for job in result["jobs"]] == [NOTEBOOK.format(3)]


def test_a_notebook_job_beyond_the_limit_still_fails_the_task(run: Callable) -> None:
    result = run("notebook_jobs_info", "notebook", limit=1, fail_on=["failed"])
    assert result["error"]["code"] == "job_ended_badly"
    assert NOTEBOOK.format(4) in result["msg"]


def test_good_notebook_jobs_are_returned_with_their_status(run: Callable) -> None:
    result = run("notebook_jobs_info", "notebook", types=["openNotebook"], fail_on=EVERY_BAD_END)
    assert ("failed" in result, result["summary"]) == (False, {"succeeded": 3, "executing": 1})


def test_messages_of_a_job_cannot_steer_a_terminal(run: Callable, sim: Simulator) -> None:
    sim.update_job(FAILED, messages=["ERROR\x1b[31m 1\u202e\n" + "x" * 5000])
    result = read_gp(run, FAILED, fail_on=["failed"])
    (detail,) = result["error"]["details"]
    assert detail.startswith(f"{FAILED} is failed. ERROR [31m 1 xxx")
    assert (detail.isprintable(), result["msg"].isprintable()) == (True, True)


# gp_job and notebook_job


def change(run: Callable, job_ids: list[str], state: str = "cancelled", **more: Any) -> dict[str, Any]:
    """Run the module for jobs of one service, and wait."""
    return run("gp_job", state=state, service=BUFFER, job_ids=job_ids, wait=True, **more)


def test_a_cancelled_job_is_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    (found,) = change(run, [JOB])["jobs"]
    assert (found["outcome"], found["changed"], found["status"]) == ("cancel_accepted", True, "cancelled")
    assert 2 <= naps.seconds < 6


def test_a_job_that_is_already_on_its_way_is_waited_for_and_unchanged(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.settings("server", delete_seconds=9)
    for before, state, job_id, outcome, after in (
        ("cancelled", "cancelled", JOB, "already_cancelling", "cancelled"),
        ("absent", "cancelled", EXECUTING[1], "already_deleting", "absent"),
        ("absent", "absent", STUCK, "already_deleting", "absent"),
    ):
        run("gp_job", state=before, service=BUFFER, job_ids=[job_id])
        result = change(run, [job_id], state)
        (found,) = result["jobs"]
        assert (result["changed"], found["outcome"], found["status"]) == (False, outcome, after)
    assert (operations(sim)["cancel"], operations(sim)["delete"]) == (1, 2)


@pytest.mark.parametrize("others", [[], [JOB]])
def test_a_job_that_never_stops_is_a_time_out_and_a_change(run: Callable, naps: Any, others: list[str]) -> None:
    result = change(run, [*others, STUBBORN], wait_timeout=60)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "wait_timeout")
    assert f"{STUBBORN} of Maps/Buffer is cancelling." in result["msg"]
    assert "still open after 60 seconds: 1" in result["msg"]
    assert JOB not in result["msg"]
    (found,) = result["jobs"]
    assert (found["job_id"], found["outcome"], found["status"]) == (STUBBORN, "cancel_accepted", "cancelling")
    assert found["error"]["code"] == "wait_timeout"
    assert result["summary"] == {"cancel_accepted": len(others) + 1}


def test_a_time_out_among_other_failures(run: Callable, naps: Any) -> None:
    result = change(run, [JOB, STUBBORN, GONE], wait_timeout=60)
    assert result["error"]["code"] == "some_jobs_failed"
    assert [found["error"]["code"] for found in result["jobs"]] == ["wait_timeout", "unknown_job"]


def test_a_deleted_job_is_waited_for_until_it_is_gone(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.settings("server", delete_seconds=9)
    result = change(run, [JOB, STUCK, DONE], "absent")
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


def test_what_needs_no_change_is_not_waited_for(run: Callable, naps: Any) -> None:
    ids = [DONE, STUCK, GONE]
    result = change(run, ids, only_statuses=["failed"], missing_ok=True)
    assert (result["changed"], naps.taken) == (False, [])
    assert [found["outcome"] for found in result["jobs"]] == ["not_selected", "not_selected", "missing"]


@pytest.mark.parametrize("state", ["cancelled", "absent"])
def test_check_mode_waits_for_nothing(run: Callable, naps: Any, sim: Simulator, state: str) -> None:
    result = change(run, [STUBBORN, CANCELLING], state, check=True)
    assert ("failed" in result, result["changed"], naps.taken) == (False, True, [])


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
