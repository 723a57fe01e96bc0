# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading many jobs: the loop over the pages, what it costs, and what vanishes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._changes import Changes
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import GpJobs, read_records
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_messages import add_messages
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_query import Query, query
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Target, Wish
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    GATEWAY_DOWN,
    NOT_FOUND,
    Answer,
    each_job,
    job,
    page,
    portal_error,
)
from arcgis_simulator import Simulator

BUFFER = Service("Maps", "Buffer")
STUCK = "jb0ffe200000000000000000000stuck1"


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
    "nothing": ([page()], [], True, [None]),
    "results that are null": ([{"total": 0, "nextStart": -1, "results": None}], [], True, [None]),
    "neither results nor nextStart": ([{}], [], True, [None]),
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


@pytest.mark.parametrize("pages, found, complete, asked", LOOPS.values(), ids=LOOPS)
def test_the_loop_over_the_pages_ends_and_says_what_it_may_lack(
    scripted_site: Callable[..., Any], pages: list[Any], found: list[str], complete: bool, asked: list[str | None]
) -> None:
    site, server = scripted_site(query=pages)
    answer = query(site, Query([BUFFER]))
    assert [job["job_id"] for job in answer.jobs] == found
    assert answer.complete is complete
    assert (site.warnings != []) is not complete
    assert starts(server) == asked


def test_the_parameters_are_repeated_on_every_page(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(query=[page(2, 2, j1="Failed"), page(-1, 2, j2="Failed")])
    query(site, Query([BUFFER], statuses=["failed"], page_size=1))
    assert [(request.query["jobStatus"], request.query["number"]) for request in server.received] == [
        ("esriJobFailed", "1")
    ] * 2


def test_every_page_of_the_simulator(site: Callable[..., Any], sim: Simulator) -> None:
    answer = query(site(), Query([BUFFER], page_size=4))
    assert {job["job_id"] for job in answer.jobs} == {job["job_id"] for job in sim.jobs("server", "Maps/Buffer")}
    assert answer.complete


@pytest.mark.parametrize("results", [["j1"], "j1", 7])
def test_results_of_another_shape(scripted_site: Callable[..., Any], results: Any) -> None:
    site, dummy = scripted_site(query={"results": results})
    with pytest.raises(ArcGISError) as caught:
        GpJobs(site).page(BUFFER, {})
    assert caught.value.code == "unexpected_shape"


# Records


def targets(ids: Iterable[str], service: Service = BUFFER) -> list[Target]:
    """Return the selection of these jobs of one service."""
    return [Target(service, job_id) for job_id in ids]


def test_records_come_in_the_order_given(site: Callable[..., Any], sim: Simulator) -> None:
    ids = [job["job_id"] for job in sim.jobs("server", "Maps/Buffer")][::-1]
    jobs, missing = read_records(GpJobs(site()), targets(ids))
    assert [job["job_id"] for job in jobs] == ids
    assert missing == []


def test_missing_jobs_cost_one_proof_of_the_service(site: Callable[..., Any], sim: Simulator) -> None:
    asking = site(max_concurrency=1)
    jobs, missing = read_records(GpJobs(asking), targets(["jnone1", STUCK, "jnone2", "jnone3"]))
    assert ([job["job_id"] for job in jobs], missing) == ([STUCK], ["jnone1", "jnone2", "jnone3"])
    assert [request["operation"] for request in sim.requests()].count("query") == 1


def test_a_job_that_vanished_while_it_was_listed_is_left_out(scripted_site: Callable[..., Any]) -> None:
    site, dummy = scripted_site(
        {"max_concurrency": 1},
        query=[page(j1="Failed", j2="Failed"), page(j2="Failed")],
        job=[NOT_FOUND, job("j2", "esriJobFailed")],
    )
    answer = query(site, Query([BUFFER], details=True))
    assert [job["job_id"] for job in answer.jobs] == ["j2"]
    assert answer.unreadable == {}


def test_a_job_that_changed_its_status_while_it_was_listed_is_left_out(scripted_site: Callable[..., Any]) -> None:
    site, dummy = scripted_site(query=page(j1="Executing"), job=job("j1", "esriJobSucceeded"))
    answer = query(site, Query([BUFFER], statuses=["executing"], details=True))
    assert answer.jobs == []


def test_what_the_site_returns_though_it_was_not_asked_for_is_left_out_with_a_warning(
    scripted_site: Callable[..., Any],
) -> None:
    site, dummy = scripted_site(query=page(j1="Executing", j2="Failed"))
    answer = query(site, Query([BUFFER], statuses=["failed"]))
    assert [job["job_id"] for job in answer.jobs] == ["j2"]
    assert site.warnings == [
        "The site returned 1 jobs of Maps/Buffer whose status was not asked for; they were left out."
    ]


def test_a_submitter_that_the_site_ignores_is_tested_here(scripted_site: Callable[..., Any]) -> None:
    jobs = [job("j1", "esriJobFailed", username="a_doe"), job("j2", "esriJobFailed")]
    site, dummy = scripted_site({"max_concurrency": 1}, query=page(j1="Failed", j2="Failed"), job=jobs)
    answer = query(site, Query([BUFFER], submitted_by="j_doe"))
    assert answer.jobs == [{"job_id": "j2", "service": "Maps/Buffer", "status": "failed"}]
    assert site.warnings == ["The site returned 1 jobs that do not match the filters; they were left out."]


# Cost and concurrency


@pytest.mark.parametrize("most", [1, 3, 8])
def test_no_more_requests_are_under_way_than_allowed(scripted_site: Callable[..., Any], most: int) -> None:
    slow = each_job("esriJobExecuting", delay=0.01)
    site, server = scripted_site({"max_concurrency": most}, job=slow)
    read_records(GpJobs(site), targets(f"j{number}" for number in range(24)))
    assert 0.5 * most <= server.busiest <= most
    assert len(server.received) == 24


def test_services_and_jobs_together_stay_within_the_limit(scripted_site: Callable[..., Any]) -> None:
    services = [Service("Maps", f"Tool{number}") for number in range(6)]
    slow = each_job("esriJobExecuting", delay=0.005)
    site, server = scripted_site(
        {"max_concurrency": 2}, query=Answer(page(j1="Executing", j2="Executing"), delay=0.005), job=slow
    )
    answer = query(site, Query(services, details=True))
    assert (answer.total, server.busiest) == (12, 2)


def test_jobs_of_many_services_that_are_read_one_by_one_stay_within_the_limit(
    scripted_site: Callable[..., Any],
) -> None:
    slow = each_job("esriJobSucceeded", delay=0.005)
    site, server = scripted_site({"max_concurrency": 3}, query=Answer(page(), delay=0.005), job=slow)
    selected = [Target(Service("Maps", f"Tool{number}"), f"j{other}") for number in range(4) for other in range(4)]
    changes = Changes(GpJobs(site), Wish("cancelled")).apply(selected)
    assert [change.outcome for change in changes] == ["already_finished"] * 16
    assert server.busiest == 3


def test_the_status_of_many_jobs_costs_few_requests(scripted_site: Callable[..., Any]) -> None:
    ids = [f"j{number}" for number in range(1000)]
    site, server = scripted_site(query=page(-1, None, **dict.fromkeys(ids, "Executing")))
    assert GpJobs(site).statuses_in(BUFFER, ids) == dict.fromkeys(ids, "executing")
    assert server.operations() == ["query"]


def test_one_job_among_many_is_read_on_its_own(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(job=job("j1", "esriJobExecuting"))
    assert GpJobs(site).statuses_in(BUFFER, ["j1"]) == {"j1": "executing"}
    assert server.operations() == ["job"]


def test_a_few_jobs_among_very_many_are_not_looked_for_on_every_page(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(
        {"max_concurrency": 1},
        query=page(1001, 100_000, j9="New"),
        job=[job(name, "esriJobNew") for name in ("j1", "j2")],
    )
    assert GpJobs(site).statuses_in(BUFFER, ["j1", "j2"]) == {"j1": "new", "j2": "new"}
    assert server.operations() == ["query", "job", "job"]


# One service of several


def test_a_service_that_cannot_be_read_is_named_with_the_reason(scripted_site: Callable[..., Any]) -> None:
    def answer(request: Any) -> Any:
        return {"Good": page(j1="New"), "Down": GATEWAY_DOWN}.get(
            request.path.split("/")[4].partition(".")[0], NOT_FOUND
        )

    site, dummy = scripted_site({"retries": 0}, query=answer)
    found = query(site, Query([Service("", "Good"), Service("", "Down"), Service("Maps", "Bufer")]))
    assert [job["service"] for job in found.jobs] == ["Good"]
    assert {name: error.code for name, error in found.unreadable.items()} == {
        ("Down", None): "busy",
        ("Maps/Bufer", None): "unknown_service",
    }


def test_what_would_meet_every_service_ends_the_task(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site({"max_concurrency": 1}, query=portal_error(498, "Invalid token."))
    with pytest.raises(ArcGISError) as caught:
        query(site, Query([Service("", name) for name in ("A", "B", "C")]))
    assert caught.value.code == "token_invalid"
    assert len(server.received) == 1


# Messages


def with_messages(site: Site, ids: list[str], service: Service = BUFFER) -> list[dict[str, Any]]:
    """Return the records of jobs of one service, with their messages."""
    jobs, dummy = read_records(GpJobs(site), targets(ids, service))
    add_messages(site, service, jobs)
    return jobs


def test_messages_are_found_without_knowing_the_task(site: Callable[..., Any], sim: Simulator) -> None:
    ids = ["j51e3500000000000000000succeeded2", "j51e3500000000000000000000failed1"]
    jobs = with_messages(site(max_concurrency=1), ids, Service("Maps", "Viewshed"))
    assert [message["description"] for message in jobs[0]["messages"]][0] == "Executing (Line Of Sight)"
    assert jobs[0]["messages_reason"] is None
    # The second job is looked for first where the first one was found.
    assert [request["operation"] for request in sim.requests()].count("public job") == 3


def test_the_url_of_a_job_is_not_followed(
    site: Callable[..., Any], sim: Simulator, scripted: Callable[..., Any]
) -> None:
    elsewhere = scripted(x={})
    sim.update_job(STUCK, url=f"{elsewhere.url}/x")
    jobs = with_messages(site(), [STUCK])
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
    scripted_site: Callable[..., Any], script: dict[str, Any], reason: str
) -> None:
    site, dummy = scripted_site(**script)
    jobs = with_messages(site, ["j1"])
    assert jobs[0]["messages"] is None
    assert jobs[0]["messages_reason"].startswith(reason)
