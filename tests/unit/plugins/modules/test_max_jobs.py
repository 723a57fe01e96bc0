# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against changing more jobs than expected: what counts, and that nothing is written before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    DONE,
    EXECUTING,
    NOTEBOOK,
    STUCK,
    context_of,
    writes,
)
from arcgis_simulator import Simulator

# Options that change some jobs, and how many.
TASKS: dict[str, tuple[dict[str, Any], int]] = {
    "gp_job": ({"state": "cancelled", "service": BUFFER, "job_ids": [*EXECUTING, STUCK, DONE]}, 3),
    "gp_queue": ({"state": "empty", "services": [BUFFER]}, 5),
    "notebook_job": ({"state": "cancelled", "job_ids": [NOTEBOOK.format(digit) for digit in "67891"]}, 4),
    "notebook_jobs": ({"state": "absent", "scope": "all_finished"}, 8),
}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    "module, limit", [(module, limit) for module, (_task, count) in TASKS.items() for limit in (0, count - 1)]
)
def test_more_jobs_than_allowed_are_refused_before_any_write(
    run: Callable, sim: Simulator, module: str, limit: int, check: bool
) -> None:
    options, count = TASKS[module]
    before = [job["status"] for job in sim.jobs()]
    result = run(module, context_of(module), max_jobs=limit, check=check, **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "too_many_jobs")
    assert f"{count} jobs" in result["msg"] and f"max_jobs is {limit}" in result["msg"]
    assert writes(sim) == []
    assert [job["status"] for job in sim.jobs()] == before


@pytest.mark.parametrize("module", TASKS)
def test_as_many_jobs_as_allowed_are_changed_and_none_where_nothing_is_left_to_do(run: Callable, module: str) -> None:
    options, count = TASKS[module]
    result = run(module, context_of(module), max_jobs=count, **options)
    assert ("failed" in result, result["changed"]) == (False, True)
    assert sum(job["changed"] for job in result["jobs"]) == count
    again = run(module, context_of(module), max_jobs=0, **options)
    assert ("failed" in again, again["changed"]) == (False, False)


def test_jobs_of_all_services_count_together(run: Callable, sim: Simulator) -> None:
    jobs = [
        {"service": "Maps/Viewshed", "job_id": "j51e3500000000000000000executing1"},
        {"service": "Elevation", "job_id": "je1e0000000000000000000executing1"},
    ]
    assert run("gp_job", state="cancelled", jobs=jobs, max_jobs=1)["error"]["code"] == "too_many_jobs"
    queues = {"services": [BUFFER, "Elevation"], "state": "empty"}
    assert run("gp_queue", max_jobs=4, **queues)["error"]["code"] == "too_many_jobs"
    assert writes(sim) == []
