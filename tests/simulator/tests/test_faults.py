# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of fault, as a client meets it, and the rules that say when."""

from __future__ import annotations

import json
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from arcgis_simulator import Simulator
from arcgis_simulator.effects import EFFECTS

SERVICE = "admin/services/Maps/Buffer.GPServer"
BUFFER = f"{SERVICE}/jobs"
RUNNING = "jb0ffe20000000000000000executing1"
NOTEBOOK_JOBS = "admin/system/jobs"


@pytest.fixture(autouse=True)
def no_noise(caplog):
    """Nothing goes wrong inside the simulator while it plays that something goes wrong."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.fixture
def fault(sim):
    """Add a fault."""
    return sim.add_fault


@pytest.fixture
def token(sim, client):
    """A token, with the log empty."""
    token = client.token()
    sim.clear_requests()
    return token


@pytest.fixture
def info(client):
    """Ask for something that needs no token."""
    return lambda: client.send("GET", "server", "rest/info")


def status_of(sim, job_id=RUNNING):
    job = sim.job(job_id)
    return job["status"] if job else None


def last(sim):
    return sim.requests()[-1]


# Rules


def statuses(info, number):
    return [info().status_code for dummy in range(number)]


def test_count_skip_every_and_schedule(sim, fault, info):
    fault("http_status", operation="rest/info", count=2, skip=3)
    assert statuses(info, 7) == [200, 200, 200, 503, 503, 200, 200]
    assert (sim.faults()[0]["seen"], sim.faults()[0]["struck"]) == (7, 2)
    sim.clear_faults()
    fault("http_status", every=2)
    assert statuses(info, 4) == [200, 503, 200, 503]
    sim.clear_faults()
    fault("http_status", schedule=[1, 4], status=502)
    assert statuses(info, 5) == [502, 200, 200, 502, 200]


def test_probability_is_the_same_every_time(sim, fault, info):
    runs = []
    for seed in (7, 7, 8):
        sim.clear_faults()
        fault("http_status", probability=0.5, seed=seed)
        runs.append(statuses(info, 20))
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 503}


def test_matching(sim, fault, client, token):
    fault("http_status", context=["server", "video"], operation="job", method="GET", path="*/jobs/*executing1")
    job = f"{BUFFER}/{RUNNING}"
    assert client.send("POST", "server", job, token).status_code == 200
    assert client.send("GET", "server", BUFFER, token).status_code == 200
    assert client.send("GET", "server", f"{BUFFER}/jb0ffe20000000000000000executing2", token).status_code == 200
    assert client.send("GET", "portal", "sharing/rest/info").status_code == 200
    assert client.send("GET", "server", job, token).status_code == 503


def test_faults_add_up(sim, fault, info):
    fault("clock_skew", seconds=60)
    fault("http_status", count=1)
    answer = info()
    assert answer.status_code == 503
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() * 1000 > sim.now() + 58_000
    assert (last(sim)["fault"], last(sim)["http_status"]) == ("clock_skew+http_status", 503)
    assert not last(sim)["carried_out"]
    info()
    assert (last(sim)["fault"], last(sim)["carried_out"]) == ("clock_skew", True)
    sim.clear_faults()
    info()
    assert last(sim)["fault"] is None


def test_scenario_and_reset(sim, tmp_path, info):
    path = tmp_path / "faulty.yml"
    faults = [{"kind": "http_status", "context": "server", "count": 1, "status": 500}]
    path.write_text(yaml.safe_dump({"name": "faulty", "faults": faults}), encoding="utf-8")
    sim.reset(str(path))
    assert statuses(info, 2) == [500, 200]
    sim.reset(str(path))
    assert sim.faults()[0]["struck"] == 0
    sim.reset("demo")
    assert sim.faults() == []


def test_control_endpoint(sim, info):
    url = f"{sim.base_url}/simulator"

    def control(method, path, body=None):
        answer = requests.request(method, url + path, json=body, verify=sim.ca_path, timeout=10)
        return answer.status_code, answer.json()

    assert control("POST", "/faults", {"kind": "http_status", "status": 504, "count": 1})[0] == 201
    assert info().status_code == 504
    assert [(each["kind"], each["status"], each["struck"]) for each in control("GET", "/faults")[1]] == [
        ("http_status", 504, 1)
    ]
    assert control("GET", "")[1]["faults"] == sim.faults()
    assert control("DELETE", "/faults") == (200, [])
    for mistake in (
        {},
        {"kind": "nonsense"},
        {"kind": "latency"},
        {"kind": "refuse", "seconds": 1},
        {"kind": "refuse", "context": "nowhere"},
        {"kind": "refuse", "operation": ["query", "qeury"]},
        {"kind": "refuse", "every": 0},
        {"kind": "refuse", "skip": "two"},
    ):
        status, answer = control("POST", "/faults", mistake)
        assert status == 400 and answer["error"], mistake
    assert control("POST", "/listeners/nonsense")[0] == 400
    status, answer = control("POST", "/listeners/other_origin")
    assert (status, answer["url"]) == (200, sim.other_origin_url)
    assert control("GET", "")[1]["listeners"]["other_origin"] == answer["url"]
    requests.post(answer["url"] + "/x?a=1", data={"password": "p"}, verify=sim.ca_path, timeout=10)
    received = control("GET", "/other_origin")[1][0]
    assert (received["method"], received["path"], received["query"]) == ("POST", "/x", "a=1")
    assert received["body"] == "password=p"
    assert control("DELETE", "/other_origin") == (200, [])


# Time


def test_latency(fault, info):
    fault("latency", seconds=0.3, count=1)
    before = time.monotonic()
    info()
    assert time.monotonic() - before >= 0.3


def test_slow_drip(fault, info):
    whole = info().content
    fault("slow_drip", bytes_per_second=len(whole) * 2)
    before = time.monotonic()
    assert info().content == whole
    assert 0.4 < time.monotonic() - before < 5


def test_clock_skew(sim, fault, client, info):
    fault("clock_skew", context="server", seconds=-3600)
    assert parsedate_to_datetime(info().headers["Date"]).timestamp() * 1000 < sim.now() - 3_599_000
    portal = client.send("GET", "portal", "sharing/rest/info").headers["Date"]
    assert abs(parsedate_to_datetime(portal).timestamp() * 1000 - sim.now()) < 2_000


# The connection


def cancel(client, token, **options):
    return client.send("POST", "server", f"{BUFFER}/{RUNNING}/cancel", token, **options)


@pytest.mark.parametrize(
    ("kind", "text", "carried_out", "http_status"),
    [
        ("refuse", "without response", False, None),
        ("reset_before", "reset by peer", False, None),
        ("reset_during", "reset by peer", True, 200),
        ("reset_after", "reset by peer", True, None),
        ("answer_lost", "without response", True, None),
    ],
)
def test_broken_connections(sim, fault, client, token, kind, text, carried_out, http_status):
    fault(kind, operation="cancel", count=1)
    with pytest.raises(requests.RequestException) as caught:
        cancel(client, token)
    assert text in str(caught.value)
    assert status_of(sim) == ("esriJobCancelling" if carried_out else "esriJobExecuting")
    entry = last(sim)
    assert (entry["operation"], entry["fault"], entry["carried_out"]) == ("cancel", kind, carried_out)
    assert (entry["http_status"], entry["error_code"]) == (http_status, None)
    assert cancel(client, token).status_code == 200


@pytest.mark.parametrize("kind", ["hang", "answer_lost"])
def test_no_answer(sim, fault, client, token, kind):
    fault(kind, operation="cancel", seconds=None)
    url = f"{sim.url('server')}/{BUFFER}/{RUNNING}/cancel"
    form = {"f": "json", "token": token}
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, data=form, headers={"Referer": "raw-client"}, verify=sim.ca_path, timeout=0.5)
    assert (last(sim)["fault"], last(sim)["carried_out"]) == (kind, kind == "answer_lost")
    assert status_of(sim) == ("esriJobExecuting" if kind == "hang" else "esriJobCancelling")
    sim.clear_faults()
    sim.add_fault(kind, seconds=0.3)
    before = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        client.get("server", "rest/info")
    assert time.monotonic() - before >= 0.3


def test_stopping_does_not_wait_for_those_who_hang():
    with ThreadPoolExecutor(1) as pool:
        with Simulator("demo") as sim:
            sim.add_fault("hang")
            asking = pool.submit(requests.get, sim.url("server"), verify=sim.ca_path, timeout=30)
            while not sim.requests():
                time.sleep(0.01)
            before = time.monotonic()
        assert isinstance(asking.exception(), requests.ConnectionError)
        assert time.monotonic() - before < 5


def test_truncated(sim, fault, info):
    whole = info().content
    fault("truncated", kept=10)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        info()
    sim.clear_faults()
    fault("truncated", announced=False)
    assert info().content == whole[: len(whole) // 2]


@pytest.mark.parametrize(
    "how", ["two_lengths", "negative_chunk", "no_chunk_size", "no_status", "many_headers", "long_header", "no_gzip"]
)
def test_broken_framing(sim, fault, info, how):
    fault("broken_framing", how=how, count=1)
    with pytest.raises((requests.RequestException, ValueError)):
        info()
    assert sim.requests()[-1]["carried_out"]
    assert info().json()


# The answer


def test_content_type_and_texts(sim, fault, client, token):
    path = f"{BUFFER}/{RUNNING}"
    true = client.get("server", path, token)
    fault("content_type", value="application/octet-stream", count=1)
    answer = client.send("GET", "server", path, token)
    assert (answer.headers["Content-Type"], answer.json()) == ("application/octet-stream", true)
    sim.clear_faults()
    for kind, text, media in (
        ("sign_in_page", "<h1>Sign in</h1>", "text/html; charset=utf-8"),
        ("empty_body", "", "application/json"),
        ("non_json", "All is well.", "text/plain; charset=utf-8"),
    ):
        fault(kind, count=1)
        answer = client.send("GET", "server", path, token)
        assert answer.status_code == 200
        assert (text in answer.text) if text else answer.content == b""
        assert answer.headers["Content-Type"] == media


@pytest.mark.parametrize("body", [[], "text", None, 17, {}, {"results": []}])
def test_wrong_shape(sim, fault, info, body):
    fault("wrong_shape", body=body)
    assert info().json() == body
    sim.clear_faults()
    fault("wrong_shape", body=body, status=404)
    assert (info().status_code, info().json()) == (404, body)


def test_wrong_types(sim, fault, client, token):
    fault("wrong_types", count=1)
    record = client.get("server", f"{BUFFER}/{RUNNING}", token)
    assert record["jobId"] == {"text": RUNNING}
    assert isinstance(record["submittedTime"], list)
    fault("wrong_types", values={"total": "many"}, without=["nextStart"])
    page = client.get("server", f"{BUFFER}/query", token)
    assert page["total"] == "many" and "nextStart" not in page and page["num"] == 10


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_http_status(sim, fault, client, token, status):
    fault("http_status", status=status, operation="cancel")
    answer = cancel(client, token)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "Retry-After" not in answer.headers and status_of(sim) == "esriJobExecuting"
    sim.clear_faults()
    fault("http_status", status=status, operation="cancel", carried_out=True)
    assert cancel(client, token).status_code == status
    assert status_of(sim) == "esriJobCancelling"


def test_retry_after(sim, fault, info):
    fault("http_status", status=429, retry_after=7, count=1)
    assert info().headers["Retry-After"] == "7"
    fault("http_status", status=429, retry_after="soon", count=1)
    assert info().headers["Retry-After"] == "soon"
    fault("http_status", status=503, retry_after_date=90, count=1)
    moment = parsedate_to_datetime(info().headers["Retry-After"]).timestamp() * 1000
    assert 88_000 < moment - sim.now() <= 90_000


def test_site_error(fault, client, token):
    fault("site_error", code=503, message="Busy.")
    assert client.get("server", BUFFER, token) == {"status": "error", "messages": ["Busy."], "code": 503}
    assert client.get("notebook", NOTEBOOK_JOBS, token)["error"]["code"] == 503


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(sim, fault, client, token, status):
    fault("redirect", status=status, count=1)
    answer = client.send("GET", "server", BUFFER, token)
    assert answer.status_code == status
    assert answer.headers["Location"] == answer.url
    fault("redirect", to="/server/rest/info", count=1)
    assert client.send("GET", "server", BUFFER, token).headers["Location"] == sim.url("server") + "/rest/info"
    fault("redirect", to="https://gis.example.com/", count=1)
    assert client.send("GET", "server", BUFFER, token).headers["Location"] == "https://gis.example.com/"
    assert client.send("GET", "server", BUFFER, token).status_code == 200


def test_redirect_loop(fault, sim):
    fault("redirect")
    with pytest.raises(requests.TooManyRedirects):
        requests.get(sim.url("server") + "/rest/info", verify=sim.ca_path, timeout=10)


def test_redirect_to_another_origin(sim, fault, token):
    fault("redirect", to="other_origin", status=307)
    form = {"f": "json", "token": token}
    answer = requests.post(f"{sim.url('server')}/{BUFFER}/x/cancel?a=1", data=form, verify=sim.ca_path, timeout=10)
    assert answer.json() == {} and answer.url.startswith(sim.other_origin_url + "/")
    (received,) = sim.other_origin_requests()
    assert (received["method"], received["path"], received["query"]) == ("POST", f"/server/{BUFFER}/x/cancel", "a=1")
    assert token in received["body"] and received["headers"]["User-Agent"]
    assert not last(sim)["carried_out"]
    sim.reset()
    assert sim.other_origin_requests() == []


@pytest.mark.parametrize("options", [{}, {"announced": False}, {"compressed": True}])
def test_huge_body(fault, sim, options):
    size = 3_000_000
    fault("huge_body", size=size, **options)
    answer = requests.get(sim.url("server"), verify=sim.ca_path, timeout=20)
    assert len(answer.content) == size and list(answer.json()) == ["padding"]
    assert ("Content-Length" in answer.headers) == (not options)


def test_huge_body_that_nobody_reads_to_its_end(fault, sim, info):
    fault("huge_body", count=1)
    with requests.get(sim.url("server"), verify=sim.ca_path, timeout=20, stream=True) as answer:
        assert int(answer.headers["Content-Length"]) == 200 * 1024 * 1024
        assert len(next(answer.iter_content(1000))) == 1000
    time.sleep(0.3)
    assert info().status_code == 200


# Tokens


@pytest.mark.parametrize(
    ("kind", "text"),
    [("token_expired", "Token Expired."), ("token_revoked", "Could not decrypt token. Token may not be valid.")],
)
def test_tokens(fault, client, token, kind, text):
    fault(kind, skip=1, count=1)
    other = client.token()
    assert "resources" in client.get("server", BUFFER, token)
    for answer in [client.get("server", BUFFER, token) for dummy in range(2)]:
        assert (answer["code"], answer["messages"]) == (498, [text])
    assert "resources" in client.get("server", BUFFER, other)


# Jobs


def test_job_vanishes_before(sim, fault, client, token):
    fault("job_vanishes_before", operation="cancel")
    assert client.get("server", f"{BUFFER}/{RUNNING}", token)["status"] == "esriJobExecuting"
    assert cancel(client, token).json()["code"] == 404
    sim.clear_faults()
    other = "jb0ffe20000000000000000executing2"
    fault("job_vanishes_before", operation="query", job=[other])
    assert other not in client.get("server", f"{BUFFER}/query", token, number=1000)["results"]


def test_job_vanishes_after(sim, fault, client, token):
    fault("job_vanishes_after", operation="job", count=1)
    assert client.get("server", f"{BUFFER}/{RUNNING}", token)["status"] == "esriJobExecuting"
    assert cancel(client, token).json()["code"] == 404


def test_jobs_vanish_between_pages(sim, fault, client, token):
    fault("job_vanishes_after", operation=["query", "system/jobs"])
    page = client.get("server", f"{BUFFER}/query", token, number=5)
    first = list(page["results"])[0]
    assert sim.job(first) is None
    assert client.get("server", f"{BUFFER}/query", token, number=5, start=6)["total"] == page["total"] - 1
    listed = client.get("notebook", NOTEBOOK_JOBS, token)["asyncJobs"]
    assert sim.job(listed[0]["jobId"]) is None


def test_job_changes(sim, fault, client, token):
    fault("job_changes", operation="cancel", status="succeeded")
    assert client.get("server", f"{BUFFER}/{RUNNING}", token)["status"] == "esriJobExecuting"
    assert cancel(client, token).json()["code"] == 500
    assert status_of(sim) == "esriJobSucceeded"


def test_cancel_carried_out_later(sim, fault, client, token):
    fault("carried_out_later", operation="cancel", seconds=5)
    assert cancel(client, token).json() == {"status": "success"}
    assert last(sim)["carried_out"] and status_of(sim) == "esriJobExecuting"
    sim.revoke_tokens()
    sim.advance(4)
    assert status_of(sim) == "esriJobExecuting"
    sim.advance(1)
    assert status_of(sim) == "esriJobCancelling"
    sim.advance(2)
    assert status_of(sim) == "esriJobCancelled"


def test_delete_carried_out_later(sim, fault, client, token):
    fault("carried_out_later", seconds=5, count=3)
    before = [job["job_id"] for job in sim.jobs("server")]
    delete = f"{BUFFER}/{RUNNING}/delete"
    assert client.post("server", delete, token) == {"status": "success"}
    assert [job["job_id"] for job in sim.jobs("server")] == before
    assert client.post("server", delete, token) == {"status": "success"}
    assert client.post("server", f"{BUFFER}/j0/delete", token)["code"] == 404
    sim.advance(5)
    assert client.get("server", f"{BUFFER}/{RUNNING}", token)["code"] == 404
    assert [job["job_id"] for job in sim.jobs("server")] == [job_id for job_id in before if job_id != RUNNING]


def test_notebook_carried_out_later(sim, fault, client, token):
    fault("carried_out_later", context="notebook", seconds=5)
    before = sim.jobs("notebook")
    assert client.post("notebook", f"{NOTEBOOK_JOBS}/deleteAll", token) == {"status": "success"}
    assert sim.jobs("notebook") == before
    sim.advance(5)
    assert {job["status"] for job in sim.jobs("notebook")} <= {"SUBMITTED", "PROCESSING"}


def test_stale_machines(sim, fault, client, token):
    fault("stale", context="server", seconds=10, every=2)
    cancel(client, token)
    job = f"{BUFFER}/{RUNNING}"
    other = f"{BUFFER}/jb0ffe20000000000000000executing2"

    def seen():
        return [client.get("server", job, token).get("status", "gone") for dummy in range(4)]

    assert seen() == ["esriJobCancelling", "esriJobExecuting"] * 2
    sim.advance(3)
    client.post("server", f"{other}/delete", token)
    assert seen() == ["esriJobCancelled", "esriJobExecuting"] * 2
    sim.advance(7)
    assert seen() == ["esriJobCancelled"] * 4
    assert ["jobId" in client.get("server", other, token) for dummy in range(2)] == [False, True]
    sim.advance(3)
    assert ["jobId" in client.get("server", other, token) for dummy in range(2)] == [False, False]
    assert status_of(sim) == "esriJobCancelled"


def test_stale_notebook_jobs(sim, fault, client, token):
    fault("stale", context="notebook", seconds=10)
    before = client.get("notebook", NOTEBOOK_JOBS, token)["total"]
    client.post("notebook", f"{NOTEBOOK_JOBS}/deleteAll", token)
    assert client.get("notebook", NOTEBOOK_JOBS, token)["total"] == before
    sim.advance(10)
    assert client.get("notebook", NOTEBOOK_JOBS, token)["total"] < before


# Filters


def test_filters_ignored(sim, fault, client, token):
    filters = {"jobStatus": "esriJobFailed", "userName": "j_doe", "machineName": "GIS01", "startTime": sim.now()}
    total = client.get("server", f"{BUFFER}/query", token)["total"]
    assert client.get("server", f"{BUFFER}/query", token, **filters)["total"] == 0
    fault("filters_ignored", filters=["user"])
    users = client.get("server", f"{BUFFER}/query", token, userName="nobody")
    assert (users["total"], users["query"]["userName"]) == (total, "")
    assert client.get("server", f"{BUFFER}/query", token, jobStatus="esriJobOdd")["total"] == 0
    fault("filters_ignored")
    assert client.get("server", f"{BUFFER}/query", token, **filters)["total"] == total
    assert last(sim)["query"]["jobStatus"] == "esriJobFailed"


@pytest.mark.parametrize(("context", "unit"), [("server", 1), ("kubernetes", 1000)])
def test_wrong_unit(sim, fault, client, context, unit):
    token = client.token(context="kubernetes" if context == "kubernetes" else "portal")
    service = next(job for job in sim.jobs(context))["service"]
    path = f"admin/services/{service}.GPServer/jobs/query"
    window = {"startTime": 1_000_000_000_000 // unit, "endTime": sim.now() // unit}
    assert client.get(context, path, token, **window)["total"] > 0
    fault("wrong_unit")
    assert client.get(context, path, token, **window)["total"] == 0
    assert client.get(context, path, token, startTime="", endTime="")["total"] > 0


# Ports


@pytest.mark.parametrize(
    ("flaw", "text"),
    [
        ("self_signed", "self-signed certificate|self signed certificate"),
        ("expired", "certificate has expired"),
        ("wrong_name", "doesn't match|mismatch"),
        ("unknown_ca", "unable to get local issuer certificate"),
    ],
)
def test_bad_certificates(sim, flaw, text):
    url = sim.tls_url(flaw, "server")
    assert url == sim.tls_url(flaw, "server") and sim.describe()["listeners"][flaw] in url
    with pytest.raises(requests.exceptions.SSLError, match=text):
        requests.get(f"{url}/rest/info?f=json", verify=sim.ca_path, timeout=10)


def test_client_certificate(sim):
    url = f"{sim.tls_url('client_certificate', 'server')}/rest/info?f=json"
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url, verify=sim.ca_path, timeout=10)
    answer = requests.get(url, verify=sim.ca_path, cert=(sim.client_cert_path, sim.client_key_path), timeout=10)
    assert answer.json()["currentVersion"] == 11.3
    assert answer.json()["owningSystemUrl"].startswith(sim.tls_url("client_certificate", "portal"))


def test_refused(sim):
    parts = urlsplit(sim.refused_url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((parts.hostname, parts.port), timeout=5)


def test_every_kind_is_tested():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in EFFECTS if f'"{kind}"' not in text] == []


@pytest.mark.parametrize("name", ["ISO-8859-1", "UTF-16", "utf-8-sig"])
def test_another_charset(sim, fault, info, name):
    true = info().json()
    fault("charset", name=name, count=1)
    answer = info()
    assert answer.headers["Content-Type"] == f"text/plain;charset={name}"
    assert json.loads(answer.content.decode(name)) == true


def test_characters_that_are_not_escaped(sim, fault, info):
    true = info().json()
    fault("raw_characters", count=1)
    body = info().text
    assert "a\t\x1b\nb" in body
    assert json.loads(body, strict=False) == {"note": "a\t\x1b\nb", **true}


@pytest.mark.parametrize("total", [None, 10**9])
def test_pages_without_an_end(sim, fault, client, token, total):
    true = client.get("server", f"{BUFFER}/query", token)["total"]
    fault("endless_pages", total=total)
    start, seen = 1, set()
    for _page in range(40):
        page = client.get("server", f"{BUFFER}/query", token, number=3, start=start)
        assert set(page["results"]) - seen and page["nextStart"] > start
        assert page["total"] == (true if total is None else total)
        seen |= set(page["results"])
        start = page["nextStart"]
