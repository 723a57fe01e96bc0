# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook jobs: cancelling single ones, deleting all finished ones, and reading them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import NOTEBOOK, operations, writes
from arcgis_simulator import Simulator

MISSING = "jn-none"
FINISHED, OPEN = "12345abc", "6789"
# Each job of the matrix: its status and whether it was asked to be cancelled, and what cancelling it comes to.
MATRIX = {
    "jn-submitted": ("SUBMITTED", False, "submitted", "cancel_accepted", "cancelling"),
    "jn-processing": ("PROCESSING", False, "executing", "cancel_accepted", "cancelling"),
    "jn-submitted-cancelled": ("SUBMITTED", True, "cancelling", "already_cancelling", "cancelling"),
    "jn-processing-cancelled": ("PROCESSING", True, "cancelling", "already_cancelling", "cancelling"),
    "jn-completed": ("COMPLETED", False, "succeeded", "already_finished", "succeeded"),
    "jn-failed": ("FAILED", False, "failed", "already_finished", "failed"),
    "jn-completed-cancelled": ("COMPLETED", True, "cancelled", "already_cancelled", "cancelled"),
    "jn-failed-cancelled": ("FAILED", True, "cancelled", "already_cancelled", "cancelled"),
}


@pytest.fixture
def matrix(sim: Simulator) -> dict[str, tuple[str, bool, str, str, str]]:
    """Put a job of each kind on the site."""
    for job_id, (status, cancelled, *_dummy) in MATRIX.items():
        sim.add_job("notebook", job_id=job_id, status=status, is_cancelled=cancelled)
    return MATRIX


def cancel(run: Callable, *job_ids: str, **more: Any) -> dict[str, Any]:
    """Cancel jobs."""
    return run("notebook_job", "notebook", state="cancelled", job_ids=list(job_ids), **more)


def delete_all(run: Callable, **more: Any) -> dict[str, Any]:
    """Delete all finished jobs."""
    return run("notebook_jobs", "notebook", **{"state": "absent", "scope": "all_finished", **more})


def finished(job_id: Any, status: str = "COMPLETED") -> dict[str, Any]:
    """Return a finished job as the site writes it."""
    return {"jobId": job_id, "status": status, "startTime": 1, "endTime": 2, "customAttributes": {}}


def left(sim: Simulator) -> str:
    """Return the digits of the jobs that the site has."""
    return "".join(job["job_id"][-1] for job in sim.jobs("notebook"))


# notebook_job


@pytest.mark.parametrize("check", [False, True])
def test_the_matrix_of_statuses(run: Callable, sim: Simulator, matrix: dict[str, Any], check: bool) -> None:
    result = cancel(run, *matrix, check=check, diff=True)
    assert ("failed" in result, result["changed"], result["missing"]) == (False, True, [])
    for job, (job_id, (_dummy, _dummy, before, outcome, after)) in zip(result["jobs"], matrix.items()):
        assert (job["job_id"], job["status_before"], job["outcome"], job["status"]) == (job_id, before, outcome, after)
        assert (job["changed"], job["error"]) == (outcome == "cancel_accepted", None)
        assert (result["diff"]["before"][job_id], result["diff"]["after"][job_id]) == (before, after)
    assert not any("service" in job for job in result["jobs"])
    asked = {request["path"].split("/")[-2] for request in sim.requests() if request["operation"] == "cancel"}
    assert asked == (set() if check else {"jn-processing", "jn-submitted"})
    assert writes(sim) == ["cancel"] * len(asked)
    assert result["summary"] == {
        "cancel_accepted": 2,
        "already_cancelling": 2,
        "already_finished": 2,
        "already_cancelled": 2,
    }


def test_a_second_run_changes_nothing(run: Callable, sim: Simulator) -> None:
    assert cancel(run, NOTEBOOK.format(6))["changed"] is True
    again = cancel(run, NOTEBOOK.format(6))
    assert (again["changed"], again["jobs"][0]["outcome"]) == (False, "already_cancelling")
    sim.advance(5)
    later = cancel(run, NOTEBOOK.format(6))
    assert (later["changed"], later["jobs"][0]["outcome"]) == (False, "already_cancelled")
    assert len(writes(sim)) == 1


@pytest.mark.parametrize("status", ["FAILED", "COMPLETED"])
def test_the_word_in_which_a_cancelled_job_ends_does_not_matter(run: Callable, sim: Simulator, status: str) -> None:
    sim.settings("notebook", cancelled_status=status)
    cancel(run, NOTEBOOK.format(6))
    sim.advance(5)
    assert cancel(run, NOTEBOOK.format(6))["jobs"][0]["status"] == "cancelled"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("others", [[], [NOTEBOOK.format(6)]], ids=["alone", "among others"])
def test_a_missing_job(run: Callable, sim: Simulator, others: list[str], check: bool) -> None:
    result = cancel(run, MISSING, *others, check=check)
    assert (result["failed"], result["missing"]) == (True, [MISSING])
    assert result["error"]["code"] == ("some_jobs_failed" if others else "unknown_job")
    assert [job["error"]["code"] for job in result["jobs"]] == ["unknown_job"]
    fine = cancel(run, MISSING, *others, missing_ok=True, check=check)
    assert ("failed" in fine, fine["missing"], fine["jobs"][0]["outcome"]) == (False, [MISSING], "missing")
    assert fine["jobs"][0]["changed"] is False


def test_notebook_users_can_cancel_their_own_jobs(run: Callable, sim: Simulator) -> None:
    assert cancel(run, NOTEBOOK.format(6), user="j_doe")["changed"] is True
    result = cancel(run, NOTEBOOK.format(8), user="j_doe")
    assert (result["error"]["code"], len(writes(sim))) == ("unknown_job", 1)


def test_another_product_has_no_notebook_jobs(run: Callable, sim: Simulator) -> None:
    result = run("notebook_job", "server", state="cancelled", job_ids=[NOTEBOOK.format(6)], missing_ok=True)
    assert (result["failed"], result["changed"], writes(sim)) == (True, False, [])


# notebook_jobs


def test_all_finished_jobs_are_predicted_then_deleted_and_open_ones_stay(run: Callable, sim: Simulator) -> None:
    predicted = delete_all(run, check=True, diff=True)
    assert (left(sim), writes(sim)) == ("123456789abc", [])
    result = delete_all(run, diff=True)
    assert [predicted[name] for name in ("jobs", "diff", "summary")] == [
        result[name] for name in ("jobs", "diff", "summary")
    ]
    assert ("failed" in result, result["changed"], result["summary"]) == (False, True, {"deleted": 8})
    assert "".join(sorted(job["job_id"][-1] for job in result["jobs"])) == FINISHED
    assert {(job["outcome"], job["changed"], job["status"]) for job in result["jobs"]} == {("deleted", True, "absent")}
    assert {job["status_before"] for job in result["jobs"]} == {"succeeded", "failed", "cancelled"}
    assert set(result["diff"]["after"].values()) == {"absent"}
    assert (left(sim), writes(sim)) == (OPEN, ["deleteAll"])
    again = delete_all(run)
    assert (again["changed"], again["jobs"], again["total"]) == (False, [], 0)
    assert writes(sim) == ["deleteAll"]


def test_a_viewer_may_not(run: Callable, sim: Simulator) -> None:
    result = delete_all(run, user="gis_viewer")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")
    assert left(sim) == "123456789abc"


def test_a_failed_task_lists_the_jobs_that_stayed(scripted: Callable, run_scripted: Callable) -> None:
    done = [finished(f"j{number}") for number in range(9)]
    server = scripted(jobs=[{"asyncJobs": done}, {"asyncJobs": done[3:4]}], deleteAll={"status": "success"})
    result = run_scripted("notebook_jobs", server, state="absent", scope="all_finished")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert [(job["job_id"], job["error"]["code"]) for job in result["jobs"]] == [("j3", "delete_unconfirmed")]
    assert result["summary"] == {"deleted": 8, "failed": 1}


# notebook_jobs_info


def digits(result: dict[str, Any]) -> str:
    """Return the digits that tell the notebook jobs of a result apart."""
    return "".join(job["job_id"][-1] for job in result["jobs"])


def listings(sim: Simulator) -> list[dict[str, Any]]:
    """Return the parameters of every list that was asked for."""
    return [request["query"] for request in sim.requests() if request["operation"] == "system/jobs"]


@pytest.mark.parametrize(
    "options, expected, parameters",
    [
        ({}, "123456789abc", {"detail": "false", "sortByDate": "false", "num": "1000"}),
        ({"details": True}, "123456789abc", {"detail": "true", "sortByDate": "false"}),
        ({"sort_by_date": True}, None, {"detail": "false", "sortByDate": "true"}),
        ({"statuses": ["failed"]}, "34", {"detail": "true", "sortByDate": "true"}),
        ({"statuses": ["cancelled"]}, "5", {"detail": "true", "sortByDate": "true"}),
        ({"statuses": ["executing", "submitted"]}, "6789", {"detail": "true"}),
        ({"cancelled": True}, "5", {"detail": "true", "sortByDate": "true"}),
        ({"cancelled": False, "types": ["openNotebook"]}, "18ac", {"detail": "true"}),
        ({"types": ["openNotebook"]}, "18ac", {"detail": "false", "sortByDate": "true"}),
        ({"submitted_by": "a_doe"}, "458a", {"detail": "false", "sortByDate": "true"}),
        ({"start_time": "270m"}, "5789ac", {"detail": "false", "sortByDate": "true"}),
        ({"end_time": "270m"}, "12346b", {"detail": "false"}),
        ({"start_time": "12h", "types": ["executeNotebook"], "statuses": ["failed"]}, "3", {"detail": "true"}),
        ({"ended_after": "290m"}, "5ac", {"detail": "true", "sortByDate": "true"}),
        ({"ended_after": "30h", "ended_before": "10h"}, "4", {"detail": "true"}),
        ({"ended_after": "7d", "statuses": ["executing"]}, "", {"detail": "true"}),
        ({"limit": 2}, "89", {"detail": "false", "sortByDate": "true"}),
        ({"limit": 0}, "", {"sortByDate": "true"}),
        ({"scan_limit": 5}, "12345", {"num": "5", "sortByDate": "false"}),
        ({"scan_limit": 5, "submitted_by": "a_doe"}, "8a", {"num": "5", "sortByDate": "true"}),
    ],
)
def test_the_list_of_notebook_jobs(
    run: Callable, sim: Simulator, options: dict[str, Any], expected: str | None, parameters: dict[str, str]
) -> None:
    result = run("notebook_jobs_info", "notebook", **options)
    if expected is not None:
        assert "".join(sorted(digits(result))) == expected
    assert result["changed"] is False
    assert parameters.items() <= listings(sim)[0].items()


def test_sorting_is_left_to_the_site(run: Callable) -> None:
    starts = [job["start_time_ms"] for job in run("notebook_jobs_info", "notebook", sort_by_date=True)["jobs"]]
    assert starts == sorted(starts, reverse=True)
    starts = [job["start_time_ms"] for job in run("notebook_jobs_info", "notebook", limit=3)["jobs"]]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize(
    "options, total, returned, scanned, truncated",
    [
        ({}, 12, 12, 12, False),
        ({"scan_limit": 12}, 12, 12, 12, True),
        ({"scan_limit": 13}, 12, 12, 12, False),
        ({"scan_limit": 4}, 4, 4, 4, True),
        ({"limit": 4}, 12, 4, 12, True),
        ({"limit": 12}, 12, 12, 12, False),
        ({"statuses": ["failed"], "limit": 1}, 2, 1, 12, True),
        ({"statuses": ["failed"], "limit": 2}, 2, 2, 12, False),
    ],
)
def test_the_counts_say_whether_there_may_be_more(
    run: Callable, options: dict[str, Any], total: int, returned: int, scanned: int, truncated: bool
) -> None:
    result = run("notebook_jobs_info", "notebook", **options)
    assert (result["total"], result["returned"], result["scanned"], result["truncated"]) == (
        total,
        returned,
        scanned,
        truncated,
    )
    assert len(result["jobs"]) == returned


def test_the_summary_counts_statuses_where_there_are_any(run: Callable) -> None:
    assert run("notebook_jobs_info", "notebook")["summary"] == {}
    assert run("notebook_jobs_info", "notebook", details=True)["summary"] == {
        "succeeded": 5,
        "failed": 2,
        "cancelled": 1,
        "executing": 3,
        "submitted": 1,
    }


def test_notebook_jobs_by_their_ids(run: Callable) -> None:
    ids = [NOTEBOOK.format("5"), "jnone", NOTEBOOK.format("3"), NOTEBOOK.format("5")]
    result = run("notebook_jobs_info", "notebook", job_ids=ids)
    assert (digits(result), result["missing"], result["truncated"]) == ("53", ["jnone"], False)
    assert result["jobs"][1]["messages"][1] == "Cell 7: KeyError: parcels"
    assert [job["status"] for job in result["jobs"]] == ["cancelled", "failed"]
    assert digits(run("notebook_jobs_info", "notebook", job_ids=ids, statuses=["failed"])) == "3"


def test_jobs_that_another_task_returned(run: Callable, sim: Simulator) -> None:
    found = run("notebook_jobs_info", "notebook", statuses=["failed", "executing"])["jobs"]
    changes = cancel(run, *(job["job_id"] for job in found))["jobs"]
    for jobs in (found, changes, [*found, *found]):
        sim.clear_requests()
        result = run("notebook_jobs_info", "notebook", jobs=jobs)
        assert [job["job_id"] for job in result["jobs"]] == [job["job_id"] for job in found]
        assert listings(sim) == [] and operations(sim)["job"] == len(found)
    assert {job["status"] for job in result["jobs"]} == {"failed", "cancelling"}
    sim.remove_job(found[0]["job_id"])
    assert run("notebook_jobs_info", "notebook", jobs=found)["missing"] == [found[0]["job_id"]]


def test_why_a_list_of_jobs_is_refused(run: Callable) -> None:
    result = run("notebook_jobs_info", "notebook", jobs=[{"job_id": None}])
    assert result["msg"] == (
        "The option jobs holds an entry whose job_id is no text. "
        "Pass on the jobs of notebook_jobs_info, without any whose job_id is null."
    )


# Messages of jobs of the list


def test_messages_cost_a_request_for_each_job_that_is_returned(run: Callable, sim: Simulator) -> None:
    result = run("notebook_jobs_info", "notebook", statuses=["failed"], messages=True)
    assert [job["messages"][1] for job in result["jobs"]] == [
        "Cell 7: KeyError: parcels",
        "The container was stopped: out of memory",
    ]
    assert {job["messages_reason"] for job in result["jobs"]} == {None}
    assert (len(listings(sim)), operations(sim)["job"]) == (1, 2)
    sim.clear_requests()
    result = run("notebook_jobs_info", "notebook", messages=True, limit=3)
    assert (result["total"], result["returned"], operations(sim)["job"]) == (12, 3, 3)
    assert listings(sim)[0]["detail"] == "true"


@pytest.mark.parametrize("options", [{"job_ids": [NOTEBOOK.format(3)]}, {"jobs": [{"job_id": NOTEBOOK.format(3)}]}])
def test_jobs_that_are_named_have_their_messages_anyway(run: Callable, sim: Simulator, options: dict[str, Any]) -> None:
    for messages in (False, True):
        sim.clear_requests()
        job = run("notebook_jobs_info", "notebook", messages=messages, **options)["jobs"][0]
        assert (len(job["messages"]), job["messages_reason"], operations(sim)["job"]) == (3, None, 1)


def test_after_a_wait_no_job_is_read_again(run: Callable, sim: Simulator, naps: Any) -> None:
    result = run(
        "notebook_jobs_info", "notebook", types=["openNotebook"], statuses=["succeeded"], wait=True, messages=True
    )
    assert {job["messages_reason"] for job in result["jobs"]} == {None}
    # Those of the list have ended, so that the wait takes one further list, and each is read once.
    assert operations(sim)["job"] == len(result["jobs"]) == 3


def test_messages_of_a_job_that_fails_the_task_are_read_once(run: Callable, sim: Simulator) -> None:
    result = run("notebook_jobs_info", "notebook", statuses=["failed"], messages=True, fail_on=["failed"])
    assert (result["error"]["code"], operations(sim)["job"]) == ("job_ended_badly", 2)
    assert "out of memory" in result["msg"]


def test_a_job_that_cannot_be_read_hides_no_other(run: Callable, sim: Simulator) -> None:
    sim.add_fault("site_error", path=f"*/{NOTEBOOK.format(3)}", code=500, message="Disk full.")
    for options in ({"messages": True}, {"fail_on": ["failed"]}):
        result = run("notebook_jobs_info", "notebook", statuses=["failed"], sort_by_date=True, **options)
        broken, whole = result["jobs"]
        assert (broken["job_id"], broken["status"], broken["messages"]) == (NOTEBOOK.format(3), "failed", None)
        assert 'code 500, "Disk full"' in broken["messages_reason"]
        assert (whole["messages_reason"], len(whole["messages"])) == (None, 2)


def test_what_would_meet_every_job_still_fails_the_task(run: Callable, sim: Simulator) -> None:
    sim.add_fault("site_error", context="notebook", operation="job", code=499, message="Token required.")
    result = run("notebook_jobs_info", "notebook", messages=True)
    assert (result["failed"], result["error"]["code"]) == (True, "token_required")


def test_a_job_that_vanishes_after_the_list_says_so(run: Callable, sim: Simulator) -> None:
    sim.add_fault("job_vanishes_after", context="notebook", operation="system/jobs", job=NOTEBOOK.format(3), count=1)
    result = run("notebook_jobs_info", "notebook", statuses=["failed"], messages=True)
    reasons = {job["job_id"]: job["messages_reason"] for job in result["jobs"]}
    assert reasons == {
        NOTEBOOK.format(3): "The site has listed the job, and no longer has it.",
        NOTEBOOK.format(4): None,
    }


def test_a_job_that_no_longer_matches_is_left_out(run: Callable, sim: Simulator) -> None:
    job = NOTEBOOK.format(6)
    sim.add_fault("job_changes", context="notebook", operation="job", job=job, status="COMPLETED", count=1)
    result = run("notebook_jobs_info", "notebook", statuses=["executing"], messages=True, max_concurrency=1)
    assert job not in [each["job_id"] for each in result["jobs"]]
    assert {each["status"] for each in result["jobs"]} == {"executing"}
    assert result["total"] == len(result["jobs"])


def test_a_job_that_moves_up_is_read_as_well(run: Callable, sim: Simulator) -> None:
    sim.add_fault("job_changes", context="notebook", operation="job", status="COMPLETED", count=1)
    result = run("notebook_jobs_info", "notebook", statuses=["executing"], messages=True, limit=1, max_concurrency=1)
    assert [(job["status"], "messages_reason" in job) for job in result["jobs"]] == [("executing", True)]


def test_a_site_that_gives_no_messages_is_told(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(jobs={"asyncJobs": [finished("j1"), finished(None)]}, job=finished("j1"))
    jobs = run_scripted("notebook_jobs_info", server, messages=True)["jobs"]
    assert [(job["messages"], job["messages_reason"]) for job in jobs] == [
        (None, "The site gives no messages of the job, or none that can be read."),
        (None, "The site gives no ID of the job that can be read."),
    ]


def test_notebook_users_see_their_own_jobs(run: Callable) -> None:
    assert digits(run("notebook_jobs_info", "notebook", user="j_doe")) == "16"


def test_a_notebook_job_that_is_being_cancelled(run: Callable, sim: Simulator) -> None:
    sim.update_job(NOTEBOOK.format("6"), is_cancelled=True)
    job = run("notebook_jobs_info", "notebook", job_id=[NOTEBOOK.format("6")])["jobs"][0]
    assert (job["status"], job["finished"], job["end_time"]) == ("cancelling", False, None)


def test_a_list_of_another_shape(scripted: Callable, run_scripted: Callable) -> None:
    for answer in ({"results": {}}, {"asyncJobs": {"j1": "x"}}, {"asyncJobs": ["j1"]}):
        result = run_scripted("notebook_jobs_info", scripted(jobs=answer))
        assert result["error"]["code"] == "unexpected_shape"


def test_another_product_has_no_missing_notebook_jobs(run: Callable) -> None:
    result = run("notebook_jobs_info", "server", job_ids=[NOTEBOOK.format("5")])
    assert (result["failed"], result["error"]["code"]) == (True, "not_found")


# A job of the list whose ID is missing, or is none


def asked_for(server: Any) -> list[str]:
    """Return the paths of the requests for single jobs."""
    return [received.path for received in server.received if received.operation not in ("jobs", "deleteAll")]


@pytest.fixture
def run_nameless(run: Callable, scripted: Callable) -> Callable[..., tuple[dict[str, Any], Any]]:
    """Run a module against a site that lists a finished job without a readable ID beside j1."""

    def run_nameless(name: str, job_id: Any, **options: Any) -> tuple[dict[str, Any], Any]:
        before, after = [finished(job_id, "FAILED"), finished("j1")], [finished(job_id, "FAILED")]
        server = scripted(
            jobs=[{"asyncJobs": before}, {"asyncJobs": after if name == "notebook_jobs" else before}],
            deleteAll={"status": "success"},
            job=finished("j1"),
        )
        given = {"url": server.url, "token": "given-token", "user": None, "without": ("ca_path",)}
        return run(name, "notebook", **given, **options), server

    return run_nameless


NAMELESS = pytest.mark.parametrize("job_id", [None, "", 7, {"id": "j2"}], ids=str)


@NAMELESS
def test_a_job_without_an_id_is_deleted_with_a_warning(run_nameless: Callable, job_id: Any) -> None:
    result, server = run_nameless("notebook_jobs", job_id, state="absent", scope="all_finished", diff=True)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert [(job["job_id"], job["outcome"]) for job in result["jobs"]] == [("j1", "deleted")]
    assert result["diff"] == {"before": {"j1": "succeeded"}, "after": {"j1": "absent"}}
    assert len(result["warnings"]) == 1 and "does not show all of its jobs" in str(result["warnings"])
    assert asked_for(server) == []


@NAMELESS
def test_a_job_without_an_id_is_too_much_for_the_guard(run_nameless: Callable, job_id: Any) -> None:
    options = {"state": "absent", "scope": "all_finished", "max_jobs": 100, "diff": True}
    result, server = run_nameless("notebook_jobs", job_id, **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "too_many_jobs")
    assert server.operations() == ["jobs"]


@NAMELESS
@pytest.mark.parametrize("options", [{}, {"wait": True}, {"fail_on": ["cancelled"]}, {"details": True}], ids=str)
def test_a_job_without_an_id_is_shown_and_never_asked_for(
    run_nameless: Callable, job_id: Any, options: dict[str, Any]
) -> None:
    result, server = run_nameless("notebook_jobs_info", job_id, **options)
    assert "failed" not in result
    assert [job["job_id"] for job in result["jobs"]] == [None, "j1"]
    assert {path.rpartition("/")[2] for path in asked_for(server)} <= {"j1"}


@NAMELESS
@pytest.mark.parametrize("wait", [False, True])
def test_a_job_without_an_id_can_still_fail_the_task(run_nameless: Callable, job_id: Any, wait: bool) -> None:
    result, server = run_nameless("notebook_jobs_info", job_id, wait=wait, fail_on=["failed"])
    assert (result["failed"], result["error"]["code"]) == (True, "job_ended_badly")
    assert {path.rpartition("/")[2] for path in asked_for(server)} <= {"j1"}
