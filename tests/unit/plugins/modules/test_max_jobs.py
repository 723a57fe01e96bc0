# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against changing more jobs than expected: what counts, and that nothing is written before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from arcgis_simulator import Simulator

WRITES = {"cancel", "delete", "purgeQueue", "deleteAll"}
EXECUTING = [
    "jb0ffe20000000000000000executing1",
    "jb0ffe20000000000000000executing2",
    "jb0ffe200000000000000000000stuck1",
]
DONE = "jb0ffe20000000000000000succeeded1"
GONE = "jb0ffe2000000000000000000000none1"
NOTEBOOK = "j0000000{0}-0b00-4000-8000-00000000000{0}"
OPEN_NOTEBOOKS = [NOTEBOOK.format(digit) for digit in "6789"]


def options_of(module: str) -> tuple[str, dict[str, Any], int]:
    """Return the product of a module, options that change some jobs, and how many."""
    return {
        "gp_job": ("server", {"state": "cancelled", "service": "Maps/Buffer", "job_ids": [*EXECUTING, DONE]}, 3),
        "gp_queue": ("server", {"state": "empty", "services": ["Maps/Buffer"]}, 5),
        "notebook_job": ("notebook", {"state": "cancelled", "job_ids": [*OPEN_NOTEBOOKS, NOTEBOOK.format(1)]}, 4),
        "notebook_jobs": ("notebook", {"state": "absent", "scope": "all_finished"}, 8),
    }[module]


def writes(sim: Simulator) -> list[str]:
    """Return the writes that arrived."""
    return [request["operation"] for request in sim.requests() if request["operation"] in WRITES]


MODULES = pytest.mark.parametrize("module", ["gp_job", "gp_queue", "notebook_job", "notebook_jobs"])


@MODULES
@pytest.mark.parametrize("check", [False, True])
def test_more_jobs_than_allowed_are_refused_before_any_write(
    run: Callable, sim: Simulator, module: str, check: bool
) -> None:
    context, options, count = options_of(module)
    before = [job["status"] for job in sim.jobs()]
    result = run(module, context, max_jobs=count - 1, check=check, **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "too_many_jobs")
    assert f"{count} jobs" in result["msg"] and f"max_jobs is {count - 1}" in result["msg"]
    assert writes(sim) == []
    assert [job["status"] for job in sim.jobs()] == before


@MODULES
def test_as_many_jobs_as_allowed_are_changed(run: Callable, sim: Simulator, module: str) -> None:
    context, options, count = options_of(module)
    result = run(module, context, max_jobs=count, **options)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert sum(job["changed"] for job in result["jobs"]) == count


@MODULES
def test_zero_allows_a_task_that_changes_nothing(run: Callable, sim: Simulator, module: str) -> None:
    context, options, dummy = options_of(module)
    assert run(module, context, max_jobs=0, **options)["error"]["code"] == "too_many_jobs"
    run(module, context, **options)
    again = run(module, context, max_jobs=0, **options)
    assert ("failed" in again, again["changed"]) == (False, False)


@MODULES
def test_less_than_zero_is_refused(run: Callable, sim: Simulator, module: str) -> None:
    context, options, dummy = options_of(module)
    result = run(module, context, max_jobs=-1, **options)
    assert (result["error"]["code"], sim.requests()) == ("bad_option", [])


def test_jobs_that_are_left_alone_do_not_count(run: Callable, sim: Simulator) -> None:
    options = {"state": "absent", "service": "Maps/Buffer", "job_ids": [*EXECUTING, DONE, GONE], "max_jobs": 1}
    result = run("gp_job", only_statuses=["succeeded"], **options)
    assert result["summary"] == {"not_selected": 3, "deleted": 1, "already_absent": 1}


def test_jobs_of_all_services_count_together(run: Callable, sim: Simulator) -> None:
    jobs = [
        {"service": "Maps/Viewshed", "job_id": "j51e3500000000000000000executing1"},
        {"service": "Elevation", "job_id": "je1e0000000000000000000executing1"},
    ]
    assert run("gp_job", state="cancelled", jobs=jobs, max_jobs=1)["error"]["code"] == "too_many_jobs"
    queues = {"services": ["Maps/Buffer", "Elevation"], "state": "empty"}
    assert run("gp_queue", max_jobs=4, **queues)["error"]["code"] == "too_many_jobs"
    assert writes(sim) == []
