# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads when something is wrong: one sentence, a code, a remedy; no traceback and no secret."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.gisops.arcgis.plugins.module_utils import _module
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import transport
from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, STUCK, VIDEO, context_of, operations
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    GATEWAY_DOWN,
    Answer,
    job,
    page,
    portal_error,
    refused,
)
from arcgis_simulator import Simulator

ASK = {"service": BUFFER, "job_ids": [STUCK]}
SECRET = "gis_admin-Secret-1"


def failure(result: dict[str, Any]) -> tuple[str, str]:
    """Return code and sentence of a task that failed as it should."""
    assert (result["failed"], result["changed"]) == (True, False)
    assert set(result["error"]) == {
        "code",
        "http_status",
        "site_code",
        "message",
        "details",
        "method",
        "url",
        "retryable",
        "hint",
    }
    text = json.dumps(result)
    for unwanted in ("Traceback", SECRET, "wrong-password"):
        assert unwanted not in text
    return result["error"]["code"], result["msg"]


def test_a_wrong_password(run: Callable, sim: Simulator) -> None:
    code, said = failure(run("gp_job_info", password="wrong-password", **ASK))
    assert code == "bad_credentials"
    assert said == (
        f"Could not log in (POST {sim.url('portal')}/sharing/rest/generateToken): the site answered with code 400, "
        '"Unable to generate token". Details: Invalid username or password. '
        "Check username, password and token_source. Set portal_url where the site belongs to a portal that it does not "
        "name. SAML and IWA accounts cannot ask for tokens: "
        "use a built-in account, a token, or the site's direct port."
    )
    assert operations(sim) == {"rest/info": 1, "generateToken": 1}


@pytest.mark.parametrize("code", [401, 400, 500])
def test_a_wrong_password_at_the_site_itself(run: Callable, sim: Simulator, code: int) -> None:
    sim.settings("arcgis", bad_credentials_code=code)
    result = failure(run("gp_job_query", "arcgis", "agsadmin", password="wrong-password", all_services=True))
    assert result[0] == "bad_credentials"
    assert f"Could not log in (POST {sim.url('arcgis')}/admin/generateToken): " in result[1]
    assert f'the site answered with code {code}, "Invalid username or password"' in result[1]


def test_a_wrong_authority(run: Callable, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    code, said = failure(run("gp_job_info", ca_path=str(tmp_path / "other.pem"), **ASK))
    assert code == "tls_failure"
    assert "certificate verify failed" in said
    assert said.endswith(
        "Set ca_path to the certificate of the authority that signed the site's certificate, "
        "set client_cert where the site asks for a certificate, or correct url."
    )


def test_an_authority_that_is_not_there(run: Callable) -> None:
    code, said = failure(run("gp_job_info", ca_path="/no/such/ca.pem", **ASK))
    assert (code, said) == (
        "bad_option",
        "The option ca_path is '/no/such/ca.pem', which does not exist here. "
        "Give a path on the host that runs the module.",
    )


@pytest.mark.parametrize("portal_is_given", [False, True])
def test_a_wrong_url(run: Callable, sim: Simulator, portal_is_given: bool) -> None:
    options = {"portal_url": sim.url("portal")} if portal_is_given else {}
    code, said = failure(run("gp_job_info", "servr", **options, **ASK))
    assert code == ("html_answer" if portal_is_given else "wrong_url")
    assert f" {sim.base_url}/servr/" in said
    assert "Check url" in said or "Check that url is the context URL" in said


def test_the_url_of_another_product(run: Callable) -> None:
    code, said = failure(run("gp_job_info", "notebook", **ASK))
    assert code in ("unknown_service", "not_found", "wrong_url")


def test_a_portal_on_another_host(run: Callable, sim: Simulator) -> None:
    sim.settings("server", owning_system_url="https://portal.example.com/portal")
    code, said = failure(run("gp_job_info", **ASK))
    assert code == "untrusted_portal"
    assert (
        "Set portal_url: https://portal.example.com/portal if that is the right portal, or token_source: site." in said
    )


@pytest.mark.parametrize("name, context, options", [
    ("gp_job_info", "server", ASK),
    ("gp_job_query", "server", {"all_services": True}),
    ("gp_job", "server", {**ASK, "state": "cancelled"}),
    ("gp_job_query", "kubernetes", {"services": [BUFFER], "platform": "kubernetes"}),
    ("notebook_jobs_info", "notebook", {}),
])  # fmt: skip
def test_a_missing_privilege(run: Callable, name: str, context: str, options: dict[str, Any]) -> None:
    code, said = failure(run(name, context, user="gis_user", **options))
    assert code == "no_privilege"
    assert "code 403" in said
    assert said.endswith("A custom role also needs the administrative privilege View all content.")


def test_a_service_that_is_not_there(run: Callable, sim: Simulator) -> None:
    code, said = failure(run("gp_job_query", services=["Map/Buffer"]))
    assert code == "unknown_service"
    assert said == (
        "Could not query the jobs of the service Map/Buffer "
        f"(GET {sim.url('server')}/admin/services/Map/Buffer.GPServer/jobs/query): the site has no service Map/Buffer: "
        "the site answered with code 404, \"Could not find resource or operation 'Buffer.GPServer' on the system\". "
        "Did you mean Maps/Buffer? "
        "Write the service as Folder/Name, such as Maps/Buffer; services at the root have no folder. "
        "Check that url is the context URL of the ArcGIS Server."
    )


def test_a_token_that_expired(run: Callable, sim: Simulator) -> None:
    token = run("token")["token"]
    sim.expire_tokens()
    code, said = failure(run("gp_job_info", user=None, token=token, **ASK))
    assert code == "token_invalid"
    assert "Give username and password beside the token, or a fresh token made with the same referer." in said
    assert token not in said


def test_a_site_that_does_not_see_the_token(scripted: Callable, run_scripted: Callable) -> None:
    result = run_scripted("gp_job_info", scripted(job=refused(499, "Unauthorized access. Token not found.")), **ASK)
    code, said = failure(result)
    assert code == "token_required"
    assert "Try token_location: body, and check that referer is the one that the token was made with." in said


@pytest.mark.parametrize(
    "answer, code, words",
    [
        (Answer("<html>Sign in</html>"), "html_answer", "a web page in place of JSON"),
        (GATEWAY_DOWN, "busy", "answered with HTTP 502"),
        (Answer("", 429, {"Retry-After": "3"}), "busy", "answered with HTTP 429"),
        (Answer("[]"), "unexpected_shape", "not a JSON object"),
        (portal_error(500, "Internal failure"), "site_error", 'code 500, "Internal failure"'),
        (Answer({"results": 7}), "unexpected_shape", "the answer holds no list of jobs"),
    ],
)
def test_an_answer_that_is_no_list_of_jobs(
    scripted: Callable, run_scripted: Callable, answer: Answer, code: str, words: str
) -> None:
    found, said = failure(run_scripted("gp_job_query", scripted(query=answer), services=[BUFFER], retries=1))
    assert found == code
    assert words in said
    assert said.startswith("Could not query the jobs of the service Maps/Buffer")


def test_a_mistake_of_the_collection_shows_neither_traceback_nor_values(
    run: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.gisops.arcgis.plugins.modules import gp_job_info

    def broken(*dummy: Any) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(gp_job_info, "read_and_wait", broken)
    code, said = failure(run("gp_job_info", **ASK))
    assert code == "internal_error"
    assert said.startswith("KeyError in test_clear_errors.py, line ")


def test_secrets_that_a_site_repeats_are_hidden(scripted: Callable, run_scripted: Callable) -> None:
    issued = "Issued-Token-4711"
    server = scripted(
        query=page(**{f"j{issued}": "Failed"}),
        job=job(
            "j1",
            "esriJobFailed",
            username=f"user {issued}",
            machinename="Given-Token-1",
            url=f"https://x/?token={issued}",
        ),
        services=refused(498, "Token Expired."),
        generateToken={"token": issued},
    )
    more = {"token": "Given-Token-1", "username": "admin", "password": SECRET, "token_source": "site"}
    result = run_scripted("gp_job_query", server, services=[BUFFER], details=True, **more)
    assert "Given-Token-1" not in json.dumps(result)
    server.script["query"] = [refused(498, "Token Expired."), page(j1="Failed")]
    result = run_scripted("gp_job_query", server, services=[BUFFER], details=True, **more)
    assert result["api"]["logins"] == 1
    assert issued not in json.dumps(result) and SECRET not in json.dumps(result)


@pytest.mark.parametrize("diff", [False, True])
def test_no_result_holds_the_token_but_that_of_the_token_module(run: Callable, sim: Simulator, diff: bool) -> None:
    token = run("token")["token"]
    assert len(token) > 20
    for name, options in (
        ("gp_job_info", ASK),
        ("gp_job_query", {"all_services": True, "details": True}),
        ("gp_job", {**ASK, "state": "cancelled"}),
        ("notebook_jobs_info", {"details": True}),
        ("video_job_info", {"job_ids": [VIDEO.format(1)]}),
    ):
        result = run(name, context_of(name), token=token, diff=diff, **options)
        assert "failed" not in result
        assert token not in json.dumps(result) and SECRET not in json.dumps(result)
        assert "token" not in result
    assert token not in json.dumps(sim.requests()) and SECRET not in json.dumps(sim.requests())


def test_the_library_is_missing(run: Callable, monkeypatch: pytest.MonkeyPatch, sim: Simulator) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "requests", None)
        place = importlib.util.spec_from_file_location(f"{transport.__name__}_without_requests", transport.__file__)
        without = importlib.util.module_from_spec(place)
        patch.setitem(sys.modules, place.name, without)
        place.loader.exec_module(without)
    assert "requests" in without.REQUESTS_PROBLEM
    monkeypatch.setattr(_module, "REQUESTS_PROBLEM", without.REQUESTS_PROBLEM)
    result = run("gp_job_info", **ASK)
    assert result["error"]["code"] == "missing_library"
    assert "Failed to import the required Python library (requests) on" in result["msg"]
    assert sys.executable in result["msg"]
    assert "Traceback" not in json.dumps(result)
    assert sim.requests() == []


@pytest.mark.parametrize("password", ["p", "pw", "pass word"])
def test_no_password_is_among_the_options_that_some_releases_return(run: Callable, password: str) -> None:
    token = run("token")["token"]
    result = run("gp_job_query", user=None, token=token, username="a", password=password, services=["Elevation"])
    options = result.get("invocation", {}).get("module_args", {})
    assert result["total"] == 4 and password not in options.values() and token not in options.values()
