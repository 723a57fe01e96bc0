# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad end of a job as a failed task: which ends, with the last messages, for all products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

BUFFER, EXPORT = "Maps/Buffer", "Planning/NightlyExport"
FAILED = "jb0ffe20000000000000000000failed1"
FAILED_SILENTLY = "jb0ffe20000000000000000000failed3"
TIMED_OUT = "jb0ffe200000000000000000timedout1"
CANCELLED = "jb0ffe20000000000000000cancelled1"
DONE = "jb0ffe20000000000000000succeeded1"
STUCK = "jb0ffe200000000000000000000stuck1"
GONE = "jb0ffe2000000000000000000000none1"
RUNNING = "je49040000000000000000000running1"
NOTEBOOK = "j0000000{0}-0b00-4000-8000-00000000000{0}"
VIDEO = "j0000000{0}-51de-4000-8000-00000000000{0}"
EVERY_BAD_END = ["failed", "timed_out", "cancelled", "missing"]
JOB_OF = {"failed": FAILED, "timed_out": TIMED_OUT, "cancelled": CANCELLED, "missing": GONE}


def public_reads(sim: Simulator) -> Counter[str]:
    """Return how often the public service was read, where the messages are."""
    names = [request["operation"] for request in sim.requests()]
    return Counter(name for name in names if name.startswith("public"))


@pytest.mark.parametrize("end", EVERY_BAD_END)
def test_each_bad_end_fails_the_task_where_it_is_named(run: Callable, end: str) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=[JOB_OF[end]], fail_on=[end])
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "job_ended_badly")
    assert f"{JOB_OF[end]} is {end}." in result["msg"]
    assert result["error"]["details"][0].startswith(f"{JOB_OF[end]} is {end}.")


@pytest.mark.parametrize("end", EVERY_BAD_END)
def test_other_ends_do_not(run: Callable, end: str) -> None:
    others = [other for other in EVERY_BAD_END if other != end]
    result = run("gp_job_info", service=BUFFER, job_ids=[JOB_OF[end], DONE, STUCK], fail_on=others)
    assert "failed" not in result


def test_by_default_no_end_fails_the_task(run: Callable) -> None:
    assert "failed" not in run("gp_job_info", service=BUFFER, job_ids=[*JOB_OF.values()])


@pytest.mark.parametrize("status", ["succeeded", "executing", "FAILED", ""])
def test_only_bad_ends_can_be_named(run: Callable, sim: Simulator, status: str) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=[DONE], fail_on=[status])
    assert result["failed"] and "fail_on" in result["msg"]
    assert sim.requests() == []


def test_the_last_messages_of_the_job_are_in_the_error(run: Callable) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=[FAILED], fail_on=["failed"])
    assert "ERROR 000732: Input Features: the dataset roads does not exist" in result["msg"]
    assert "Failed to execute (Buffer)" in result["msg"]
    assert [message["description"] for message in result["jobs"][0]["messages"]][-1] == "Failed to execute (Buffer)"


def test_a_job_without_messages_says_so(run: Callable) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=[FAILED_SILENTLY], fail_on=["failed"])
    assert f"{FAILED_SILENTLY} is failed. It has no messages." in result["msg"]


def test_messages_are_read_for_the_bad_ends_alone(run: Callable, sim: Simulator) -> None:
    run("gp_job_info", service=BUFFER, job_ids=[DONE, STUCK, FAILED, TIMED_OUT], fail_on=["failed"])
    assert public_reads(sim) == {"public service": 1, "public job": 1}
    sim.clear_requests()
    run("gp_job_info", service=BUFFER, job_ids=[DONE, STUCK], fail_on=EVERY_BAD_END)
    assert public_reads(sim) == {}


def test_messages_that_were_asked_for_are_there_too(run: Callable) -> None:
    options = {"job_ids": [FAILED], "messages": True, "fail_on": ["failed"]}
    assert "ERROR 000732" in run("gp_job_info", service=BUFFER, **options)["msg"]


def test_a_failed_task_lists_the_bad_ends_and_counts_the_others(run: Callable, sim: Simulator) -> None:
    ids = [job["job_id"] for job in sim.jobs("server", BUFFER)]
    result = run("gp_job_info", service=BUFFER, job_ids=[*ids, GONE], fail_on=["failed", "missing"])
    assert {job["status"] for job in result["jobs"]} == {"failed"}
    assert (result["returned"], result["total"], result["truncated"]) == (3, 25, True)
    assert (result["missing"], result["summary"]["succeeded"]) == ([GONE], 9)
    assert result["error"]["message"] == "jobs that ended badly: 4"


def test_a_pipeline_that_waits_stops_at_the_bad_end(run: Callable, naps: Any, sim: Simulator) -> None:
    messages = ["Executing (Export)", "ERROR 000210: the disk is full"]
    sim.update_job(RUNNING, schedule=[{"after": 30, "status": "failed"}], messages=messages)
    result = run("gp_job_info", service=EXPORT, job_ids=[RUNNING], wait=True, fail_on=EVERY_BAD_END)
    assert (result["failed"], result["error"]["code"]) == (True, "job_ended_badly")
    assert f"{RUNNING} is failed. Executing (Export) ERROR 000210: the disk is full" in result["msg"]
    assert naps.seconds >= 30


def test_a_pipeline_that_waits_goes_on_after_a_good_end(run: Callable, naps: Any) -> None:
    result = run("gp_job_info", service=EXPORT, job_ids=[RUNNING], wait=True, fail_on=EVERY_BAD_END)
    assert ("failed" in result, result["summary"]) == (False, {"succeeded": 1})


def test_a_job_that_vanishes_during_the_wait_is_missing(run: Callable, naps: Any, sim: Simulator) -> None:
    naps.after[1] = lambda: sim.remove_job(RUNNING)
    result = run("gp_job_info", service=EXPORT, job_ids=[RUNNING], wait=True, fail_on=["missing"])
    assert result["error"]["code"] == "job_ended_badly"
    assert f"{RUNNING} is missing." in result["msg"]


def test_the_end_of_the_time_comes_before_the_bad_ends(run: Callable, naps: Any) -> None:
    options = {"job_ids": [STUCK, FAILED], "wait": True, "wait_timeout": 5, "fail_on": ["failed"]}
    result = run("gp_job_info", service=BUFFER, **options)
    assert result["error"]["code"] == "wait_timeout"
    assert [job["job_id"] for job in result["jobs"]] == [STUCK, FAILED]


# Notebook Server


@pytest.mark.parametrize(
    "end, job_id, last",
    [
        ("failed", NOTEBOOK.format(3), "Cell 7: KeyError: parcels The notebook ended with an error"),
        ("cancelled", NOTEBOOK.format(5), "It has no messages."),
        ("missing", "jn-none", ""),
    ],
)
def test_notebook_jobs_by_their_ids(run: Callable, end: str, job_id: str, last: str) -> None:
    result = run("notebook_jobs_info", "notebook", job_ids=[job_id, NOTEBOOK.format(1)], fail_on=[end])
    assert (result["failed"], result["error"]["code"]) == (True, "job_ended_badly")
    assert job_id in result["msg"] and f"is {end}." in result["msg"] and last in result["msg"]
    assert "failed" not in run("notebook_jobs_info", "notebook", job_ids=[job_id], fail_on=["timed_out"])


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


# Video Server


def test_a_failed_video_job_says_where_it_failed(run: Callable) -> None:
    ids = [VIDEO.format(1), VIDEO.format(3)]
    result = run("video_job_info", "video", job_ids=ids, fail_on=["failed"])
    assert (result["failed"], result["error"]["code"]) == (True, "job_ended_badly")
    assert result["error"]["details"][0].endswith("Generating Video Info Transcoding with GPU")
    assert [(job["job_id"], job["failed_step"]["code"]) for job in result["jobs"]] == [(VIDEO.format(3), 159)]
    assert (result["total"], result["truncated"]) == (2, True)


def test_a_missing_video_job(run: Callable) -> None:
    result = run("video_job_info", "video", job_ids=["jv-none"], fail_on=["missing"])
    assert (result["error"]["code"], result["missing"]) == ("job_ended_badly", ["jv-none"])
    assert "failed" not in run("video_job_info", "video", job_ids=["jv-none"], fail_on=["failed"])


def test_a_video_job_that_is_waited_for(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.update_job(VIDEO.format(2), fails_at=5)
    result = run("video_job_info", "video", job_ids=[VIDEO.format(2)], wait=True, fail_on=["failed"])
    assert result["error"]["code"] == "job_ended_badly"
    assert "Generating Video Stream Info" in result["msg"]


def test_messages_of_a_job_cannot_steer_a_terminal(run: Callable, sim: Simulator) -> None:
    sim.update_job(FAILED, messages=["ERROR\x1b[31m 1\u202e\n" + "x" * 5000])
    result = run("gp_job_info", service=BUFFER, job_ids=[FAILED], fail_on=["failed"])
    (detail,) = result["error"]["details"]
    assert detail.startswith(f"{FAILED} is failed. ERROR [31m 1 xxx")
    assert (detail.isprintable(), result["msg"].isprintable()) == (True, True)
