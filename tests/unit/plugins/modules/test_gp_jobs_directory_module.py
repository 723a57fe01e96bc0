# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The retention of finished jobs on the simulated site, as a task reads and sets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import writes
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import GATEWAY_DOWN, refused
from arcgis_simulator import Simulator

TWO_WEEKS = {"max_age_minutes": 20160, "cleanup_mode": "time_elapsed", "physical_path": "/data/arcgisjobs"}


def manage(run: Callable, **options: Any) -> dict[str, Any]:
    """Run the module."""
    return run("gp_jobs_directory", **options)


def test_it_reads_without_options_to_set(run: Callable, sim: Simulator) -> None:
    result = manage(run)
    assert (result["changed"], result["directory"], result["cleaned"]) == (False, TWO_WEEKS, False)
    assert writes(sim) == []


@pytest.mark.parametrize("allow_restart", [False, True])
def test_what_is_as_wanted_is_left_alone(run: Callable, sim: Simulator, allow_restart: bool) -> None:
    options = {"max_age_minutes": 20160, "cleanup_mode": "time_elapsed", "allow_restart": allow_restart}
    assert manage(run, **options)["changed"] is False
    assert writes(sim) == []


@pytest.mark.parametrize(
    "options, after",
    [
        ({"max_age_minutes": 1440}, {**TWO_WEEKS, "max_age_minutes": 1440}),
        ({"cleanup_mode": "none"}, {**TWO_WEEKS, "cleanup_mode": "none"}),
        ({"max_age_minutes": 5, "cleanup_mode": "none"}, {**TWO_WEEKS, "max_age_minutes": 5, "cleanup_mode": "none"}),
    ],
)
def test_it_predicts_sets_and_then_leaves_alone(
    run: Callable, sim: Simulator, options: dict[str, Any], after: dict[str, Any]
) -> None:
    predicted = manage(run, allow_restart=True, check=True, diff=True, **options)
    assert writes(sim) == []
    done = manage(run, allow_restart=True, diff=True, **options)
    assert writes(sim) == ["directory edit"]
    for result in (predicted, done):
        assert (result["changed"], result["directory"]) == (True, after)
        assert result["diff"] == {"before": TWO_WEEKS, "after": after}
    again = manage(run, **options)
    assert (again["changed"], again["directory"]) == (False, after)
    assert writes(sim) == ["directory edit"]


@pytest.mark.parametrize("check", [False, True])
def test_writing_needs_leave_to_restart(run: Callable, sim: Simulator, check: bool) -> None:
    result = manage(run, max_age_minutes=1440, check=check)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "restart_not_allowed")
    assert "allow_restart: true" in result["msg"]
    assert writes(sim) == []


def test_the_clean_up_removes_what_has_expired(run: Callable, sim: Simulator) -> None:
    before = len(sim.jobs("server"))
    result = manage(run, max_age_minutes=1440, allow_restart=True, cleanup=True)
    assert (result["changed"], result["cleaned"]) == (True, True)
    assert writes(sim) == ["directory edit", "directory clean"]
    assert len(sim.jobs("server")) < before
    left = {job["status"] for job in sim.jobs("server")}
    assert "esriJobExecuting" in left


def test_the_clean_up_alone_restarts_nothing_and_always_reports_a_change(run: Callable, sim: Simulator) -> None:
    for _dummy in range(2):
        result = manage(run, cleanup=True)
        assert (result["changed"], result["cleaned"], result["directory"]) == (True, True, TWO_WEEKS)
    assert writes(sim) == ["directory clean"] * 2


def test_the_clean_up_is_predicted(run: Callable, sim: Simulator) -> None:
    before = len(sim.jobs("server"))
    result = manage(run, cleanup=True, check=True)
    assert (result["changed"], result["cleaned"], writes(sim)) == (True, True, [])
    assert len(sim.jobs("server")) == before


def test_reading_and_writing_need_their_privileges(run: Callable, sim: Simulator) -> None:
    assert manage(run, user="gis_viewer")["directory"] == TWO_WEEKS
    for options in ({"max_age_minutes": 5, "allow_restart": True}, {"cleanup": True}):
        result = manage(run, user="gis_viewer", **options)
        assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")


def test_a_stand_alone_site(run: Callable) -> None:
    assert manage(run, context="arcgis", user="agsadmin")["directory"]["max_age_minutes"] == 360


DIRECTORY = {"maxFileAge": 360, "cleanupMode": "NONE"}
WANTED = {"max_age_minutes": 5, "allow_restart": True}


@pytest.mark.parametrize("answer, code", [(500, "site_error"), (403, "no_privilege"), (498, "token_invalid")])
def test_an_edit_stays_a_change_though_the_clean_up_after_it_fails(
    scripted: Callable, run_scripted: Callable, answer: int, code: str
) -> None:
    script = {
        "arcgisjobs": [DIRECTORY, {**DIRECTORY, "maxFileAge": 5}],
        "edit": {"status": "success"},
        "clean": refused(answer, "The directory is locked."),
    }
    result = run_scripted("gp_jobs_directory", scripted(**script), cleanup=True, **WANTED)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, code)
    assert (result["cleaned"], result["directory"]["max_age_minutes"]) == (False, 5)


def test_an_edit_stays_a_change_though_the_site_restarts(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(arcgisjobs=[DIRECTORY, GATEWAY_DOWN], edit={"status": "success"})
    result = run_scripted("gp_jobs_directory", server, retries=0, **WANTED)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "busy")


@pytest.mark.parametrize("age", ["10080", 10080.0])
def test_a_week_is_a_week_however_the_site_writes_it(scripted: Callable, run_scripted: Callable, age: Any) -> None:
    server = scripted(arcgisjobs={**DIRECTORY, "maxFileAge": age})
    result = run_scripted("gp_jobs_directory", server, max_age_minutes=10080)
    assert (result["changed"], result["directory"]["max_age_minutes"]) == (False, 10080)
    assert server.operations() == ["arcgisjobs"]
