# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a site does, a task ends: lists without an end, waits, and what is in the way of a request."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _notebook
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import client as client_module
from ansible_collections.gisops.arcgis.plugins.module_utils._gp import jobs as gp_jobs
from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, STUCK, FakeClock, operations, writes
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Answer, Received, job, page
from arcgis_simulator import Simulator


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """A clock of the task that moves only in its pauses."""
    clock = FakeClock()
    monkeypatch.setattr(client_module, "Clock", lambda: clock.clock)
    return clock


# Lists


@pytest.mark.parametrize("total, most", [(None, 1100), (10**9, 3000), (0, 1100)])
def test_pages_without_an_end_are_left_unread(
    run: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch, total: int | None, most: int
) -> None:
    monkeypatch.setattr(gp_jobs, "_MOST_JOBS", 2000)
    sim.add_fault("endless_pages", total=total)
    result = run("gp_job_query", services=[BUFFER])
    assert (result["truncated"], result["total"] <= most) == (True, True)
    assert "the list may lack some of them" in str(result["warnings"])
    assert operations(sim)["query"] <= most


def test_short_pages_without_an_end_are_counted(
    scripted: Callable, run_scripted: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gp_jobs, "_MOST_PAGES", 50)

    def endless(received: Received) -> dict[str, Any]:
        start = int(received.query.get("start", 1))
        return page(start + 1, 10**9, **{f"j{start}": "Succeeded"})

    server = scripted(query=endless)
    result = run_scripted("gp_job_query", server, services=[BUFFER])
    assert (result["truncated"], len(server.received)) == (True, 50)


def test_no_job_of_an_endless_list_is_deleted_unseen(run: Callable, sim: Simulator) -> None:
    sim.add_fault("endless_pages", total=10)
    result = run("gp_job", state="absent", service=BUFFER, job_ids=[STUCK, "jnone"])
    assert {change["job_id"] for change in result["jobs"]} == {STUCK, "jnone"}
    assert writes(sim) == ["delete"]


@pytest.mark.parametrize("module, options", [
    ("notebook_jobs_info", {"scan_limit": 10}),
    ("notebook_jobs", {"state": "absent", "scope": "all_finished", "max_jobs": 5}),
])  # fmt: skip
def test_a_list_of_notebook_jobs_without_an_end(
    scripted: Callable, run_scripted: Callable, monkeypatch: pytest.MonkeyPatch, module: str, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(_notebook, "_LONGEST_LIST", 10_000)

    def as_many_as_asked_for(received: Received) -> dict[str, Any]:
        entries = [job(f"j{number}", "COMPLETED") for number in range(int(received.query["num"]))]
        return {"asyncJobs": entries, "total": 10**9}

    server = scripted(jobs=as_many_as_asked_for)
    result = run_scripted(module, server, **options)
    assert result.get("truncated", True) is True
    assert len(server.received) <= 3 and server.writes() == []


def test_a_service_of_very_many_tasks(scripted: Callable, run_scripted: Callable) -> None:
    tasks = [f"T{number}" for number in range(100_000)]
    server = scripted(job=job("j1", "esriJobFailed"), GPServer={"tasks": tasks})
    server.script["job"] = [lambda received: job("j1", "esriJobFailed") if "/admin/" in received.path else Answer(
        {"error": {"code": 404, "message": "no", "details": []}})]  # fmt: skip
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1"], messages=True)
    assert result["jobs"][0]["messages_reason"] == (
        "None of the first 50 tasks of the public service Maps/Buffer has messages of the job."
    )
    assert len(server.received) == 52


# Waits


@pytest.mark.parametrize("module", ["gp_job_info", "notebook_jobs_info", "video_job_info"])
@pytest.mark.parametrize("answer", [Answer("", 503, {"Retry-After": "32"}), Answer("<html>down</html>", 502)])
def test_a_wait_ends_with_its_time_and_the_last_thing_seen(
    scripted: Callable, run_scripted: Callable, clock: FakeClock, module: str, answer: Answer
) -> None:
    server = scripted(job=[job("j1", "EXECUTING"), answer])
    service = {"service": BUFFER} if module == "gp_job_info" else {}
    began = clock.seconds
    result = run_scripted(
        module, server, job_ids=["j1"], wait=True, wait_timeout=1, wait_sleep=0.5, timeout=3, **service
    )
    assert (result["error"]["code"], result["error"]["details"][0].endswith("is executing.")) == ("wait_timeout", True)
    assert [(found["job_id"], found["status"]) for found in result["jobs"]] == [("j1", "executing")]
    assert clock.seconds - began <= 1 + 3 + 1


def test_a_wait_ends_while_pages_are_read(scripted: Callable, run_scripted: Callable, clock: FakeClock) -> None:
    def slow(received: Received) -> dict[str, Any]:
        clock.seconds += 0.4
        start = int(received.query.get("start", 1))
        return page(start + 1, 10**6, **{"j1": "Executing", "j2": "Executing", f"j{start + 10}": "Executing"})

    server = scripted(query=slow, job=lambda received: job(received.path.rpartition("/")[2], "esriJobExecuting"))
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1", "j2", "jx"], wait=True, wait_timeout=2)
    assert result["error"]["code"] in ("wait_timeout", "timeout")
    assert server.operations().count("query") <= 12


# What is in the way


def test_a_body_that_unpacks_to_very_many_values_costs_little(scripted: Callable, run_scripted: Callable) -> None:
    bomb = gzip.compress(b'{"jobId": "j1", "status": "esriJobNew", "x": [' + b"[]," * 20_000_000 + b"[]]}")
    server = scripted(job=Answer(bomb, headers={"Content-Encoding": "gzip"}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1"], retries=0)
    assert result["error"]["code"] == "unexpected_shape"
    assert "holds more than 2000000 elements" in result["msg"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024


COOKIE_TASK = """
import sys
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client, Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
client = Client(Connection(url=sys.argv[1], token="given-token"))
print(client.call(Operation("read the thing", "GET", "admin/thing")))
"""


def test_a_cookie_that_cannot_be_read_says_nothing(scripted: Callable) -> None:
    cookie = f"AGS_ROLES=x; Max-Age={'9' * 400}; Path=/"
    server = scripted(thing=Answer({"fine": True}, headers={"Set-Cookie": cookie}))
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    command = [sys.executable, "-W", "default", "-c", COOKIE_TASK, server.url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    assert ("{'fine': True}" in done.stdout, done.stderr) == (True, "")


@pytest.mark.parametrize("value, words", [
    ("http://proxy.example.com:not-a-port", "the proxy proxy.example.com:not-a-port of the environment"),
    ("ftp://u:pw-of-proxy@127.0.0.1:1", "the proxy 127.0.0.1:1 of the environment"),
    ("http://u:pw-of-proxy@127.0.0.1:1", "the proxy 127.0.0.1:1 of the environment"),
])  # fmt: skip
def test_a_proxy_that_cannot_be_used_is_named(
    run: Callable, monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    result = run("gp_job_query", services=[BUFFER], retries=0)
    assert result["error"]["code"] == "unreachable"
    assert words in result["msg"] and "HTTPS_PROXY" in result["msg"] and "pw-of-proxy" not in json.dumps(result)


def test_a_proxy_that_wants_a_log_in_is_named(run: Callable, proxy: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    between = proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{between.address}")
    result = run("gp_job_query", services=[BUFFER], retries=0)
    assert f"the proxy {between.address} of the environment failed: Tunnel connection failed: 407" in result["msg"]
    assert "http://user:password@host:port" in result["msg"]


def test_a_field_of_the_directory_changes_no_parameter(scripted: Callable, run_scripted: Callable) -> None:
    directory = {"maxFileAge": 360, "cleanupMode": "NONE", "physicalPath": "/data", "f": "html", "token": "stolen"}
    server = scripted(arcgisjobs=[directory, {**directory, "maxFileAge": 60}], edit={"status": "success"})
    run_scripted("gp_jobs_directory", server, max_age_minutes=60, allow_restart=True)
    (edit,) = (received for received in server.received if received.operation == "edit")
    assert (edit.form["f"], edit.form["token"], edit.form["maxFileAge"]) == ("json", "given-token", "60")


# Text that cannot be decoded


def test_a_text_that_cannot_be_decoded_is_unreadable_and_a_filter_says_so(
    scripted: Callable, run_scripted: Callable
) -> None:
    body = json.dumps(job("j1", "esriJobFailed")).encode().replace(b"j_doe", b"Jos\xe9")
    server = scripted(query=page(j1="Failed"), job=Answer(body))
    record = run_scripted("gp_job_query", server, services=[BUFFER], details=True)["jobs"][0]
    assert (record["username"], record["unreadable_fields"]) == (None, ["username"])
    result = run_scripted("gp_job_query", server, services=[BUFFER], submitted_by="Jos\xe9")
    assert (result["jobs"], result["unreadable"][0]["job_ids"]) == ([], ["j1"])
    named = Answer(body, headers={"Content-Type": "text/plain; charset=ISO-8859-1"})
    server = scripted(query=page(j1="Failed"), job=named)
    assert run_scripted("gp_job_query", server, services=[BUFFER], submitted_by="Jos\xe9")["total"] == 1
