# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying the queues of the simulated site, as a task does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, writes
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import job, page
from arcgis_simulator import Simulator

QUEUED = {
    "jb0ffe20000000000000000submitted1": "submitted",
    "jb0ffe20000000000000000submitted2": "submitted",
    "jb0ffe2000000000000000000waiting1": "waiting",
    "jb0ffe2000000000000000000waiting2": "waiting",
    "jb0ffe20000000000000000000000new1": "new",
}


def empty(run: Callable, *services: str, **more: Any) -> dict[str, Any]:
    """Run the module for some services."""
    return run("gp_queue", state="empty", services=list(services), **more)


def test_what_waits_is_removed_and_named(run: Callable, sim: Simulator) -> None:
    untouched = {job["job_id"]: job["status"] for job in sim.jobs("server") if job["job_id"] not in QUEUED}
    result = empty(run, BUFFER)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert {job["job_id"]: job["status_before"] for job in result["jobs"]} == QUEUED
    assert {(job["outcome"], job["changed"], job["error"]) for job in result["jobs"]} == {("purged", True, None)}
    assert {job["service"] for job in result["jobs"]} == {BUFFER}
    assert (result["total"], result["returned"], result["truncated"]) == (5, 5, False)
    assert {job["job_id"]: job["status"] for job in sim.jobs("server") if job["job_id"] not in QUEUED} == untouched
    sim.advance(5)
    assert {sim.job(job_id)["status"] for job_id in QUEUED} == {"esriJobCancelled"}
    again = empty(run, BUFFER)
    assert (again["changed"], again["jobs"], again["total"], again["summary"]) == (False, [], 0, {})
    assert writes(sim) == ["purgeQueue"]


def test_a_site_that_has_no_such_operation(run: Callable, sim: Simulator) -> None:
    result = run("gp_queue", "kubernetes", state="empty", services=[BUFFER])
    assert (result["error"]["code"], result["changed"]) == ("unsupported", False)
    assert "check url, platform and the release" in result["msg"]


def test_only_queues_with_jobs_are_purged(run: Callable, sim: Simulator) -> None:
    result = empty(run, "Elevation", BUFFER, "Maps/Buffer.GPServer")
    assert (result["total"], writes(sim)) == (5, ["purgeQueue"])
    purges = [request["path"] for request in sim.requests() if request["operation"] == "purgeQueue"]
    assert purges == ["/server/admin/services/Maps/Buffer.GPServer/jobs/purgeQueue"]


def test_check_mode_names_the_same_jobs_and_writes_nothing(run: Callable, sim: Simulator) -> None:
    before = sim.jobs("server")
    predicted = empty(run, BUFFER, check=True, diff=True)
    assert (writes(sim), sim.jobs("server")) == ([], before)
    real = empty(run, BUFFER, diff=True)
    assert predicted["changed"] is real["changed"] is True
    assert predicted["summary"] == real["summary"] == {"purged": 5}
    assert predicted["diff"]["before"] == real["diff"]["before"] == {BUFFER: QUEUED}
    after = [each["diff"]["after"][BUFFER] for each in (predicted, real)]
    assert {*after[0].values(), *after[1].values()} <= {"cancelled", "cancelling"}


def test_an_unknown_service_stops_the_task_before_the_first_write(run: Callable, sim: Simulator) -> None:
    result = empty(run, BUFFER, "Maps/Bufer")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unknown_service")
    assert writes(sim) == []


def test_a_refused_purge_fails_every_job_of_the_queue(run: Callable) -> None:
    result = empty(run, BUFFER, user="gis_viewer")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")
    assert "Could not purge the queue of the service Maps/Buffer" in result["msg"]
    assert {job["job_id"]: job["status"] for job in result["jobs"]} == QUEUED
    assert {(job["outcome"], job["error"]["code"]) for job in result["jobs"]} == {("failed", "no_privilege")}


def test_a_stand_alone_site(run: Callable) -> None:
    result = empty(run, "Tools/Clip", context="arcgis", user="agsadmin")
    assert [job["job_id"] for job in result["jobs"]] == ["jc11900000000000000000000waiting1"]


def test_jobs_that_still_wait_fail_the_task_and_are_named(scripted: Callable, run_scripted: Callable) -> None:
    script = {"query": page(j1="Waiting"), "job": job("j1", "esriJobWaiting"), "purgeQueue": {"status": "success"}}
    result = run_scripted("gp_queue", scripted(**script), state="empty", services=[BUFFER])
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "purge_incomplete")
    assert "j1 of Maps/Buffer is still waiting." in result["msg"]


@pytest.mark.parametrize("check", [False, True])
def test_the_queues_of_all_services(run: Callable, sim: Simulator, check: bool) -> None:
    words = {"esriJobNew", "esriJobSubmitted", "esriJobWaiting"}
    all_jobs = [job for job in sim.jobs("server") if "System" not in job["service"]]
    queued = {job["job_id"] for job in all_jobs if job["status"] in words}
    result = run("gp_queue", state="empty", all_services=True, check=check)
    assert {job["job_id"] for job in result["jobs"]} == queued and len(queued) >= 5
    assert {job["outcome"] for job in result["jobs"]} == {"purged"}


def test_nothing_is_purged_where_a_folder_cannot_be_read(run: Callable, sim: Simulator) -> None:
    sim.add_fault("site_error", operation="folder")
    result = run("gp_queue", state="empty", all_services=True)
    assert (result["failed"], result["changed"], writes(sim)) == (True, False, [])
