# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises hold under each reading of what nobody knows of a site, for the modules that change jobs.

Nothing is touched that was not selected. What is reported as changed has changed, and what is reported as absent is
gone. What the site does not let the module find out is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    DONE,
    EXECUTING,
    FAILED,
    GONE,
    NOTEBOOK,
    STUCK,
    WAITING,
    writes,
)
from arcgis_simulator import Simulator

# The settings of the readings that cost nothing but requests: the tasks succeed as they do under the assumption.
HARMLESS: list[dict[str, Any]] = [
    {},
    *({"several_statuses": value} for value in ("all", "last", "none", "error")),
    *({"empty_start_time": value} for value in ("matches_nothing", "error")),
    {"max_number": 7},
    {"result_order": "shuffled"},
    {"window_unit": "seconds"},
    {"window_tests": "end"},
    {"unfinished_end_time": "zero"},
    {"unfinished_end_time": "null"},
    {"cancel_seconds": 0},
    {"rest_info_portal": "tokens_only"},
    {"unknown_answers": "http_404"},
]
# Those under which some of the tasks cannot know what they must know: they fail, or say what they lack.
LIMITING: list[dict[str, Any]] = [
    *({"unknown_answers": value} for value in ("envelope_400", "envelope_500", "page")),
    {"max_number": 7, "capped_next_start": False},
    {"max_number": 7, "result_order": "shuffled"},
    {"record_unit": "seconds"},
    {"hidden_from_pages": ["executing", "waiting"]},
    {"cancel_refuses": []},
    {"delete_seconds": 3},
    {"token_carriers": "header"},
    {"token_carriers": "body"},
    {"portal_token_clients": ["ip"]},
    {"rest_info_portal": "absent"},
]
HOUR_MS = 3600 * 1000


def states(sim: Simulator, context: str = "server") -> dict[str, str]:
    """Return the status of every job of a site."""
    return {job["job_id"]: job["status"] for job in sim.jobs(context)}


class Watch:
    """Runs modules and holds what they report against what became of the jobs."""

    def __init__(self, run: Callable[..., dict[str, Any]], sim: Simulator, context: str = "server") -> None:
        self.run, self.sim, self.context = run, sim, context
        self.selected: set[str] = set()

    def change(self, module: str, selected: set[str], **options: Any) -> dict[str, Any]:
        """Run a module that may change the selected jobs, and return its result."""
        before = states(self.sim, self.context)
        result = self.run(module, self.context, **options)
        after = states(self.sim, self.context)
        touched = {job_id for job_id in before if after.get(job_id) != before[job_id]}
        # What was selected before may have ended while this task waited.
        assert touched <= selected | self.selected
        touched &= selected
        self.selected |= selected
        assert result["changed"] is bool(touched)
        # A failure lists the jobs that failed, and beside them those that it changed.
        listed, changed = result.get("jobs", []), [{**job, "changed": True} for job in result.get("changed_jobs", [])]
        assert {job["job_id"] for job in listed + changed if job["changed"]} == touched
        absent = {job["job_id"] for job in listed if job.get("status") == "absent"}
        assert absent.isdisjoint(after)
        assert not result.get("failed") or result["error"]["code"]
        return result


@pytest.fixture(autouse=True)
def left_alone(sim: Simulator) -> None:
    """Let no job change by itself."""
    for job in sim.jobs():
        if job.get("pending"):
            sim.update_job(job["job_id"], schedule=[])


@pytest.fixture
def watch(run: Callable[..., dict[str, Any]], sim: Simulator, naps: Any) -> Watch:
    """Watch the jobs of the ArcGIS Server; pauses move its clock."""
    return Watch(run, sim)


def play(watch: Watch) -> dict[str, dict[str, Any]]:
    """Find, cancel and delete jobs, and some that are not there; return the results by what was done."""
    wanted = {"services": [BUFFER], "start_time": "750m", "end_time": "90m", "statuses": ["succeeded", "executing"]}
    results = {"find": watch.run("gp_job_query", **wanted), "find all": watch.run("gp_job_query", services=[BUFFER])}

    def jobs(state: str, *job_ids: str, service: str = BUFFER, **more: Any) -> dict[str, Any]:
        return watch.change("gp_job", set(job_ids), service=service, job_ids=list(job_ids), state=state, **more)

    results["cancel"] = jobs("cancelled", EXECUTING[0], WAITING, GONE)
    results["delete"] = jobs("absent", DONE, STUCK, GONE)
    results["delete and wait"] = jobs("absent", EXECUTING[1], wait=True)
    results["delete one"] = jobs("absent", FAILED)
    results["delete it again"] = jobs("absent", FAILED)
    results["delete elsewhere"] = jobs("absent", GONE, service="Maps/Nowhere")
    results["cancel what is gone"] = jobs("cancelled", FAILED)
    return results


def wanted_in(sim: Simulator) -> set[str]:
    """Return the jobs that the first question asks for, by what the simulator knows."""
    now = sim.now()
    return {
        job["job_id"]
        for job in sim.jobs("server", BUFFER)
        if job["status"] in ("esriJobSucceeded", "esriJobExecuting")
        and now - 12.5 * HOUR_MS <= job["submitted"] <= now - 1.5 * HOUR_MS
    }


@pytest.mark.parametrize("settings", HARMLESS, ids=str)
def test_readings_that_only_cost_requests(watch: Watch, sim: Simulator, settings: dict[str, Any]) -> None:
    sim.settings("server", **settings)
    expected, every = wanted_in(sim), set(states(sim)) & {job["job_id"] for job in sim.jobs("server", BUFFER)}
    results = play(watch)
    assert {job["job_id"] for job in results["find"]["jobs"]} == expected != set()
    assert {job["job_id"] for job in results["find all"]["jobs"]} == every
    codes = {name: result["error"]["code"] for name, result in results.items() if result.get("failed")}
    assert codes == {
        "cancel": "some_jobs_failed",
        "delete elsewhere": "unknown_service",
        "cancel what is gone": "unknown_job",
    }
    assert results["delete"]["summary"] == {"deleted": 2, "already_absent": 1}
    assert results["delete it again"]["summary"] == {"already_absent": 1}


@pytest.mark.parametrize("settings", LIMITING, ids=str)
def test_readings_that_hide_something(watch: Watch, sim: Simulator, settings: dict[str, Any]) -> None:
    sim.settings("server", **settings)
    expected, every = wanted_in(sim), {job["job_id"] for job in sim.jobs("server", BUFFER)}
    results = play(watch)
    for name, whole in (("find", expected), ("find all", every)):
        found, says_so = {job["job_id"] for job in results[name].get("jobs", ())}, results[name].get("warnings")
        assert found <= whole
        # A job that the site shows on no page cannot be found, and nothing tells that there is one.
        assert found == whole or results[name].get("failed") or says_so or "hidden_from_pages" in settings
    # What does not exist was never said to be deleted, nor cancelled.
    assert not results["delete elsewhere"]["changed"] and not results["cancel what is gone"]["changed"]
    assert results["delete elsewhere"].get("failed")
    assert results["cancel what is gone"].get("failed") or FAILED in states(sim)


@pytest.mark.parametrize("reading", ["envelope_400", "envelope_500", "page"])
def test_the_end_of_a_job_that_is_waited_for_is_seen(watch: Watch, sim: Simulator, reading: str) -> None:
    sim.settings("server", unknown_answers=reading, delete_seconds=3)
    result = watch.change(
        "gp_job", {STUCK}, service=BUFFER, job_ids=[STUCK], state="absent", wait=True, wait_timeout=300
    )
    assert STUCK not in states(sim)
    assert result["changed"]


@pytest.mark.parametrize("words", [["waiting"], ["new", "submitted", "waiting"], []], ids=str)
def test_a_purge_names_the_jobs_that_it_cancelled(watch: Watch, sim: Simulator, words: list[str]) -> None:
    sim.settings("server", purge_cancels=words)
    queue = {
        job["job_id"]
        for job in sim.jobs("server", BUFFER)
        if job["status"] in ("esriJobNew", "esriJobSubmitted", "esriJobWaiting")
    }
    before = states(sim)
    result = watch.run("gp_queue", services=[BUFFER], state="empty")
    touched = {job_id for job_id, status in states(sim).items() if status != before[job_id]}
    assert touched <= queue
    # The site accepted the purge, so it counts as a change; each job that is still there is an error.
    assert result["changed"]
    failed = {job["job_id"] for job in result["jobs"] if job["error"]}
    assert failed == queue - touched
    assert bool(result.get("failed")) is bool(failed)


@pytest.mark.parametrize("code", [403, 401, 400, 500])
def test_who_may_not_change_jobs_is_told_so(run: Callable, sim: Simulator, naps: Any, code: int) -> None:
    sim.settings("server", denied_code=code)
    before = states(sim)
    for state, job in (("cancelled", EXECUTING[0]), ("absent", DONE)):
        result = run("gp_job", user="gis_viewer", service=BUFFER, job_ids=[job], state=state)
        assert result["failed"] and not result["changed"]
        assert "denied" in result["msg"] if code == 403 else "You do not have permissions" in result["msg"]
    assert states(sim) == before


NOTEBOOK_READINGS: list[dict[str, Any]] = [
    {},
    *({"unknown_answers": value} for value in ("envelope_400", "envelope_500", "http_404", "page")),
    {"record_unit": "seconds"},
    {"unfinished_end_time": "zero"},
    {"unfinished_end_time": "null"},
    *({"cancelled_status": value} for value in ("COMPLETED", "CANCELLED", "ODD")),
    {"get_writes": False},
    {"post_writes": False},
    {"token_carriers": "header"},
    {"token_carriers": "body"},
    {"portal_token_clients": ["ip"]},
    {"num": 3},
]


@pytest.mark.parametrize("settings", NOTEBOOK_READINGS, ids=str)
def test_notebook_jobs(run: Callable, sim: Simulator, naps: Any, settings: dict[str, Any]) -> None:
    sim.settings("notebook", **settings)
    watch = Watch(run, sim, "notebook")
    open_job, gone = NOTEBOOK.format(6), "j00000000-0000-4000-8000-000000000000"
    results = [
        watch.change("notebook_job", {open_job, gone}, job_ids=[open_job, gone], state="cancelled", wait=True),
    ]
    finished = {job["job_id"] for job in sim.jobs("notebook") if job["status"] not in ("SUBMITTED", "PROCESSING")}
    before = states(sim, "notebook")
    result = run("notebook_jobs", "notebook", state="absent", scope="all_finished")
    left = states(sim, "notebook")
    assert set(before) - set(left) <= finished
    assert result["changed"] is (left != before)
    assert not result["changed"] or finished.isdisjoint(left) or result.get("failed")
    assert results[0]["failed"]  # one of the two jobs does not exist


KUBERNETES_READINGS: list[dict[str, Any]] = [
    {},
    {"gp_operations": "listed"},
    {"window_unit": "milliseconds"},
    {"several_statuses": "first"},
    *({"unknown_answers": value} for value in ("envelope_400", "envelope_500", "http_404", "page")),
    {"record_unit": "seconds"},
    {"empty_start_time": "matches_nothing"},
    {"empty_start_time": "error"},
    {"notebooks_num": 2},
    {"notebooks_fields": "brief"},
    {"notebooks_can_cancel": False},
    {"notebooks_keep_finished": False},
    *({"cancelled_status": value} for value in ("COMPLETED", "CANCELLED", "ODD")),
]


@pytest.mark.parametrize("settings", KUBERNETES_READINGS, ids=str)
def test_kubernetes(run: Callable, sim: Simulator, naps: Any, settings: dict[str, Any]) -> None:
    sim.settings("kubernetes", **settings)
    watch = Watch(run, sim, "kubernetes")
    every = {job["job_id"] for job in sim.jobs("kubernetes", BUFFER)}
    found = run("gp_job_query", "kubernetes", platform="kubernetes", services=[BUFFER])
    assert {job["job_id"] for job in found["jobs"]} == every
    window = run(
        "gp_job_query", "kubernetes", platform="kubernetes", services=[BUFFER], start_time="25h", end_time="50m"
    )
    now = sim.now()
    expected = {
        job["job_id"]
        for job in sim.jobs("kubernetes", BUFFER)
        if now - 25 * HOUR_MS <= job["submitted"] <= now - HOUR_MS * 5 / 6
    }
    assert {job["job_id"] for job in window["jobs"]} == expected or window.get("failed")
    refused = watch.change(
        "gp_job", set(), platform="kubernetes", service=BUFFER, job_ids=[EXECUTING[0]], state="absent"
    )
    assert refused["error"]["code"] == "unsupported" and writes(sim) == []
    open_job = "j00000004-0c8b-4000-8000-000000000004"
    result = watch.change(
        "notebook_job", {open_job, GONE}, platform="kubernetes", job_ids=[open_job, GONE], state="cancelled", wait=True
    )
    assert result["failed"]
