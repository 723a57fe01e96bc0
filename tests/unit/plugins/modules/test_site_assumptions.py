# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site_info settles each assumption whichever way the simulated site behaves, and one that differs hides no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import operations
from arcgis_simulator import Simulator

Expected = tuple[str, "str | None"]


@pytest.fixture
def seen(run: Callable[..., dict[str, Any]], sim: Simulator) -> Callable[..., dict[str, Expected]]:
    """Return the outcome and the short form of each assumption on one product of the simulator."""

    def seen(context: str, user: str = "gis_admin", **more: Any) -> dict[str, Expected]:
        options = {"assumptions": True, "fail_on": "never", **more}
        if context in ("notebook", "video"):
            options = {f"{context}_url": sim.url(context), **options}
            result = run("site_info", context, user, without=("url",), **options)
        else:
            platform = "kubernetes" if context == "kubernetes" else "server"
            result = run("site_info", context, user, platform=platform, **options)
        assert not result.get("failed"), result["msg"]
        assert operations(sim)["generateToken"] == 1
        listed = [each for each in result["assumptions"] if each["product"] == context]
        return {each["name"]: (each["outcome"], each["observed"]) for each in listed}

    return seen


BY_BODY = {"token_location": "body"}
SUBMITTED, MILLISECONDS = ("agrees", "submitted"), ("agrees", "milliseconds")
CASES: list[tuple[str, dict[str, Any], dict[str, Expected]]] = [
    ("server", {"unknown_answers": "envelope_400"}, {"unknown_answers": ("differs", "envelope_400")}),
    ("server", {"unknown_answers": "envelope_500"}, {"unknown_answers": ("differs", "envelope_500")}),
    ("server", {"unknown_answers": "http_404"}, {"unknown_answers": ("agrees", "envelope_404")}),
    ("server", {"unknown_answers": "page"}, {"unknown_answers": ("differs", "http_404_page")}),
    ("kubernetes", {"unknown_answers": "page"}, {"unknown_answers": ("differs", "http_404_page")}),
    ("notebook", {"unknown_answers": "envelope_500"}, {"unknown_answers": ("differs", "envelope_500")}),
    ("video", {"unknown_answers": "page"}, {"unknown_answers": ("differs", "http_404_page")}),
    ("server", {"window_tests": "end"}, {"window_tests": ("agrees", "end"), "window_unit": MILLISECONDS}),
    ("kubernetes", {"window_tests": "end"}, {"window_tests": ("agrees", "end"), "window_unit": ("agrees", "seconds")}),
    ("server", {"several_statuses": "all"}, {"several_statuses": ("differs", "all")}),
    ("server", {"several_statuses": "last"}, {"several_statuses": ("agrees", "last")}),
    ("server", {"several_statuses": "none"}, {"several_statuses": ("agrees", "none")}),
    ("server", {"several_statuses": "error"}, {"several_statuses": ("agrees", "error")}),
    (
        "server",
        {"empty_start_time": "matches_nothing"},
        {"empty_start_time": ("differs", "matches_nothing"), "window_tests": SUBMITTED, "stable_paging":
         ("agrees", "stable")},
    ),
    (
        "server",
        {"empty_start_time": "error"},
        {"empty_start_time": ("differs", "error"), "window_tests": SUBMITTED, "window_unit": MILLISECONDS},
    ),
    ("server", {"max_number": 7}, {"page_size": ("agrees", "capped_7"), "several_statuses": ("agrees", "first")}),
    ("server", {"max_number": 7, "capped_next_start": False}, {"page_size": ("differs", "cut")}),
    ("server", {"result_order": "shuffled"}, {"stable_paging": ("differs", "unstable"), "window_tests": SUBMITTED}),
    ("kubernetes", {"result_order": "shuffled"}, {"stable_paging": ("differs", "unstable")}),
    ("server", {"window_unit": "seconds"}, {"window_unit": ("differs", "seconds"), "window_tests": SUBMITTED}),
    ("kubernetes", {"window_unit": "milliseconds"}, {"window_unit": ("differs", "milliseconds")}),
    ("server", {"record_unit": "seconds"}, {"record_unit": ("differs", "seconds"), "window_unit": MILLISECONDS}),
    ("kubernetes", {"record_unit": "seconds"}, {"record_unit": ("differs", "seconds"), "window_tests": SUBMITTED}),
    ("notebook", {"record_unit": "seconds"}, {"record_unit": ("differs", "seconds")}),
    ("kubernetes", {"gp_operations": "listed"}, {"kubernetes_operations": (
        "differs", "cancel, delete, purgeQueue, query",
    )}),
    ("server", {"portal_token_clients": ["ip"]}, {"referer_binding": ("differs", "refused")}),
    ("notebook", {"portal_token_clients": ["ip"]}, {"referer_binding": ("differs", "refused")}),
    ("server", {"token_carriers": "header"}, {"token_carrier": ("differs", "header")}),
    ("server", {"token_carriers": "body"}, {"token_carrier": ("differs", "body")}),
    ("notebook", {"token_carriers": "body"}, {"token_carrier": ("differs", "body")}),
    ("video", {"token_carriers": "header"}, {"token_carrier": ("differs", "header")}),
    ("kubernetes", {"notebooks_num": 3}, {"kubernetes_notebook_list": ("differs", "capped")}),
    ("kubernetes", {"notebooks_fields": "brief"}, {"kubernetes_notebook_fields": ("differs", "missing")}),
    ("server", {"unfinished_end_time": "zero"}, {"unfinished_end_time": ("agrees", "zero")}),
    ("server", {"unfinished_end_time": "null"}, {"unfinished_end_time": ("agrees", "null")}),
    ("notebook", {"unfinished_end_time": "zero"}, {"unfinished_end_time": ("agrees", "zero")}),
]  # fmt: skip


@pytest.mark.parametrize("context, settings, expected", CASES, ids=lambda part: str(part)[:60])
def test_a_site_that_behaves_otherwise(
    seen: Callable, sim: Simulator, context: str, settings: dict[str, Any], expected: dict[str, Expected]
) -> None:
    sim.settings(context, **settings)
    found = seen(context, **(BY_BODY if settings.get("token_carriers") == "body" else {}))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("context", ["server", "notebook", "video"])
@pytest.mark.parametrize("how, observed", [("tokens_only", "tokenServicesUrl_only"), ("absent", "absent")])
def test_a_product_that_names_its_portal_otherwise(
    seen: Callable, sim: Simulator, context: str, how: str, observed: str
) -> None:
    sim.settings(context, rest_info_portal=how)
    assert seen(context, portal_url=sim.url("portal"))["portal_in_rest_info"] == ("differs", observed)


@pytest.mark.parametrize("context", ["server", "kubernetes", "notebook"])
@pytest.mark.parametrize("code", [401, 403, 400, 500])
def test_an_account_without_the_privilege(seen: Callable, sim: Simulator, context: str, code: int) -> None:
    sim.settings(context, denied_code=code)
    outcome = "agrees" if code in (401, 403) else "differs"
    assert seen(context, "gis_user")["no_privilege_code"] == (outcome, f"envelope_{code}")


def test_nothing_about_queries_is_decided_where_no_service_answers_one(
    seen: Callable[..., dict[str, Expected]], sim: Simulator
) -> None:
    sim.add_fault("site_error", context="server", operation="query")
    found = seen("server")
    about_queries = ("unknown_answers", "empty_start_time", "page_size", "window_tests")
    assert {found[name] for name in about_queries} == {("undecided", None)}
    assert found["token_carrier"] == ("agrees", "both")
