# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook Server and Video Server."""

from __future__ import annotations

JOBS = "admin/system/jobs"
ON_KUBERNETES = "admin/notebooks/jobs"


def notebook_id(number):
    return f"j{number:08x}-0b00-4000-8000-{number:012x}"


def kubernetes_id(number):
    return f"j{number:08x}-0c8b-4000-8000-{number:012x}"


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


def test_the_list_on_kubernetes(sim, client):
    token = client.token(context="kubernetes")
    answer = client.get("kubernetes", ON_KUBERNETES, token, num=1, detail="true")
    assert list(answer) == ["asyncNotebookJobs"]
    jobs = answer["asyncNotebookJobs"]
    assert [set(job) for job in jobs] == [{"jobId", "name", "startTime", "endTime", "status"}] * 5
    assert [job["status"] for job in jobs] == ["COMPLETED", "FAILED", "FAILED", "EXECUTING", "SUBMITTED"]
    assert [bool(job["endTime"]) for job in jobs] == [True, True, True, False, False]
    sim.settings("kubernetes", notebooks_key="notebookJobs", notebooks_keep_finished=False)
    older = client.get("kubernetes", ON_KUBERNETES, token)
    assert [job["jobId"] for job in older["notebookJobs"]] == [kubernetes_id(4), kubernetes_id(5)]
    assert client.get("kubernetes", f"{ON_KUBERNETES}/{kubernetes_id(2)}", token)["code"] == 404


def test_one_job_on_kubernetes(client):
    token = client.token(context="kubernetes")
    job = client.get("kubernetes", f"{ON_KUBERNETES}/{kubernetes_id(4)}", token)
    assert (job["name"], job["status"], job["endTime"], job["username"]) == ("executeNotebook", "EXECUTING", 0, "a_doe")
    assert job["customAttributes"] == {"isCancelled": False} and "type" not in job
    assert client.get("kubernetes", f"{ON_KUBERNETES}/j0", token) == {
        "status": "error",
        "messages": ["Job 'j0' not found."],
        "code": 404,
    }
    nobody = client.token("gis_user", context="kubernetes")
    assert client.get("kubernetes", ON_KUBERNETES, nobody)["code"] == 403


def test_cancel_on_kubernetes(sim, client):
    token, viewer = client.token(context="kubernetes"), client.token("gis_viewer", context="kubernetes")
    path = f"{ON_KUBERNETES}/{kubernetes_id(4)}"
    assert client.post("kubernetes", f"{path}/cancel", viewer)["code"] == 403
    assert client.get("kubernetes", f"{path}/cancel", token)["code"] == 405
    assert client.post("kubernetes", f"{path}/cancel", token) == {"status": "success"}
    assert client.get("kubernetes", path, token)["customAttributes"] == {"isCancelled": True}
    sim.advance(2)
    assert client.get("kubernetes", path, token)["status"] == "FAILED"
    assert client.post("kubernetes", f"{path}/cancel", token)["code"] == 400
    sim.settings("kubernetes", notebooks_can_cancel=False)
    refused = client.post("kubernetes", f"{ON_KUBERNETES}/{kubernetes_id(5)}/cancel", token)
    assert (refused["code"], refused["messages"]) == (
        404,
        ["Could not find resource or operation 'cancel' on the system."],
    )
    assert client.post("kubernetes", f"{ON_KUBERNETES}/deleteAll", token)["code"] == 404


def test_notebook_jobs_of_kubernetes_from_outside(sim, client):
    token = client.token(context="kubernetes")
    sim.add_job("kubernetes", job_id="jk-1", status="PROCESSING")
    assert sim.update_job("jk-1", status="FAILED")["service"] is None
    assert client.get("kubernetes", f"{ON_KUBERNETES}/jk-1", token)["status"] == "FAILED"
    sim.add_fault("stale", context="kubernetes", seconds=60, count=1, operation="notebook jobs")
    client.post("kubernetes", f"{ON_KUBERNETES}/{kubernetes_id(4)}/cancel", token)
    sim.advance(5)
    stale = {job["jobId"]: job["status"] for job in client.get("kubernetes", ON_KUBERNETES, token)["asyncNotebookJobs"]}
    fresh = {job["jobId"]: job["status"] for job in client.get("kubernetes", ON_KUBERNETES, token)["asyncNotebookJobs"]}
    assert (stale[kubernetes_id(4)], fresh[kubernetes_id(4)]) == ("EXECUTING", "FAILED")
    sim.remove_job("jk-1")
    assert client.get("kubernetes", f"{ON_KUBERNETES}/jk-1", token)["code"] == 404


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
