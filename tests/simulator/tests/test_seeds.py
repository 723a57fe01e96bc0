# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers that the API documentation prints, compared field by field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Client

import arcgis_simulator

SEEDS = Path(arcgis_simulator.__file__).parent / "seeds"
TEST_MAP = "admin/services/Maps/testMap.MapServer/jobs/j290c2d4e60364xx2a0c735fb9b68428b"


def seed(name):
    return json.loads((SEEDS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def client(running):
    running.reset("seeds")
    return Client(running)


@pytest.mark.parametrize(
    "name, context, path, query",
    [
        ("gp_job", "server", "admin/services/Maps/Test.MapServer/jobs/j290c2d4e60364xx2a0c735fb9b68428a", {}),
        (
            "gp_query",
            "kubernetes",
            "admin/services/System/PublishingTools.GPServer/jobs/query",
            {"startTime": "", "endTime": "", "jobStatus": "esriJobSucceeded", "userName": "", "number": "10"},
        ),
        ("notebook_jobs_brief", "notebook", "admin/system/jobs", {}),
        ("notebook_jobs_full", "notebook", "admin/system/jobs", {"detail": "true", "num": "2"}),
        ("video_job", "video", "rest/jobs/job/j1b81346f-1460-482a-94f0-72b78ee843e5", {}),
    ],
)
def test_printed_resources(client, name, context, path, query):
    token = client.token(context="kubernetes" if context == "kubernetes" else "portal")
    answer = client.get(context, path, token, f="pjson", **query)
    expected = seed(name)
    assert list(answer) == list(expected)
    assert answer == expected


def test_printed_delete_answers(running, client):
    token = client.token()
    running.settings("server", delete_refuses=["executing"])
    job_id = TEST_MAP.rpartition("/")[2]
    refused = client.post("server", f"{TEST_MAP}/delete", token, token_in="body", f="pjson")
    assert json.dumps(refused) == json.dumps(seed("gp_delete_error")).replace("<jobID>", job_id)
    running.settings("server", delete_refuses=[])
    done = client.post("server", f"{TEST_MAP}/delete", token, token_in="body", f="pjson")
    assert done == seed("gp_delete_success")
