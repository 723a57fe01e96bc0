# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading many jobs: the loop over the pages, what it costs, and what the site says of each job."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._concurrent import run_concurrently
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.messages import with_messages
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service, parse_service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.apply import apply_state
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import DesiredState
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.tests.unit.doubles import STUCK, operations
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    GATEWAY_DOWN,
    Answer,
    Received,
    each_job,
    job,
    page,
    portal_error,
    refused,
)
from arcgis_simulator import Simulator

BUFFER = Service("Maps", "Buffer")


def starts(server: Any) -> list[str | None]:
    """Return the start of every page that was asked for."""
    return [request.query.get("start") for request in server.received if request.operation == "query"]


LOOPS: dict[str, tuple[list[Any], list[str], bool, list[str | None]]] = {
    "one page": ([page(j1="Failed")], ["j1"], True, [None]),
    "three pages": (
        [page(2, 3, j1="Failed"), page(3, 3, j2="Failed"), page(-1, 3, j3="Failed")],
        ["j1", "j2", "j3"],
        True,
        [None, "2", "3"],
    ),
    # The first job that is seen proves that an empty startTime filters nothing, so an empty page is asked for twice.
    "nothing": ([page()], [], True, [None, None]),
    "results that are null": ([{"total": 0, "nextStart": -1, "results": None}], [], True, [None, None]),
    "neither results nor nextStart": ([{"total": 0}], [], True, [None, None]),
    "numbers written as text": (
        [{"total": "2", "nextStart": "2", "results": {"j1": "New"}}, page(-1, 2, j2="New")],
        ["j1", "j2"],
        True,
        [None, "2"],
    ),
    "a page that is repeated": ([page(2, 3, j1="Failed"), page(3, 3, j1="Failed")], ["j1"], False, [None, "2"]),
    "a start that stays": ([page(2, 3, j1="Failed"), page(2, 3, j2="Failed")], ["j1", "j2"], False, [None, "2"]),
    "a start that goes back": ([page(5, 9, j1="Failed"), page(3, 9, j2="Failed")], ["j1", "j2"], False, [None, "4"]),
    "a start at one": ([page(1, 9, j1="Failed")], ["j1"], False, [None]),
    "an empty page": ([page(2, 3, j1="Failed"), page(3, 3)], ["j1"], False, [None, "2"]),
    "jobs that vanished between the pages": (
        [page(3, 5, j1="Failed", j2="Failed"), page(5, 4, j4="Failed"), page(-1, 3, j5="Failed")],
        ["j1", "j2", "j4", "j5"],
        False,
        [None, "2", "4"],
    ),
    "pages that begin with the last row of the page before": (
        [page(3, 4, j1="Failed", j2="Failed"), page(-1, 4, j2="Failed", j3="Failed", j4="Failed")],
        ["j1", "j2", "j3", "j4"],
        True,
        [None, "2"],
    ),
    "a job that vanished and one that came between the pages": (
        [page(3, 4, j1="Failed", j2="Failed"), page(-1, 4, j4="Failed", j5="New")],
        ["j1", "j2", "j4", "j5"],
        False,
        [None, "2"],
    ),
    "jobs that came meanwhile": (
        [page(2, 2, j1="New"), page(-1, 3, j2="New", j3="New")],
        ["j1", "j2", "j3"],
        True,
        [None, "2"],
    ),
}


@pytest.mark.parametrize("pages, found, is_complete, asked", LOOPS.values(), ids=LOOPS)
def test_the_loop_over_the_pages_ends_and_says_what_it_may_lack(
    scripted_client: Callable[..., Any], pages: list[Any], found: list[str], is_complete: bool, asked: list[str | None]
) -> None:
    client, server = scripted_client({"max_concurrency": 1}, query=pages)
    listing = GpJobs(client).list_jobs(BUFFER, {})
    assert (list(listing.statuses), listing.is_complete) == (found, is_complete)
    assert starts(server) == asked


@pytest.mark.parametrize(
    "answer", [{}, {"total": 1}, {"results": None}, *({"results": results} for results in (["j1"], "j1", 7))]
)
def test_an_answer_that_is_no_page_of_jobs(scripted_client: Callable[..., Any], answer: Any) -> None:
    client, dummy = scripted_client(query=answer)
    with pytest.raises(ArcGISError) as caught:
        GpJobs(client).page(BUFFER, {})
    assert caught.value.failure.code == "unexpected_shape"


@pytest.mark.parametrize("reading", ["ignored", "matches_nothing", "error"])
def test_no_job_is_overlooked_whatever_an_empty_start_time_means(
    client: Callable[..., Any], sim: Simulator, reading: str
) -> None:
    sim.settings("server", empty_start_time=reading)
    jobs = GpJobs(client())
    listing = jobs.list_jobs(BUFFER, {})
    assert (len(listing.statuses), listing.is_complete) == (25, True)
    sim.clear_requests()
    assert jobs.list_jobs(BUFFER, {}) == listing
    # What a page has proven is not asked again.
    assert [request["query"].get("startTime") for request in sim.requests()] == ["" if reading == "ignored" else None]


def test_a_service_without_jobs_is_asked_for_them_in_both_ways(client: Callable[..., Any], sim: Simulator) -> None:
    empty = parse_service("service", "Utilities/PrintingTools")
    for each in sim.jobs("server", empty.label):
        sim.remove_job(each["job_id"])
    jobs = GpJobs(client())
    assert jobs.list_jobs(empty, {}).statuses == {}
    assert [request["query"].get("startTime") for request in sim.requests() if request["operation"] == "query"] == [
        "",
        None,
    ]


def test_that_no_job_has_a_status_is_proven_once_by_any_job(client: Callable[..., Any], sim: Simulator) -> None:
    jobs = GpJobs(client())
    for _time in range(2):
        assert jobs.list_jobs(BUFFER, {"jobStatus": "esriJobDeleting"}).statuses == {}
    asked = [request["query"] for request in sim.requests() if request["operation"] == "query"]
    assert [(each.get("jobStatus"), each.get("startTime")) for each in asked] == [
        ("esriJobDeleting", ""),
        (None, None),
        (None, ""),
        ("esriJobDeleting", ""),
    ]


@pytest.mark.parametrize("reading", ["matches_nothing", "error"])
def test_a_status_is_asked_for_again_where_an_empty_start_time_hides_jobs(
    client: Callable[..., Any], sim: Simulator, reading: str
) -> None:
    sim.settings("server", empty_start_time=reading)
    found = GpJobs(client()).list_jobs(BUFFER, {"jobStatus": "esriJobExecuting"}).statuses
    assert found and set(found.values()) == {"executing"}


@pytest.mark.parametrize("answers", [[page(), GATEWAY_DOWN], [page(), page(j1="esriJobFailed"), GATEWAY_DOWN]])
def test_what_a_failure_leaves_open_is_not_proven(
    scripted_client: Callable[..., Any], answers: list[dict[str, Any]]
) -> None:
    client, dummy = scripted_client({"retries": 0}, query=answers)
    jobs = GpJobs(client)
    assert jobs.list_jobs(BUFFER, {"jobStatus": "esriJobNew"}).statuses == {}
    assert jobs.no_window is None


def test_a_site_that_wants_a_start_time_is_believed_that_it_has_no_jobs(scripted_client: Callable[..., Any]) -> None:
    refused = {"status": "error", "messages": ["Parameter 'startTime' must be specified."], "code": 400}
    client, dummy = scripted_client(query=[page(), refused])
    assert GpJobs(client).list_jobs(BUFFER, {}).statuses == {}
    client, dummy = scripted_client(query=[refused, refused])
    with pytest.raises(ArcGISError) as caught:
        GpJobs(client).list_jobs(BUFFER, {})
    assert caught.value.failure.site_code == 400


# Records


def refs_of(ids: Iterable[str], service: Service = BUFFER) -> list[JobRef]:
    """Return the selection of these jobs of one service."""
    return [JobRef(service, job_id) for job_id in ids]


def test_records_come_in_the_order_given(client: Callable[..., Any], sim: Simulator) -> None:
    ids = [job["job_id"] for job in sim.jobs("server", "Maps/Buffer")][::-1]
    found = GpJobs(client()).read(refs_of(ids))
    assert [(ref.job_id, record["job_id"]) for ref, record in found.items()] == [(job_id, job_id) for job_id in ids]


def test_missing_jobs_cost_one_proof_of_the_service(client: Callable[..., Any], sim: Simulator) -> None:
    found = GpJobs(client(max_concurrency=1)).read(refs_of(["jnone1", STUCK, "jnone2", "jnone3"]))
    assert [ref.job_id for ref, record in found.items() if record is None] == ["jnone1", "jnone2", "jnone3"]
    assert found[JobRef(BUFFER, STUCK)]["job_id"] == STUCK
    assert operations(sim)["query"] == 1


def test_a_job_that_cannot_be_read_does_not_hide_the_others(scripted_client: Callable[..., Any]) -> None:
    def one(request: Any) -> Any:
        return refused(500, "out of memory") if request.path.endswith("/j1") else job("j2", "esriJobFailed")

    client, dummy = scripted_client({"retries": 0}, job=one)
    found = {ref.job_id: read for ref, read in GpJobs(client).read(refs_of(["j1", "j2"])).items()}
    assert (found["j1"].code, found["j2"]["status"]) == ("site_error", "failed")


# Cost and concurrency


@pytest.mark.parametrize("most", [1, 3, 8])
def test_no_more_requests_are_under_way_than_allowed(scripted_client: Callable[..., Any], most: int) -> None:
    slow = each_job("esriJobExecuting", delay=0.01)
    client, server = scripted_client({"max_concurrency": most}, job=slow)
    GpJobs(client).read(refs_of(f"j{number}" for number in range(24)))
    assert 0.5 * most <= server.busiest <= most
    assert len(server.received) == 24


def test_jobs_of_many_services_that_are_read_one_by_one_stay_within_the_limit(
    scripted_client: Callable[..., Any],
) -> None:
    slow = each_job("esriJobSucceeded", delay=0.005)
    client, server = scripted_client({"max_concurrency": 3}, query=Answer(page(), delay=0.005), job=slow)
    selected = [JobRef(Service("Maps", f"Tool{number}"), f"j{other}") for number in range(4) for other in range(4)]
    changes = apply_state(GpJobs(client), DesiredState("cancelled"), selected, task_context(client))
    assert [change.outcome for change in changes] == ["already_finished"] * 16
    assert server.busiest == 3


def test_the_status_of_many_jobs_costs_few_requests(scripted_client: Callable[..., Any]) -> None:
    ids = [f"j{number}" for number in range(1000)]
    client, server = scripted_client(query=page(-1, None, **dict.fromkeys(ids, "Executing")))
    assert GpJobs(client).statuses(refs_of(ids)) == dict.fromkeys(refs_of(ids), "executing")
    assert server.operations() == ["query"]


def test_one_job_among_many_is_read_on_its_own(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(job=job("j1", "esriJobExecuting"))
    assert GpJobs(client).statuses(refs_of(["j1"])) == {JobRef(BUFFER, "j1"): "executing"}
    assert server.operations() == ["job"]


def test_a_few_jobs_among_very_many_are_not_looked_for_on_every_page(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(
        {"max_concurrency": 1},
        query=page(1001, 100_000, j9="New"),
        job=[job(name, "esriJobNew") for name in ("j1", "j2")],
    )
    assert GpJobs(client).statuses(refs_of(["j1", "j2"])) == dict.fromkeys(refs_of(["j1", "j2"]), "new")
    assert server.operations() == ["query", "job", "job"]


# Pages side by side


class Paged:
    """A service whose jobs are shown by the page. Before an answer, meanwhile may change what is there."""

    def __init__(self, count: int, most: int = 10, meanwhile: Callable[[Paged, int], Any] | None = None) -> None:
        self.jobs = [f"j{number}" for number in range(count)]
        self.total: int | None = None
        self._most = most
        self._meanwhile = meanwhile

    def __call__(self, received: Received) -> Any:
        """Return a page."""
        start = int(received.query.get("start", 1))
        odd = self._meanwhile(self, start) if self._meanwhile else None
        rows = self.jobs[start - 1 :][: min(self._most, int(received.query["number"]))]
        following = start + len(rows) if start + len(rows) <= len(self.jobs) else -1
        total = len(self.jobs) if self.total is None else self.total
        return odd or page(following, total, **dict.fromkeys(rows, "Succeeded"))


def listed(
    scripted_client: Callable[..., Any], paged: Paged, at_once: int = 8, **more: Any
) -> tuple[list[str], bool, list[int]]:
    """Return the jobs that a list shows, whether they are surely all, and the starts that were asked for, in order."""
    client, server = scripted_client({"max_concurrency": at_once, "retries": 0}, query=paged)
    listing = GpJobs(client).list_jobs(BUFFER, {}, **more)
    return list(listing.statuses), listing.is_complete, sorted(int(start or 1) for start in starts(server))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 19, 20, 28, 29, 100, 101, 1000])
@pytest.mark.parametrize("size", [2, 3, 1000])
def test_pages_side_by_side_are_the_pages_one_by_one(
    scripted_client: Callable[..., Any], count: int, size: int
) -> None:
    count = min(count, 120) if size < 10 else count
    alone, together = (listed(scripted_client, Paged(count), at_once, size=size) for at_once in (1, 8))
    assert alone == together
    assert (len(alone[0]), alone[1]) == (count, True)


def test_pages_are_asked_for_side_by_side(scripted_client: Callable[..., Any]) -> None:
    meeting = threading.Barrier(4)
    # The first page comes alone, and then four at once.
    wait = Paged(46, 10, lambda paged, start: meeting.wait(10) and None if start > 1 else None)
    client, server = scripted_client({"max_concurrency": 4}, query=wait)
    assert len(GpJobs(client).list_jobs(BUFFER, {}).statuses) == 46
    assert (server.busiest, server.connections) == (4, 4)


def test_a_list_that_may_end_early_is_read_page_by_page(scripted_client: Callable[..., Any]) -> None:
    found = listed(scripted_client, Paged(100), stop_after=lambda statuses, left: "j15" in statuses)
    assert found[2] == [1, 10]


def test_lists_that_are_read_at_once_share_the_requests(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client({"max_concurrency": 3}, query=Paged(50))
    jobs, services = GpJobs(client), [Service("Maps", f"S{number}") for number in range(3)]
    before = threading.active_count()
    most: list[int] = []

    def read(service: Service) -> int:
        most.append(threading.active_count())
        return len(jobs.list_jobs(service, {}).statuses)

    assert set(run_concurrently(read, services, 3).all_values().values()) == {50}
    assert server.busiest <= 3 and max(most) - before <= 2 * 3 + 3


@pytest.mark.parametrize("total", [10**9, 5000, 1])
def test_a_site_that_miscounts_is_asked_little_in_vain(scripted_client: Callable[..., Any], total: int) -> None:
    paged = Paged(200)
    paged.total = total
    jobs, is_complete, asked = listed(scripted_client, paged)
    assert (len(jobs), is_complete) == (200, total == 1)
    # It takes 22 pages, and as many at most were asked for ahead.
    assert len(asked) <= 2 * 22 + 8


def test_pages_of_another_size_than_the_first_are_read_one_by_one(scripted_client: Callable[..., Any]) -> None:
    def shrink(paged: Paged, start: int) -> None:
        paged._most = 10 if start == 1 else 7

    jobs, is_complete, asked = listed(scripted_client, Paged(100, 10, shrink))
    assert (len(jobs), is_complete) == (100, True)
    assert len(asked) <= 1 + 8 + 16


def test_rows_that_shift_while_pages_are_read_side_by_side_are_noticed(scripted_client: Callable[..., Any]) -> None:
    lock = threading.Lock()

    def remove(paged: Paged, start: int) -> None:
        with lock:
            if start > 1 and len(paged.jobs) > 90:
                del paged.jobs[:2]

    jobs, is_complete, _dummy = listed(scripted_client, Paged(100, 10, remove))
    assert is_complete is False
    assert len(jobs) < 100


def test_a_page_that_fails_among_others_fails_the_list(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client(
        {"retries": 0}, query=Paged(100, 10, lambda paged, start: refused(500, "no") if start == 37 else None)
    )
    with pytest.raises(ArcGISError) as caught:
        GpJobs(client).list_jobs(BUFFER, {})
    assert caught.value.failure.code == "site_error"


# Messages


def read_with_messages(client: Client, ids: list[str], service: Service = BUFFER) -> list[dict[str, Any]]:
    """Return the records of jobs of one service, with their messages."""
    found = GpJobs(client).read(refs_of(ids, service)).values()
    return with_messages(client, [record for record in found if isinstance(record, dict)])


def test_messages_are_found_without_knowing_the_task(client: Callable[..., Any], sim: Simulator) -> None:
    ids = ["j51e3500000000000000000succeeded2", "j51e3500000000000000000000failed1"]
    jobs = read_with_messages(client(max_concurrency=1), ids, Service("Maps", "Viewshed"))
    assert [message["description"] for message in jobs[0]["messages"]][0] == "Executing (Line Of Sight)"
    assert jobs[0]["messages_reason"] is None
    # The second job is looked for first where the first one was found.
    assert operations(sim)["public job"] == 3


def test_the_url_of_a_job_is_not_followed(
    client: Callable[..., Any], sim: Simulator, scripted: Callable[..., Any]
) -> None:
    elsewhere = scripted(x={})
    sim.update_job(STUCK, url=f"{elsewhere.url}/x")
    jobs = read_with_messages(client(), [STUCK])
    assert jobs[0]["messages"]
    assert elsewhere.received == []


NO_MESSAGES = {
    "no task knows the job": (
        {"GPServer": {"tasks": ["A"]}, "job": [job("j1", "esriJobNew"), portal_error(404, "no")]},
        "No task of the public service Maps/Buffer has messages of the job.",
    ),
    "there are no tasks": (
        {"GPServer": {}, "job": job("j1", "esriJobNew")},
        "No task of the public service Maps/Buffer has messages of the job.",
    ),
    "the service is not public": (
        {"GPServer": portal_error(403, "denied"), "job": job("j1", "esriJobNew")},
        "Could not list the tasks of the service Maps/Buffer",
    ),
    "the task says nothing": (
        {"GPServer": {"tasks": ["A"]}, "job": job("j1", "esriJobNew")},
        "No task of the public service Maps/Buffer has messages of the job.",
    ),
}


@pytest.mark.parametrize("script, reason", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_where_no_task_answers_there_is_a_reason(
    scripted_client: Callable[..., Any], script: dict[str, Any], reason: str
) -> None:
    client, dummy = scripted_client(**script)
    jobs = read_with_messages(client, ["j1"])
    assert jobs[0]["messages"] is None
    assert jobs[0]["messages_reason"].startswith(reason)
