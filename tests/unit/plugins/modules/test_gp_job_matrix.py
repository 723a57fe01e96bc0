# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cell of wanted state and present status, end to end: for real, in check mode, refused, and not allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

JOB = "jb0ffe20000000000000000executing1"
OPEN = ["new", "submitted", "waiting", "executing"]
ENDED = ["succeeded", "failed", "timed_out"]
ALL = [*OPEN, "cancelling", "cancelled", *ENDED, "deleting", "deleted", "absent"]
WRITES = ("cancel", "delete", "purgeQueue", "public cancel", "deleteAll", "directory edit", "directory clean")

# Wanted state and present status: outcome, status then seen, operation sent. Where one is sent the job is changed.
MATRIX: dict[tuple[str, str], tuple[str, str, list[str]]] = {
    **{("cancelled", status): ("cancel_accepted", "cancelling", ["cancel"]) for status in OPEN},
    ("cancelled", "cancelling"): ("already_cancelling", "cancelling", []),
    ("cancelled", "cancelled"): ("already_cancelled", "cancelled", []),
    **{("cancelled", status): ("already_finished", status, []) for status in ENDED},
    ("cancelled", "deleting"): ("already_deleting", "deleting", []),
    **{("absent", status): ("deleted", "absent", ["delete"]) for status in [*OPEN, "cancelling", "cancelled", *ENDED]},
    ("absent", "deleting"): ("already_deleting", "deleting", []),
    ("absent", "deleted"): ("already_absent", "deleted", []),
    ("absent", "absent"): ("already_absent", "absent", []),
}
UNKNOWN_JOB = [("cancelled", "deleted"), ("cancelled", "absent")]
WRITING = [cell for cell, (dummy, dummy, sent) in MATRIX.items() if sent]


@pytest.fixture
def prepared(sim: Simulator) -> Callable[[str], Any]:
    """Bring the job of these tests into a status."""
    sim.settings("server", cancel_refuses=[])

    def prepare(status: str) -> None:
        if status == "absent":
            sim.remove_job(JOB)
        else:
            sim.update_job(JOB, status=status)

    return prepare


def writes(sim: Simulator) -> list[str]:
    """Return the writing operations that arrived."""
    return [request["operation"] for request in sim.requests() if request["operation"] in WRITES]


def change(run: Callable[..., dict[str, Any]], state: str, **more: Any) -> dict[str, Any]:
    """Run the module for the job of these tests."""
    return run("gp_job", state=state, service="Maps/Buffer", job_ids=[JOB], diff=True, **more)


@pytest.mark.parametrize("state, before", MATRIX)
def test_every_cell(run: Callable, sim: Simulator, prepared: Callable, state: str, before: str) -> None:
    outcome, after, sent = MATRIX[state, before]
    prepared(before)
    result = change(run, state)
    assert "failed" not in result
    assert result["jobs"] == [
        {
            "job_id": JOB,
            "service": "Maps/Buffer",
            "status_before": before,
            "status": after,
            "changed": bool(sent),
            "outcome": outcome,
            "error": None,
        }
    ]
    assert result["changed"] is bool(sent)
    assert result["diff"] == {"before": {JOB: before}, "after": {JOB: after}}
    assert result["summary"] == {outcome: 1}
    assert writes(sim) == sent


@pytest.mark.parametrize("state, before", MATRIX)
def test_every_cell_in_check_mode(run: Callable, sim: Simulator, prepared: Callable, state: str, before: str) -> None:
    outcome, after, sent = MATRIX[state, before]
    prepared(before)
    jobs = sim.jobs("server")
    result = change(run, state, check=True)
    assert "failed" not in result
    assert (result["changed"], result["jobs"][0]["outcome"], result["jobs"][0]["status"]) == (
        bool(sent),
        outcome,
        after,
    )
    assert result["diff"] == {"before": {JOB: before}, "after": {JOB: after}}
    assert writes(sim) == []
    assert sim.jobs("server") == jobs


@pytest.mark.parametrize("state, before", MATRIX)
def test_a_second_run_changes_nothing(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str
) -> None:
    prepared(before)
    change(run, state)
    sim.clear_requests()
    result = change(run, state)
    assert result["changed"] is False
    assert writes(sim) == []


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state, before", UNKNOWN_JOB)
def test_a_job_that_is_not_there_to_be_cancelled(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str, check: bool
) -> None:
    prepared(before)
    result = change(run, state, check=check)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unknown_job")
    assert result["msg"] == (
        f"Could not cancel job {JOB} of Maps/Buffer: the site has no such job. "
        "Check job_ids and service, or set missing_ok: true where a vanished job is fine."
    )
    assert result["missing"] == [JOB]
    fine = change(run, state, check=check, missing_ok=True)
    assert (fine["changed"], fine["jobs"][0]["outcome"], fine["missing"]) == (False, "missing", [JOB])
    assert writes(sim) == []


@pytest.mark.parametrize("state, before", WRITING)
def test_every_write_refused(run: Callable, sim: Simulator, prepared: Callable, state: str, before: str) -> None:
    prepared(before)
    sim.settings("server", cancel_refuses=ALL, delete_refuses=ALL)
    jobs = sim.jobs("server")
    result = change(run, state)
    code, verb, remedy = {
        "cancelled": (
            500,
            "cancel",
            "Cancel the job once it executes, purge the queue of the service, or use state: absent to delete the job.",
        ),
        "absent": (400, "delete", "Look into the logs of the site, and run the task again."),
    }[state]
    if (state, before) == ("cancelled", "executing"):
        remedy = "Look at the job again later, or use state: absent to delete it."
    url = f"{sim.url('server')}/admin/services/Maps/Buffer.GPServer/jobs/{JOB}/{verb}"
    assert result["msg"] == (
        f"Could not {verb} job {JOB} of the service Maps/Buffer (POST {url}): "
        f'the site answered with code {code}, "Unable to {verb} job :[{JOB}]", and the job is still {before}. {remedy}'
    )
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error"]["code"] == f"{verb}_refused"
    assert result["jobs"][0]["status"] == result["jobs"][0]["status_before"] == before
    assert writes(sim) == [verb]
    assert sim.jobs("server") == jobs


@pytest.mark.parametrize("state, before", WRITING)
def test_every_write_without_the_privilege(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str
) -> None:
    prepared(before)
    jobs = sim.jobs("server")
    result = change(run, state, user="gis_viewer")
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")
    assert 'the site answered with code 403, "Token is valid but access is denied"' in result["msg"]
    assert "View all content" in result["msg"]
    assert len(writes(sim)) == 1
    assert sim.jobs("server") == jobs


@pytest.mark.parametrize("state, before", [cell for cell, (dummy, dummy, sent) in MATRIX.items() if not sent])
def test_nothing_to_do_needs_no_privilege_to_write(run: Callable, prepared: Callable, state: str, before: str) -> None:
    prepared(before)
    assert change(run, state, user="gis_viewer")["changed"] is False


@pytest.mark.parametrize("state", ["cancelled", "absent"])
@pytest.mark.parametrize("before", ["paused_for_lunch"])
def test_an_unknown_word_is_not_finished(
    run: Callable, sim: Simulator, prepared: Callable, state: str, before: str
) -> None:
    prepared(before)
    predicted = change(run, state, check=True)
    assert predicted["changed"] is True
    assert writes(sim) == []
    result = change(run, state)
    assert writes(sim) == [{"cancelled": "cancel", "absent": "delete"}[state]]
    assert result["changed"] is (state == "absent")
    if state == "cancelled":
        assert (result["error"]["code"], result["jobs"][0]["status"]) == ("cancel_refused", before)


def test_a_job_that_takes_its_time_to_be_deleted(run: Callable, sim: Simulator) -> None:
    sim.settings("server", delete_seconds=60)
    result = change(run, "absent")
    assert (result["changed"], result["jobs"][0]["outcome"], result["jobs"][0]["status"]) == (
        True,
        "delete_accepted",
        "deleting",
    )
    again = change(run, "absent")
    assert (again["changed"], again["jobs"][0]["outcome"]) == (False, "already_deleting")
    assert writes(sim) == ["delete"]


def test_the_default_site_refuses_to_cancel_what_waits_and_it_is_never_deleted_instead(
    run: Callable, sim: Simulator
) -> None:
    result = run("gp_job", state="cancelled", service="Maps/Buffer", job_id=["jb0ffe2000000000000000000waiting1"])
    assert result["error"]["code"] == "cancel_refused"
    assert writes(sim) == ["cancel"]
    assert sim.job("jb0ffe2000000000000000000waiting1")["status"] == "esriJobWaiting"
