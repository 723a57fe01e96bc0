# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook jobs of ArcGIS Enterprise on Kubernetes, which has other addresses, keys and words for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import operations, writes
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import NOT_FOUND, refused
from arcgis_simulator import Simulator

JOB = "j0000000{0}-0c8b-4000-8000-00000000000{0}"
COMPLETED, FAILED, CANCELLED, EXECUTING, SUBMITTED = (JOB.format(digit) for digit in "12345")
MISSING = "jn-none"


@pytest.fixture
def read(run: Callable) -> Callable[..., dict[str, Any]]:
    """List notebook jobs."""

    def read(**options: Any) -> dict[str, Any]:
        return run("notebook_jobs_info", "kubernetes", platform="kubernetes", **options)

    return read


@pytest.fixture
def cancel(run: Callable) -> Callable[..., dict[str, Any]]:
    """Cancel notebook jobs."""

    def cancel(*job_ids: str, **options: Any) -> dict[str, Any]:
        given = {"platform": "kubernetes", "state": "cancelled", "job_ids": list(job_ids)}
        return run("notebook_job", "kubernetes", **given, **options)

    return cancel


def digits(result: dict[str, Any]) -> str:
    """Return the digits that tell the jobs of a result apart."""
    return "".join(job["job_id"][-1] for job in result["jobs"])


def entry(job_id: str, status: str, end: int = 0, **more: Any) -> dict[str, Any]:
    """Return a job as the list of the site has it."""
    return {
        "jobId": job_id,
        "name": "executeNotebook",
        "startTime": 1700000000000,
        "endTime": end,
        "status": status,
        **more,
    }


# The list


@pytest.mark.parametrize("key", ["asyncNotebookJobs", "notebookJobs"])
def test_both_shapes_of_the_list_give_the_records_of_the_other_products(
    read: Callable, sim: Simulator, key: str
) -> None:
    sim.settings("kubernetes", notebooks_key=key)
    result = read()
    assert (digits(result), result["total"], result["scanned"], result["truncated"]) == ("12345", 5, 5, False)
    assert result["summary"] == {"succeeded": 1, "failed": 2, "executing": 1, "submitted": 1}
    listed = {job["job_id"]: job for job in result["jobs"]}
    done, executing = listed[COMPLETED], listed[EXECUTING]
    assert (done["type"], done["raw_status"], done["duration"]) == ("executeNotebook", "COMPLETED", 540.0)
    assert (executing["raw_status"], executing["finished"], executing["end_time"]) == ("EXECUTING", False, None)
    assert (done["username"], done["is_cancelled"], done["messages"], done["unreadable_fields"]) == (
        None,
        None,
        None,
        [],
    )
    assert [request["query"] for request in sim.requests() if request["operation"] == "notebook jobs"] == [
        {"f": "json"}
    ]
    alone = read(job_ids=[COMPLETED])["jobs"][0]
    assert set(alone) - set(done) == {"messages_reason"}
    assert (alone["username"], alone["is_cancelled"]) == ("night_batch", False)


@pytest.mark.parametrize(
    "options, expected, own_reads",
    [
        ({"types": ["executeNotebookAsWebTool"]}, "3", 0),
        ({"start_time": "350m"}, "543", 0),
        ({"ended_after": "350m"}, "3", 0),
        ({"ended_after": "350m", "statuses": ["cancelled"]}, "3", 1),
        ({"sort_by_date": True}, "54321", 0),
        ({"limit": 2}, "54", 0),
        ({"statuses": ["failed"]}, "2", 5),
        ({"statuses": ["cancelled"]}, "3", 5),
        ({"statuses": ["executing", "submitted"]}, "54", 5),
        ({"submitted_by": "a_doe"}, "43", 5),
        ({"cancelled": True}, "3", 5),
        ({"cancelled": False, "types": ["executeNotebook"]}, "421", 3),
        ({"submitted_by": "night_batch", "start_time": "390m"}, "2", 4),
        ({"statuses": []}, "", 0),
    ],
    ids=str,
)
def test_what_the_list_does_not_tell_the_jobs_are_asked_for(
    read: Callable, sim: Simulator, options: dict[str, Any], expected: str, own_reads: int
) -> None:
    result = read(**options)
    assert (digits(result), result.get("warnings", [])) == (expected, [])
    assert operations(sim)["job"] == own_reads


def test_a_job_that_does_not_tell_what_a_filter_tests_is_left_out_with_a_warning(
    scripted: Callable, run_scripted: Callable
) -> None:
    for options, name in (({"submitted_by": "a_doe"}, "username"), ({"cancelled": False}, "is_cancelled")):
        server = scripted(jobs={"asyncNotebookJobs": [entry("j1", "FAILED", 1700000060000)]}, job=entry("j1", "FAILED"))
        result = run_scripted("notebook_jobs_info", server, platform="kubernetes", **options)
        assert result["jobs"] == []
        assert f"The site does not tell {name} of 1 jobs, so they were left out." in str(result["warnings"])


def test_a_job_that_cannot_be_read_on_its_own_hides_no_other(scripted: Callable, run_scripted: Callable) -> None:
    jobs = {"asyncNotebookJobs": [entry("j1", "FAILED", 1700000060000), entry("j2", "FAILED", 1700000060000)]}
    own = [refused(500, "No."), entry("j2", "FAILED", 1700000060000, messages=["Why"])]
    server = scripted(jobs=jobs, job=own)
    result = run_scripted(
        "notebook_jobs_info", server, platform="kubernetes", statuses=["failed"], retries=0, max_concurrency=1
    )
    assert [(job["job_id"], job["messages"]) for job in result["jobs"]] == [("j1", None), ("j2", ["Why"])]
    assert 'code 500, "No"' in result["jobs"][0]["messages_reason"]
    text = "1 jobs could not be read on their own, so the filter takes them as they are listed."
    assert text in str(result["warnings"])


def test_with_messages_the_records_are_those_of_the_jobs(read: Callable, sim: Simulator) -> None:
    jobs = {job["job_id"]: job for job in read(messages=True)["jobs"]}
    assert [jobs[CANCELLED][name] for name in ("status", "is_cancelled", "username")] == ["cancelled", True, "a_doe"]
    assert jobs[EXECUTING]["inputs"] == {"itemId": "00000000000000000000e18af37c0004"}
    assert {job["messages_reason"] for job in jobs.values()} == {None}
    assert operations(sim)["job"] == 5


@pytest.mark.parametrize("count, truncated", [(9, False), (10, True), (100, True)])
def test_a_list_as_long_as_a_page_may_be_one(
    scripted: Callable, run_scripted: Callable, count: int, truncated: bool
) -> None:
    server = scripted(jobs={"asyncNotebookJobs": [entry(f"j{number}", "EXECUTING") for number in range(count)]})
    result = run_scripted("notebook_jobs_info", server, platform="kubernetes")
    assert (result["total"], result["truncated"]) == (count, truncated)


@pytest.mark.parametrize(
    "answer", [{}, {"asyncJobs": []}, {"asyncNotebookJobs": {}}, {"notebookJobs": ["j1"]}], ids=str
)
def test_another_list_is_refused(scripted: Callable, run_scripted: Callable, answer: dict[str, Any]) -> None:
    result = run_scripted("notebook_jobs_info", scripted(jobs=answer), platform="kubernetes")
    assert (result["failed"], result["error"]["code"]) == (True, "unexpected_shape")


def test_the_words_for_a_cancelled_job_that_only_clients_know(scripted: Callable, run_scripted: Callable) -> None:
    jobs = [entry("j1", "CANCELLED", 1700000060000), entry("j2", "CANCELLING")]
    result = run_scripted("notebook_jobs_info", scripted(jobs={"asyncNotebookJobs": jobs}), platform="kubernetes")
    assert [(job["status"], job["is_cancelled"]) for job in result["jobs"]] == [
        ("cancelled", True),
        ("cancelling", True),
    ]


def test_a_job_by_its_id_and_one_that_is_missing(read: Callable) -> None:
    result = read(job_ids=[FAILED, MISSING])
    assert (digits(result), result["missing"]) == ("2", [MISSING])
    assert result["jobs"][0]["messages"][1] == "Cell 4: KeyError: roads"


def test_a_release_without_notebooks_has_no_missing_jobs(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(jobs=NOT_FOUND, job=NOT_FOUND)
    result = run_scripted("notebook_jobs_info", server, platform="kubernetes", job_ids=["j1"])
    assert (result["failed"], result["error"]["code"]) == (True, "not_found")


def test_a_cancelled_job_fails_the_task_although_the_list_calls_it_failed(read: Callable) -> None:
    result = read(fail_on=["cancelled"])
    assert (result["error"]["code"], digits(result)) == ("job_ended_badly", "3")
    result = read(fail_on=["failed"])
    assert (result["error"]["code"], digits(result)) == ("job_ended_badly", "2")
    assert "The notebook ended with an error" in result["msg"]


def test_jobs_are_waited_for_and_may_vanish_when_they_finish(read: Callable, sim: Simulator, naps: Any) -> None:
    naps.after[2] = lambda: sim.update_job(EXECUTING, status="COMPLETED")
    result = read(job_ids=[EXECUTING], wait=True)
    assert [job["status"] for job in result["jobs"]] == ["succeeded"]
    sim.settings("kubernetes", notebooks_keep_finished=False)
    naps.after[len(naps.taken) + 1] = lambda: sim.update_job(SUBMITTED, status="COMPLETED")
    result = read(job_ids=[SUBMITTED], wait=True)
    assert (result["jobs"], result["missing"]) == ([], [SUBMITTED])


# Cancelling


@pytest.mark.parametrize("check", [False, True])
def test_cancelling(cancel: Callable, sim: Simulator, check: bool) -> None:
    result = cancel(EXECUTING, SUBMITTED, COMPLETED, FAILED, CANCELLED, check=check)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert [(job["outcome"], job["status"]) for job in result["jobs"]] == [
        ("cancel_accepted", "cancelling"),
        ("cancel_accepted", "cancelling"),
        ("already_finished", "succeeded"),
        ("already_finished", "failed"),
        ("already_cancelled", "cancelled"),
    ]
    assert writes(sim) == ([] if check else ["cancel"] * 2)


def test_a_second_run_changes_nothing(cancel: Callable, sim: Simulator) -> None:
    assert cancel(EXECUTING, SUBMITTED)["changed"] is True
    again = cancel(EXECUTING, SUBMITTED)
    assert (again["changed"], again["summary"], len(writes(sim))) == (False, {"already_cancelling": 2}, 2)
    sim.advance(5)
    assert cancel(EXECUTING, SUBMITTED)["summary"] == {"already_cancelled": 2}


def test_a_cancelled_job_may_be_gone(cancel: Callable, sim: Simulator, naps: Any) -> None:
    sim.settings("kubernetes", notebooks_keep_finished=False)
    result = cancel(EXECUTING, wait=True)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert [(job["outcome"], job["status"]) for job in result["jobs"]] == [("cancel_accepted", "absent")]


def test_a_release_that_cannot_cancel(cancel: Callable, sim: Simulator) -> None:
    sim.settings("kubernetes", notebooks_can_cancel=False)
    result = cancel(EXECUTING)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unsupported")
    assert "the release" in result["error"]["hint"]


def test_a_missing_job(cancel: Callable) -> None:
    assert cancel(MISSING)["error"]["code"] == "unknown_job"
    assert cancel(MISSING, missing_ok=True)["missing"] == [MISSING]


def test_a_viewer_may_read_and_not_cancel(cancel: Callable, read: Callable, sim: Simulator) -> None:
    assert digits(read(user="gis_viewer")) == "12345"
    assert cancel(EXECUTING, user="gis_viewer")["error"]["code"] == "no_privilege"


# What is not documented


@pytest.mark.parametrize("check", [False, True])
def test_nothing_is_sent_where_finished_jobs_are_to_be_deleted(run: Callable, sim: Simulator, check: bool) -> None:
    options = {"platform": "kubernetes", "state": "absent", "scope": "all_finished"}
    result = run("notebook_jobs", "kubernetes", check=check, **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unsupported")
    assert "documented for Notebook Server only" in result["msg"]
    assert sim.requests() == []
