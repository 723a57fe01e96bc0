# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site_info looks at a simulated enterprise: what it tells, what stops what, and what it never does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._site.assumptions import ASSUMPTIONS
from ansible_collections.gisops.arcgis.plugins.module_utils._site.capabilities import GP, NOTEBOOKS, VIDEOS
from ansible_collections.gisops.arcgis.tests.unit.doubles import VIDEO, operations, writes
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import PAGE_404, Received
from arcgis_simulator import Simulator

FAILED_VIDEO = VIDEO.format(3)


@pytest.fixture
def look(run: Callable[..., dict[str, Any]], sim: Simulator) -> Callable[..., dict[str, Any]]:
    """Check a site that is given by the names of its products in the simulator."""

    def look(context: str | None = "server", user: str = "gis_admin", others: str = "", **more: Any) -> dict[str, Any]:
        urls = {f"{name}_url": sim.url(name) for name in others.split()}
        without = () if context else ("url",)
        return run("site_info", context or "server", user, without=without, **{**urls, **more})

    return look


def outcomes(result: dict[str, Any], product: str = "server") -> dict[str, str]:
    """Return what came of each check of a product."""
    return {check["name"]: check["outcome"] for check in result["checks"] if check["product"] == product}


def check_of(result: dict[str, Any], name: str, product: str = "server") -> dict[str, Any]:
    """Return one check."""
    return next(check for check in result["checks"] if (check["name"], check["product"]) == (name, product))


def values(result: dict[str, Any]) -> dict[str, str]:
    """Return the value of each capability; each must say why."""
    assert all(capability["why"].endswith(".") for capability in result["capabilities"].values())
    return {name: capability["value"] for name, capability in result["capabilities"].items()}


def seen(result: dict[str, Any], product: str = "server") -> dict[str, tuple[str, str | None]]:
    """Return the outcome and the short form of each assumption on a product."""
    return {
        each["name"]: (each["outcome"], each["observed"])
        for each in result["assumptions"]
        if each["product"] == product
    }


# What a site is


def test_all_products_with_one_log_in(look: Callable, sim: Simulator) -> None:
    result = look(others="notebook video", assumptions=True, video_job_ids=[FAILED_VIDEO])
    assert not result.get("failed"), result["msg"]
    assert [each["product"] for each in result["products"]] == ["server", "notebook", "video"]
    assert {key: result[key] for key in result["products"][0]} == result["products"][0]
    assert (result["version"], result["build"], result["federated"]) == ("11.3.0", "51575", True)
    assert result["portal_url"] == sim.url("portal")
    assert result["token"]["source"] == "portal" and result["token"]["lifetime"] == 60
    assert result["tls"]["protocol"] == "TLSv1.3" and "localhost" in result["tls"]["names"]
    assert result["account"]["username"] == "gis_admin" and "features:user:edit" in result["account"]["privileges"]
    assert set(values(result).values()) == {"yes"}
    assert list(values(result)) == [*GP, *NOTEBOOKS, *VIDEOS]
    assert result["summary"] == {"ok": 22, "warning": 0, "failed": 0, "skipped": 0}
    assert operations(sim)["generateToken"] == result["api"]["logins"] == 1
    assert writes(sim) == []


@pytest.mark.parametrize("check", [False, True])
def test_every_request_reads(look: Callable, sim: Simulator, check: bool) -> None:
    result = look(others="notebook video", assumptions=True, video_job_ids=[FAILED_VIDEO], check=check)
    assert result["changed"] is False and not result.get("failed")
    posted = {entry["operation"] for entry in sim.requests() if entry["method"] == "POST"}
    # What the body can carry is tried with three resources, which are read in this way as well.
    assert posted == {"generateToken", "services", "system/jobs", "job"}
    assert all(entry["token_in"] in ("none", "header", "body") for entry in sim.requests())
    assert result["api"]["requests"] == len(sim.requests()) < 80


@pytest.mark.parametrize("context, others, most", [
    ("server", "", 32), ("kubernetes", "", 32), (None, "notebook", 3), (None, "video", 2),
])  # fmt: skip
def test_the_assumptions_cost_few_requests(
    look: Callable, sim: Simulator, context: str | None, others: str, most: int
) -> None:
    for number in range(20):
        sim.add_job("server", service="Maps/Buffer", job_id=f"jmany{number}", status="succeeded", submitted="-1h")
        sim.add_job("kubernetes", service="Maps/Buffer", job_id=f"jmany{number}", status="failed", submitted="-1h")
    platform = "kubernetes" if context == "kubernetes" else "server"
    without, with_them = (look(context, others=others, platform=platform, assumptions=each) for each in (False, True))
    assert most - 2 <= with_them["api"]["requests"] - without["api"]["requests"] <= most


def test_a_site_that_stands_alone(look: Callable) -> None:
    result = look("arcgis", "agsadmin")
    assert (result["federated"], result["portal_url"], result["token"]["source"]) == (False, None, "site")
    assert result["account"] == {"username": "agsadmin", "role": None, "privileges": ["ADMINISTER"]}
    assert values(result)["gp_cancel"] == "yes"
    assert values(result)["video_jobs"] == "unknown"
    assert check_of(result, "address", "video") == {
        "name": "address", "product": "video", "outcome": "skipped", "code": None,
        "message": "The option video_url is not set.", "hint": None,
    }  # fmt: skip


def test_the_primary_site_administrator_of_a_federated_site(look: Callable) -> None:
    result = look(None, "siteadmin", "notebook", token_source="site")
    assert not result.get("failed"), result["msg"]
    assert (result["product"], result["token"]["source"], result["account"]) == ("notebook", "site", None)
    assert values(result)["notebook_cancel"] == "yes"


def test_kubernetes_has_its_notebooks_at_the_same_address(look: Callable, sim: Simulator) -> None:
    result = look("kubernetes", others="notebook", platform="kubernetes", assumptions=True)
    assert not result.get("failed"), result["msg"]
    assert [each["product"] for each in result["products"]] == ["kubernetes"]
    assert (result["platform"], result["federated"], result["portal_url"]) == (
        "kubernetes", False, sim.url("kubernetes"),
    )  # fmt: skip
    found = values(result)
    assert {name: found[name] for name in ("gp_query", "gp_cancel", "gp_directory")} == {
        "gp_query": "yes", "gp_cancel": "no", "gp_directory": "no",
    }  # fmt: skip
    assert (found["notebook_cancel"], found["notebook_delete"]) == ("yes", "no")
    assert outcomes(result, "kubernetes")["notebook_jobs"] == "ok"
    assert outcomes(result, "notebook") == {"address": "skipped"}


@pytest.mark.parametrize("missing", [PAGE_404, {"error": {"code": 400, "message": "Invalid URL", "details": []}}])
def test_a_kubernetes_without_rest_info_tells_its_release_as_a_portal(
    scripted: Callable, run_scripted: Callable[..., dict[str, Any]], missing: Any
) -> None:
    def info(received: Received) -> Any:
        return {"authInfo": {}} if "/sharing/" in received.path else missing

    user = {"username": "somebody", "role": "org_admin", "privileges": ["b", 7, "a"]}
    portal = {"currentVersion": "2026.1", "enterpriseVersion": "12.0.0", "user": user}
    listing = {"services": [], "folders": []}
    server = scripted(info=info, self=portal, services=listing, jobs={"asyncNotebookJobs": []})
    result = run_scripted("site_info", server, platform="kubernetes")
    assert not result.get("failed"), result["msg"]
    assert (result["version"], outcomes(result, "kubernetes")["release"]) == ("12.0.0", "ok")
    assert result["account"] == {"username": "somebody", "role": "org_admin", "privileges": ["a", "b"]}
    assert values(result)["gp_query"] == "unknown" and values(result)["notebook_jobs"] == "yes"


def test_a_token_is_sent_nowhere_before_something_answers_as_arcgis(look: Callable, sim: Simulator) -> None:
    result = look(url=f"{sim.other_origin_url}/server", token="a-token-of-somebody", retries=0)
    assert result["error"]["code"] == "wrong_url"
    assert all("a-token-of-somebody" not in json.dumps(request) for request in sim.other_origin_requests())
    assert outcomes(result)["gp_jobs"] == "skipped"


def test_a_site_that_stops_answering_is_not_asked_on_and_on(look: Callable, sim: Simulator) -> None:
    sim.add_fault("http_status", context="server", operation="query", skip=7)
    result = look(assumptions=True, retries=0)
    assert not result.get("failed")
    assert seen(result)["window_tests"] == ("skipped", None)
    assert operations(sim)["query"] == 8


@pytest.mark.parametrize("context, platform, told", [("kubernetes", "server", True), ("portal", "kubernetes", False)])
def test_a_platform_that_the_portal_contradicts(look: Callable, context: str, platform: str, told: bool) -> None:
    result = look(context, platform=platform, assumptions=True, fail_on="never")
    check = check_of(result, "platform", platform)
    assert (check["outcome"], check["code"]) == ("failed", "bad_option")
    assert check["hint"].startswith("Set platform: kubernetes." if told else "Set platform: server. Give the url of")
    assert result["platform"] == ("kubernetes" if told else "server")
    assert {outcome for outcome, _dummy in seen(result, platform).values()} <= {"skipped", "not_tested"}
    assert values(result)["gp_cancel"] == ("no" if told else "unknown")


@pytest.mark.parametrize("deployment, outcome", [
    ("ArcGISEnterpriseOnKubernetes", "ok"), ("ArcGISOnline", None), (None, None), (7, None),
])  # fmt: skip
def test_a_platform_that_the_portal_tells(look: Callable, sim: Simulator, deployment: Any, outcome: Any) -> None:
    sim.settings("kubernetes", deployment_type=deployment)
    result = look("kubernetes", platform="kubernetes")
    assert not result.get("failed")
    assert (result["platform"], outcomes(result, "kubernetes").get("platform")) == ("kubernetes", outcome)
    assert "platform" not in outcomes(look())


def test_kubernetes_before_notebook_jobs_could_be_cancelled(look: Callable, sim: Simulator) -> None:
    sim.settings("kubernetes", version="11.4.0", notebooks_can_cancel=False)
    assert values(look("kubernetes", platform="kubernetes"))["notebook_cancel"] == "no"


# What the account may do


@pytest.mark.parametrize("context, user", [("server", "gis_viewer"), ("arcgis", "agsviewer")])
def test_a_viewer_may_read_and_nobody_knows_what_else(look: Callable, context: str, user: str) -> None:
    result = look(context, user)
    assert not result.get("failed")
    found = values(result)
    assert {found[name] for name in ("gp_query", "gp_read", "gp_messages")} == {"yes"}
    assert {found[name] for name in ("gp_cancel", "gp_delete", "gp_purge", "gp_directory")} == {"unknown"}
    assert "Only a change would tell" in result["capabilities"]["gp_cancel"]["why"]


def test_a_user_without_any_privilege(look: Callable) -> None:
    result = look(user="gis_user", others="notebook video", fail_on="never", assumptions=True)
    found = values(result)
    assert {found[name] for name in (*GP, *NOTEBOOKS)} == {"no"}
    assert found["video_jobs"] == "unknown"
    assert check_of(result, "administrator_directory")["code"] == "no_privilege"
    assert outcomes(result)["gp_jobs"] == "skipped"
    assert seen(result)["no_privilege_code"] == ("agrees", "envelope_403")
    assert seen(result)["referer_binding"] == ("agrees", "accepted")
    assert seen(result)["window_tests"] == ("skipped", None)


def test_an_author_of_notebooks_sees_a_part(look: Callable) -> None:
    result = look(None, "j_doe", "notebook")
    assert values(result)["notebook_jobs"] == "yes" and values(result)["notebook_cancel"] == "unknown"
    assert "its own jobs only" in result["capabilities"]["notebook_jobs"]["why"]


@pytest.mark.parametrize("fault, read, directory", [
    ({"kind": "site_error", "code": 403, "message": "No."}, "yes", "yes"),
    ({"kind": "http_status", "status": 503}, "unknown", "unknown"),
])  # fmt: skip
def test_a_query_that_fails_leaves_the_rest_to_be_found_out(
    look: Callable, sim: Simulator, fault: dict[str, Any], read: str, directory: str
) -> None:
    sim.add_fault(**fault, context="server", operation="query")
    result = look(fail_on="never", retries=0)
    found = values(result)
    assert (found["gp_read"], found["gp_messages"], found["gp_directory"]) == (read, read, directory)
    assert "no GP service" not in json.dumps(result["capabilities"])


def test_a_video_job_that_is_gone_is_no_failure_of_the_site(look: Callable) -> None:
    result = look(None, others="video", video_job_ids=[VIDEO.format(99)])
    assert not result.get("failed")
    assert (check_of(result, "video_jobs", "video")["outcome"], values(result)["video_jobs"]) == ("warning", "yes")


# What fails, and what goes on


def test_a_wrong_password_is_tried_once_and_the_rest_goes_on(look: Callable, sim: Simulator) -> None:
    result = look(others="notebook video", password="wrong-Secret")
    assert (result["failed"], result["error"]["code"]) == (True, "bad_credentials")
    assert operations(sim) == Counter({"rest/info": 3, "generateToken": 1})
    assert outcomes(result) == {
        "tls": "ok", "address": "ok", "release": "ok", "clock": "ok", "log_in": "failed",
        "administrator_directory": "skipped", "gp_jobs": "skipped",
    }  # fmt: skip
    assert check_of(result, "log_in", "video")["message"] == "The log-in failed, and it is tried once only."
    assert set(values(result).values()) == {"unknown"}
    assert "wrong-Secret" not in json.dumps(result)


def test_a_product_that_does_not_answer_stops_no_other(look: Callable, sim: Simulator) -> None:
    result = look("server", others="notebook video", url=f"{sim.refused_url}/server", retries=0)
    assert result["error"]["code"] == "unreachable"
    assert check_of(result, "address")["outcome"] == "failed"
    assert outcomes(result)["log_in"] == "skipped" and outcomes(result)["tls"] == "skipped"
    assert check_of(result, "clock")["message"] == "No answer with a Date header came."
    assert check_of(result, "gp_jobs")["message"] == "The product could not be asked. The check address says why."
    assert outcomes(result, "notebook")["notebook_jobs"] == outcomes(result, "video")["video_jobs"] == "ok"
    assert (result["version"], result["tls"], result["products"][1]["version"]) == (None, None, "11.3.0")


@pytest.mark.parametrize("flaw", ["expired", "wrong_name", "unknown_ca"])
def test_a_bad_certificate_stops_no_other_product(look: Callable, sim: Simulator, flaw: str) -> None:
    result = look("server", others="notebook", url=sim.tls_url(flaw, "server"))
    assert (check_of(result, "tls")["code"], result["error"]["code"]) == ("tls_failure", "tls_failure")
    assert outcomes(result)["address"] == "skipped"
    assert outcomes(result, "notebook")["notebook_jobs"] == "ok"


def test_products_whose_tokens_come_from_elsewhere_are_skipped(look: Callable, sim: Simulator) -> None:
    result = look("arcgis", "agsadmin", "notebook")
    assert not result.get("failed")
    assert outcomes(result, "notebook") == {
        "tls": "ok", "address": "ok", "release": "ok", "clock": "ok", "log_in": "skipped", "notebook_jobs": "skipped",
    }  # fmt: skip
    assert "a task logs in once only" in check_of(result, "log_in", "notebook")["message"]
    assert [entry["context"] for entry in sim.requests() if entry["operation"] == "generateToken"] == ["arcgis"]
    assert [entry["operation"] for entry in sim.requests() if entry["context"] == "notebook"] == ["rest/info"]


def test_a_token_that_was_given_is_what_is_checked(look: Callable, run: Callable, sim: Simulator) -> None:
    token = run("token")["token"]
    sim.clear_requests()
    result = look(others="video", token=token)
    assert (result["token"]["source"], result["token"]["lifetime"], result["api"]["logins"]) == ("given", None, 0)
    sim.expire_tokens()
    result = look(others="video", token=token, fail_on="never", assumptions=True)
    assert check_of(result, "administrator_directory")["code"] == "token_invalid"
    assert operations(sim)["generateToken"] == 0
    assert seen(result)["referer_binding"][0] == "undecided"
    assert token not in json.dumps(result)


def test_an_api_key(look: Callable, sim: Simulator) -> None:
    result = look(token="AAPToperations-Secret-1", assumptions=True)
    assert seen(result)["api_keys"] == ("agrees", "accepted")
    sim.settings("server", api_keys="denied")
    result = look(token="AAPToperations-Secret-1", assumptions=True, fail_on="never")
    assert seen(result)["api_keys"] == ("agrees", "refused_403")


def test_a_portal_that_is_not_trusted_gets_nothing(look: Callable, sim: Simulator) -> None:
    token = "a-token-of-somebody"
    sim.settings("server", owning_system_url=f"{sim.other_origin_url.replace('localhost', '127.0.0.1')}/portal")
    result = look(token=token, fail_on="never")
    assert check_of(result, "account")["code"] == "untrusted_portal"
    assert sim.other_origin_requests() == []


# What makes the task fail


@pytest.mark.parametrize("fail_on, fails", [("never", False), ("failed", False), ("warning", True)])
def test_a_warning(look: Callable, fail_on: str, fails: bool) -> None:
    result = look(validate_certs=False, fail_on=fail_on)
    assert result["summary"]["warning"] == 1 and check_of(result, "tls")["code"] == "certificate_unchecked"
    assert result.get("failed", False) is fails
    assert not fails or result["error"]["code"] == "certificate_unchecked"
    assert result["tls"]["subject"] is None


def test_a_clock_that_is_off(look: Callable, sim: Simulator) -> None:
    sim.advance(3600)
    result = look(fail_on="warning")
    assert 3590 < result["clock_skew"] < 3610
    assert result["error"]["code"] == "clock_skew"


def test_an_old_release(look: Callable, sim: Simulator) -> None:
    sim.settings("server", version="10.5.1")
    assert check_of(look(), "release") == {
        "name": "release", "product": "server", "outcome": "warning", "code": "unsupported",
        "message": "The jobs of this product are documented from release 10.6.1 on, and the site says 10.5.1.",
        "hint": "Expect that resources are missing. Upgrade the site, or leave this product out.",
    }  # fmt: skip


def test_a_failure_comes_before_a_warning(look: Callable) -> None:
    result = look(validate_certs=False, password="wrong-Secret", fail_on="warning")
    assert result["error"]["code"] == "bad_credentials"
    assert "Checks with such an outcome: 2" in result["msg"]


# The assumptions, both ways


def test_every_assumption_is_listed_for_every_product(look: Callable) -> None:
    result = look(others="notebook video", assumptions=True)
    listed = [(each["number"], each["product"]) for each in result["assumptions"]]
    products = ("server", "notebook", "video")
    assert listed == [(each.number, name) for each in ASSUMPTIONS for name in each.products if name in products]
    for each in result["assumptions"]:
        assert (each["observed"] is not None) is (each["outcome"] in ("agrees", "differs"))
        assert (each["why"] is not None) is (each["outcome"] not in ("agrees", "differs"))
        assert each["why"] is None or each["why"].endswith(".")


DEFAULTS = {
    "unknown_answers": "envelope_404",
    "window_tests": "submitted",
    "several_statuses": "first",
    "empty_start_time": "ignored",
    "stable_paging": "stable",
    "window_unit": "milliseconds",
    "record_unit": "milliseconds",
    "referer_binding": "accepted",
    "token_carrier": "both",
    "portal_in_rest_info": "owningSystemUrl",
    "unfinished_end_time": "absent",
}


def test_the_default_site_agrees(look: Callable) -> None:
    found = seen(look(assumptions=True))
    assert {name: found[name] for name in DEFAULTS} == {name: ("agrees", word) for name, word in DEFAULTS.items()}
    assert found["page_size"] == ("undecided", None)
    assert {found[name][0] for name in ("cancel_in_queue", "deleted_at_once", "directory_edit")} == {"not_tested"}


@pytest.mark.parametrize(
    "kind, more, name, expected",
    [
        ("wrong_unit", {}, "window_unit", ("differs", "seconds")),
        ("wrong_unit", {}, "window_tests", ("agrees", "submitted")),
        ("filters_ignored", {"filters": ["window"]}, "window_tests", ("undecided", None)),
        ("filters_ignored", {"filters": ["status"]}, "several_statuses", ("undecided", None)),
    ],
)
def test_a_site_whose_query_does_something_else(
    look: Callable, sim: Simulator, kind: str, more: dict[str, Any], name: str, expected: tuple[str, str | None]
) -> None:
    sim.add_fault(kind, context="server", **more)
    assert seen(look(assumptions=True))[name] == expected


@pytest.mark.parametrize("user, expected", [("gis_admin", "unknown"), ("gis_user", "unknown")])
def test_a_video_server_that_answers_otherwise_for_an_unknown_job(
    look: Callable, sim: Simulator, user: str, expected: str
) -> None:
    sim.add_fault("site_error", context="video", operation="job", code=400, message="No such job.")
    result = look(None, user, "video", assumptions=True)
    check = check_of(result, "video_jobs", "video")
    assert not result.get("failed") and (check["outcome"], check["code"]) == ("warning", "site_error")
    assert values(result)["video_jobs"] == expected
    found = seen(result, "video")
    assert found["unknown_answers"] == ("differs", "envelope_400")
    assert found["no_privilege_code"][0] == "not_tested"
    assert (found["token_carrier"], found["referer_binding"]) == (("agrees", "both"), ("agrees", "accepted"))


def test_a_site_that_tells_a_lack_of_privilege_by_another_code(look: Callable, sim: Simulator) -> None:
    sim.add_fault("site_error", context="server", operation="services", code=500, message="No.")
    result = look(user="gis_viewer", assumptions=True, fail_on="never")
    assert seen(result)["no_privilege_code"] == ("differs", "envelope_500")
    assert values(result)["gp_query"] == "unknown"
    assert seen(look(assumptions=True, fail_on="never"))["no_privilege_code"] == ("not_tested", None)


def test_a_large_service_shows_the_page_size(look: Callable, sim: Simulator) -> None:
    for number in range(1001):
        sim.add_job("server", service="Maps/Buffer", job_id=f"jmany{number:04d}", status="succeeded", submitted="-1h")
    found = next(each for each in look(assumptions=True)["assumptions"] if each["name"] == "page_size")
    assert (found["observed"], found["details"]) == ("as_asked", {"asked": 1000, "got": 1000, "next_start": True})


def test_a_service_of_the_user(look: Callable) -> None:
    result = look(service="Planning/NightlyExport")
    assert check_of(result, "gp_jobs")["message"] == "Jobs of the service Planning/NightlyExport: 16."
    result = look(service="Planning/NoExport")
    assert (result["failed"], result["error"]["code"]) == (True, "unknown_service")


def test_a_site_without_jobs_decides_nothing_about_them(look: Callable, sim: Simulator) -> None:
    for job in sim.jobs("server"):
        sim.remove_job(job["job_id"])
    result = look(assumptions=True)
    assert values(result)["gp_read"] == "yes"
    found = seen(result)
    names = ("window_tests", "window_unit", "several_statuses", "empty_start_time", "page_size", "stable_paging")
    assert {found[name][0] for name in (*names, "record_unit", "status_words", "unfinished_end_time")} == {"undecided"}


def test_words_that_nobody_knows(look: Callable, sim: Simulator) -> None:
    sim.add_job("server", service="Maps/Buffer", job_id="jodd", status="esriJobPondering")
    result = look(service="Maps/Buffer", assumptions=True)
    found = next(each for each in result["assumptions"] if each["name"] == "status_words")
    assert found["outcome"] == "differs" and "Pondering" in found["details"]["unknown"]


def test_notebooks_and_videos(look: Callable, sim: Simulator) -> None:
    sim.settings("notebook", cancelled_status="COMPLETED")
    sim.settings("video", status_failed="Broken")
    notebook = next(job for job in sim.jobs("notebook") if job["status"] == "PROCESSING")["job_id"]
    sim.update_job(notebook, status="COMPLETED", is_cancelled=True)
    result = look(None, others="notebook video", video_job_ids=[FAILED_VIDEO], assumptions=True)
    assert "COMPLETED" in str(seen(result, "notebook")["notebook_cancelled"])
    assert seen(result, "notebook")["notebook_cancelled"][0] == "differs"
    assert seen(result, "video")["video_failed_word"] == ("differs", "Broken")


def test_an_empty_url_of_a_further_product_counts_as_not_set(look: Callable, run: Callable, sim: Simulator) -> None:
    result = look(notebook_url="", video_url="")
    assert not result.get("failed") and [each["product"] for each in result["products"]] == ["server"]
    assert check_of(result, "address", "notebook")["message"] == "The option notebook_url is not set."
    sim.clear_requests()
    assert run("site_info", url="")["error"]["code"] == "bad_option" and sim.requests() == []


def test_no_url_is_refused_by_the_arguments(run: Callable) -> None:
    result = run("site_info", without=("url",))
    assert result["failed"] and "one of the following is required: url, notebook_url, video_url." in result["msg"]
    assert "ARCGIS_NOTEBOOK_URL" in result["msg"]
