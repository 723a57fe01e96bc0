# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers that the pages of the API print as examples, through the modules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arcgis_simulator import Simulator


@pytest.fixture(autouse=True)
def printed(sim: Simulator) -> None:
    """Serve what the pages print."""
    sim.reset("seeds")


def test_the_page_of_a_gp_job(run: Callable) -> None:
    job = run(
        "gp_job_info",
        user="siteadmin",
        token_source="site",
        service="Maps/Test.MapServer",
        job_ids=["j290c2d4e60364xx2a0c735fb9b68428a"],
    )["jobs"][0]
    assert (job["service"], job["type"], job["status"], job["raw_status"]) == (
        "Maps/Test.MapServer",
        "MapServer",
        "succeeded",
        "esriJobSucceeded",
    )
    assert (job["submitted_time"], job["end_time"], job["duration"]) == (
        "2018-04-06T16:57:04Z",
        "2018-04-06T16:57:21Z",
        17.0,
    )
    assert (job["machine"], job["username"]) == ("server.example.com", None)


@pytest.mark.parametrize("page_size", [10, 1000])
def test_the_page_of_the_job_query(run: Callable, page_size: int) -> None:
    result = run(
        "gp_job_query",
        "kubernetes",
        platform="kubernetes",
        services=["System/PublishingTools"],
        statuses=["succeeded"],
        start_time="1636800000",
        page_size=page_size,
    )
    assert (result["total"], result["summary"]["status"], result["truncated"]) == (41, {"succeeded": 41}, False)
    assert result["jobs"][0] == {
        "job_id": "j0550714f334d4114af9f7a5d05cb145e",
        "service": "System/PublishingTools",
        "status": "succeeded",
    }


def test_the_page_of_deleting_a_job(run: Callable, sim: Simulator) -> None:
    options = {
        "user": "siteadmin",
        "token_source": "site",
        "service": "Maps/testMap.MapServer",
        "job_ids": ["j290c2d4e60364xx2a0c735fb9b68428b"],
        "state": "absent",
    }
    sim.settings("server", delete_refuses=["executing"])
    refused = run("gp_job", **options)
    assert refused["error"]["code"] == "delete_refused"
    assert 'code 400, "Unable to delete job :[j290c2d4e60364xx2a0c735fb9b68428b]"' in refused["msg"]
    sim.settings("server", delete_refuses=[])
    assert run("gp_job", **options)["changed"] is True


def test_the_page_of_notebook_jobs(run: Callable) -> None:
    jobs = run("notebook_jobs_info", "notebook", details=True)["jobs"]
    assert [(job["type"], job["status"], job["username"]) for job in jobs] == [
        ("openNotebook", "succeeded", "j_doe"),
        ("executeNotebook", "executing", "a_doe"),
        ("openNotebook", "executing", "m_doe"),
    ]
    assert (jobs[0]["start_time_ms"], jobs[0]["end_time_ms"], jobs[0]["duration"]) == (
        1612162576231,
        1612162578198,
        1.967,
    )
    assert jobs[0]["results"]["notebookId"] == "64c21f6c929443089d3ebf5184553a95"
    assert jobs[1]["inputs"]["itemId"] == "e18af37c680b40f082a8ed49a91beb0a"
    assert (jobs[2]["end_time"], jobs[2]["duration"], jobs[2]["is_cancelled"]) == (None, None, False)


def test_the_page_of_a_video_job(run: Callable) -> None:
    job = run("video_job_info", "video", job_ids=["j1b81346f-1460-482a-94f0-72b78ee843e5"])["jobs"][0]
    assert (job["status"], job["raw_status"], job["type"], job["username"]) == (
        "succeeded",
        "COMPLETED",
        "Publish Streaming Service",
        "portaladmin",
    )
    assert len(job["steps"]) == 16
    assert (job["steps"][-1]["message"], job["steps"][-1]["code"]) == ("Ingest Complete", 118)
    assert job["results"] == {"layerId": 0, "layerName": "Cheyenne_TS", "serviceName": "Cheyenne_TS"}
    assert job["custom_attributes"]["savingToStorage"] is True


@pytest.mark.parametrize("name, context, options", [
    ("gp_job_query", "kubernetes", {"services": ["System/PublishingTools"], "platform": "kubernetes"}),
    ("notebook_jobs_info", "notebook", {"details": True}),
    ("video_job_info", "video", {"job_ids": ["j1b81346f-1460-482a-94f0-72b78ee843e5"]}),
])  # fmt: skip
def test_check_mode_makes_no_difference_to_what_reads(run: Callable, name: str, context: str, options: dict) -> None:
    real, checked = run(name, context, **options), run(name, context, check=True, **options)
    assert {**real, "api": None, "invocation": None} == {**checked, "api": None, "invocation": None}
