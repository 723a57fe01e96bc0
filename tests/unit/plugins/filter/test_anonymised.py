# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes results of site_info fit for an issue: what stays, and what becomes of the rest."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gisops.arcgis.plugins.filter.anonymised import FilterModule
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import CATALOGUE
from arcgis_simulator import Simulator

anonymised = FilterModule().filters()["anonymised"]

FACTS: dict[str, Any] = {
    "product": "server",
    "url": "https://gis.example.com:6443/secretpath",
    "version": "11.3.0",
    "build": "51575",
    "platform": "server",
    "federated": True,
    "portal_url": "https://Portal.example.com/secretportal",
    "clock_skew": -3,
    "token": {
        "source": "portal",
        "route": "https://portal.example.com/secretportal/sharing/rest/generateToken",
        "lifetime": 60,
        "location": "header",
    },
    "tls": {
        "subject": "CN=gis.example.com",
        "issuer": "O=Secret City",
        "names": ["GIS.example.com", "*.example.com"],
        "days_left": 90,
        "protocol": "TLSv1.3",
    },
}
RESULT: dict[str, Any] = {
    **FACTS,
    "account": {"username": "m_secret", "role": "secret_role", "privileges": ["portal:admin:viewItems", "secret priv"]},
    "proxies": {"server": "http://secretproxy:3128", "secretproduct": "x"},
    "products": [FACTS],
    "capabilities": {
        "gp_query": {"value": "yes", "why": "The jobs of SecretService were queried."},
        "secret_capability": {"value": "yes", "why": "x"},
    },
    "checks": [
        {
            "name": "log_in",
            "product": "server",
            "outcome": "failed",
            "code": "bad_credentials",
            "message": "m_secret may not log in at gis.example.com",
            "hint": "Ask m_secret.",
        }
    ],
    "summary": {"failed": 1, "ok": 0, "secret": 1},
    "assumptions": [
        {
            "number": 9,
            "name": "status_words",
            "product": "server",
            "statement": "secret statement",
            "outcome": "differs",
            "observed": "Executing, In Progress, esriJobPaused, SecretWord",
            "details": {"words": ["Executing", "SecretWord"], "unknown": ["SecretWord"], "got": 7, "secret_key": "x"},
            "why": "A secret reason.",
        }
    ],
    "msg": "Could not log in as m_secret",
    "error": {"code": "bad_credentials", "message": "m_secret", "url": "https://gis.example.com"},
    "invocation": {"module_args": {"password": "secret"}},
    "secret_key": "secret value",
}


def test_names_become_stand_ins_and_texts_go() -> None:
    site = anonymised([RESULT])["sites"][0]
    text = json.dumps(site).lower()
    for word in ("secret", "gis.example", "portal.example.com", "m_secret", "*.", "statement"):
        assert word not in text, word
    assert site["url"] == "https://host-1.example:6443/path-1"
    assert site["token"]["route"] == "https://host-2.example/path-2/sharing/rest/generateToken"
    assert site["tls"]["names"] == ["host-1.example", "host-3.example"]
    assert site["account"] == {
        "username": "user-1",
        "role": "role-1",
        "privileges": ["portal:admin:viewItems", "privilege-1"],
    }
    assert site["proxies"] == {"server": "http://host-4.example:3128"}


def test_what_an_issue_needs_stays() -> None:
    file = anonymised([RESULT])
    site = file["sites"][0]
    assert (file["schema_version"], file["collection"].partition(" ")[0], site["name"]) == (
        1,
        "gisops.arcgis",
        "site-1",
    )
    kept = ("product", "version", "build", "platform", "federated", "clock_skew")
    assert {name: site[name] for name in kept} == {name: RESULT[name] for name in kept}
    assert site["products"][0] == {name: site[name] for name in FACTS}
    assert site["capabilities"] == {"gp_query": {"value": "yes"}}
    assert site["summary"] == {"failed": 1, "ok": 0}
    assert site["error"] == "bad_credentials"
    assert site["checks"] == [
        {
            **{name: RESULT["checks"][0][name] for name in ("name", "product", "outcome", "code")},
            "message": CATALOGUE["bad_credentials"].meaning,
            "hint": CATALOGUE["bad_credentials"].remedy,
        }
    ]
    assert site["assumptions"] == [
        {
            "number": 9,
            "name": "status_words",
            "product": "server",
            "outcome": "differs",
            "observed": "Executing, In Progress, esriJobPaused, word-1",
            "details": {"words": ["Executing", "word-1"], "unknown": ["word-1"], "got": 7},
        }
    ]


def test_a_name_has_the_same_stand_in_in_the_whole_file() -> None:
    other = copy.deepcopy(RESULT)
    other.update(url="https://other.example.com/secretpath", account={"username": "m_secret", "role": None})
    first, second = anonymised([RESULT, other])["sites"]
    assert second["url"] == f"https://host-5.example/{first['url'].rpartition('/')[2]}"
    assert second["account"]["username"] == first["account"]["username"] == "user-1"
    assert second["portal_url"] == first["portal_url"]
    assert anonymised([RESULT, other]) == anonymised(iter([RESULT, other]))


@pytest.mark.parametrize(
    "url", ["https://[secret", "secret words", "https://secret:99999999/x", "ftp://secret/secret", 7, ["secret"]]
)
def test_odd_addresses(url: Any) -> None:
    text = json.dumps(anonymised([{"url": url}]))
    assert "secret" not in text and "ftp" not in text


def test_a_result_of_another_shape_reveals_nothing() -> None:
    values: list[Any] = ["secret", ["secret"], {"secret": "secret"}, 7, None, True]
    for value in values:
        text = json.dumps(anonymised([dict.fromkeys(RESULT, value), {"checks": [value], "products": [value]}]))
        assert "secret" not in text


@pytest.mark.parametrize("results", ["text", {"a": 1}, ["text"], None, 1])
def test_what_are_no_results(results: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="anonymised wants a list of results"):
        anonymised(results)


def test_nothing_that_the_check_up_itself_writes_becomes_a_stand_in(
    run: Callable[..., dict[str, Any]], sim: Simulator
) -> None:
    more = {"assumptions": True, "video_job_ids": ["j00000001-51de-4000-8000-000000000001"], "fail_on": "never"}
    results = [
        run("site_info", notebook_url=sim.url("notebook"), video_url=sim.url("video"), **more),
        run("site_info", "kubernetes", platform="kubernetes", assumptions=True, fail_on="never"),
        run("site_info", "arcgis", user="agsadmin", assumptions=True, fail_on="never"),
    ]
    sites = anonymised(results)["sites"]
    for site, result in zip(sites, results):
        for name in ("product", "version", "build", "platform", "federated", "clock_skew", "summary"):
            assert site[name] == result[name]
        for name in ("number", "name", "product", "outcome", "observed", "details"):
            assert [each[name] for each in site["assumptions"]] == [each[name] for each in result["assumptions"]]
        for name in ("name", "product", "outcome", "code"):
            assert [each[name] for each in site["checks"]] == [each[name] for each in result["checks"]]
        assert site["capabilities"] == {name: {"value": each["value"]} for name, each in result["capabilities"].items()}
        assert site["account"]["privileges"] == result["account"]["privileges"]


def test_what_only_looks_like_a_version_or_a_number_does_not_stay() -> None:
    result = {**RESULT, "version": "10.20.30.40", "build": "١٢", "clock_skew": float("nan")}
    site = anonymised([result])["sites"][0]
    assert (site["version"], site["build"], site["clock_skew"]) == ("version-1", "build-1", None)
