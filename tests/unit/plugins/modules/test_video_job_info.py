# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading jobs of Video Server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import VIDEO
from arcgis_simulator import Simulator


@pytest.mark.parametrize(
    "digit, status, raw, steps, failed_step",
    [
        (1, "succeeded", "Completed", 16, None),
        (2, "executing", "In Progress", 2, None),
        (3, "failed", "FAILED", 7, True),
        (4, "succeeded", "COMPLETED", 16, None),
    ],
)
def test_video_jobs(run: Callable, digit: int, status: str, raw: str, steps: int, failed_step: bool | None) -> None:
    job = run("video_job_info", "video", job_ids=[VIDEO.format(digit)])["jobs"][0]
    assert (job["status"], job["raw_status"], job["finished"], len(job["steps"])) == (
        status,
        raw,
        status != "executing",
        steps,
    )
    assert [step["message"] for step in job["steps"]] == job["messages"]
    assert all(isinstance(step["code"], int) for step in job["steps"])
    assert job["failed_step"] == (job["steps"][-1] if failed_step else None)
    assert job["submitted_time"] is job["start_time"] is job["end_time"] is None


def test_a_video_job_advances(run: Callable, sim: Simulator) -> None:
    sim.advance(10)
    assert len(run("video_job_info", "video", job_ids=[VIDEO.format(2)])["jobs"][0]["steps"]) == 7
    sim.advance(60)
    assert run("video_job_info", "video", job_ids=[VIDEO.format(2)])["summary"] == {"succeeded": 1}


def test_video_jobs_in_the_order_given_with_those_that_are_missing(run: Callable) -> None:
    result = run("video_job_info", "video", job_ids=[VIDEO.format(3), "jnone", VIDEO.format(1), VIDEO.format(3)])
    assert [job["job_id"] for job in result["jobs"]] == [VIDEO.format(3), VIDEO.format(1)]
    assert (result["missing"], result["total"], result["summary"]) == (["jnone"], 2, {"failed": 1, "succeeded": 1})


def test_a_video_job_at_another_product_is_not_missing(run: Callable) -> None:
    result = run("video_job_info", "server", job_ids=[VIDEO.format(1)])
    assert (result["failed"], result["error"]["code"]) == (True, "wrong_url")


def test_the_error_names_the_step_on_which_a_job_failed(run: Callable) -> None:
    result = run("video_job_info", "video", job_ids=[VIDEO.format(3)], fail_on=["failed"])
    step = result["jobs"][0]["failed_step"]
    assert result["error"]["message"] == "1 job did not succeed"
    assert result["error"]["details"] == [f"{VIDEO.format(3)} failed at step {step['code']}, {step['message']}."]


def test_a_missing_job_is_one_to_check_the_id_and_the_url_of(run: Callable) -> None:
    result = run("video_job_info", "video", job_ids=["jnone"], fail_on=["missing"])
    assert result["error"]["details"] == ["jnone is missing: check the ID and url."]
