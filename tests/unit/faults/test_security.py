# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module promises about its secrets, whoever is in between and whatever the environment says."""

from __future__ import annotations

import json
import os
import sys
import syslog
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
import trustme
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.gisops.arcgis.tests.unit.faults.tasks import TASKS
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Answer, ScriptedSite, page, refused
from arcgis_simulator import Simulator

PASSWORD = "gis_admin-Secret-1"
EVERY_MODULE = pytest.mark.parametrize("name", sorted(TASKS))


@pytest.fixture
def task(run: Callable) -> Callable[..., dict[str, Any]]:
    """Run the task of a module, with further options."""
    return lambda name, **more: run(name, TASKS[name][0], **{"retries": 0, **TASKS[name][1], **more})


@pytest.fixture
def token(run: Callable, sim: Simulator) -> str:
    """A token that the sites accept."""
    issued = run("token")["token"]
    sim.clear_requests()
    return issued


@pytest.fixture
def other_ca(tmp_path: Path) -> str:
    """The certificate of an authority that has nothing to do with the site."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    return str(tmp_path / "other.pem")


def code_of(result: dict[str, Any]) -> str | None:
    """Return the code of the error of a task; None where it succeeded."""
    return result["error"]["code"] if "failed" in result else None


# Redirects


@EVERY_MODULE
@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("path", ["rest/info", "*generateToken", "admin/*", "rest/jobs/*"])
def test_another_origin_gets_nothing(task: Callable, sim: Simulator, name: str, status: int, path: str) -> None:
    sim.add_fault("redirect", path=path, to="other_origin", status=status)
    result = task(name)
    assert sim.other_origin_requests() == []
    struck = sum(request["fault"] == "redirect" for request in sim.requests())
    assert (code_of(result) == "redirected") is (struck > 0)
    assert struck <= 8  # what was under way at once


@EVERY_MODULE
@pytest.mark.parametrize("location", ["header", "body"])
def test_another_origin_gets_no_token_either(
    task: Callable, sim: Simulator, token: str, name: str, location: str
) -> None:
    sim.add_fault("redirect", to="other_origin", status=307)
    result = task(name, without=("username", "password"), token=token, token_location=location)
    # The module that asks for a token does not use one.
    assert code_of(result) == ("bad_option" if name == "token" else "redirected")
    assert sim.other_origin_requests() == []


# What is part of a URL, and what is said


@EVERY_MODULE
@pytest.mark.parametrize("location", ["header", "body"])
@pytest.mark.parametrize("has_token", [False, True])
def test_no_url_carries_a_secret(
    task: Callable, sim: Simulator, token: str, name: str, location: str, has_token: bool
) -> None:
    result = task(name, token_location=location, **({"token": token} if has_token else {}))
    assert code_of(result) is None
    requests = sim.requests()
    places = {request["token_in"] for request in requests if request["operation"] not in ("rest/info", "generateToken")}
    assert places <= {"header", "body"} and (places or name == "token")
    assert {request["token_in"] for request in requests} <= {"header", "body", "none"}
    for request in requests:
        assert not {"token", "username", "password"} & set(request["query"])
        assert token not in request["path"] and PASSWORD not in request["path"]


@EVERY_MODULE
@pytest.mark.parametrize("kind", ["site_error", "non_json", "http_status", "wrong_shape", "sign_in_page"])
@pytest.mark.parametrize("from_environment", [False, True])
def test_a_site_that_repeats_the_password_is_not_repeated(
    task: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch, name: str, kind: str, from_environment: bool
) -> None:
    password = "pw&\"% <\u20ac>'\\ x/y"
    forms = {password, quote(password, safe=""), quote_plus(password), json.dumps(password)[1:-1]}
    said = " | ".join(forms)
    more: dict[str, Any] = {"site_error": {"message": said}, "non_json": {"text": said}, "wrong_shape": {"body": said}}
    sim.add_fault(kind, **more.get(kind, {}))
    if from_environment:
        monkeypatch.setenv("ARCGIS_PASSWORD", password)
        result = task(name, without=("password",))
    else:
        result = task(name, password=password)
    assert code_of(result) is not None
    for text in (json.dumps(result), json.dumps(result, ensure_ascii=False), str(result)):
        assert not [form for form in (*forms, json.dumps(password)) if form in text]


@EVERY_MODULE
@pytest.mark.parametrize("failing", [False, True])
def test_the_system_log_learns_no_secret(
    task: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch, token: str, name: str, failing: bool
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(syslog, "syslog", lambda *words: logged.append(str(words)))
    if failing:
        sim.add_fault("site_error", message=f"no {PASSWORD} or {token}")
    task(name, token=token)
    assert "Invoked with" in "".join(logged) and "gis_admin" in "".join(logged)
    assert PASSWORD not in "".join(logged) and token not in "".join(logged)


LAST_STRAWS: list[dict[str, Any]] = [
    {"kind": "redirect", "to": "other_origin"},
    {"kind": "reset_after"},
    {"kind": "truncated"},
    {"kind": "hang", "seconds": 0},
    {"kind": "wrong_shape"},
    {"kind": "sign_in_page"},
    {"kind": "token_revoked"},
]


@EVERY_MODULE
@pytest.mark.parametrize("rule", LAST_STRAWS, ids=lambda rule: rule["kind"])
def test_a_failed_task_has_no_exception_under_way(
    task: Callable, sim: Simulator, token: str, monkeypatch: pytest.MonkeyPatch, name: str, rule: dict[str, Any]
) -> None:
    """Newer releases of Ansible put the traceback of an exception under way, and its whole chain, into the result."""
    under_way: list[BaseException | None] = []
    report = AnsibleModule.fail_json

    def watched(module: AnsibleModule, *words: Any, **fields: Any) -> None:
        under_way.append(sys.exc_info()[1])
        report(module, *words, **fields)

    monkeypatch.setattr(AnsibleModule, "fail_json", watched)
    sim.add_fault(**rule)
    result = task(name, token=token)
    # The module that asks for a token does not use one.
    assert under_way == ([] if (name, rule["kind"]) == ("token", "token_revoked") else [None])
    assert "exception" not in result
    assert PASSWORD not in json.dumps(result)
    assert token not in json.dumps(result)


# The environment


@EVERY_MODULE
def test_a_netrc_file_adds_nothing(
    run_scripted: Callable, scripted: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login other password from-netrc\n")
    netrc.chmod(0o600)
    site = scripted()
    run_scripted(name, site, **{"retries": 0, "username": "admin", "password": "pw", **TASKS[name][1]})
    assert site.received
    assert {request.headers["Authorization"] for request in site.received} == {None}
    assert "other" not in {request.fields.get("username") for request in site.received}


@EVERY_MODULE
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_bundle_of_the_environment_overrides_nothing(
    task: Callable, sim: Simulator, other_ca: str, monkeypatch: pytest.MonkeyPatch, name: str, variable: str
) -> None:
    monkeypatch.setenv(variable, sim.ca_path)
    assert code_of(task(name, ca_path=other_ca)) == "tls_failure"
    assert sim.requests() == []
    monkeypatch.setenv(variable, other_ca)
    assert code_of(task(name)) is None
    assert code_of(task(name, without=("ca_path",), validate_certs=False)) != "tls_failure"
    sim.clear_requests()
    assert code_of(task(name, without=("ca_path",))) == "tls_failure"
    assert sim.requests() == []


@EVERY_MODULE
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_of_the_environment_is_used_and_sees_no_secret(
    task: Callable,
    sim: Simulator,
    proxy: Callable,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    variable: str,
) -> None:
    between = proxy()
    monkeypatch.setenv(variable, f"http://{between.address}")
    assert code_of(task(name, token=token)) is None
    assert sim.requests() and between.heads
    for head in between.heads:
        assert head.startswith(f"CONNECT {urlsplit(sim.base_url).netloc} HTTP/1.")
        assert token not in head and PASSWORD not in head and "Authorization" not in head


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("hosts", ["localhost", "example.com, localhost", "*"])
def test_hosts_without_a_proxy_are_asked_directly(
    task: Callable, proxy: Callable, monkeypatch: pytest.MonkeyPatch, variable: str, hosts: str
) -> None:
    between = proxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://{between.address}")
    monkeypatch.setenv(variable, hosts)
    assert code_of(task("gp_job_info")) is None
    assert between.heads == []
    monkeypatch.setenv(variable, "example.com")
    assert code_of(task("gp_job_info")) is None
    assert between.heads != []


def test_only_the_proxy_gets_the_password_of_the_proxy(
    task: Callable, sim: Simulator, proxy: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = proxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pw-of-the-proxy@{between.address}")
    sim.add_fault("site_error", operation="job", message="no pw-of-the-proxy here")
    result = task("gp_job_info")
    assert "Proxy-Authorization: Basic" in between.heads[0]
    assert code_of(result) == "site_error" and "pw-of-the-proxy" not in json.dumps(result)
    assert "pw-of-the-proxy" not in json.dumps(sim.requests())


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_gets_and_tells_no_secret(
    task: Callable, sim: Simulator, proxy: Callable, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    between = proxy(f"HTTP/1.1 {status} pw-of-the-proxy refused\r\nContent-Length: 0\r\n\r\n".encode())
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pw-of-the-proxy@{between.address}")
    result = task("gp_job")
    assert code_of(result) in ("unreachable", "web_tier_login")
    assert "proxy" in result["msg"].lower()
    assert "pw-of-the-proxy" not in json.dumps(result) and PASSWORD not in "".join(between.heads)
    assert sim.requests() == []


@EVERY_MODULE
def test_a_proxy_for_http_sees_no_secret_in_a_url(
    run_scripted: Callable, scripted: Callable, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    between = scripted()
    monkeypatch.setenv("http_proxy", between.origin)
    site = scripted()
    options = {"url": "http://gis.example.com/server", "username": "admin", "password": PASSWORD, "allow_http": True}
    run_scripted(name, site, **{"retries": 0, **options, **TASKS[name][1]})
    assert between.received and site.received == []
    for request in between.received:
        assert request.target.startswith("http://gis.example.com/server/")
        assert "given-token" not in request.target and PASSWORD not in request.target


# The portal that the site names, and cookies


@EVERY_MODULE
@pytest.mark.parametrize("portal", [
    "https://portal.example.com/portal", "https://localhost.evil.example.com/portal", "https://127.0.0.1/portal",
    "https://localhost@evil.example.com/portal", "https://evil.example.com\\@localhost/portal",
    "https://evil.example.com#@localhost/portal", "https://evil.example.com?@localhost/portal", "//localhost/portal",
    "https://loc\u0430lhost/portal", "http://portal.example.com/portal",
])  # fmt: skip
def test_no_password_for_a_portal_that_the_site_names(task: Callable, sim: Simulator, name: str, portal: str) -> None:
    sim.settings(TASKS[name][0], owning_system_url=portal)
    result = task(name)
    assert code_of(result) == "untrusted_portal"
    assert [request["operation"] for request in sim.requests()] == ["rest/info"]


@EVERY_MODULE
def test_the_portal_of_the_task_counts_and_not_that_of_the_site(task: Callable, sim: Simulator, name: str) -> None:
    sim.settings(TASKS[name][0], owning_system_url=f"{sim.other_origin_url}/portal")
    assert code_of(task(name, portal_url=sim.url("portal"))) is None
    assert sim.other_origin_requests() == []


def test_a_cookie_stays_with_its_host_and_its_task(run_scripted: Callable, scripted: Callable) -> None:
    portal: ScriptedSite = scripted(generateToken={"token": "issued"})
    expired = refused(498, "Token Expired.")
    jobs = {"results": {"j1": "Succeeded"}, "total": 1}
    cookie = {"Set-Cookie": "agstoken=cookie-of-the-site; Path=/"}
    site: ScriptedSite = scripted(query=[Answer(expired.body, headers=cookie), jobs])
    options = {"username": "admin", "password": PASSWORD, "portal_url": portal.origin.replace("127.0.0.1", "localhost")}
    results = [run_scripted("gp_job_query", site, services=["Maps/Buffer"], **options) for dummy in range(2)]
    assert "cookie-of-the-site" not in json.dumps(results)
    assert [request.headers["Cookie"] for request in portal.received] == [None]
    assert [request.headers["Cookie"] for request in site.received] == [None, "agstoken=cookie-of-the-site", None]


# What is shown, and what it is shown of


SECRET = "Zebra-Pass  9"


def record_with(**more: Any) -> dict[str, Any]:
    """Return a job of a Notebook Server."""
    return {"jobId": "j1", "type": "executeNotebook", "status": "COMPLETED", "startTime": 1700000000000, **more}


@pytest.mark.parametrize("name", ["inputs", "results", "customAttributes", "messages"])
def test_a_secret_is_no_key_of_a_result(scripted: Callable, run_scripted: Callable, name: str) -> None:
    odd = {SECRET: {"x": [{f"a {SECRET}": SECRET}]}, f"{SECRET}2": 2}
    server = scripted(job=record_with(**{name: [odd] if name == "messages" else odd}))
    result = run_scripted("notebook_jobs_info", server, job_ids=["j1"], token="t-1", username="a", password=SECRET)
    assert "Zebra" not in json.dumps(result)
    (shown,) = result["jobs"]
    inside = shown["custom_attributes" if name == "customAttributes" else name]
    assert len(inside[0] if name == "messages" else inside) == 2


@pytest.mark.parametrize(
    "status", [SECRET, "zebra-pass  9", "esriJobZebra-Pass  9", "Zebra-Pass 9", f"x{SECRET}", "y" * 95 + SECRET]
)
def test_a_secret_is_no_status(scripted: Callable, run_scripted: Callable, status: str) -> None:
    server = scripted(query=page(j1=status), job=record_with(status=status))
    given = {"token": "t-1", "username": "a", "password": SECRET}
    found = run_scripted("gp_job_query", server, services=["Maps/Buffer"], **given)
    alone = run_scripted("notebook_jobs_info", server, job_ids=["j1"], **given)
    for result in (found, alone):
        said = json.dumps(result).lower()
        assert result["total"] == 1 and "zebra" not in said


@pytest.mark.parametrize("service", ["Zebra-Pass-9", "A Zebra-Pass-9 B"])
def test_a_secret_in_a_name_is_in_no_warning(scripted: Callable, run_scripted: Callable, service: str) -> None:
    shrinking = [page(2, 9, j1="Failed"), page(-1, 1, j2="Failed")]
    server = scripted(query=shrinking)
    result = run_scripted("gp_job_query", server, services=[f"Maps/{service}"], token="Zebra-Pass-9")
    assert "changed while they were read" in str(result["warnings"]) and "Zebra" not in json.dumps(result)


def test_the_keys_of_the_collection_are_never_masked(run: Callable) -> None:
    usual = run("gp_job_query", services=["Maps/Buffer"])
    for word in ("status", "summary", "service", "oldest", "jobs"):
        token = run("token")["token"]
        result = run("gp_job_query", user=None, services=["Maps/Buffer"], token=token, username="a", password=word)
        assert (result.keys(), result["summary"].keys()) == (usual.keys(), usual["summary"].keys())
        assert sum(result["summary"]["status"].values()) == sum(usual["summary"]["status"].values())


@pytest.mark.parametrize("password", ["1", "e", "jb"])
def test_a_short_password_masks_nothing(run: Callable, password: str) -> None:
    token = run("token")["token"]
    usual = run("gp_job_query", user=None, token=token, services=["Maps/Buffer"])
    result = run("gp_job_query", user=None, token=token, username="a", password=password, services=["Maps/Buffer"])
    assert (result["jobs"], result["summary"]) == (usual["jobs"], usual["summary"])
    # Where a release returns the options as well, the password is not among them.
    options = result.get("invocation", {}).get("module_args", {"password": None})
    assert options["password"] != password


def test_two_jobs_of_a_diff_stay_two(run: Callable, sim: Simulator) -> None:
    token = run("token")["token"]
    ids = [sim.add_job("server", service="Maps/Buffer", job_id=f"jabc{n}", status="executing")["job_id"] for n in "12"]
    given = {"token": token, "username": "a", "password": "jabc1", "user": None}
    result = run("gp_job", service="Maps/Buffer", job_ids=ids, state="absent", diff=True, **given)
    assert len(result["diff"]["before"]["Maps/Buffer"]) == 2 and "jabc1" not in json.dumps(result)


def test_a_variable_that_is_no_utf_8_is_a_clear_error(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCGIS_PASSWORD", os.fsdecode(b"p\xe4ss-word"))
    result = run("gp_job_query", services=["Maps/Buffer"], without=["password"])
    assert (result["error"]["code"], result["msg"][:42]) == ("bad_option", "The option password is not written in UTF-")
    assert "ss-word" not in json.dumps(result)


@pytest.mark.parametrize("issued, fine", [("abcdef01", False), ("xyz0123", True)])
def test_a_token_that_would_be_masked_is_not_returned(
    scripted: Callable, run_scripted: Callable, issued: str, fine: bool
) -> None:
    server = scripted(generateToken={"token": issued})
    result = run_scripted("token", server, token=None, token_source="site", username="a", password="cdef")
    assert ("error" not in result) is fine
    assert result.get("token") == (issued if fine else None)


def test_the_password_of_a_url_is_shown_nowhere(run: Callable) -> None:
    result = run("gp_job_query", services=["Maps/Buffer"], url="https://u:pw-of-url@gis.example.com/server")
    assert result["error"]["code"] == "bad_option" and "pw-of-url" not in json.dumps(result)
