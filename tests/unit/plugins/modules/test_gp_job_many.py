# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs in one task: the order, the failures of some, what stops all, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

EXECUTING = [
    "jb0ffe20000000000000000executing1",
    "jb0ffe20000000000000000executing2",
    "jb0ffe200000000000000000000stuck1",
]
WAITING = "jb0ffe2000000000000000000waiting1"
DONE = "jb0ffe20000000000000000succeeded1"
GONE = "jb0ffe2000000000000000000000none1"
ELSEWHERE = {"service": "Maps/Viewshed", "job_id": "j51e3500000000000000000executing1"}


def operations(sim: Simulator) -> Counter[str]:
    """Return how often each operation arrived."""
    return Counter(request["operation"] for request in sim.requests())


def change(
    run: Callable[..., dict[str, Any]], job_ids: list[str], state: str = "cancelled", **more: Any
) -> dict[str, Any]:
    """Run the module for jobs of one service."""
    return run("gp_job", state=state, service="Maps/Buffer", job_ids=job_ids, **more)


def test_results_come_in_the_order_given_and_once(run: Callable) -> None:
    ids = [DONE, EXECUTING[2], EXECUTING[0], DONE, EXECUTING[1], EXECUTING[0]]
    result = change(run, ids)
    assert [job["job_id"] for job in result["jobs"]] == [DONE, EXECUTING[2], EXECUTING[0], EXECUTING[1]]
    assert [job["changed"] for job in result["jobs"]] == [False, True, True, True]
    assert (result["total"], result["returned"], result["truncated"]) == (4, 4, False)
    assert result["summary"] == {"already_finished": 1, "cancel_accepted": 3}


def test_every_job_is_tried_though_some_fail(run: Callable, sim: Simulator) -> None:
    result = change(run, [WAITING, EXECUTING[0], GONE, EXECUTING[1]])
    assert result["failed"] is True
    assert result["changed"] is True
    assert result["error"]["code"] == "some_jobs_failed"
    assert result["msg"].startswith(f"2 of 4 jobs failed. The first failure: Could not cancel job {WAITING}")
    assert [job["error"]["code"] for job in result["jobs"]] == ["cancel_refused", "unknown_job"]
    assert result["summary"] == {"failed": 2, "cancel_accepted": 2}
    assert (result["total"], result["returned"], result["truncated"]) == (4, 2, True)
    assert result["missing"] == [GONE]
    assert sim.job(EXECUTING[1])["status"] == "esriJobCancelling"


def test_a_refusal_that_would_meet_every_job_stops_the_run(run: Callable, sim: Simulator) -> None:
    result = change(run, EXECUTING, user="gis_viewer", max_concurrency=1)
    assert (result["changed"], result["error"]["code"]) == (False, "some_jobs_failed")
    assert "1 of 3 jobs failed, and 2 were not tried because the failure would have met them too" in result["msg"]
    assert result["summary"] == {"failed": 1, "not_tried": 2}
    assert result["jobs"][0]["error"]["code"] == "no_privilege"
    assert operations(sim)["cancel"] == 1


def test_jobs_of_several_services_as_the_query_returned_them(run: Callable, sim: Simulator) -> None:
    found = run("gp_job_query", services=["Maps/Buffer", "Maps/Viewshed"], statuses=["executing"])["jobs"]
    result = run("gp_job", state="cancelled", jobs=found)
    assert [(job["service"], job["job_id"]) for job in result["jobs"]] == [
        (job["service"], job["job_id"]) for job in found
    ]
    assert {job["service"] for job in found} == {"Maps/Buffer", "Maps/Viewshed"}
    assert result["summary"] == {"cancel_accepted": len(found)}


def test_a_job_that_is_named_in_two_ways_is_one(run: Callable, sim: Simulator) -> None:
    jobs = [{"service": name, "job_id": EXECUTING[0]} for name in ("Maps/Buffer", "Maps/Buffer.GPServer")]
    result = run("gp_job", state="absent", jobs=jobs)
    assert (result["total"], result["summary"]) == (1, {"deleted": 1})


def test_only_service_and_id_of_a_job_are_read(run: Callable, sim: Simulator) -> None:
    job = {**ELSEWHERE, "status": "succeeded", "url": "https://evil.example.com", "odd": [1, {}]}
    assert run("gp_job", state="cancelled", jobs=[job])["jobs"][0]["status_before"] == "executing"


def test_a_mistyped_service_among_others_fails_and_is_never_absent(run: Callable, sim: Simulator) -> None:
    jobs = [{"service": "Maps/Bufer", "job_id": EXECUTING[0]}, ELSEWHERE]
    result = run("gp_job", state="absent", jobs=jobs)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "some_jobs_failed")
    assert result["summary"] == {"failed": 1, "deleted": 1}
    assert result["jobs"][0]["error"]["code"] == "unknown_service"
    assert result["missing"] == []


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state", ["absent", "cancelled"])
@pytest.mark.parametrize("ids", [[GONE], [GONE, EXECUTING[0]]])
def test_a_mistyped_service_is_never_already_absent(run: Callable, state: str, ids: list[str], check: bool) -> None:
    result = run("gp_job", state=state, service="Maps/Bufer", job_ids=ids, missing_ok=True, check=check)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unknown_service")
    assert "the site has no service Maps/Bufer. Write the service as Folder/Name" in result["msg"]


def test_only_statuses_restricts_what_is_touched(run: Callable, sim: Simulator) -> None:
    result = change(run, [DONE, EXECUTING[0], GONE], "absent", only_statuses=["succeeded", "failed"])
    assert [job["outcome"] for job in result["jobs"]] == ["deleted", "not_selected", "already_absent"]
    assert sim.job(EXECUTING[0])["status"] == "esriJobExecuting"
    assert operations(sim)["delete"] == 1


def test_many_jobs_cost_few_requests(run: Callable, sim: Simulator) -> None:
    ids = [f"j{number:032x}" for number in range(300)]
    for job_id in ids:
        sim.add_job("server", service="Maps/Buffer", job_id=job_id, status="executing")
    predicted = change(run, ids, check=True)
    assert predicted["summary"] == {"cancel_accepted": 300}
    assert operations(sim) == {"rest/info": 1, "generateToken": 1, "query": 1}
    sim.clear_requests()
    result = change(run, ids)
    assert result["summary"] == {"cancel_accepted": 300}
    assert operations(sim) == {"rest/info": 1, "generateToken": 1, "query": 2, "cancel": 300}
    assert [job["job_id"] for job in result["jobs"]] == ids


def test_a_site_with_small_pages_is_not_read_page_by_page_for_a_few_jobs(run: Callable, sim: Simulator) -> None:
    sim.settings("server", max_number=2)
    for number in range(200):
        sim.add_job("server", service="Maps/Buffer", job_id=f"j{number:032x}", status="succeeded")
    change(run, [f"j{number:032x}" for number in range(190, 196)], "absent", check=True)
    assert operations(sim)["query"] + operations(sim)["job"] <= 8


def test_all_pages_are_read_before_the_first_write(run: Callable, sim: Simulator) -> None:
    sim.settings("server", max_number=20)
    ids = [job["job_id"] for job in sim.jobs("server", "Maps/Buffer")]
    result = change(run, ids, "absent")
    assert result["summary"] == {"deleted": len(ids)}
    kinds = [request["operation"] for request in sim.requests() if request["operation"] in ("query", "delete")]
    first, last = kinds.index("delete"), len(kinds) - 1 - kinds[::-1].index("delete")
    assert kinds[first : last + 1] == ["delete"] * len(ids)
    assert sim.jobs("server", "Maps/Buffer") == []
