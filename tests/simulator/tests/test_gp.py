# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Geoprocessing jobs on Server and on Kubernetes."""

from __future__ import annotations

import pytest

BUFFER = "admin/services/Maps/Buffer.GPServer/jobs"
STUCK = "jb0ffe200000000000000000000stuck1"
STUBBORN = "jb0ffe200000000000000000stubborn1"


@pytest.fixture
def token(client):
    """An administrator's token."""
    return client.token()


def named(tail, sim, context="server"):
    """Return the id of the Maps/Buffer job whose id ends so."""
    found = [job["job_id"] for job in sim.jobs(context, "Maps/Buffer") if job["job_id"].endswith(tail)]
    assert len(found) == 1
    return found[0]


def test_ids_are_well_formed(sim):
    ids = [job["job_id"] for job in sim.jobs() if job["service"]]
    assert {len(job_id) for job_id in ids} == {33}
    assert len(ids) == len(set(ids))


def test_job_record(sim, client, token):
    record = client.get("server", f"{BUFFER}/{STUCK}", token)
    assert record == {
        "jobId": STUCK,
        "submittedTime": record["submittedTime"],
        "status": "esriJobExecuting",
        "username": "j_doe",
        "machinename": "GIS01.EXAMPLE.COM",
        "url": f"{sim.url('server')}/{BUFFER}/{STUCK}",
    }
    for value, expected in (("zero", 0), ("null", None)):
        sim.settings("server", unfinished_end_time=value)
        assert client.get("server", f"{BUFFER}/{STUCK}", token)["endTime"] == expected


def test_pages(client, token):
    seen, start, sizes = {}, 1, []
    while start != -1:
        page = client.get(
            "server", f"{BUFFER}/query", token, start=start, userName="", startTime="", endTime="", machineName=""
        )
        seen.update(page["results"])
        sizes.append(len(page["results"]))
        start = page["nextStart"]
    assert (sizes, len(seen), page["total"], page["num"]) == ([10, 10, 5], 25, 25, 10)
    exact = client.get("server", f"{BUFFER}/query", token, number=25)
    assert exact["nextStart"] == -1 and exact["results"] == seen
    beyond = client.get("server", f"{BUFFER}/query", token, start=26)
    assert beyond["results"] == {} and beyond["nextStart"] == -1


def test_page_size_can_be_limited(sim, client, token):
    sim.settings("server", max_number=7, number=3)
    assert client.get("server", f"{BUFFER}/query", token, number=1000)["num"] == 7
    assert client.get("server", f"{BUFFER}/query", token)["num"] == 3


def test_server_filters(sim, client, token):
    def ask(**data):
        return client.get("server", f"{BUFFER}/query", token, number=100, **data)

    failed = ask(jobStatus="esriJobFailed")
    assert set(failed["results"].values()) == {"Failed"} and failed["total"] == 3
    assert failed["query"] == {"serviceName": "Buffer", "userName": "", "status": ["esriJobFailed"]}
    assert ask(status="esriJobFailed")["total"] == 25
    both = client.send("GET", "server", f"{BUFFER}/query", token, jobStatus=["esriJobFailed", "esriJobNew"]).json()
    assert set(both["results"].values()) == {"Failed"}
    mine = ask(userName="j_doe")["results"]
    assert mine and all(sim.job(job_id)["username"] == "j_doe" for job_id in mine)
    there = ask(machineName="GIS02.EXAMPLE.COM")["results"]
    assert there and all(sim.job(job_id)["machine"] == "GIS02.EXAMPLE.COM" for job_id in there)
    hour = sim.now() - 3_600_000
    recent = ask(startTime=hour)["results"]
    assert recent and all(sim.job(job_id)["submitted"] >= hour for job_id in recent)
    assert STUCK not in recent
    sim.settings("server", window_tests="end")
    assert all(sim.job(job_id)["end"] >= hour for job_id in ask(startTime=hour)["results"])
    assert ask(endTime=hour)["code"] == 400
    assert ask(startTime="2026-01-01T00:00:00")["code"] == 400
    profile = client.get("server", "admin/services/Elevation.GPServer/jobs/query", token, userName="null")
    assert profile["total"] == 4


def test_kubernetes_filters(sim, client):
    token = client.token(context="kubernetes")

    def ask(**data):
        return client.send("GET", "kubernetes", f"{BUFFER}/query", token, number=100, **data).json()

    assert ask(jobStatus=["esriJobFailed", "esriJobCancelled"])["total"] == 4
    assert ask(machineName="nowhere")["total"] == 15
    seconds = sim.now() // 1000 - 3600
    assert ask(startTime=seconds)["total"] == 2
    assert ask(startTime=sim.now() - 3_600_000)["total"] == 0
    assert ask(startTime="2001-01-01T00:00:00")["total"] == 15
    assert ask(endTime="2001-01-01T00:00:00")["total"] == 0


@pytest.mark.parametrize("operation", ["STUCK/cancel", "STUCK/delete", "purgeQueue", "statistics"])
def test_kubernetes_reads_only(sim, client, operation):
    token = client.token(context="kubernetes")
    job_id = named("executing1", sim, "kubernetes")
    assert client.get("kubernetes", f"{BUFFER}/{job_id}", token)["status"] == "esriJobExecuting"
    path = f"{BUFFER}/{operation.replace('STUCK', job_id)}"
    assert client.post("kubernetes", path, token, token_in="body")["code"] == 404
    assert sim.job(job_id)["status"] == "esriJobExecuting"


def test_cancel_takes_a_while(sim, client, token):
    path = f"{BUFFER}/{STUCK}"
    assert client.post("server", f"{path}/cancel", token, token_in="body") == {"status": "success"}
    assert client.get("server", path, token)["status"] == "esriJobCancelling"
    sim.advance(1.9)
    assert client.get("server", path, token)["status"] == "esriJobCancelling"
    sim.advance(0.1)
    record = client.get("server", path, token)
    assert record["status"] == "esriJobCancelled" and record["endTime"] == sim.now()


def test_cancel_that_is_never_honoured(sim, client, token):
    assert client.post("server", f"{BUFFER}/{STUBBORN}/cancel", token) == {"status": "success"}
    sim.advance(86400)
    token = client.token()
    assert client.get("server", f"{BUFFER}/{STUBBORN}", token)["status"] == "esriJobCancelling"
    assert client.post("server", f"{BUFFER}/{STUBBORN}/delete", token) == {"status": "success"}
    assert client.get("server", f"{BUFFER}/{STUBBORN}", token)["code"] == 404


@pytest.mark.parametrize(
    "tail, accepted",
    [
        ("submitted1", True),
        ("executing1", True),
        ("waiting1", False),
        ("new1", False),
        ("cancelling1", False),
        ("cancelled1", False),
        ("timedout1", False),
        ("failed1", False),
        ("succeeded1", False),
    ],
)
def test_cancel_by_status(sim, client, token, tail, accepted):
    job_id = named(tail, sim)
    answer = client.post("server", f"{BUFFER}/{job_id}/cancel", token, token_in="body")
    refusal = {"status": "error", "messages": [f"Unable to cancel job :[{job_id}]"], "code": 500}
    assert answer == ({"status": "success"} if accepted else refusal)


def test_what_cancel_refuses_is_a_setting(sim, client, token):
    sim.settings("server", cancel_refuses=["submitted"])
    assert client.post("server", f"{BUFFER}/{named('waiting1', sim)}/cancel", token)["status"] == "success"
    assert client.post("server", f"{BUFFER}/{named('submitted1', sim)}/cancel", token)["code"] == 500


def test_delete(sim, client, token):
    for job in sim.jobs("server", "Maps/Buffer"):
        path = f"{BUFFER}/{job['job_id']}"
        assert client.post("server", f"{path}/delete", token, token_in="body") == {"status": "success"}
        gone = client.get("server", path, token)
        assert gone["code"] == 404
        assert gone["messages"] == [f"Could not find resource or operation '{job['job_id']}' on the system."]
    assert client.get("server", f"{BUFFER}/query", token) == {
        "total": 0,
        "query": {"serviceName": "Buffer", "userName": "", "status": []},
        "num": 10,
        "start": 1,
        "nextStart": -1,
        "results": {},
    }


def test_slow_and_refused_delete(sim, client, token):
    sim.settings("server", delete_seconds=5, delete_refuses=["failed"])
    assert client.post("server", f"{BUFFER}/{STUCK}/delete", token)["status"] == "success"
    assert client.get("server", f"{BUFFER}/{STUCK}", token)["status"] == "esriJobDeleting"
    sim.advance(5)
    assert client.get("server", f"{BUFFER}/{STUCK}", token)["code"] == 404
    failed = named("failed1", sim)
    assert client.post("server", f"{BUFFER}/{failed}/delete", token) == {
        "status": "error",
        "messages": [f"Unable to delete job :[{failed}]"],
        "code": 400,
    }


def test_purge_and_statistics(sim, client, token):
    assert client.post("server", f"{BUFFER}/statistics", token) == {
        "total": 25,
        "cancelled": 2,
        "failed": 3,
        "succeeded": 9,
    }
    assert client.get("server", f"{BUFFER}/statistics", token)["total"] == 25
    assert client.post("server", f"{BUFFER}/purgeQueue", token) == {"status": "success"}
    sim.advance(2)
    assert client.get("server", f"{BUFFER}/statistics", token)["cancelled"] == 7
    assert client.get("server", f"{BUFFER}/{STUCK}", token)["status"] == "esriJobExecuting"
    assert client.get("server", BUFFER, token) == {"resources": ["statistics"]}


def test_jobs_move_with_the_clock(sim, client, token):
    job_id = next(job["job_id"] for job in sim.jobs("server", "Planning/NightlyExport") if job["pending"])
    path = f"admin/services/Planning/NightlyExport.GPServer/jobs/{job_id}"
    assert client.get("server", path, token)["status"] == "esriJobExecuting"
    sim.advance(20)
    assert client.get("server", path, token)["status"] == "esriJobSucceeded"


def test_unknown_services(client, token):
    for path in ("Maps/Nope.GPServer", "Nope.GPServer", "Nope/Buffer.GPServer", "Nope"):
        assert client.get("server", f"admin/services/{path}", token)["code"] == 404
    for path in ("Maps/Nope.GPServer", "Maps/Basemap.MapServer"):
        assert client.get("server", f"admin/services/{path}/jobs/query", token)["code"] == 404
    assert client.get("server", f"{BUFFER}/{STUCK}/explode", token)["code"] == 404


def test_listings(client, token):
    root = client.get("server", "admin/services", token)
    assert root["folders"] == ["Maps", "Planning", "System", "Utilities"]
    assert [service["serviceName"] for service in root["services"]] == ["Elevation", "SampleWorldCities"]
    folder = client.get("server", "admin/services/Maps/", token)
    assert [(each["serviceName"], each["type"]) for each in folder["services"]] == [
        ("Buffer", "GPServer"),
        ("Viewshed", "GPServer"),
        ("Basemap", "MapServer"),
    ]
    status = client.get("server", "admin/services/Maps/Buffer.GPServer/status", token)
    assert status["realTimeState"] == "STARTED"
    assert "resources" in client.get("server", "admin/", token)
    assert client.get("server", "admin/security/tokens", token)["properties"]["longTimeout"] == "1440"


def test_jobs_directory(sim, client, token):
    path = "admin/system/directories/arcgisjobs"
    directory = client.get("server", path, token)
    assert directory["maxFileAge"] == 20160
    assert client.post("server", f"{path}/edit", token, maxFileAge=60)["code"] == 400
    changed = {name: directory[name] for name in ("physicalPath", "directoryType", "cleanupMode", "description")}
    assert client.post("server", f"{path}/edit", token, maxFileAge=360, **changed) == {
        "status": "success",
        "messages": [],
    }
    assert client.post("server", f"{path}/clean", token) == {"status": "success"}
    oldest = sim.now() - 360 * 60_000
    assert all(job["end"] >= oldest for job in sim.jobs("server") if job["end"])
    assert sim.job(STUCK)


def test_public_job_and_messages(sim, client, token):
    service = "rest/services/Maps/Viewshed/GPServer"
    assert client.get("server", service, token)["tasks"] == ["Viewshed", "Line Of Sight"]
    job = next(job for job in sim.jobs("server", "Maps/Viewshed") if job["job_id"].endswith("failed1"))
    answer = client.get("server", f"{service}/Line Of Sight/jobs/{job['job_id']}", token)
    assert answer["jobStatus"] == "esriJobFailed"
    assert answer["messages"][0]["type"] == "esriJobMessageTypeError"
    assert "messages" not in client.get(
        "server", f"{service}/Line Of Sight/jobs/{job['job_id']}", token, returnMessages="false"
    )
    assert client.get("server", f"{service}/Viewshed/jobs/{job['job_id']}", token)["error"]["code"] == 404
    assert client.get("server", f"{service}/Line Of Sight/jobs/{job['job_id']}")["error"]["code"] == 499
    anonymous = sim.jobs("server", "Elevation")[1]["job_id"]
    assert client.get("server", f"rest/services/Elevation/GPServer/Profile/jobs/{anonymous}")["results"]


def test_public_cancel(sim, client, token):
    task = "rest/services/Maps/Buffer/GPServer/Buffer/jobs"
    waiting, submitted = named("waiting1", sim), named("submitted1", sim)
    assert client.get("server", f"{task}/{waiting}/cancel", token) == {
        "jobId": waiting,
        "jobStatus": "esriJobCancelling",
    }
    assert client.post("server", f"{task}/{submitted}/cancel", token)["error"]["code"] == 400
