# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A query of a site: what becomes of jobs that vanish or change meanwhile, and of what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.query import Query, find
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
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


def test_the_parameters_are_repeated_on_every_page(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(query=[page(2, 2, j1="Failed"), page(-1, 2, j2="Failed")])
    find(client, Query([BUFFER], statuses=["failed"], page_size=1))
    assert [(request.query["jobStatus"], request.query["number"]) for request in server.received] == [
        ("esriJobFailed", "1")
    ] * 2


def test_every_page_of_the_simulator(client: Callable[..., Any], sim: Simulator) -> None:
    answer = find(client(), Query([BUFFER], page_size=4))
    assert {job["job_id"] for job in answer.jobs} == {job["job_id"] for job in sim.jobs("server", "Maps/Buffer")}
    assert answer.is_complete


@pytest.mark.parametrize("total", [1, 2], ids=["complete", "not complete"])
def test_a_list_that_may_lack_jobs_is_returned_with_a_warning(scripted_client: Callable[..., Any], total: int) -> None:
    client, dummy = scripted_client(query=page(total=total, j1="Failed"))
    answer = find(client, Query([BUFFER]))
    assert (len(answer.jobs), answer.is_complete) == (1, total == 1)
    warnings = ["The jobs of Maps/Buffer changed while they were read; the list may lack some of them."]
    assert client.warnings == ([] if total == 1 else warnings)


def test_a_job_that_vanished_while_it_was_listed_is_left_out(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client(
        {"max_concurrency": 1},
        query=[page(j1="Failed", j2="Failed"), page(j2="Failed")],
        job=[NOT_FOUND, job("j2", "esriJobFailed")],
    )
    answer = find(client, Query([BUFFER], details=True))
    assert [job["job_id"] for job in answer.jobs] == ["j2"]
    assert answer.unreadable == {}


def test_a_job_that_changed_its_status_while_it_was_listed_is_left_out(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client(query=page(j1="Executing"), job=job("j1", "esriJobSucceeded"))
    answer = find(client, Query([BUFFER], statuses=["executing"], details=True))
    assert answer.jobs == []


def test_what_the_site_returns_though_it_was_not_asked_for_is_left_out_with_a_warning(
    scripted_client: Callable[..., Any],
) -> None:
    client, dummy = scripted_client(query=page(j1="Executing", j2="Failed"))
    answer = find(client, Query([BUFFER], statuses=["failed"]))
    assert [job["job_id"] for job in answer.jobs] == ["j2"]
    assert client.warnings == [
        "The site returned 1 jobs of Maps/Buffer whose status was not asked for; they were left out."
    ]


def test_a_submitter_that_the_site_ignores_is_tested_here(scripted_client: Callable[..., Any]) -> None:
    jobs = [job("j1", "esriJobFailed", username="a_doe"), job("j2", "esriJobFailed")]
    client, dummy = scripted_client({"max_concurrency": 1}, query=page(j1="Failed", j2="Failed"), job=jobs)
    answer = find(client, Query([BUFFER], submitted_by="j_doe"))
    assert answer.jobs == [{"job_id": "j2", "service": "Maps/Buffer", "status": "failed"}]
    assert client.warnings == ["The site returned 1 jobs that do not match the filters; they were left out."]


def test_services_and_jobs_together_stay_within_the_limit(scripted_client: Callable[..., Any]) -> None:
    services = [Service("Maps", f"Tool{number}") for number in range(6)]
    slow = each_job("esriJobExecuting", delay=0.005)
    client, server = scripted_client(
        {"max_concurrency": 2}, query=Answer(page(j1="Executing", j2="Executing"), delay=0.005), job=slow
    )
    answer = find(client, Query(services, details=True))
    assert (answer.total, server.busiest) == (12, 2)


# One service of several


def test_a_service_that_cannot_be_read_is_named_with_the_reason(scripted_client: Callable[..., Any]) -> None:
    def answer(request: Any) -> Any:
        return {"Good": page(j1="New"), "Down": GATEWAY_DOWN}.get(
            request.path.split("/")[4].partition(".")[0], NOT_FOUND
        )

    client, dummy = scripted_client({"retries": 0}, query=answer)
    found = find(client, Query([Service("", "Good"), Service("", "Down"), Service("Maps", "Bufer")]))
    assert [job["service"] for job in found.jobs] == ["Good"]
    assert {name: error.code for name, error in found.unreadable.items()} == {
        ("Down", None): "busy",
        ("Maps/Bufer", None): "unknown_service",
    }


def test_what_would_meet_every_service_ends_the_task(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client({"max_concurrency": 1}, query=portal_error(498, "Invalid token."))
    with pytest.raises(ArcGISError) as caught:
        find(client, Query([Service("", name) for name in ("A", "B", "C")]))
    assert caught.value.failure.code == "token_invalid"
    assert len(server.received) == 1
