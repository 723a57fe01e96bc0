# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying the queue of a service: what waited, what the purge removed, and what its answer is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.queue import empty_queues, still_queued
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import JobChange
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    NOT_FOUND,
    Answer,
    Received,
    job,
    page,
    refused,
)

BUFFER = Service("Maps", "Buffer")
DONE = {"status": "success"}
DENIED = refused(403, "Token is valid but access is denied.")
WAITING, EXECUTING, CANCELLED = "Waiting", "Executing", "Cancelled"


class Queue:
    """The jobs of a service as its query shows them, which the answer to a purge may change."""

    def __init__(self, answer: Any = None, then: dict[str, str] | None = None, **labels: str) -> None:
        self.answer, self.then, self.labels = DONE if answer is None else answer, then, labels

    def query(self, received: Received) -> dict[str, Any]:
        """Return the jobs with the status that was asked for; without one, all."""
        asked = received.fields.get("jobStatus", "")
        return page(**{name: label for name, label in self.labels.items() if asked in ("", f"esriJob{label}")})

    def purge(self, received: Received) -> Any:
        """Answer the purge, and let the jobs be what they then are."""
        self.labels = self.labels if self.then is None else self.then
        return self.answer

    def one(self, received: Received) -> Any:
        """Return one job."""
        job_id = received.path.rpartition("/")[2]
        return job(job_id, f"esriJob{self.labels[job_id]}") if job_id in self.labels else NOT_FOUND

    @property
    def script(self) -> dict[str, Any]:
        """Return the script of the site."""
        return {"query": self.query, "purgeQueue": self.purge, "job": self.one}


def purge(client: Client, *services: Service, max_jobs: int | None = None) -> tuple[list[JobChange], Failure | None]:
    """Purge the queues of these services."""
    return empty_queues(GpJobs(client), services, task_context(client), max_jobs)


@pytest.mark.parametrize(
    "after, outcome, status, changed",
    [
        (CANCELLED, "purged", "cancelled", True),
        ("Cancelling", "purged", "cancelling", True),
        (EXECUTING, "left_queue", "executing", False),
        ("Succeeded", "left_queue", "succeeded", False),
        (WAITING, "still_queued", "waiting", True),
        ("New", "still_queued", "new", True),
    ],
)
def test_what_is_then_seen_of_a_job_decides(
    scripted_client: Callable, after: str, outcome: str, status: str, changed: bool
) -> None:
    queue = Queue(then={"j1": after, "j2": CANCELLED}, j1=WAITING, j2=WAITING)
    client, server = scripted_client(**queue.script)
    changes, failure = purge(client, BUFFER)
    assert failure is None
    assert [(change.outcome, change.after, change.changed) for change in changes] == [
        (outcome, status, changed),
        ("purged", "cancelled", True),
    ]
    assert server.writes() == ["/server/admin/services/Maps/Buffer.GPServer/jobs/purgeQueue"]


def test_a_job_that_the_purge_removed_altogether_is_purged(scripted_client: Callable) -> None:
    queue = Queue(then={"j2": CANCELLED}, j1=WAITING, j2=WAITING)
    client, dummy = scripted_client(**queue.script)
    changes, failure = purge(client, BUFFER)
    assert failure is None
    assert [(change.outcome, change.after) for change in changes] == [("purged", None), ("purged", "cancelled")]


def test_new_submitted_and_waiting_jobs_are_the_queue_and_labels_decide(scripted_client: Callable) -> None:
    labels = {"j1": "New", "j2": "Submitted", "j3": WAITING, "j4": EXECUTING, "j5": "Succeeded", "j6": "Cancelling"}
    # This site takes no notice of jobStatus, so it shows everything every time.
    client, server = scripted_client(check_mode=True, query=page(**labels))
    changes, dummy = purge(client, BUFFER)
    assert sorted(change.ref.job_id for change in changes) == ["j1", "j2", "j3"]
    assert {received.fields["jobStatus"] for received in server.received} == {
        "esriJobNew",
        "esriJobSubmitted",
        "esriJobWaiting",
    }


def test_an_empty_queue_is_not_purged(scripted_client: Callable) -> None:
    client, server = scripted_client(**Queue(j1=EXECUTING, j2="Succeeded").script)
    assert purge(client, BUFFER) == ([], None)
    assert server.writes() == []


def test_no_service_sends_nothing(scripted_client: Callable) -> None:
    client, server = scripted_client()
    assert purge(client) == ([], None)
    assert server.received == []


def test_check_mode_predicts_and_writes_nothing(scripted_client: Callable) -> None:
    client, server = scripted_client(check_mode=True, **Queue(j1=WAITING, j2=EXECUTING).script)
    changes, failure = purge(client, BUFFER)
    assert failure is None
    assert [(change.ref.job_id, change.outcome, change.changed) for change in changes] == [("j1", "purged", True)]
    assert server.writes() == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_guard_refuses_before_any_write(scripted_client: Callable, check_mode: bool) -> None:
    client, server = scripted_client(check_mode=check_mode, **Queue(j1=WAITING, j2="New", j3=EXECUTING).script)
    with pytest.raises(ArcGISError) as caught:
        purge(client, BUFFER, max_jobs=1)
    assert caught.value.failure.code == "too_many_jobs"
    assert "2 jobs wait in the queues, and max_jobs is 1" in str(caught.value)
    assert server.writes() == []


def test_executing_jobs_do_not_count_for_the_guard(scripted_client: Callable) -> None:
    queue = Queue(then={"j1": CANCELLED, "j2": EXECUTING}, j1=WAITING, j2=EXECUTING)
    client, dummy = scripted_client(**queue.script)
    changes, failure = purge(client, BUFFER, max_jobs=1)
    assert (len(changes), failure) == (1, None)


def test_an_unreadable_queue_stops_everything_before_the_first_write(scripted_client: Callable) -> None:
    def query(received: Received) -> Any:
        return NOT_FOUND if "Bufer" in received.path else page(j1=WAITING)

    client, server = scripted_client(query=query, purgeQueue=DONE)
    with pytest.raises(ArcGISError) as caught:
        purge(client, BUFFER, Service("Maps", "Bufer"))
    assert caught.value.failure.code == "unknown_service"
    assert server.writes() == []


# Answers that were lost, and refusals


@pytest.mark.parametrize("lost", [DROPPED, GATEWAY_DOWN, Answer(DONE, missing_bytes=4)], ids=["reset", "502", "cut"])
def test_after_a_lost_answer_what_is_seen_decides(scripted_client: Callable, lost: Answer) -> None:
    client, server = scripted_client(**Queue(lost, then={"j1": CANCELLED}, j1=WAITING).script)
    changes, failure = purge(client, BUFFER)
    assert failure is None
    assert [(change.outcome, change.changed) for change in changes] == [("purged", True)]
    assert len(server.writes()) == 1


def test_a_lost_answer_without_effect_is_a_failure(scripted_client: Callable) -> None:
    client, dummy = scripted_client(**Queue(GATEWAY_DOWN, j1=WAITING, j2=WAITING).script)
    changes, failure = purge(client, BUFFER)
    assert failure is not None and failure.code == "busy"
    assert [change.changed for change in changes] == [False, False]


def test_a_refusal_is_a_failure_and_changes_nothing(scripted_client: Callable) -> None:
    client, dummy = scripted_client(**Queue(DENIED, j1=WAITING).script)
    changes, failure = purge(client, BUFFER)
    assert failure is not None and failure.code == "no_privilege"
    assert [change.changed for change in changes] == [False]


def test_a_refusal_is_not_reported_as_not_tried(scripted_client: Callable) -> None:
    client, dummy = scripted_client(**Queue(DENIED, j1=WAITING).script)
    changes, dummy = purge(client, BUFFER)
    assert [change.outcome for change in changes] == ["failed"]
    assert changes[0].error is not None and changes[0].error.code == "no_privilege"


def test_one_queue_that_refuses_does_not_hide_what_became_of_another(scripted_client: Callable) -> None:
    queues = {"Buffer": Queue(DENIED, j1=WAITING), "Clip": Queue(then={"j2": CANCELLED}, j2=WAITING)}

    def at(received: Received) -> Queue:
        return queues["Buffer" if "Buffer" in received.path else "Clip"]

    client, dummy = scripted_client(
        query=lambda received: at(received).query(received),
        purgeQueue=lambda received: at(received).purge(received),
        job=lambda received: at(received).one(received),
    )
    changes, failure = purge(client, BUFFER, Service("Maps", "Clip"))
    assert failure is not None and failure.code == "no_privilege"
    assert [(change.ref.service.label, change.changed) for change in changes] == [
        ("Maps/Buffer", False),
        ("Maps/Clip", True),
    ]


def test_an_accepted_purge_is_a_change_though_the_look_after_it_fails(scripted_client: Callable) -> None:
    looks = [page(j1=WAITING, j2=WAITING)] * 3 + [refused(500, "out of memory")]
    client, dummy = scripted_client(query=looks, purgeQueue=DONE)
    changes, failure = purge(client, BUFFER)
    assert still_queued(changes) == (changes, None), "it is not known that they still wait"
    assert failure is None and all(change.changed for change in changes)


UNREADABLE = refused(500, "out of memory")


@pytest.mark.parametrize("labels", [{"j1": WAITING}, {"j1": WAITING, "j2": WAITING}], ids=["one job", "two"])
@pytest.mark.parametrize(
    "answer, outcome, changed",
    [(DONE, "purge_accepted", True), (GATEWAY_DOWN, "failed", False), (DROPPED, "failed", False)],
    ids=["accepted", "502", "reset"],
)
def test_a_job_that_cannot_be_read_after_the_purge(
    scripted_client: Callable, labels: dict[str, str], answer: Any, outcome: str, changed: bool
) -> None:
    client, server = scripted_client(
        {"retries": 0}, query=[page(**labels)] * 3 + [page()], purgeQueue=answer, job=UNREADABLE
    )
    changes, failure = purge(client, BUFFER)
    assert {(change.outcome, change.changed, change.after) for change in changes} == {(outcome, changed, "waiting")}
    assert len(server.writes()) == 1
    assert (failure is None) is changed
    for change in changes:
        assert (change.error is None) is changed
        assert changed or "It is unknown whether the request to purge the queue was carried out" in str(change.error)


def test_a_lost_purge_is_known_of_the_jobs_that_can_be_read(scripted_client: Callable) -> None:
    queue = Queue(DROPPED, then={"j1": CANCELLED}, j1=WAITING, j2=WAITING)
    script = {**queue.script, "job": lambda received: UNREADABLE if "j2" in received.path else queue.one(received)}
    client, dummy = scripted_client({"retries": 0}, **script)
    changes, failure = purge(client, BUFFER)
    assert [(change.outcome, change.changed) for change in changes] == [("purged", True), ("failed", False)]
    assert failure is changes[1].error is not None
    assert "It is unknown" in str(failure)


# Lists that are not complete

CUT_SHORT = {"query": page(total=5, j1=WAITING), "purgeQueue": DONE, "job": job("j1", "esriJobCancelled")}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_queue_that_is_not_shown_whole_is_too_much_for_the_guard(scripted_client: Callable, check_mode: bool) -> None:
    client, server = scripted_client(check_mode=check_mode, **CUT_SHORT)
    with pytest.raises(ArcGISError) as caught:
        purge(client, BUFFER, max_jobs=100)
    assert caught.value.failure.code == "too_many_jobs"
    assert "1 jobs wait in the queues, and max_jobs is 100, and there may be more" in str(caught.value)
    assert server.writes() == []


def test_without_a_guard_the_user_is_warned_of_jobs_that_are_purged_unseen(scripted_client: Callable) -> None:
    client, server = scripted_client(**CUT_SHORT)
    changes, failure = purge(client, BUFFER)
    assert ([change.outcome for change in changes], failure, len(server.writes())) == (["purged"], None, 1)
    assert len(client.warnings) == 1 and "more jobs may wait than are listed" in client.warnings[0]


def test_an_empty_queue_that_is_not_shown_whole_is_not_called_purged(scripted_client: Callable) -> None:
    client, server = scripted_client(query=page(total=5, j1=EXECUTING), purgeQueue=DONE)
    assert purge(client, BUFFER) == ([], None)
    assert server.writes() == []


# Jobs that stay


def test_jobs_that_still_wait_are_an_error_that_names_them(scripted_client: Callable) -> None:
    queue = Queue(then={"j1": WAITING, "j2": CANCELLED}, j1=WAITING, j2=WAITING)
    client, dummy = scripted_client(**queue.script)
    changes, failure = purge(client, BUFFER)
    assert failure is None
    marked, error = still_queued(changes)
    assert error is not None
    assert (error.code, error.details) == ("purge_incomplete", ("j1 of Maps/Buffer is still waiting.",))
    assert [change.error and change.error.code for change in marked] == ["purge_incomplete", None]


def test_jobs_that_left_the_queue_are_no_error(scripted_client: Callable) -> None:
    queue = Queue(then={"j1": EXECUTING, "j2": CANCELLED}, j1=WAITING, j2=WAITING)
    client, dummy = scripted_client(**queue.script)
    changes, dummy = purge(client, BUFFER)
    assert still_queued(changes) == (changes, None)
