# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing notebook jobs: what isCancelled means for each status, and deletions of more than the site shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.apply import apply_state
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import DesiredState, JobChange
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.waiter import WaitOptions
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.plugins.module_utils._notebook import (
    SCAN_LIMIT,
    NotebookFilter,
    NotebookJobs,
    delete_all_finished,
)
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    Answer,
    Received,
    portal_error,
)

DONE = {"status": "success"}
NO_SUCH_JOB = portal_error(404, "Job 'j1' not found.")
REFUSED = portal_error(400, "Unable to cancel job 'j1'.")
OPEN = ("SUBMITTED", "PROCESSING")


def notebook_job(job_id: str, status: str, cancelled: Any = False) -> dict[str, Any]:
    """Return a job as the site writes it."""
    ended = {} if status in OPEN else {"endTime": 1700000060000}
    attributes = {"isCancelled": cancelled}
    return {"jobId": job_id, "status": status, "startTime": 1700000000000, "customAttributes": attributes, **ended}


def listing(*jobs: dict[str, Any]) -> dict[str, Any]:
    """Return the list of the site."""
    return {"asyncJobs": list(jobs), "total": len(jobs)}


def cancel(client: Client, *job_ids: str, wait: WaitOptions | None = None, **desired: Any) -> list[JobChange]:
    """Cancel jobs."""
    refs = [JobRef(None, job_id) for job_id in job_ids]
    return apply_state(NotebookJobs(client), DesiredState("cancelled", **desired), refs, task_context(client), wait)


def delete_all(client: Client, max_jobs: int | None = None) -> tuple[list[JobChange], Failure | None]:
    """Delete every finished job."""
    return delete_all_finished(NotebookJobs(client), task_context(client), max_jobs)


MATRIX: dict[tuple[str, Any], tuple[str, bool, str]] = {
    ("SUBMITTED", False): ("cancel_accepted", True, "cancelling"),
    ("PROCESSING", False): ("cancel_accepted", True, "cancelling"),
    ("PROCESSING", "false"): ("cancel_accepted", True, "cancelling"),
    ("SUBMITTED", True): ("already_cancelling", False, "cancelling"),
    ("PROCESSING", True): ("already_cancelling", False, "cancelling"),
    ("PROCESSING", "true"): ("already_cancelling", False, "cancelling"),
    ("COMPLETED", False): ("already_finished", False, "succeeded"),
    ("FAILED", False): ("already_finished", False, "failed"),
    ("COMPLETED", True): ("already_cancelled", False, "cancelled"),
    ("FAILED", True): ("already_cancelled", False, "cancelled"),
    ("PAUSED", False): ("cancel_accepted", True, "cancelled"),
}


@pytest.mark.parametrize("present, expected", MATRIX.items(), ids=str)
def test_what_counts_is_whether_the_job_was_asked_to_be_cancelled(
    scripted_client: Callable, present: tuple[str, Any], expected: tuple[str, bool, str]
) -> None:
    status, cancelled = present
    outcome, changed, after = expected
    script = {"job": [notebook_job("j1", status, cancelled), notebook_job("j1", status, True)], "cancel": DONE}
    client, server = scripted_client(**script)
    (change,) = cancel(client, "j1")
    assert (change.outcome, change.changed, change.after, change.error) == (outcome, changed, after, None)
    assert server.writes() == (["/server/admin/system/jobs/j1/cancel"] if changed else [])


def test_a_missing_job_is_an_error_unless_that_is_fine(scripted_client: Callable) -> None:
    client, server = scripted_client(job=NO_SUCH_JOB, jobs=listing())
    (change,) = cancel(client, "j1")
    assert change.error is not None
    assert (change.error.code, change.changed, change.was_missing) == ("unknown_job", False, True)
    (change,) = cancel(client, "j1", missing_ok=True)
    assert (change.outcome, change.error, change.was_missing) == ("missing", None, True)
    assert server.writes() == []


def test_another_product_at_the_url_has_no_missing_jobs(scripted_client: Callable) -> None:
    client, dummy = scripted_client(job=NO_SUCH_JOB, jobs=NO_SUCH_JOB)
    with pytest.raises(ArcGISError) as caught:
        cancel(client, "j1", missing_ok=True)
    assert caught.value.failure.code == "not_found"


def test_many_jobs_are_read_from_one_list(scripted_client: Callable) -> None:
    ids = [f"j{number}" for number in range(40)]
    client, server = scripted_client(
        jobs=[
            listing(*(notebook_job(job_id, "PROCESSING") for job_id in ids)),
            listing(*(notebook_job(job_id, "PROCESSING", True) for job_id in ids)),
        ],
        cancel=DONE,
    )
    changes = cancel(client, *ids)
    assert {change.after for change in changes} == {"cancelling"}
    assert (server.operations().count("jobs"), server.operations().count("cancel")) == (2, 40)
    assert "job" not in server.operations()


def test_jobs_that_the_list_does_not_show_are_read_on_their_own(scripted_client: Callable) -> None:
    client, server = scripted_client(
        jobs=listing(notebook_job("j1", "PROCESSING", True)), job=notebook_job("j2", "FAILED")
    )
    changes = cancel(client, "j1", "j2")
    assert [change.outcome for change in changes] == ["already_cancelling", "already_finished"]
    assert server.operations() == ["jobs", "job"]


def test_a_refused_cancel_of_an_open_job_is_an_error_without_advice_that_nobody_can_follow(
    scripted_client: Callable,
) -> None:
    for status in OPEN:
        client, server = scripted_client(job=notebook_job("j1", status), cancel=REFUSED)
        (change,) = cancel(client, "j1")
        assert change.error is not None
        assert (change.error.code, change.outcome, change.changed) == ("cancel_refused", "failed", False)
        advice = str(change.error)
        assert "absent" not in advice and "queue" not in advice and "purge" not in advice
        assert len(server.writes()) == 1


def test_a_refused_cancel_of_a_job_that_finished_meanwhile_is_fine(scripted_client: Callable) -> None:
    jobs = [notebook_job("j1", "PROCESSING"), notebook_job("j1", "COMPLETED")]
    client, dummy = scripted_client(job=jobs, cancel=REFUSED)
    (change,) = cancel(client, "j1")
    assert (change.outcome, change.changed, change.error) == ("already_finished", False, None)


@pytest.mark.parametrize("lost", [DROPPED, GATEWAY_DOWN, Answer(DONE, missing_bytes=3)], ids=["reset", "502", "cut"])
def test_after_a_lost_answer_the_job_decides(scripted_client: Callable, lost: Answer) -> None:
    jobs = [notebook_job("j1", "PROCESSING"), notebook_job("j1", "PROCESSING", True)]
    client, server = scripted_client(job=jobs, cancel=lost)
    (change,) = cancel(client, "j1")
    assert (change.outcome, change.changed, change.after) == ("cancel_accepted", True, "cancelling")
    assert len(server.writes()) == 1


def test_waiting_ends_with_the_job(scripted_client: Callable, pauses: list[float]) -> None:
    jobs = [
        notebook_job("j1", "PROCESSING"),
        *[notebook_job("j1", "PROCESSING", True)] * 4,
        notebook_job("j1", "FAILED", True),
    ]
    client, dummy = scripted_client(job=jobs, cancel=DONE)
    (change,) = cancel(client, "j1", wait=WaitOptions(60, 2))
    assert (change.after, change.error, change.changed) == ("cancelled", None, True)
    assert len(pauses) == 3


# Deleting all that have finished


FINISHED = [notebook_job("j1", "COMPLETED"), notebook_job("j2", "FAILED"), notebook_job("j3", "FAILED", True)]
RUNNING = [notebook_job("j4", "PROCESSING"), notebook_job("j5", "SUBMITTED"), notebook_job("j6", "PROCESSING", True)]


def test_the_finished_jobs_are_deleted_and_the_open_ones_are_not_listed(scripted_client: Callable) -> None:
    client, server = scripted_client(jobs=[listing(*FINISHED, *RUNNING), listing(*RUNNING)], deleteAll=DONE)
    changes, failure = delete_all(client)
    assert failure is None
    assert [(change.ref.job_id, change.outcome, change.changed, change.after) for change in changes] == [
        (job_id, "deleted", True, None) for job_id in ("j1", "j2", "j3")
    ]
    assert server.writes() == ["/server/admin/system/jobs/deleteAll"]


def test_nothing_finished_is_no_write(scripted_client: Callable) -> None:
    client, server = scripted_client(jobs=listing(*RUNNING))
    assert delete_all(client) == ([], None)
    assert server.operations() == ["jobs"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_guard_counts_finished_jobs_and_refuses_before_the_write(
    scripted_client: Callable, check_mode: bool
) -> None:
    client, server = scripted_client(check_mode=check_mode, jobs=listing(*FINISHED, *RUNNING), deleteAll=DONE)
    with pytest.raises(ArcGISError) as caught:
        delete_all(client, max_jobs=2)
    assert caught.value.failure.code == "too_many_jobs"
    assert "3 jobs have finished, and max_jobs is 2" in str(caught.value)
    assert server.writes() == []


ODD = [notebook_job("o1", "TIMED_OUT"), notebook_job("o2", "CANCELLED"), notebook_job("o3", "PONDERING")]


def test_jobs_that_may_not_be_open_count_for_the_guard(scripted_client: Callable) -> None:
    client, server = scripted_client(jobs=listing(*FINISHED, *ODD, *RUNNING), deleteAll=DONE)
    with pytest.raises(ArcGISError) as caught:
        delete_all(client, max_jobs=5)
    assert "6 jobs have finished, or may have, and max_jobs is 5" in str(caught.value)
    assert server.writes() == []


def test_jobs_that_went_as_well_are_told(scripted_client: Callable) -> None:
    answers = [listing(*FINISHED, *ODD, *RUNNING), listing(ODD[2], *RUNNING)]
    client, dummy = scripted_client(jobs=answers, deleteAll=DONE)
    changes, failure = delete_all(client)
    assert failure is None
    assert [(change.ref.job_id, change.outcome, change.changed) for change in changes] == [
        (job_id, "deleted", True) for job_id in ("j1", "j2", "j3", "o1", "o2")
    ]
    assert "Of 3 jobs it is not certain that they are open" in client.warnings[0]


def test_one_look_tells_both_and_a_look_that_fails_denies_nothing(scripted_client: Callable) -> None:
    answers = [listing(*FINISHED, *ODD, *RUNNING), listing(ODD[2], *RUNNING)]
    client, server = scripted_client(jobs=answers, deleteAll=DONE)
    delete_all(client)
    assert server.operations() == ["jobs", "deleteAll", "jobs"]
    client, dummy = scripted_client(jobs=[listing(*FINISHED, *ODD, *RUNNING), portal_error(403, "No.")], deleteAll=DONE)
    changes, failure = delete_all(client)
    assert failure is not None and failure.code == "no_privilege"
    assert [(change.ref.job_id, change.changed) for change in changes] == [("j1", True), ("j2", True), ("j3", True)]


def test_a_status_that_the_list_does_not_tell_is_read_on_its_own(scripted_client: Callable) -> None:
    listed = [{**notebook_job(job_id, "COMPLETED"), "status": None} for job_id in ("j1", "j2")]
    client, dummy = scripted_client(jobs=listing(*listed), job=notebook_job("j1", "COMPLETED"))
    refs = [JobRef(None, job_id) for job_id in ("j1", "j2")]
    assert list(NotebookJobs(client).statuses(refs).values())[0] == "succeeded"


def capped(most: int, jobs: list[dict[str, Any]]) -> Callable[[Received], dict[str, Any]]:
    """Return a site that shows at most so many jobs, whatever it is asked for."""
    return lambda received: listing(*jobs[: min(most, int(received.fields["num"]))])


MANY = [notebook_job(f"j{number}", "COMPLETED") for number in range(SCAN_LIMIT + 200)]


def test_a_long_list_is_read_whole(scripted_client: Callable) -> None:
    client, server = scripted_client(check_mode=True, jobs=capped(len(MANY), MANY))
    assert len(delete_all(client, max_jobs=len(MANY))[0]) == len(MANY)
    assert [received.fields["num"] for received in server.received] == ["1000", "10000", "1199"]


def test_a_number_that_the_site_hides_is_refused_where_a_guard_is_set(scripted_client: Callable) -> None:
    client, server = scripted_client(jobs=capped(SCAN_LIMIT, MANY), deleteAll=DONE)
    with pytest.raises(ArcGISError) as caught:
        delete_all(client, max_jobs=100_000)
    assert (caught.value.failure.code, server.writes()) == ("too_many_jobs", [])
    assert "does not prove that it shows all of its jobs" in str(caught.value)


@pytest.mark.parametrize("rows", [2, 37, 100])
@pytest.mark.parametrize("total", [None, "rows"])
def test_a_list_whose_length_the_site_chose_is_refused_where_a_guard_is_set(
    scripted_client: Callable, rows: int, total: str | None
) -> None:
    answer: dict[str, Any] = {"asyncJobs": MANY[:rows], **({"total": rows} if total else {})}
    client, server = scripted_client(jobs=answer, deleteAll=DONE)
    with pytest.raises(ArcGISError) as caught:
        delete_all(client, max_jobs=100_000)
    assert (caught.value.failure.code, server.writes()) == ("too_many_jobs", [])


@pytest.mark.parametrize("rows", [20, 100, 500])
def test_a_list_as_long_as_a_page_proves_nothing(scripted_client: Callable, rows: int) -> None:
    client, server = scripted_client(jobs=capped(rows, MANY), deleteAll=DONE)
    with pytest.raises(ArcGISError) as caught:
        delete_all(client, max_jobs=100_000)
    assert (caught.value.failure.code, server.writes()) == ("too_many_jobs", [])
    client, dummy = scripted_client(check_mode=True, jobs=capped(rows, MANY))
    assert len(delete_all(client)[0]) == rows
    assert len(client.warnings) == 1 and "does not show" in client.warnings[0]


def test_a_total_that_counts_more_than_the_rows_proves_a_list(scripted_client: Callable) -> None:
    def honest(received: Received) -> dict[str, Any]:
        return {"asyncJobs": MANY[: min(100, int(received.fields["num"]))], "total": 100}

    client, dummy = scripted_client(check_mode=True, jobs=honest)
    assert len(delete_all(client, max_jobs=100)[0]) == 100


def test_without_a_guard_the_user_is_warned_of_jobs_that_are_deleted_unseen(scripted_client: Callable) -> None:
    client, dummy = scripted_client(check_mode=True, jobs=capped(SCAN_LIMIT, MANY))
    assert len(delete_all(client)[0]) == SCAN_LIMIT
    assert len(client.warnings) == 1 and "does not show" in client.warnings[0]


@pytest.mark.parametrize("lost", [DROPPED, GATEWAY_DOWN], ids=["reset", "502"])
def test_after_a_lost_answer_the_list_decides(scripted_client: Callable, lost: Answer) -> None:
    client, server = scripted_client(jobs=[listing(*FINISHED), listing(FINISHED[1])], deleteAll=lost)
    changes, failure = delete_all(client)
    assert failure is None
    assert [change.changed for change in changes] == [True, False, True]
    assert [change.error and change.error.code for change in changes] == [None, "delete_unconfirmed", None]
    assert len(server.writes()) == 1


def test_an_accepted_deletion_is_a_change_though_the_list_cannot_be_read_after_it(scripted_client: Callable) -> None:
    client, dummy = scripted_client(jobs=[listing(*FINISHED), GATEWAY_DOWN], deleteAll=DONE)
    changes, failure = delete_all(client)
    assert failure is not None and failure.code == "busy"
    assert {(change.outcome, change.changed, change.error) for change in changes} == {("failed", True, failure)}


def test_a_lost_answer_and_a_list_that_cannot_be_read_leave_it_unknown(scripted_client: Callable) -> None:
    client, server = scripted_client({"retries": 0}, jobs=[listing(*FINISHED), GATEWAY_DOWN], deleteAll=DROPPED)
    changes, failure = delete_all(client)
    assert failure is not None and failure.code == "busy"
    assert "It is unknown whether the request to delete them was carried out" in str(failure)
    assert {(change.outcome, change.changed, change.error) for change in changes} == {("failed", False, failure)}
    assert len(server.writes()) == 1


@pytest.mark.parametrize("time, window", [("start", "started"), ("end", "ended")])
def test_jobs_whose_time_cannot_be_read_are_named_where_a_window_leaves_them_out(
    scripted_client: Callable, time: str, window: str
) -> None:
    in_seconds = {**notebook_job("j1", "COMPLETED"), f"{time}Time": 1_700_000_000}
    client, _server = scripted_client(jobs=listing(in_seconds, notebook_job("j2", "COMPLETED")))
    jobs = NotebookJobs(client)
    assert jobs.find(NotebookFilter(), True, False, 100).records and client.warnings == []
    wanted = NotebookFilter(**{window: (None, 2_000_000_000_000)})  # type: ignore[arg-type]
    found = jobs.find(wanted, True, False, 100)
    assert [record["job_id"] for record in found.records] == ["j2"]
    assert client.warnings == [f"The {time} of 1 jobs cannot be read, so they were left out of the window."]


def test_a_refused_deletion_changes_nothing(scripted_client: Callable) -> None:
    denied = portal_error(403, "Token is valid but access is denied.")
    client, server = scripted_client(jobs=listing(*FINISHED), deleteAll=denied)
    with pytest.raises(ArcGISError) as caught:
        delete_all(client)
    assert caught.value.failure.code == "no_privilege"
    assert server.operations() == ["jobs", "deleteAll", "jobs"]


PART = {"asyncJobs": FINISHED, "total": 9}


def test_a_job_that_leaves_a_list_which_is_cut_short_is_read_on_its_own(scripted_client: Callable) -> None:
    def one(received: Received) -> Any:
        return FINISHED[1] if received.path.endswith("/j2") else NO_SUCH_JOB

    rest = {"asyncJobs": RUNNING, "total": 9}
    client, server = scripted_client(jobs=[PART, PART, rest], deleteAll=DONE, job=one)
    changes, failure = delete_all(client)
    assert failure is None
    assert [(change.ref.job_id, change.outcome, change.after) for change in changes] == [
        ("j1", "deleted", None),
        ("j2", "failed", "failed"),
        ("j3", "deleted", None),
    ]
    assert changes[1].error is not None and changes[1].error.code == "delete_unconfirmed"
    assert {received.path.rpartition("/")[2] for received in server.received if received.operation == "job"} == {
        "j1",
        "j2",
        "j3",
    }


def test_a_job_that_cannot_be_read_is_not_called_deleted(scripted_client: Callable) -> None:
    client, dummy = scripted_client(
        {"retries": 0}, jobs=[PART, PART, {"asyncJobs": [], "total": 9}], deleteAll=DONE, job=GATEWAY_DOWN
    )
    changes, failure = delete_all(client)
    assert failure is not None and failure.code == "busy"
    assert {(change.outcome, change.changed, change.error) for change in changes} == {("failed", True, failure)}


def test_where_nothing_is_deleted_nobody_is_warned(scripted_client: Callable) -> None:
    client, server = scripted_client(jobs={"asyncJobs": RUNNING, "total": 9}, deleteAll=DONE)
    assert (delete_all(client), client.warnings, server.writes()) == (([], None), [], [])
