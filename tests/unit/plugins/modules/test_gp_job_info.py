# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading single GP jobs, with and without their messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, EXPORT, FAILED_EXPORT, STUCK
from arcgis_simulator import Simulator


def test_one_gp_job(run: Callable, sim: Simulator) -> None:
    result = run("gp_job_info", service=BUFFER, job_id=[STUCK])
    job = result["jobs"][0]
    assert (job["status"], job["username"], job["machine"], job["messages"]) == (
        "executing",
        "j_doe",
        "GIS01.EXAMPLE.COM",
        None,
    )
    assert (job["end_time"], job["duration"], job["finished"]) == (None, None, False)
    assert abs(sim.now() - 9 * 3600_000 - job["submitted_time_ms"]) < 60_000
    assert (result["missing"], result["total"], result["summary"]) == ([], 1, {"executing": 1})


def test_unknown_gp_jobs_are_no_error(run: Callable) -> None:
    result = run("gp_job_info", service=BUFFER, job_ids=["jnone1", STUCK, "jnone2"])
    assert "failed" not in result
    assert result["missing"] == ["jnone1", "jnone2"]
    assert [job["job_id"] for job in result["jobs"]] == [STUCK]


@pytest.mark.parametrize("service", ["Maps/Bufer", "Buffer", "maps/buffer", "Map/Buffer", "Maps/Buffer.MapServer"])
def test_an_unknown_service_is_an_error(run: Callable, service: str) -> None:
    result = run("gp_job_info", service=service, job_ids=[STUCK])
    assert (result["failed"], result["error"]["code"]) == (True, "unknown_service")
    assert f"the site has no service {service}: the site answered with code 404, " in result["msg"]
    assert "Did you mean Maps/Buffer" in result["msg"]


def test_the_messages_of_a_failed_job(run: Callable) -> None:
    job = run("gp_job_info", service=EXPORT, job_ids=[FAILED_EXPORT], messages=True)["jobs"][0]
    assert {
        "type": "esriJobMessageTypeError",
        "description": "ERROR 000732: Parcels: the dataset parcels.gdb does not exist",
    } in job["messages"]
    assert job["messages_reason"] is None


def test_messages_that_nobody_has(run: Callable, sim: Simulator) -> None:
    sim.add_job("server", service=BUFFER, job_id="jodd1", task="Gone")
    job = run("gp_job_info", service=BUFFER, job_ids=["jodd1"], messages=True)["jobs"][0]
    assert (job["messages"], job["messages_reason"]) == (
        None,
        "No task of the public service Maps/Buffer has messages of the job.",
    )


def test_a_gp_job_of_kubernetes_and_of_a_stand_alone_site(run: Callable) -> None:
    result = run(
        "gp_job_info",
        "kubernetes",
        platform="kubernetes",
        service=BUFFER,
        job_ids=["jc800000000000000000000executing1"],
    )
    assert result["jobs"][0]["status"] == "executing"
    result = run("gp_job_info", "arcgis", "agsadmin", service="Buffer", job_ids=["ja650000000000000000000executing1"])
    assert result["jobs"][0]["service"] == "Buffer"
