# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling notebook jobs and deleting all finished ones on the simulated site, as tasks do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

NOTEBOOK = "j0000000{0}-0b00-4000-8000-00000000000{0}"
GONE = "jn-none"
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


def writes(sim: Simulator) -> list[str]:
    """Return the last parts of the paths of the writes that arrived."""
    operations = ("cancel", "deleteAll")
    return ["/".join(r["path"].split("/")[-2:]) for r in sim.requests() if r["operation"] in operations]


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
    assert sorted(writes(sim)) == ([] if check else ["jn-processing/cancel", "jn-submitted/cancel"])
    assert result["summary"] == {
        "cancel_accepted": 2,
        "already_cancelling": 2,
        "already_finished": 2,
        "already_cancelled": 2,
    }


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("job_id", MATRIX)
def test_the_matrix_job_by_job(run: Callable, sim: Simulator, matrix: dict[str, Any], job_id: str, check: bool) -> None:
    dummy, dummy, before, outcome, after = matrix[job_id]
    result = cancel(run, job_id, check=check)
    (job,) = result["jobs"]
    assert (job["status_before"], job["outcome"], job["status"]) == (before, outcome, after)
    assert result["changed"] is job["changed"] is (outcome == "cancel_accepted")
    assert len(writes(sim)) == (outcome == "cancel_accepted" and not check)
    assert "service" not in job


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
    result = cancel(run, GONE, *others, check=check)
    assert (result["failed"], result["missing"]) == (True, [GONE])
    assert result["error"]["code"] == ("some_jobs_failed" if others else "unknown_job")
    assert [job["error"]["code"] for job in result["jobs"]] == ["unknown_job"]
    fine = cancel(run, GONE, *others, missing_ok=True, check=check)
    assert ("failed" in fine, fine["missing"], fine["jobs"][0]["outcome"]) == (False, [GONE], "missing")
    assert fine["jobs"][0]["changed"] is False


def test_no_job_selects_nothing(run: Callable, sim: Simulator) -> None:
    result = cancel(run)
    assert (result["changed"], result["api"]["requests"], sim.requests()) == (False, 0, [])


@pytest.mark.parametrize("job_id", ["", "********", "../deleteAll", "12345"])
def test_an_id_must_be_one(run: Callable, sim: Simulator, job_id: str) -> None:
    result = cancel(run, NOTEBOOK.format(6), job_id)
    assert (result["error"]["code"], sim.requests()) == ("bad_option", [])


def test_notebook_users_can_cancel_their_own_jobs(run: Callable, sim: Simulator) -> None:
    assert cancel(run, NOTEBOOK.format(6), user="j_doe")["changed"] is True
    result = cancel(run, NOTEBOOK.format(8), user="j_doe")
    assert (result["error"]["code"], len(writes(sim))) == ("unknown_job", 1)


def test_another_product_has_no_notebook_jobs(run: Callable, sim: Simulator) -> None:
    result = run("notebook_job", "server", state="cancelled", job_ids=[NOTEBOOK.format(6)], missing_ok=True)
    assert (result["failed"], result["changed"], writes(sim)) == (True, False, [])


def test_only_cancelled_can_be_wanted_of_a_single_job(run: Callable, sim: Simulator) -> None:
    result = run("notebook_job", "notebook", state="absent", job_ids=[NOTEBOOK.format(6)])
    assert result["failed"] and "value of state must be one of: cancelled" in result["msg"]
    assert sim.requests() == []


# notebook_jobs


def test_all_finished_jobs_are_deleted_and_open_ones_stay(run: Callable, sim: Simulator) -> None:
    result = delete_all(run, diff=True)
    assert ("failed" in result, result["changed"], result["summary"]) == (False, True, {"deleted": 8})
    assert "".join(sorted(job["job_id"][-1] for job in result["jobs"])) == FINISHED
    assert {(job["outcome"], job["changed"], job["status"]) for job in result["jobs"]} == {("deleted", True, "absent")}
    assert {job["status_before"] for job in result["jobs"]} == {"succeeded", "failed", "cancelled"}
    assert set(result["diff"]["after"].values()) == {"absent"}
    assert (left(sim), writes(sim)) == (OPEN, ["jobs/deleteAll"])
    again = delete_all(run)
    assert (again["changed"], again["jobs"], again["total"]) == (False, [], 0)
    assert writes(sim) == ["jobs/deleteAll"]


def test_check_mode_names_the_same_jobs_and_writes_nothing(run: Callable, sim: Simulator) -> None:
    predicted = delete_all(run, check=True, diff=True)
    assert (left(sim), writes(sim)) == ("123456789abc", [])
    real = delete_all(run, diff=True)
    assert predicted["jobs"] == real["jobs"]
    assert (predicted["diff"], predicted["summary"]) == (real["diff"], real["summary"])


@pytest.mark.parametrize("without", ["state", "scope"])
def test_state_and_scope_must_be_said(run: Callable, sim: Simulator, without: str) -> None:
    result = run("notebook_jobs", "notebook", without=(without,), state="absent", scope="all_finished")
    assert result["failed"] and f"missing required arguments: {without}" in result["msg"]
    assert sim.requests() == []


@pytest.mark.parametrize("options", [{"scope": "all"}, {"scope": ""}, {"state": "cancelled"}, {"job_ids": ["jn-1"]}])
def test_no_more_is_offered_than_the_site_can_do(run: Callable, sim: Simulator, options: dict[str, Any]) -> None:
    assert delete_all(run, **options)["failed"] is True
    assert (left(sim), sim.requests()) == ("123456789abc", [])


def test_open_jobs_do_not_count_for_the_guard(run: Callable, sim: Simulator) -> None:
    assert delete_all(run, max_jobs=7)["error"]["code"] == "too_many_jobs"
    assert left(sim) == "123456789abc"
    assert delete_all(run, max_jobs=8)["changed"] is True


def test_a_viewer_may_not(run: Callable, sim: Simulator) -> None:
    result = delete_all(run, user="gis_viewer")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")
    assert left(sim) == "123456789abc"


def test_a_failed_task_lists_the_jobs_that_stayed(scripted: Callable, run_scripted: Callable) -> None:
    done = [
        {"jobId": f"j{number}", "status": "COMPLETED", "startTime": 1, "endTime": 2, "customAttributes": {}}
        for number in range(9)
    ]
    server = scripted(jobs=[{"asyncJobs": done}, {"asyncJobs": done[3:4]}], deleteAll={"status": "success"})
    result = run_scripted("notebook_jobs", server, state="absent", scope="all_finished")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert [(job["job_id"], job["error"]["code"]) for job in result["jobs"]] == [("j3", "delete_unconfirmed")]
    assert result["summary"] == {"deleted": 8, "failed": 1}


# A job of the list whose ID is missing, or is none


def finished(job_id: Any, status: str = "COMPLETED") -> dict[str, Any]:
    """Return a finished job as the site writes it."""
    return {"jobId": job_id, "status": status, "startTime": 1, "endTime": 2, "customAttributes": {}}


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
