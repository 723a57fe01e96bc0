# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site that moves under a task: jobs that vanish or end, writes that take effect later, machines that disagree,
filters and windows that are not kept, and clocks that differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import client
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock
from ansible_collections.gisops.arcgis.tests.unit.faults.matrix_cases import BUFFER, GP_JOB, NOTEBOOK_JOB
from arcgis_simulator import Simulator

OTHER_JOB = "jb0ffe20000000000000000executing2"
MINUTE_MS = 60 * 1000
WRITES = ("cancel", "delete", "purgeQueue", "deleteAll")


@pytest.fixture(autouse=True)
def pauses_pass_on_the_clock_of_the_site(sim: Simulator, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pauses of a task move the clock of the simulated enterprise."""
    monkeypatch.setattr(client, "Clock", lambda: Clock(sleep=sim.advance))


@pytest.fixture
def change(run: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Cancel or delete one GP job, or those that are named."""

    def change(state: str, *job_ids: str, **more: Any) -> dict[str, Any]:
        return run("gp_job", state=state, service=BUFFER, job_ids=list(job_ids) or [GP_JOB], **more)

    return change


def writes(sim: Simulator) -> list[str]:
    """Return the writes that arrived."""
    return [entry["operation"] for entry in sim.requests() if entry["operation"] in WRITES]


def status(sim: Simulator, job_id: str = GP_JOB) -> str | None:
    """Return the status of a job as the site has it now."""
    job = sim.job(job_id)
    return job["status"] if job else None


def listed(result: dict[str, Any]) -> set[str]:
    """Return the IDs of the jobs in a result."""
    return {job["job_id"] for job in result["jobs"]}


def there(sim: Simulator, context: str = "server", service: str | None = BUFFER) -> dict[str, dict[str, Any]]:
    """Return the jobs of a service as the site has them now."""
    return {job["job_id"]: job for job in sim.jobs(context, service)}


# Jobs that vanish, end or change


@pytest.mark.parametrize("page_size", [1, 5, 1000])
def test_jobs_vanish_between_pages(run: Callable, sim: Simulator, page_size: int) -> None:
    sim.add_fault("job_vanishes_after", operation="query")
    result = run("gp_job_query", services=[BUFFER], page_size=page_size)
    assert not result.get("failed")
    assert there(sim).keys() <= listed(result) or result["truncated"]
    if page_size < 1000:
        assert "the list may lack some of them" in json.dumps(result["warnings"])


@pytest.mark.parametrize("page_size", [1, 5, 1000])
def test_selected_jobs_are_found_though_rows_shift(
    change: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch, page_size: int
) -> None:
    sim.settings("server", max_number=page_size)
    sim.add_fault("job_vanishes_after", operation="query", count=8)
    selected = [name for name, job in there(sim).items() if job["status"] == "esriJobSucceeded"]
    result = change("absent", *selected)
    assert not result.get("failed"), result["msg"]
    assert not there(sim).keys() & set(selected)
    assert set(writes(sim)) <= {"delete"}


def test_jobs_vanish_between_the_list_and_the_look_at_each(run: Callable, sim: Simulator) -> None:
    sim.add_fault("job_vanishes_before", operation="job", every=2)
    result = run("gp_job_query", services=[BUFFER], details=True)
    assert not result.get("failed")
    assert listed(result) == there(sim).keys()
    assert result["total"] == len(result["jobs"])


@pytest.mark.parametrize("missing_ok", [False, True])
def test_a_job_vanishes_between_the_read_and_the_cancel(change: Callable, sim: Simulator, missing_ok: bool) -> None:
    sim.add_fault("job_vanishes_before", operation="cancel", path=f"*{GP_JOB}*")
    result = change("cancelled", GP_JOB, OTHER_JOB, missing_ok=missing_ok)
    assert result["changed"] is True and result["missing"] == [GP_JOB]
    assert status(sim, OTHER_JOB) == "esriJobCancelling"
    if missing_ok:
        assert {job["job_id"]: job["changed"] for job in result["jobs"]} == {GP_JOB: False, OTHER_JOB: True}
    else:
        assert (result["error"]["code"], result["jobs"][0]["error"]["code"]) == ("some_jobs_failed", "unknown_job")


def test_a_job_vanishes_between_the_read_and_the_delete(change: Callable, sim: Simulator) -> None:
    sim.add_fault("job_vanishes_before", operation="delete")
    result = change("absent")
    assert not result.get("failed")
    assert (result["changed"], result["jobs"][0]["outcome"]) == (False, "already_absent")


@pytest.mark.parametrize("ended", ["succeeded", "failed", "timed_out", "cancelled"])
def test_a_job_ends_between_the_read_and_the_cancel(change: Callable, sim: Simulator, ended: str) -> None:
    sim.add_fault("job_changes", operation="cancel", status=ended)
    result = change("cancelled")
    assert not result.get("failed")
    assert (result["changed"], writes(sim)) == (False, ["cancel"])
    assert result["jobs"][0]["status"] == ended


def test_a_notebook_job_ends_between_the_read_and_the_cancel(run: Callable, sim: Simulator) -> None:
    sim.add_fault("job_changes", context="notebook", operation="cancel", status="COMPLETED")
    result = run("notebook_job", "notebook", state="cancelled", job_ids=[NOTEBOOK_JOB])
    assert (result.get("failed"), result["changed"], result["jobs"][0]["status"]) == (None, False, "succeeded")


@pytest.mark.parametrize("state", ["cancelled", "absent"])
def test_a_job_leaves_the_selection_before_its_write(change: Callable, sim: Simulator, state: str) -> None:
    # The first read of each job is for the selection, the second right before the write.
    sim.add_fault("job_changes", operation="job", path=f"*{GP_JOB}", skip=1, status="executing", username="x")
    sim.update_job(GP_JOB, status="waiting")
    result = change(state, only_statuses=["waiting"])
    assert (result.get("failed"), result["changed"], writes(sim)) == (None, False, [])
    assert result["jobs"][0]["outcome"] == "not_selected"


def test_a_waiting_job_begins_before_the_purge(run: Callable, sim: Simulator) -> None:
    began = "jb0ffe2000000000000000000waiting1"
    sim.add_fault("job_changes", operation="purgeQueue", job=began, status="executing")
    result = run("gp_queue", services=[BUFFER], state="empty")
    assert not result.get("failed")
    assert {job["job_id"]: job["outcome"] for job in result["jobs"] if not job["changed"]} == {began: "left_queue"}
    assert status(sim, began) == "esriJobExecuting"


# Writes that are accepted, and carried out later


def test_a_cancel_that_takes_effect_later_is_a_change(change: Callable, sim: Simulator) -> None:
    sim.add_fault("carried_out_later", operation="cancel", seconds=60)
    result = change("cancelled")
    assert (result.get("failed"), result["changed"]) == (None, True)
    assert (result["jobs"][0]["outcome"], result["jobs"][0]["status"]) == ("cancel_accepted", "executing")
    sim.advance(62)
    assert change("cancelled")["changed"] is False


def test_a_deletion_that_takes_effect_soon_is_waited_for(change: Callable, sim: Simulator) -> None:
    sim.add_fault("carried_out_later", operation="delete", seconds=3)
    result = change("absent")
    assert (result.get("failed"), result["changed"], result["jobs"][0]["outcome"]) == (None, True, "deleted")


def test_a_deletion_that_takes_effect_late_is_a_change_that_nobody_can_confirm(
    change: Callable, sim: Simulator
) -> None:
    sim.add_fault("carried_out_later", operation="delete", seconds=60)
    result = change("absent")
    assert (result["error"]["code"], result["changed"]) == ("delete_unconfirmed", True)
    sim.advance(60)
    again = change("absent")
    assert (again.get("failed"), again["changed"]) == (None, False)


@pytest.mark.parametrize("seconds, code", [(3, None), (60, "purge_incomplete")])
def test_a_purge_that_takes_effect_later(run: Callable, sim: Simulator, seconds: int, code: str | None) -> None:
    sim.add_fault("carried_out_later", operation="purgeQueue", seconds=seconds)
    result = run("gp_queue", services=[BUFFER], state="empty")
    assert (result.get("error", {}).get("code"), result["changed"]) == (code, True)


@pytest.mark.parametrize("seconds, code", [(3, None), (60, "delete_unconfirmed")])
def test_a_deletion_of_all_notebook_jobs_that_takes_effect_later(
    run: Callable, sim: Simulator, seconds: int, code: str | None
) -> None:
    sim.add_fault("carried_out_later", operation="deleteAll", seconds=seconds)
    result = run("notebook_jobs", "notebook", state="absent", scope="all_finished")
    assert result["changed"] is True
    assert {job["error"] and job["error"]["code"] for job in result["jobs"]} == {code}
    assert len(writes(sim)) == 1


# Machines of one site that disagree


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("state", ["absent", "cancelled"])
def test_another_machine_answers_after_the_write(
    change: Callable, sim: Simulator, state: str, lost: bool, every: int
) -> None:
    sim.add_fault("stale", seconds=2, every=every)
    if lost:
        sim.add_fault("answer_lost", operation=["cancel", "delete"], count=1)
    result = change(state)
    assert (result.get("failed"), result["changed"]) == (None, True), result.get("msg")
    carried_out = [entry for entry in sim.requests() if entry["operation"] in WRITES and entry["error_code"] is None]
    assert len(carried_out) == 1 or lost
    sim.advance(5)
    assert status(sim) in (None, "esriJobCancelling", "esriJobCancelled")
    again = change(state)
    assert (again.get("failed"), again["changed"]) == (None, False)


@pytest.mark.parametrize("every", [1, 2])
def test_another_machine_shows_the_queue_after_the_purge(run: Callable, sim: Simulator, every: int) -> None:
    sim.add_fault("stale", seconds=2, every=every)
    result = run("gp_queue", services=[BUFFER], state="empty")
    assert (result.get("failed"), result["changed"]) == (None, True)
    assert result["summary"] == {"purged": 5}


# Filters and windows that the site does not keep


# No job of these services was submitted right at the edge of a window.
FILTERS: list[dict[str, Any]] = [
    {"statuses": ["failed"]},
    {"statuses": ["executing", "waiting"]},
    {"submitted_by": "j_doe"},
    {"machine": "gis01.example.com"},
    {"start_time": "370m"},
    {"end_time": "370m"},
    {"start_time": "29h", "end_time": "130m"},
    {"statuses": ["failed", "cancelled"], "submitted_by": "night_batch", "start_time": "7d"},
]


def matching(sim: Simulator, wanted: dict[str, Any], context: str = "server") -> set[str]:
    """Return the jobs that match, from what the site itself knows."""
    words = {f"esriJob{status.title()}" for status in wanted.get("statuses", [])}
    ages = {name: sim.now() - age_ms(wanted[name]) for name in ("start_time", "end_time") if name in wanted}
    return {
        name
        for name, job in there(sim, context).items()
        if (not words or job["status"] in words)
        and wanted.get("submitted_by") in (None, job["username"])
        and wanted.get("machine", "").lower() in ("", job["machine"].lower())
        and ages.get("start_time", 0) <= job["submitted"] <= ages.get("end_time", sim.now())
    }


def age_ms(age: str) -> int:
    """Return an age such as 7d in milliseconds."""
    return int(age[:-1]) * {"m": 1, "h": 60, "d": 1440}[age[-1]] * MINUTE_MS


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("wanted", FILTERS, ids=json.dumps)
def test_a_site_that_overlooks_its_filters(
    run: Callable, sim: Simulator, wanted: dict[str, Any], details: bool
) -> None:
    sim.add_fault("filters_ignored")
    result = run("gp_job_query", services=[BUFFER], details=details, **wanted)
    assert not result.get("failed")
    assert listed(result) == matching(sim, wanted)
    # The end of a window is told to the site with a day to spare, so that more jobs than match are no surprise.
    assert wanted.keys() == {"end_time"} or "were left out" in json.dumps(result["warnings"])


@pytest.mark.parametrize("context", ["server", "kubernetes"])
@pytest.mark.parametrize("wanted", FILTERS, ids=json.dumps)
def test_a_site_that_takes_the_window_in_another_unit(
    run: Callable, sim: Simulator, wanted: dict[str, Any], context: str
) -> None:
    sim.add_fault("wrong_unit")
    result = run("gp_job_query", context, services=[BUFFER], platform=context, **wanted)
    assert not result.get("failed")
    right = matching(sim, wanted, context)
    assert listed(result) <= right
    assert listed(result) == right or result.get("warnings"), right - listed(result)


def test_only_waiting_jobs_are_purged_though_the_filter_is_overlooked(run: Callable, sim: Simulator) -> None:
    queued = {name for name, job in there(sim).items() if job["status"][7:] in ("New", "Submitted", "Waiting")}
    sim.add_fault("filters_ignored")
    result = run("gp_queue", services=[BUFFER], state="empty")
    assert listed(result) == queued


# Clocks


@pytest.mark.parametrize("skew", [-7200, 0, 7200])
def test_ages_go_by_the_clock_that_the_site_shows(run: Callable, sim: Simulator, skew: int) -> None:
    sim.add_fault("clock_skew", seconds=skew)
    since = sim.now() + skew * 1000 - age_ms("190m")
    result = run("gp_job_query", services=[BUFFER], start_time="190m")
    assert listed(result) == {name for name, job in there(sim).items() if job["submitted"] >= since}
    result = run("notebook_jobs_info", "notebook", start_time="190m")
    assert listed(result) == {name for name, job in there(sim, "notebook", None).items() if job["start"] >= since}


def test_ages_go_by_the_clock_of_a_site_that_lives_in_another_time(run: Callable, sim: Simulator) -> None:
    sim.advance(5 * 3600)
    result = run("gp_job_query", services=[BUFFER], start_time="370m")
    assert listed(result) == matching(sim, {"start_time": "370m"})
    assert listed(result)
