# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that recorded paths tell."""

from __future__ import annotations

import pytest

from ansible_collections.gisops.arcgis.tests.replay.recording import Request
from ansible_collections.gisops.arcgis.tests.replay.tasks import Task, derived_tasks, product_urls

SERVER, NOTEBOOK, VIDEO = "https://gis.example.com/server", "https://gis:11443/arcgis", "https://gis:21443/arcgis"


def requests(*urls: str) -> list[Request]:
    return [Request.of("GET", url) for url in urls]


@pytest.mark.parametrize(
    "url, task",
    [
        ("admin/services?f=json", Task("gp_services_info", {})),
        ("admin/services/Maps?f=json", None),
        ("admin/services/Maps/Buffer.GPServer/status", None),
        (
            "admin/services/Maps/Buffer.GPServer/jobs/query?startTime=&number=10&jobStatus=esriJobTimedOut",
            Task("gp_job_query", {"services": ["Maps/Buffer"], "statuses": ["timed_out"], "page_size": 10}),
        ),
        ("admin/services/Map.MapServer/jobs/query", Task("gp_job_query", {"services": ["Map.MapServer"]})),
        ("admin/services/Map.MapServer/jobs/query?startTime=1", None),
        ("admin/services/Map.MapServer/jobs/query?number=10&start=10", None),
        ("admin/services/A.GPServer/jobs/statistics", Task("gp_job_query", {"services": ["A"], "statistics": True})),
        ("admin/services/A.GPServer/jobs/j1", Task("gp_job_info", {"service": "A", "job_ids": ["j1"]})),
        ("admin/services/A.GPServer/jobs/j1/delete", None),
        (
            "rest/services/F/A/GPServer/Task/jobs/j1?returnMessages=true",
            Task("gp_job_info", {"service": "F/A", "job_ids": ["j1"], "messages": True}),
        ),
        ("admin/system/directories/arcgisjobs", Task("gp_jobs_directory", {})),
        (
            "admin/system/jobs?num=5&detail=true",
            Task("notebook_jobs_info", {"scan_limit": 5, "details": True, "sort_by_date": False}),
        ),
        ("admin/system/jobs/j1", Task("notebook_jobs_info", {"job_ids": ["j1"]})),
        ("admin/notebooks/jobs", Task("notebook_jobs_info", {"platform": "kubernetes"})),
        ("admin/notebooks/jobs/j1", Task("notebook_jobs_info", {"platform": "kubernetes", "job_ids": ["j1"]})),
        ("rest/jobs/job/j1", Task("video_job_info", {"job_ids": ["j1"]})),
        ("rest/info", None),
        ("sharing/rest/info", None),
    ],
)
def test_the_task_of_a_request(url: str, task: Task | None) -> None:
    assert derived_tasks(requests(f"{SERVER}/{url}")) == ([task] if task else [])


def test_jobs_that_are_read_in_the_same_way_make_one_task() -> None:
    jobs = f"{SERVER}/admin/services/A.GPServer/jobs"
    messages = f"{SERVER}/rest/services/A/GPServer/Task/jobs/j1"
    other = f"{SERVER}/admin/services/B.GPServer/jobs/j1"
    assert derived_tasks(requests(f"{jobs}/j1", f"{jobs}/j2", messages, other, f"{jobs}/query", f"{jobs}/query")) == [
        Task("gp_job_info", {"service": "A", "job_ids": ["j1", "j2"], "messages": True}),
        Task("gp_job_info", {"service": "B", "job_ids": ["j1"]}),
        Task("gp_job_query", {"services": ["A"]}),
    ]


def test_where_the_products_are() -> None:
    urls = [f"{SERVER}/admin/services/Maps", f"{NOTEBOOK}/admin/system/jobs", f"{VIDEO}/rest/jobs/job/j1"]
    assert product_urls(
        requests("https://gis.example.com/portal/sharing/rest/info", *urls, "https://b/c/admin/services")
    ) == {
        "gp": ("https://gis.example.com", "/server"),
        "notebook": ("https://gis:11443", "/arcgis"),
        "video": ("https://gis:21443", "/arcgis"),
    }
