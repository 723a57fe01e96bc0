# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelling and deleting GP jobs: every cell of wanted state and present status, and many jobs in one task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    DONE,
    EXECUTING,
    GONE,
    STUCK,
    WAITING,
    add_jobs,
    operations,
    writes,
)
from arcgis_simulator import Simulator

JOB = EXECUTING[0]
OPEN = ["new", "submitted", "waiting", "executing"]
ENDED = ["succeeded", "failed", "timed_out"]
ALL = [*OPEN, "cancelling", "cancelled", *ENDED, "deleting", "deleted", "absent"]
ELSEWHERE = {"service": "Maps/Viewshed", "job_id": "j51e3500000000000000000executing1"}

# Wanted state and present status: outcome, status then seen, operation sent. Where one is sent the job is changed.
MATRIX: dict[tuple[str, str], tuple[str, str, list[str]]] = {
    **{("cancelled", status): ("cancel_accepted", "cancelling", ["cancel"]) for status in OPEN},
    ("cancelled", "cancelling"): ("already_cancelling", "cancelling", []),
    ("cancelled", "cancelled"): ("already_cancelled", "cancelled", []),
    **{("cancelled", status): ("already_finished", status, []) for status in ENDED},
    ("cancelled", "deleting"): ("already_deleting", "deleting", []),
    **{("absent", status): ("deleted", "absent", ["delete"]) for status in [*OPEN, "cancelling", "cancelled", *ENDED]},
    ("absent", "deleting"): ("already_deleting", "deleting", []),
    ("absent", "deleted"): ("already_absent", "deleted", []),
    ("absent", "absent"): ("already_absent", "absent", []),
}
UNKNOWN_JOB = [("cancelled", "deleted"), ("cancelled", "absent")]
WRITING = [cell for cell, (dummy, dummy, sent) in MATRIX.items() if sent]


@pytest.fixture
def prepared(sim: Simulator) -> Callable[[str], Any]:
    """Bring the job of these tests into a status."""
    sim.settings("server", cancel_refuses=[])

    def prepare(status: str) -> None:
        if status == "absent":
            sim.remove_job(JOB)
        else:
            sim.update_job(JOB, status=status)

    return prepare


def change(run: Callable[..., dict[str, Any]], job_ids: list[str], state: str, **more: Any) -> dict[str, Any]:
    """Run the module for jobs of one service."""
    return run("gp_job", state=state, service=BUFFER, job_ids=job_ids, diff=True, **more)


@pytest.mark.parametrize("state, before", MATRIX)
def test_every_cell_is_predicted_then_done_and_then_left_alone(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str
) -> None:
    outcome, after, sent = MATRIX[state, before]
    prepared(before)
    jobs = sim.jobs("server")
    predicted = change(run, [JOB], state, check=True)
    assert (writes(sim), sim.jobs("server")) == ([], jobs)
    done = change(run, [JOB], state)
    assert writes(sim) == sent
    for result in (predicted, done):
        assert "failed" not in result
        assert result["jobs"] == [
            {
                "job_id": JOB,
                "service": BUFFER,
                "status_before": before,
                "status": after,
                "changed": bool(sent),
                "outcome": outcome,
                "error": None,
            }
        ]
        assert result["changed"] is bool(sent)
        assert result["diff"] == {"before": {BUFFER: {JOB: before}}, "after": {BUFFER: {JOB: after}}}
        assert result["summary"] == {outcome: 1}
    assert change(run, [JOB], state)["changed"] is False
    assert writes(sim) == sent


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state, before", UNKNOWN_JOB)
def test_a_job_that_is_not_there_to_be_cancelled(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str, check: bool
) -> None:
    prepared(before)
    result = change(run, [JOB], state, check=check)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unknown_job")
    assert result["msg"] == (
        f"Could not cancel job {JOB} of Maps/Buffer: the site has no such job. "
        "Check the job ID, the service and url, or set missing_ok: true where a vanished job is fine."
    )
    assert result["missing"] == [JOB]
    fine = change(run, [JOB], state, check=check, missing_ok=True)
    assert (fine["changed"], fine["jobs"][0]["outcome"], fine["missing"]) == (False, "missing", [JOB])
    assert writes(sim) == []


@pytest.mark.parametrize("state, before", WRITING)
def test_every_write_refused(run: Callable, sim: Simulator, prepared: Callable, state: str, before: str) -> None:
    prepared(before)
    sim.settings("server", cancel_refuses=ALL, delete_refuses=ALL)
    jobs = sim.jobs("server")
    result = change(run, [JOB], state)
    code, verb, remedy = {
        "cancelled": (
            500,
            "cancel",
            "Cancel the job once it executes, purge the queue of the service, or use state: absent to delete the job.",
        ),
        "absent": (400, "delete", "Check the logs of the site, and run the task again."),
    }[state]
    if (state, before) == ("cancelled", "executing"):
        remedy = "Look at the job again later, or use state: absent to delete it."
    url = f"{sim.url('server')}/admin/services/Maps/Buffer.GPServer/jobs/{JOB}/{verb}"
    assert result["msg"] == (
        f"Could not {verb} job {JOB} of the service Maps/Buffer (POST {url}): "
        f'the site answered with code {code}, "Unable to {verb} job :[{JOB}]", and the job is still {before}. {remedy}'
    )
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error"]["code"] == f"{verb}_refused"
    assert result["jobs"][0]["status"] == result["jobs"][0]["status_before"] == before
    # What cannot be cancelled is never deleted in place of it.
    assert (writes(sim), sim.jobs("server")) == ([verb], jobs)


@pytest.mark.parametrize("state, before", WRITING)
def test_every_write_without_the_privilege(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str
) -> None:
    prepared(before)
    jobs = sim.jobs("server")
    result = change(run, [JOB], state, user="gis_viewer")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")
    assert 'the site answered with code 403, "Token is valid but access is denied"' in result["msg"]
    assert "View all content" in result["msg"]
    assert (len(writes(sim)), sim.jobs("server")) == (1, jobs)


@pytest.mark.parametrize("state, before", [cell for cell, (dummy, dummy, sent) in MATRIX.items() if not sent])
def test_nothing_to_do_needs_no_privilege_to_write(run: Callable, prepared: Callable, state: str, before: str) -> None:
    prepared(before)
    assert change(run, [JOB], state, user="gis_viewer")["changed"] is False


@pytest.mark.parametrize("state, sent", [("cancelled", "cancel"), ("absent", "delete")])
def test_an_unknown_word_is_not_finished(
    run: Callable, sim: Simulator, prepared: Callable, state: str, sent: str
) -> None:
    prepared("paused_for_lunch")
    assert change(run, [JOB], state, check=True)["changed"] is True
    assert writes(sim) == []
    result = change(run, [JOB], state)
    assert (writes(sim), result["changed"]) == ([sent], state == "absent")
    if state == "cancelled":
        assert (result["error"]["code"], result["jobs"][0]["status"]) == ("cancel_refused", "paused_for_lunch")


def test_a_job_that_takes_its_time_to_be_deleted(run: Callable, sim: Simulator) -> None:
    sim.settings("server", delete_seconds=60)
    for changed, outcome in ((True, "delete_accepted"), (False, "already_deleting")):
        result = change(run, [JOB], "absent")
        (job,) = result["jobs"]
        assert (result["changed"], job["outcome"], job["status"]) == (changed, outcome, "deleting")
    assert writes(sim) == ["delete"]


# Many jobs


def test_results_come_in_the_order_given_and_once(run: Callable) -> None:
    ids = [DONE, STUCK, EXECUTING[0], DONE, EXECUTING[1], EXECUTING[0]]
    result = change(run, ids, "cancelled")
    assert [job["job_id"] for job in result["jobs"]] == [DONE, STUCK, EXECUTING[0], EXECUTING[1]]
    assert [job["changed"] for job in result["jobs"]] == [False, True, True, True]
    assert (result["total"], result["returned"], result["truncated"]) == (4, 4, False)
    assert result["summary"] == {"already_finished": 1, "cancel_accepted": 3}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state, outcome", [("cancelled", "cancel_accepted"), ("absent", "deleted")])
def test_the_summary_alone(run: Callable, sim: Simulator, state: str, outcome: str, check: bool) -> None:
    result = change(run, add_jobs(sim, 40), state, summary_only=True, check=check)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert (result["jobs"], result["summary"]) == ([], {outcome: 40})
    assert (result["total"], result["returned"], result["truncated"]) == (40, 0, False)


@pytest.mark.parametrize("summary_only", [False, True])
def test_every_job_is_tried_and_a_failed_task_lists_those_that_failed(
    run: Callable, sim: Simulator, summary_only: bool
) -> None:
    fine = add_jobs(sim, 40)
    result = change(run, [WAITING, *fine[:20], GONE, *fine[20:]], "cancelled", summary_only=summary_only)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert result["msg"].startswith(
        f"2 of 42 jobs failed. Details: {WAITING} of {BUFFER}: cancel_refused. {GONE} of {BUFFER}: unknown_job. "
        f"The first failure: Could not cancel job {WAITING}"
    )
    assert result["error"]["message"] == "2 of 42 jobs failed"
    assert not any(job_id in result["msg"] for job_id in fine)
    assert [(job["job_id"], job["error"]["code"]) for job in result["jobs"]] == [
        (WAITING, "cancel_refused"),
        (GONE, "unknown_job"),
    ]
    assert (result["summary"], result["missing"]) == ({"cancel_accepted": 40, "failed": 2}, [GONE])
    assert (result["total"], result["returned"], result["truncated"]) == (42, 2, False)
    assert result["changed_jobs"] == [
        {
            "job_id": job_id,
            "service": BUFFER,
            "status_before": "executing",
            "status": "cancelling",
            "outcome": "cancel_accepted",
        }
        for job_id in fine
    ]
    assert {sim.job(job_id)["status"] for job_id in fine} == {"esriJobCancelling"}
    # The diff has every job all the same.
    before, after = {WAITING: "waiting", GONE: "absent"}, {WAITING: "waiting", GONE: "absent"}
    assert result["diff"]["before"] == {BUFFER: {**before, **dict.fromkeys(fine, "executing")}}
    assert result["diff"]["after"] == {BUFFER: {**after, **dict.fromkeys(fine, "cancelling")}}


@pytest.mark.parametrize("state, operation", [("cancelled", "cancel"), ("absent", "delete")])
def test_a_refusal_that_would_meet_every_job_stops_the_run(
    run: Callable, sim: Simulator, state: str, operation: str
) -> None:
    result = change(run, [*EXECUTING, STUCK], state, user="gis_viewer", max_concurrency=1)
    assert (result["changed"], result["error"]["code"]) == (False, "some_jobs_failed")
    assert "1 of 3 jobs failed, and 2 were not tried because the failure would have met them too" in result["msg"]
    assert result["summary"] == {"failed": 1, "not_tried": 2}
    assert [job["error"]["code"] for job in result["jobs"]] == ["no_privilege"]
    assert writes(sim) == [operation]


def test_jobs_of_several_services_as_the_query_returned_them(run: Callable) -> None:
    found = run("gp_job_query", services=[BUFFER, "Maps/Viewshed"], statuses=["executing"])["jobs"]
    result = run("gp_job", state="cancelled", jobs=found)
    assert [(job["service"], job["job_id"]) for job in result["jobs"]] == [
        (job["service"], job["job_id"]) for job in found
    ]
    assert {job["service"] for job in found} == {BUFFER, "Maps/Viewshed"}
    assert result["summary"] == {"cancel_accepted": len(found)}


def test_a_job_that_is_named_in_two_ways_is_one(run: Callable) -> None:
    jobs = [{"service": name, "job_id": JOB} for name in (BUFFER, "Maps/Buffer.GPServer")]
    result = run("gp_job", state="absent", jobs=jobs)
    assert (result["total"], result["summary"]) == (1, {"deleted": 1})


def test_only_service_and_id_of_a_job_are_read(run: Callable) -> None:
    job = {**ELSEWHERE, "status": "succeeded", "url": "https://evil.example.com", "odd": [1, {}]}
    assert run("gp_job", state="cancelled", jobs=[job])["jobs"][0]["status_before"] == "executing"


def test_a_mistyped_service_among_others_fails_and_is_never_absent(run: Callable) -> None:
    jobs = [{"service": "Maps/Bufer", "job_id": JOB}, ELSEWHERE]
    result = run("gp_job", state="absent", jobs=jobs)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert result["summary"] == {"failed": 1, "deleted": 1}
    assert result["jobs"][0]["error"]["code"] == "unknown_service"
    assert result["missing"] == []


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state", ["absent", "cancelled"])
@pytest.mark.parametrize("ids", [[GONE], [GONE, JOB]])
def test_a_mistyped_service_is_never_already_absent(run: Callable, state: str, ids: list[str], check: bool) -> None:
    result = run("gp_job", state=state, service="Maps/Bufer", job_ids=ids, missing_ok=True, check=check)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unknown_service")
    assert "the site has no service Maps/Bufer: " in result["msg"]
    assert "Did you mean Maps/Buffer? Write the service as Folder/Name" in result["msg"]
    assert result.get("jobs", []) == []


def test_only_statuses_restricts_what_is_touched_and_what_counts(run: Callable, sim: Simulator) -> None:
    result = change(run, [DONE, JOB, GONE], "absent", only_statuses=["succeeded", "failed"], max_jobs=1)
    assert [job["outcome"] for job in result["jobs"]] == ["deleted", "not_selected", "already_absent"]
    assert sim.job(JOB)["status"] == "esriJobExecuting"
    assert operations(sim)["delete"] == 1


@pytest.mark.parametrize("state, warns", [("cancelled", True), ("absent", False)])
def test_check_mode_tells_that_a_queued_job_may_refuse(run: Callable, state: str, warns: bool) -> None:
    result = change(run, [WAITING, JOB], state, check=True)
    said = "1 of the jobs waits in the queue. Some sites refuse to cancel jobs before they execute."
    assert (said in str(result.get("warnings"))) is warns
