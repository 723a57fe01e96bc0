# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: sent as tokens are, never renewed, hidden like them, and explained where a site refuses one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, NOTEBOOK, STUCK, operations, writes
from arcgis_simulator import Simulator

QUERY = {"services": [BUFFER]}
ABOUT_KEYS = "The token is an API key, which is never renewed."


@pytest.fixture
def with_key(run: Callable, sim: Simulator) -> Callable[..., dict[str, Any]]:
    """Run a module with an API key of the simulated enterprise."""

    def with_key(name: str, context: str = "server", key: str = "operations", **options: Any) -> dict[str, Any]:
        return run(name, context, **{"user": None, "token": sim.api_keys[key], **options})

    return with_key


@pytest.mark.parametrize(
    "token, expected",
    [
        *((f"{beginning}y8BH1VEsoebNVZXo8HurEoF", True) for beginning in ("AAPK", "AAPT", "AATK", "AAST")),
        ("AAPX1", False),
        ("aapk1", False),
        ("xAAPK1", False),
        ("", False),
        (None, False),
    ],
)
def test_a_key_is_known_by_its_beginning(token: str | None, expected: bool) -> None:
    assert Connection("https://gis.example.com/server", token=token).has_api_key is expected


@pytest.mark.parametrize("location", ["header", "body"])
def test_a_key_is_sent_as_a_token_is(with_key: Callable, sim: Simulator, location: str) -> None:
    result = with_key("gp_job_query", token_location=location, **QUERY)
    assert ("failed" in result, result["api"]["logins"]) == (False, 0)
    assert {(request["operation"], request["token_in"]) for request in sim.requests()} == {("query", location)}
    sim.clear_requests()
    result = with_key("notebook_job", "notebook", state="cancelled", job_ids=[NOTEBOOK.format(6)])
    assert (result["changed"], writes(sim)) == (True, ["cancel"])
    assert {request["token_in"] for request in sim.requests() if request["operation"] == "cancel"} == {"body"}


# Who takes over, and what is said


@pytest.mark.parametrize(
    "answer, code", [("denied", "no_privilege"), ("garbage", "token_invalid"), ("missing", "token_required")]
)
@pytest.mark.parametrize("beside", [{}, {"user": "gis_admin"}], ids=["alone", "beside a password"])
def test_a_refusal_says_what_a_key_needs_and_nobody_takes_over(
    with_key: Callable, sim: Simulator, answer: str, code: str, beside: dict[str, Any]
) -> None:
    sim.settings("server", api_keys=answer)
    result = with_key("gp_job_query", **QUERY, **beside)
    assert (result["failed"], result["error"]["code"], result["api"]["logins"]) == (True, code, 0)
    assert result["error"]["hint"].startswith(ABOUT_KEYS) and ABOUT_KEYS in result["msg"]
    for word in ("expired", "revoked", "privileges", "altogether"):
        assert word in result["error"]["hint"]
    assert operations(sim) == {"query": 1}


@pytest.mark.parametrize("end", ["expire_tokens", "revoke_tokens"])
def test_a_key_that_ended_is_not_renewed(with_key: Callable, sim: Simulator, end: str) -> None:
    getattr(sim, end)()
    result = with_key("gp_job_query", user="gis_admin", **QUERY)
    assert (result["error"]["code"], result["api"]["logins"]) == ("token_invalid", 0)
    assert ABOUT_KEYS in result["msg"]


def test_a_key_without_the_privilege_reads_and_does_not_write(with_key: Callable, sim: Simulator) -> None:
    assert "failed" not in with_key("gp_job_query", key="reporting", **QUERY)
    options = {"service": BUFFER, "job_ids": [STUCK], "state": "cancelled"}
    result = with_key("gp_job", key="reporting", **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "no_privilege")
    assert ABOUT_KEYS in result["msg"]


def test_a_failure_of_another_kind_says_nothing_of_keys(with_key: Callable) -> None:
    result = with_key("gp_job_query", services=["Maps/Bufer"])
    assert result["error"]["code"] == "unknown_service" and "API key" not in result["msg"]


def test_the_refusal_of_a_token_says_nothing_of_keys(run: Callable) -> None:
    result = run("gp_job_query", user=None, token="stale-token", **QUERY)
    assert result["error"]["code"] == "token_invalid" and "API key" not in result["error"]["hint"]


# The environment


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_the_key_of_the_environment_counts_where_there_is_no_token(
    run: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch, blank: str | None
) -> None:
    monkeypatch.setenv("ARCGIS_API_KEY", sim.api_keys["operations"])
    if blank is not None:
        monkeypatch.setenv("ARCGIS_TOKEN", blank)
    assert run("gp_job_query", user=None, **QUERY)["api"]["logins"] == 0


def test_the_token_of_the_environment_comes_first(
    run: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCGIS_API_KEY", "AAPT-of-nobody")
    monkeypatch.setenv("ARCGIS_TOKEN", sim.api_keys["operations"])
    assert "failed" not in run("gp_job_query", user=None, **QUERY)
    monkeypatch.setenv("ARCGIS_TOKEN", "AAPT-of-nobody")
    assert "failed" not in run("gp_job_query", user=None, token=sim.api_keys["operations"], **QUERY)


@pytest.mark.parametrize("blank", ["", " "])
def test_an_empty_key_counts_as_unset(run: Callable, monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("ARCGIS_API_KEY", blank)
    assert "one of the following is required: token, username" in run("gp_job_query", user=None, **QUERY)["msg"]
    assert run("gp_job_query", **QUERY)["api"]["logins"] == 1


# Secrets


@pytest.mark.parametrize("source", ["option", "environment"])
@pytest.mark.parametrize("answer", ["accept", "garbage"])
def test_a_key_is_hidden_like_a_token(
    with_key: Callable, sim: Simulator, monkeypatch: pytest.MonkeyPatch, source: str, answer: str
) -> None:
    key = sim.api_keys["operations"]
    sim.settings("server", api_keys=answer)
    # The name of a user and a status hold the key, which a site may repeat anywhere.
    sim.add_job("server", service=BUFFER, job_id="jkey", status=f"Odd {key}", username=key)
    options: dict[str, Any] = {"details": True, **QUERY}
    if source == "environment":
        monkeypatch.setenv("ARCGIS_API_KEY", key)
        options["without"] = ["token"]
    result = with_key("gp_job_query", **options)
    assert ("failed" in result) is (answer == "garbage")
    assert key not in json.dumps(result) and key.lower() not in json.dumps(result)
