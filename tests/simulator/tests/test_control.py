# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoint, the command line and the large scenario."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from conftest import Client

from arcgis_simulator import Simulator

ROOT = Path(__file__).parent.parent


@pytest.fixture
def control(sim):
    """Call the control endpoint."""

    def call(method, path="", body=None):
        answer = requests.request(method, f"{sim.base_url}/simulator{path}", json=body, verify=sim.ca_path, timeout=10)
        return answer.status_code, answer.json()

    return call


def test_description(sim, control):
    status, answer = control("GET")
    assert status == 200
    assert answer["urls"]["server"] == sim.url("server")
    assert answer["accounts"]["gis_admin"]["password"] == sim.accounts["gis_admin"].password
    assert answer["ca_path"] == sim.ca_path and answer["scenario"] == "demo"


def test_log(sim, control, client):
    sim.clear_requests()
    client.login(password="hidden")
    dummy, entries = control("GET", "/requests")
    assert len(entries) == 1
    assert entries[0]["form"]["password"] == "<secret>"
    assert (entries[0]["n"], entries[0]["context"], entries[0]["error_code"]) == (1, "portal", 400)
    assert control("DELETE", "/requests") == (200, [])


def test_jobs_can_be_changed(sim, control, client):
    job_id = "jc0ffee00000000000000000000000001"
    status, dummy = control(
        "POST",
        "/jobs",
        {"context": "server", "service": "Maps/Buffer", "job_id": job_id, "status": "executing", "submitted": "-1h"},
    )
    assert status == 201
    path = f"admin/services/Maps/Buffer.GPServer/jobs/{job_id}"
    assert client.get("server", path, client.token())["status"] == "esriJobExecuting"
    assert control("PATCH", f"/jobs/{job_id}", {"status": "esriJobOdd"})[1]["status"] == "esriJobOdd"
    assert [job["job_id"] for job in control("GET", "/jobs?context=server&service=Maps/Buffer")[1]][-1] == job_id
    assert control("DELETE", f"/jobs/{job_id}")[0] == 200
    assert control("DELETE", f"/jobs/{job_id}")[0] == 404
    assert sim.job(job_id) is None


def test_mistakes_are_reported(control):
    assert control("PATCH", "/settings", {"context": "server", "nonsense": 1})[0] == 400
    assert control("PATCH", "/settings", {"context": "nowhere"})[0] == 400
    assert control("POST", "/jobs", {"context": "server"})[0] == 400
    assert control("PATCH", "/jobs/j0", {"status": "new"})[0] == 404
    assert control("POST", "/reset", {"scenario": "/does/not/exist.yml"})[0] == 400
    assert control("POST", "/clock", {"forward": 1})[0] == 400


def test_clock_tokens_settings_and_reset(sim, control, client):
    token = client.token()
    assert control("POST", "/tokens/expire")[0] == 200
    assert client.get("server", "admin/services", token)["code"] == 498
    assert control("POST", "/clock", {"now": 5_000, "frozen": True, "advance": 2})[1] == {"now": 7_000, "frozen": True}
    assert control("PATCH", "/settings", {"context": "server", "latency_ms": 100})[1]["latency_ms"] == 100
    before = time.monotonic()
    client.get("server", "rest/info")
    assert time.monotonic() - before >= 0.1
    sim.remove_job(sim.jobs("server")[0]["job_id"])
    assert control("POST", "/reset", {})[0] == 200
    assert len(sim.jobs("server", "Maps/Buffer")) == 25
    assert sim.now() > 10_000 and sim.settings("server")["latency_ms"] == 0


def test_latency_does_not_serialise(sim):
    sim.settings("server", latency_ms=200)
    clients = [Client(sim) for dummy in range(8)]
    before = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda client: client.get("server", "rest/info"), clients))
    assert time.monotonic() - before < 1.2


def test_what_an_answer_took_counts_into_the_latency(sim, client):
    sim.settings("server", latency_ms=600)
    sim.add_fault("latency", seconds=0.5)
    before = time.monotonic()
    client.get("server", "rest/info")
    assert 0.6 <= time.monotonic() - before < 1.1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_line(tmp_path, number):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "arcgis_simulator", "--directory", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("# control"):
                break
        description = json.loads((tmp_path / "simulator.json").read_text(encoding="utf-8"))
        assert f"export ARCGIS_SERVER_URL={description['urls']['server']}" in lines
        assert "export ARCGIS_USERNAME=gis_admin" in lines
        answer = requests.get(
            description["urls"]["server"] + "/rest/info?f=json", verify=description["ca_path"], timeout=10
        )
        assert answer.json()["currentVersion"] == 11.3
    finally:
        process.send_signal(number)
        dummy, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_large_scenario():
    before = time.monotonic()
    with Simulator("large") as sim:
        assert time.monotonic() - before < 15
        client = Client(sim)
        token = client.token()
        folders = client.get("server", "admin/services", token)["folders"]
        services = [
            (folder, each["serviceName"])
            for folder in folders
            for each in client.get("server", f"admin/services/{folder}", token)["services"]
        ]
        assert len(services) == 100
        folder, name = services[0]
        path = f"admin/services/{folder}/{name}.GPServer/jobs"
        page = client.get("server", f"{path}/query", token, number=1000)
        assert (page["total"], len(page["results"]), page["nextStart"]) == (1000, 1000, -1)
        assert client.get("server", f"{path}/statistics", token)["total"] == 1000
        first = list(page["results"])[0]
    with Simulator("large") as sim:
        assert sim.job(first)["service"] == f"{folder}/{name}"
