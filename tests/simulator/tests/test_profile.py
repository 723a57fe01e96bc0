# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles: the file of a check of real sites lets the simulator answer as they do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from arcgis_simulator.profile import load_profile

ROOT = Path(__file__).parent.parent
# What the playbook wrote about a simulated site that differs.
EXAMPLE = Path(__file__).parent / "profiles" / "example.json"


def profile_of(*assumptions, products=()):
    """Return the profile of a file with one site."""
    named = [dict(zip(("name", "product", "observed", "details"), each)) for each in assumptions]
    return load_profile({"schema_version": 1, "sites": [{"assumptions": named, "products": list(products)}]})


@pytest.mark.parametrize(
    "name, product, observed, changes",
    [
        ("unknown_answers", "video", "http_404_page", {"unknown_answers": "page"}),
        ("unknown_answers", "notebook", "envelope_400", {"unknown_answers": "envelope_400"}),
        ("window_tests", "server", "end", {"window_tests": "end"}),
        ("several_statuses", "server", "error", {"several_statuses": "error"}),
        ("empty_start_time", "server", "matches_nothing", {"empty_start_time": "matches_nothing"}),
        ("page_size", "server", "as_asked", {"max_number": None}),
        ("page_size", "kubernetes", "capped_50", {"max_number": 50, "capped_next_start": True}),
        ("page_size", "server", "cut_50", {"max_number": 50, "capped_next_start": False}),
        ("stable_paging", "server", "unstable", {"result_order": "shuffled"}),
        ("window_unit", "kubernetes", "milliseconds", {"window_unit": "milliseconds"}),
        ("record_unit", "notebook", "seconds", {"record_unit": "seconds"}),
        ("kubernetes_operations", "kubernetes", "none_listed", {"gp_operations": "none"}),
        ("kubernetes_operations", "kubernetes", "cancel, delete", {"gp_operations": "listed"}),
        ("referer_binding", "notebook", "refused", {"portal_token_clients": ["ip"]}),
        ("token_carrier", "video", "body", {"token_carriers": "body"}),
        ("api_keys", "server", "refused_499", {"api_keys": "missing"}),
        ("no_privilege_code", "server", "envelope_500", {"denied_code": 500}),
        ("notebook_cancelled", "notebook", "CANCELLED", {"cancelled_status": "CANCELLED"}),
        ("kubernetes_notebook_list", "kubernetes", "capped", {"notebooks_num": 10}),
        ("kubernetes_notebook_fields", "kubernetes", "missing", {"notebooks_fields": "brief"}),
        ("portal_in_rest_info", "video", "tokenServicesUrl_only", {"rest_info_portal": "tokens_only"}),
        ("video_failed_word", "video", "Failed", {"status_failed": "Failed"}),
        ("video_failed_word", "video", "FAILED, Broken", {"status_failed": "FAILED"}),
        ("unfinished_end_time", "notebook", "null", {"unfinished_end_time": "null"}),
    ],
)
def test_observations(name, product, observed, changes):
    profile = profile_of((name, product, observed))
    contexts = ("server", "arcgis") if product == "server" else (product,)
    expected = {context: changes for context in contexts if name != "referer_binding" or context != "arcgis"}
    assert {context: settings for context, settings in profile.settings.items() if settings} == expected
    assert profile.unknown == []


@pytest.mark.parametrize(
    "name, product, observed, said",
    [
        ("window_tests", "server", "neither", "window_tests must be one of submitted, end, not 'neither'"),
        ("unknown_answers", "server", "other", "the simulator has no setting for 'other'"),
        ("token_carrier", "server", "none", "the simulator has no setting for 'none'"),
        ("colour", "server", "blue", "the simulator has no setting for 'blue'"),
        ("notebook_cancelled", "notebook", "CANCELLED, FAILED", "the simulator has no setting for 'CANCELLED, FAILED'"),
        ("unfinished_end_time", "notebook", "absent, zero", "unfinished_end_time must be one of absent, zero, null"),
        ("record_unit", "video", "seconds", "video has no setting 'record_unit'"),
        ("record_unit", "portal", "seconds", "the simulator has no product 'portal'"),
    ],
)
def test_unknown_things_are_named(name, product, observed, said):
    profile = profile_of((name, product, observed))
    assert not any(profile.settings.values())
    assert f"site 1, {name}: {said}" in profile.unknown[0]


def test_details():
    profile = profile_of(
        ("page_size", "server", "cut", {"asked": 1000, "got": 7, "next_start": False}),
        ("kubernetes_notebook_list", "kubernetes", "capped", {"length": 50, "with_num": 1}),
        (
            "unknown_answers",
            "notebook",
            "job envelope_500, service envelope_404",
            {"job": "envelope_500", "service": "envelope_404"},
        ),
    )
    assert profile.settings["server"] == {"max_number": 7, "capped_next_start": False}
    assert profile.settings["kubernetes"] == {"notebooks_num": 50}
    assert profile.settings["notebook"] == {"unknown_answers": "envelope_500"}
    assert profile.unknown == ["site 1, unknown_answers: a service is answered as 'envelope_404', here it is as a job"]


def test_nothing_observed_changes_nothing():
    profile = profile_of(("window_tests", "server", None), ("status_words", "server", "esriJobSucceeded"))
    assert (profile.settings, profile.unknown) == ({}, [])


def test_sites_that_differ(sim):
    sites = [
        {"assumptions": [{"name": "window_tests", "product": "server", "observed": word}]}
        for word in ("end", "submitted")
    ]
    profile = load_profile({"schema_version": 1, "sites": sites})
    assert profile.settings["server"] == {"window_tests": "end"}
    assert profile.unknown == [
        "site 2, window_tests: window_tests of server is 'end' already, so 'submitted' is left out"
    ]


def test_versions():
    profile = profile_of(products=[{"product": "video", "version": "11.4"}, {"product": "server", "version": "eleven"}])
    assert profile.settings == {"video": {"version": "11.4"}}
    assert profile.unknown == ["site 1, server: the version 'eleven' is no number"]


def test_other_files_are_refused(tmp_path):
    for content in ({"schema_version": 2, "sites": []}, {"sites": []}, []):
        path = tmp_path / "other.json"
        path.write_text(json.dumps(content))
        with pytest.raises(ValueError, match="schema_version 1"):
            load_profile(path)


def test_reset_keeps_the_profile_until_another_is_given(sim, client):
    sim.reset(profile=EXAMPLE)
    sim.settings("server", unknown_answers="page")
    sim.reset()
    token = client.token()
    unknown = client.get("server", "admin/services/Maps/Buffer.GPServer/jobs/j0", token)
    assert unknown["code"] == 500
    assert "owningSystemUrl" not in client.get("video", "rest/info")
    assert client.get("notebook", "rest/info")["fullVersion"] == "11.5.0"
    assert client.get("notebook", "admin", token)["error"]["code"] == 498
    page = client.get("server", "admin/services/Maps/Buffer.GPServer/jobs/query", token, number=1000)
    assert (len(page["results"]), sim.settings("arcgis")["window_tests"]) == (20, "end")
    sim.reset(profile={})
    assert sim.settings("video")["rest_info_portal"] == "both"


def test_control_endpoint(sim):
    body = {"profile": json.loads(EXAMPLE.read_text())}
    answer = requests.post(f"{sim.base_url}/simulator/reset", json=body, verify=sim.ca_path, timeout=10)
    assert answer.json()["profile"]["settings"]["video"]["rest_info_portal"] == "tokens_only"
    assert answer.json()["settings"]["server"]["max_number"] == 20
    refused = requests.post(
        f"{sim.base_url}/simulator/reset", json={"profile": {"a": 1}}, verify=sim.ca_path, timeout=10
    )
    assert refused.status_code == 400 and "schema_version" in refused.json()["error"]
    assert sim.settings("server")["max_number"] == 20


def test_command_line(tmp_path):
    content = json.loads(EXAMPLE.read_text())
    content["sites"][0]["assumptions"].append({"name": "colour", "product": "server", "observed": "blue"})
    path = tmp_path / "check.json"
    path.write_text(json.dumps(content))
    command = [sys.executable, "-m", "arcgis_simulator", "--profile", str(path), "--format", "json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        warning = process.stderr.readline()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        process.send_signal(signal.SIGTERM)
    assert warning == "warning: site 1, colour: the simulator has no setting for 'blue'\n"
    assert json.loads("".join(lines))["settings"]["video"]["rest_info_portal"] == "tokens_only"
