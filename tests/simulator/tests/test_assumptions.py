# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that stand for what nobody knows of a site without asking it: each reading answers in its own way."""

from __future__ import annotations

import pytest

BUFFER = "admin/services/Maps/Buffer.GPServer/jobs"
STUCK = "jb0ffe200000000000000000000stuck1"
WINDOW_MS = 100 * 60 * 1000


@pytest.fixture
def token(client):
    """An administrator's token."""
    return client.token()


def kubernetes_token(client):
    """The same on Kubernetes."""
    return client.token(context="kubernetes")


def query(client, token, context="server", **parameters):
    return client.get(context, f"{BUFFER}/query", token, **{"number": 1000, **parameters})


@pytest.mark.parametrize(
    "how, status, code",
    [
        ("envelope_404", 200, 404),
        ("envelope_400", 200, 400),
        ("envelope_500", 200, 500),
        ("http_404", 404, 404),
        ("page", 404, None),
    ],
)
def test_unknown_answers(sim, client, token, how, status, code):
    tokens = {"kubernetes": kubernetes_token(client)}
    places = {
        "server": [f"{BUFFER}/j0", "admin/services/Maps/Nothing.GPServer/jobs/query"],
        "kubernetes": [f"{BUFFER}/j0", "admin/notebooks/jobs/j0"],
        "notebook": ["admin/system/jobs/j0"],
        "video": ["rest/jobs/job/j0"],
    }
    for context, paths in places.items():
        sim.settings(context, unknown_answers=how)
        for path in paths:
            answer = client.send("GET", context, path, tokens.get(context, token))
            assert answer.status_code == status
            if code is None:
                assert answer.headers["Content-Type"].startswith("text/html")
            else:
                body = answer.json()
                assert body.get("code", body.get("error", {}).get("code")) == code


def test_what_is_known_is_answered_under_each_reading(sim, client, token):
    sim.settings("server", unknown_answers="page")
    assert client.get("server", f"{BUFFER}/{STUCK}", token)["jobId"] == STUCK
    # Another error of the site stays what it is.
    assert client.get("server", f"{BUFFER}/{STUCK}", "nonsense")["code"] == 498


@pytest.mark.parametrize(
    "several, expected", [("first", {"Failed"}), ("last", {"New"}), ("all", {"Failed", "New"}), ("none", set())]
)
def test_several_statuses(sim, client, token, several, expected):
    sim.settings("server", several_statuses=several)
    both = ["esriJobFailed", "esriJobNew"]
    assert set(query(client, token, jobStatus=both)["results"].values()) == expected
    assert set(query(client, token, jobStatus=both[:1])["results"].values()) == {"Failed"}


def test_several_statuses_refused(sim, client, token):
    sim.settings("server", several_statuses="error")
    assert query(client, token, jobStatus=["esriJobFailed", "esriJobNew"])["code"] == 400
    assert query(client, token, jobStatus="esriJobFailed")["total"] > 0


def test_several_statuses_on_kubernetes(sim, client):
    sim.settings("kubernetes", several_statuses="first")
    page = query(client, kubernetes_token(client), "kubernetes", jobStatus=["esriJobExecuting", "esriJobFailed"])
    assert set(page["results"].values()) == {"Executing"}


def test_empty_start_time(sim, client, token):
    whole = query(client, token)["total"]
    assert query(client, token, startTime="")["total"] == whole
    sim.settings("server", empty_start_time="matches_nothing")
    assert query(client, token, startTime="") == {**query(client, token, startTime=""), "total": 0, "results": {}}
    assert query(client, token, startTime="0")["total"] == query(client, token)["total"] == whole
    sim.settings("server", empty_start_time="error")
    assert query(client, token, startTime="")["code"] == 400
    assert query(client, token)["total"] == whole


def test_page_that_does_not_name_the_next(sim, client, token):
    sim.settings("server", max_number=10)
    assert query(client, token)["nextStart"] == 11
    sim.settings("server", capped_next_start=False)
    page = query(client, token)
    assert (page["total"], page["num"], len(page["results"]), page["nextStart"]) == (25, 10, 10, -1)
    # A page as long as it was asked for names the next one all the same.
    assert query(client, token, number=10)["nextStart"] == 11


def test_shuffled(sim, client, token):
    stable = list(query(client, token)["results"])
    sim.settings("server", result_order="shuffled")
    first, second = (list(query(client, token)["results"]) for dummy in range(2))
    assert sorted(first) == sorted(second) == sorted(stable)
    assert first != second


@pytest.mark.parametrize("context, other", [("server", "seconds"), ("kubernetes", "milliseconds")])
def test_window_unit(sim, client, token, context, other):
    token = token if context == "server" else kubernetes_token(client)
    since_ms = sim.now() - WINDOW_MS
    unit_ms = {"server": 1, "kubernetes": 1000}[context]
    whole, recent = (query(client, token, context, startTime=since)["total"] for since in (0, since_ms // unit_ms))
    assert 0 < recent < whole
    sim.settings(context, window_unit=other)
    other_ms = {"milliseconds": 1, "seconds": 1000}[other]
    assert query(client, token, context, startTime=since_ms // other_ms)["total"] == recent
    assert query(client, token, context, startTime=since_ms // unit_ms)["total"] != recent


def test_record_unit(sim, client, token):
    done = next(job for job in sim.jobs("server", "Maps/Buffer") if job["end"])
    records = {
        "server": f"{BUFFER}/{done['job_id']}",
        "notebook": "admin/system/jobs/j00000002-0b00-4000-8000-000000000002",
        "kubernetes": "admin/notebooks/jobs/j00000001-0c8b-4000-8000-000000000001",
    }
    for context, path in records.items():
        its_token = kubernetes_token(client) if context == "kubernetes" else token
        before = client.get(context, path, its_token)
        sim.settings(context, record_unit="seconds")
        after = client.get(context, path, its_token)
        names = [name for name in ("submittedTime", "startTime", "endTime") if name in before]
        assert len(names) == 2
        assert {name: after[name] for name in names} == {name: before[name] // 1000 for name in names}
    assert client.get("notebook", "admin/system/jobs", token)["asyncJobs"][0]["startTime"] < 10**11


def test_hidden_from_pages(sim, client, token):
    whole = query(client, token)
    sim.settings("server", hidden_from_pages=["executing"])
    page = query(client, token)
    assert STUCK in whole["results"] and STUCK not in page["results"]
    assert page["total"] == len(page["results"]) < whole["total"]
    assert client.get("server", f"{BUFFER}/{STUCK}", token)["status"] == "esriJobExecuting"


def test_purge_cancels(sim, client, token):
    sim.settings("server", purge_cancels=["waiting"])
    before = {job["job_id"]: job["status"] for job in sim.jobs("server", "Maps/Buffer")}
    assert client.post("server", f"{BUFFER}/purgeQueue", token) == {"status": "success"}
    changed = {job["job_id"] for job in sim.jobs("server", "Maps/Buffer") if job["status"] != before[job["job_id"]]}
    assert changed == {job_id for job_id, status in before.items() if status == "esriJobWaiting"} != set()
    assert "esriJobNew" in before.values()


def test_gp_operations(sim, client):
    token = kubernetes_token(client)
    job = f"{BUFFER}/{sim.jobs('kubernetes', 'Maps/Buffer')[0]['job_id']}"
    assert "operations" not in client.get("kubernetes", job, token)
    sim.settings("kubernetes", gp_operations="listed")
    assert client.get("kubernetes", job, token)["operations"] == ["cancel", "delete"]
    assert client.get("kubernetes", BUFFER, token)["operations"] == ["query", "purgeQueue"]


@pytest.mark.parametrize(
    "carriers, header, body", [("both", True, True), ("header", True, False), ("body", False, True)]
)
@pytest.mark.parametrize("context", ["server", "kubernetes", "notebook"])
def test_token_carriers(sim, client, token, context, carriers, header, body):
    token = kubernetes_token(client) if context == "kubernetes" else token
    sim.settings(context, token_carriers=carriers)
    for token_in, works in (("header", header), ("body", body)):
        answer = client.post(context, "admin/", token, token_in=token_in)
        assert ("resources" in answer) is works
        assert works or (answer.get("code") or answer["error"]["code"]) == 499
    assert "resources" in client.get(context, "admin/", token, token_in="query")


@pytest.mark.parametrize("code", [403, 401, 400, 500])
def test_denied_code(sim, client, code):
    for context in ("server", "notebook"):
        sim.settings(context, denied_code=code)
    token = client.token("gis_user")
    answer = client.get("server", "admin/services", token)
    assert answer["code"] == code
    assert ("Token is valid but access is denied." in answer["messages"]) is (code == 403)
    assert client.get("notebook", "admin", token)["error"]["code"] == code


def test_writes_of_notebook_server(sim, client, token):
    path = "admin/system/jobs/j00000006-0b00-4000-8000-000000000006/cancel"
    sim.settings("notebook", post_writes=False)
    assert client.send("POST", "notebook", path, token, token_in="body").status_code == 405
    assert client.get("notebook", path, token) == {"status": "success"}


def test_end_of_an_open_notebook_job(sim, client, token):
    path = "admin/system/jobs/j00000006-0b00-4000-8000-000000000006"
    assert "endTime" not in client.get("notebook", path, token)
    for how, value in (("zero", 0), ("null", None)):
        sim.settings("notebook", unfinished_end_time=how)
        assert client.get("notebook", path, token)["endTime"] == value


def test_notebook_list_of_kubernetes(sim, client):
    token = kubernetes_token(client)
    whole = client.get("kubernetes", "admin/notebooks/jobs", token, num=1)["asyncNotebookJobs"]
    sim.settings("kubernetes", notebooks_num=3)
    assert client.get("kubernetes", "admin/notebooks/jobs", token)["asyncNotebookJobs"] == whole[:3]
    assert client.get("kubernetes", "admin/notebooks/jobs", token, num=1)["asyncNotebookJobs"] == whole[:1]
    assert len(whole) > 3


def test_notebook_fields_of_kubernetes(sim, client):
    path, token = "admin/notebooks/jobs/j00000003-0c8b-4000-8000-000000000003", kubernetes_token(client)
    assert client.get("kubernetes", path, token)["customAttributes"] == {"isCancelled": True}
    sim.settings("kubernetes", notebooks_fields="brief")
    assert set(client.get("kubernetes", path, token)) == {"jobId", "name", "startTime", "endTime", "status"}


@pytest.mark.parametrize(
    "how, owner, tokens", [("both", True, True), ("tokens_only", False, True), ("absent", False, False)]
)
def test_portal_in_rest_info(sim, client, how, owner, tokens):
    for context in ("server", "notebook", "video"):
        sim.settings(context, rest_info_portal=how)
        info = client.get(context, "rest/info")
        assert ("owningSystemUrl" in info) is owner
        assert ("tokenServicesUrl" in info["authInfo"]) is tokens
        assert info["fullVersion"] == sim.settings(context)["version"]
