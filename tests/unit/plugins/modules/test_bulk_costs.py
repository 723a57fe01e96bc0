# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many jobs cost, counted by the site: requests, log-ins, connections, and how much goes on at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import GpJobs
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.apply import apply_state
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import DesiredState
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._module import task_context
from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, add_jobs, operations
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Received, job, page
from arcgis_simulator import Simulator

LOG_IN = {"rest/info": 1, "generateToken": 1}
IN_THE_DEMO = 25
IDS = [f"j{number}" for number in range(32)]


def targets(ids: Sequence[str]) -> list[JobRef]:
    """Return jobs of the service."""
    return [JobRef(Service("Maps", "Buffer"), job_id) for job_id in ids]


# Changing


@pytest.mark.parametrize(
    "state, operation, outcome, count",
    [
        *(("absent", "delete", "deleted", count) for count in (2, 30, 300)),
        ("cancelled", "cancel", "cancel_accepted", 300),
    ],
)
def test_changing_jobs_costs_a_write_for_each_and_four_more_requests(
    run: Callable, sim: Simulator, state: str, operation: str, outcome: str, count: int
) -> None:
    ids = add_jobs(sim, count)
    predicted = run("gp_job", state=state, service=BUFFER, job_ids=ids, check=True)
    assert operations(sim) == {**LOG_IN, "query": 1}
    sim.clear_requests()
    result = run("gp_job", state=state, service=BUFFER, job_ids=ids)
    assert operations(sim) == {**LOG_IN, "query": 2, operation: count}
    assert result["api"]["requests"] == count + 4
    assert predicted["summary"] == result["summary"] == {outcome: count}
    assert [job["job_id"] for job in result["jobs"]] == ids


def test_deleting_one_job_is_no_dearer(run: Callable, sim: Simulator) -> None:
    (job_id,) = add_jobs(sim, 1)
    run("gp_job", state="absent", service=BUFFER, job_ids=[job_id])
    assert sum(operations(sim).values()) <= 5
    assert operations(sim)["delete"] == 1


def test_deleting_what_is_not_there_costs_no_request_for_each(run: Callable, sim: Simulator) -> None:
    ids = add_jobs(sim, 60)
    run("gp_job", state="absent", service=BUFFER, job_ids=ids)
    sim.clear_requests()
    result = run("gp_job", state="absent", service=BUFFER, job_ids=ids)
    assert (result["changed"], result["summary"]) == (False, {"already_absent": 60})
    assert operations(sim)["delete"] == 0


def test_short_pages_cost_their_number_twice_at_most_and_are_read_before_the_first_write(
    run: Callable, sim: Simulator
) -> None:
    sim.settings("server", max_number=50)
    ids = add_jobs(sim, 200)
    result = run("gp_job", state="absent", service=BUFFER, job_ids=ids)
    pages = -(-(200 + IN_THE_DEMO) // 50)
    assert result["summary"] == {"deleted": 200}
    assert operations(sim)["query"] + operations(sim)["job"] <= 2 * pages
    arrived = [request["operation"] for request in sim.requests()]
    first = arrived.index("delete")
    assert arrived[first : first + 200] == ["delete"] * 200
    assert arrived.count("delete") == 200


def test_jobs_of_several_services_cost_two_pages_a_service(run: Callable, sim: Simulator) -> None:
    services = (BUFFER, "Maps/Viewshed", "Elevation")
    jobs = [{"service": name, "job_id": job_id} for name in services for job_id in add_jobs(sim, 20, name)]
    result = run("gp_job", state="absent", jobs=jobs)
    assert result["summary"] == {"deleted": 60}
    assert operations(sim) == {**LOG_IN, "query": 2 * len(services), "delete": 60}


@pytest.mark.parametrize("status, reads", [("succeeded", 0), ("failed", 0), ("executing", 40)])
def test_only_statuses_costs_a_read_more_for_each_job_that_has_not_finished(
    run: Callable, sim: Simulator, status: str, reads: int
) -> None:
    ids = add_jobs(sim, 40, status=status)
    run("gp_job", state="absent", service=BUFFER, job_ids=ids, only_statuses=[status])
    reading = {"job": reads} if reads else {}
    assert operations(sim) == {**LOG_IN, "query": 2, "delete": 40, **reading}


# Waiting


@pytest.mark.parametrize("most, pages", [(None, 1), (100, 6)])
def test_waiting_for_five_hundred_jobs_costs_pages_a_round(
    run: Callable, sim: Simulator, naps: Any, most: int | None, pages: int
) -> None:
    sim.settings("server", max_number=most)
    ids = add_jobs(sim, 500, schedule=[{"after": 20, "status": "succeeded"}])[::-1]
    result = run("gp_job_info", service=BUFFER, job_ids=ids, wait=True)
    assert result["summary"] == {"succeeded": 500}
    assert [found["job_id"] for found in result["jobs"]] == ids
    rounds = len(naps.taken) + 1
    assert 4 <= rounds <= 8
    # The records are read once, when all jobs have ended.
    assert operations(sim) == {**LOG_IN, "query": rounds * pages, "job": 500}


def test_many_cancelled_jobs_are_looked_at_by_the_page(run: Callable, naps: Any, sim: Simulator) -> None:
    sim.settings("server", cancel_seconds=20)
    ids = add_jobs(sim, 30)
    result = run("gp_job", state="cancelled", service=BUFFER, job_ids=ids, wait=True)
    assert {found["status"] for found in result["jobs"]} == {"cancelled"}
    # One look before the writes, one after them, and one for each round.
    assert operations(sim)["query"] == 2 + len(naps.taken) + 1
    assert (operations(sim)["cancel"], operations(sim)["job"]) == (30, 0)


def test_notebook_jobs_are_looked_at_with_one_list_a_round(run: Callable, naps: Any, sim: Simulator) -> None:
    ids = [f"jn-{number}" for number in range(20)]
    for job_id in ids:
        sim.add_job("notebook", job_id=job_id, status="PROCESSING", schedule=[{"after": 20, "status": "COMPLETED"}])
    result = run("notebook_jobs_info", "notebook", job_ids=ids, wait=True)
    assert [found["job_id"] for found in result["jobs"]] == ids
    assert result["summary"] == {"succeeded": 20}
    assert operations(sim)["system/jobs"] == len(naps.taken) + 1
    assert operations(sim)["job"] == 20


# The token


def test_eight_workers_share_one_log_in(run: Callable, sim: Simulator) -> None:
    ids = add_jobs(sim, 60)
    result = run("gp_job_info", service=BUFFER, job_ids=ids, max_concurrency=8)
    assert [found["job_id"] for found in result["jobs"]] == ids
    assert operations(sim) == {**LOG_IN, "job": 60}
    assert result["api"]["logins"] == 1


def test_a_token_that_expires_between_reading_and_writing_is_renewed_once(client: Callable, sim: Simulator) -> None:
    class Expiring(GpJobs):
        """Lets the token expire after the first look."""

        def statuses(
            self, refs: Sequence[JobRef], retries: Any = None, absent_means_gone: bool = False
        ) -> dict[JobRef, Any]:
            seen = super().statuses(refs, retries, absent_means_gone)
            if not absent_means_gone:
                sim.expire_tokens()
            return seen

    ids = add_jobs(sim, 40)
    asked = client()
    changes = apply_state(Expiring(asked), DesiredState("absent"), targets(ids), task_context(asked))
    assert [change.outcome for change in changes] == ["deleted"] * 40
    assert asked.usage()["logins"] == 2
    deletes = Counter(request["error_code"] for request in sim.requests() if request["operation"] == "delete")
    assert deletes[None] == 40
    assert 1 <= deletes[498] <= 8


# What goes on at once


def together(count: int, answer: Callable[[Received], Any]) -> Callable[[Received], Any]:
    """Return an answer that comes only once so many requests are under way."""
    meeting = threading.Barrier(count)

    def answered(received: Received) -> Any:
        meeting.wait(10)
        return answer(received)

    return answered


@pytest.mark.parametrize("concurrency", [1, 4, 8])
def test_services_are_read_side_by_side(scripted: Callable, run_scripted: Callable, concurrency: int) -> None:
    server = scripted(query=together(concurrency, lambda received: page(j1="Succeeded")))
    services = [f"Maps/Service{number}" for number in range(16)]
    result = run_scripted("gp_job_query", server, services=services, max_concurrency=concurrency)
    assert [found["service"] for found in result["jobs"]] == services
    assert (server.busiest, len(server.received)) == (concurrency, 16)


def test_statistics_are_read_side_by_side(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(query=page(), statistics=together(8, lambda received: {"total": 1, "succeeded": 1}))
    services = [f"Maps/Service{number}" for number in range(16)]
    result = run_scripted("gp_job_query", server, services=services, statistics=True)
    assert [entry["service"] for entry in result["statistics"]] == services
    assert server.busiest == 8


def test_the_statuses_of_jobs_of_many_services_are_read_side_by_side(
    scripted: Callable, run_scripted: Callable
) -> None:
    server = scripted(query=together(8, lambda received: page(j1="Succeeded", j2="Failed")))
    jobs = [{"service": f"Maps/S{number}", "job_id": job_id} for number in range(16) for job_id in ("j1", "j2")]
    result = run_scripted("gp_job", server, state="cancelled", jobs=jobs)
    assert (result["summary"], server.busiest) == ({"already_finished": 32}, 8)
    assert server.operations() == ["query"] * 16


@pytest.mark.parametrize("state, operation", [("cancelled", "cancel"), ("absent", "delete")])
def test_writes_go_out_side_by_side(scripted: Callable, run_scripted: Callable, state: str, operation: str) -> None:
    before, after = page(**dict.fromkeys(IDS, "Executing")), page(**dict.fromkeys(IDS, "Cancelling"))
    written = together(8, lambda received: {"status": "success"})
    server = scripted(**{"query": [before, after if state == "cancelled" else page()], operation: written})
    result = run_scripted("gp_job", server, state=state, service=BUFFER, job_ids=IDS)
    assert ([found["job_id"] for found in result["jobs"]], result["changed"]) == (IDS, True)
    assert (server.busiest, server.operations()) == (8, ["query", *[operation] * 32, "query"])


@pytest.mark.parametrize(
    "module, options",
    [
        ("gp_job_query", {"services": [BUFFER], "details": True}),
        ("gp_job_info", {"service": BUFFER, "job_ids": IDS}),
        ("video_job_info", {"job_ids": IDS}),
        ("notebook_jobs_info", {"job_ids": IDS}),
    ],
)
def test_single_jobs_are_read_side_by_side_in_the_order_given(
    scripted: Callable, run_scripted: Callable, module: str, options: dict[str, Any]
) -> None:
    one = together(8, lambda received: job(received.path.rpartition("/")[2], "esriJobSucceeded"))
    server = scripted(query=page(**dict.fromkeys(IDS, "Succeeded")), job=one)
    result = run_scripted(module, server, **options)
    assert [found["job_id"] for found in result["jobs"]] == IDS
    assert (server.busiest, server.operations().count("job")) == (8, 32)


def test_every_site_service_is_listed_and_read_with_few_requests(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_query", all_services=True, include_system=True, summary_only=True)
    assert (result["total"], result["jobs"]) == (len(sim.jobs("server")), [])
    folders, services = 4, 7
    assert operations(sim) == {**LOG_IN, "services": 1, "folder": folders, "query": services}


def test_connections_are_kept_and_shared(client: Callable, sim: Simulator) -> None:
    ids = add_jobs(sim, 80)
    asked = client(max_concurrency=4)
    GpJobs(asked).read(targets(ids))
    pools = asked._transport._adapter.poolmanager.pools
    hosts = pools.keys()
    assert sum(pools[host].num_connections for host in hosts) <= 4
