# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook Server and Video Server."""

from __future__ import annotations

JOBS = "admin/system/jobs"


def notebook_id(number):
    return f"j{number:08x}-0b00-4000-8000-{number:012x}"


def video_id(number):
    return f"j{number:08x}-51de-4000-8000-{number:012x}"


def test_list(client):
    token = client.token()
    brief = client.get("notebook", JOBS, token)
    assert brief["total"] == 12 and set(brief["asyncJobs"][0]) == {"jobId", "startTime", "type", "username"}
    newest = client.get("notebook", JOBS, token, detail="true", num=3, sortByDate="true")
    starts = [job["startTime"] for job in newest["asyncJobs"]]
    assert starts == sorted(starts, reverse=True) and newest["total"] == 3
    assert {job["status"] for job in client.get("notebook", JOBS, token, detail="true")["asyncJobs"]} == {
        "SUBMITTED",
        "PROCESSING",
        "FAILED",
        "COMPLETED",
    }


def test_one_job(client):
    token = client.token()
    failed = client.get("notebook", f"{JOBS}/{notebook_id(3)}", token)
    assert failed["status"] == "FAILED" and len(failed["messages"]) == 3 and failed["endTime"] > failed["startTime"]
    opening = client.get("notebook", f"{JOBS}/{notebook_id(8)}", token)
    assert opening["customAttributes"]["openNotebookProgress"]["percent"] == 40
    assert "endTime" not in opening and "results" not in opening
    assert client.get("notebook", f"{JOBS}/j0", token)["error"]["code"] == 404


def test_authors_see_their_own(client):
    token = client.token("j_doe")
    assert {job["username"] for job in client.get("notebook", JOBS, token)["asyncJobs"]} == {"j_doe"}
    assert client.get("notebook", f"{JOBS}/{notebook_id(2)}", token)["error"]["code"] == 404
    assert client.post("notebook", f"{JOBS}/{notebook_id(6)}/cancel", token) == {"status": "success"}


def test_cancel(sim, client):
    token = client.token()
    viewer = client.token("gis_viewer")
    assert client.post("notebook", f"{JOBS}/{notebook_id(6)}/cancel", viewer)["error"]["code"] == 403
    assert client.post("notebook", f"{JOBS}/{notebook_id(6)}/cancel", token) == {"status": "success"}
    job = client.get("notebook", f"{JOBS}/{notebook_id(6)}", token)
    assert (job["status"], job["customAttributes"]["isCancelled"]) == ("PROCESSING", True)
    sim.advance(2)
    job = client.get("notebook", f"{JOBS}/{notebook_id(6)}", token)
    assert (job["status"], job["endTime"]) == ("FAILED", sim.now())
    assert client.get("notebook", f"{JOBS}/{notebook_id(6)}/cancel", token)["error"]["code"] == 400


def test_delete_all_keeps_running_jobs(sim, client):
    token = client.token()
    sim.settings("notebook", get_writes=False)
    assert client.get("notebook", f"{JOBS}/deleteAll", token)["error"]["code"] == 405
    sim.settings("notebook", get_writes=True)
    assert client.get("notebook", f"{JOBS}/deleteAll", token) == {"status": "success"}
    assert {job["status"] for job in sim.jobs("notebook")} == {"SUBMITTED", "PROCESSING"}


def test_video_steps_grow(sim, client):
    token = client.token()
    path = f"rest/jobs/job/{video_id(2)}"
    first = client.get("video", path, token)
    assert (first["status"], len(first["messages"])) == ("In Progress", 2)
    assert "results" not in first
    sim.advance(2)
    second = client.get("video", path, token)
    assert len(second["messages"]) == len(second["customAttributes"]["messageCodes"]) == 3
    sim.advance(60)
    last = client.get("video", path, token)
    assert (last["status"], last["messages"][-1]) == ("Completed", "Ingest Complete")


def test_video_words(sim, client):
    token = client.token()
    words = [client.get("video", f"rest/jobs/job/{video_id(number)}", token)["status"] for number in (1, 2, 3, 4)]
    assert words == ["Completed", "In Progress", "FAILED", "COMPLETED"]
    assert len(client.get("video", f"rest/jobs/job/{video_id(3)}", token)["messages"]) == 7
    sim.settings("video", status_running="IN_PROGRESS")
    assert client.get("video", f"rest/jobs/job/{video_id(2)}", token)["status"] == "IN_PROGRESS"
    assert client.get("video", "rest/jobs/job/j0", token)["error"]["code"] == 404
