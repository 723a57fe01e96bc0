# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each assumption is decided from what was observed, whichever way a site behaves, or it is left open."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._site import decisions
from ansible_collections.gisops.arcgis.plugins.module_utils._site.assumptions import ASSUMPTIONS, Observation
from ansible_collections.gisops.arcgis.plugins.module_utils._site.decisions import MILLISECONDS, SECONDS, Windows

DOWN = Failure("unreachable", "the connection failed")
DENIED = Failure("no_privilege", "the site answered with code 403", site_code=403)
BAD_TOKEN = Failure("token_invalid", "the site answered with code 498", site_code=498)
NO_TOKEN = Failure("token_required", "the site answered with code 499", site_code=499)
NOT_FOUND = Failure("not_found", "the site answered with code 404", http_status=200, site_code=404)
PAGE_404 = Failure("html_answer", "the web server answered with HTTP 404", http_status=404)


def error(code: int) -> Failure:
    """Return the failure for an error of the site."""
    return Failure("site_error", f"the site answered with code {code}", site_code=code)


def page(*labels: str, total: int | None = None, following: int = -1, first: int = 0) -> dict[str, Any]:
    """Return a page whose jobs have these words, and are numbered."""
    results = {f"j{first + number}": word for number, word in enumerate(labels)}
    return {"total": len(labels) if total is None else total, "nextStart": following, "results": results}


def short(seen: Observation) -> tuple[str, str | None]:
    """Return the outcome and the short form; what is open says why, in one sentence."""
    assert (seen.why is None) is (seen.outcome in ("agrees", "differs"))
    assert seen.why is None or (seen.why.endswith(".") and seen.observed is None)
    return seen.outcome, seen.observed


def test_the_numbers_are_those_of_the_guides() -> None:
    assert [each.number for each in ASSUMPTIONS] == list(range(1, 31))
    assert len({each.name for each in ASSUMPTIONS}) == 30
    for each in ASSUMPTIONS:
        assert each.statement.endswith(".") and (each.why_not is None or each.why_not.endswith("."))


@pytest.mark.parametrize(
    "answers, expected",
    [
        ({"job": NOT_FOUND, "service": NOT_FOUND}, ("agrees", "envelope_404")),
        ({"job": error(400), "service": error(400)}, ("differs", "envelope_400")),
        ({"job": error(500)}, ("differs", "envelope_500")),
        ({"job": NOT_FOUND, "service": error(400)}, ("differs", "job envelope_404, service envelope_400")),
        ({"job": PAGE_404, "service": PAGE_404}, ("differs", "http_404_page")),
        ({"job": {"jobId": "j1", "status": "esriJobNew"}}, ("differs", "other")),
        ({"job": Failure("unexpected_shape", "the answer holds no status of a job")}, ("differs", "other")),
        ({"job": NOT_FOUND, "service": DOWN}, ("undecided", None)),
        ({"job": DENIED}, ("undecided", None)),
        ({"job": BAD_TOKEN}, ("undecided", None)),
    ],
)
def test_unknown_answers(answers: dict[str, Any], expected: tuple[str, str | None]) -> None:
    assert short(decisions.unknown_answers(answers)) == expected


def windows(*hits: tuple[str, str], unclear: tuple[str, str] | None = None) -> Windows:
    """Return windows of which these show the job."""
    shown: dict[tuple[str, str], bool | None] = {
        (unit, time): (unit, time) in hits for unit in (MILLISECONDS, SECONDS) for time in ("submitted", "end")
    }
    if unclear:
        shown[unclear] = None
    return Windows(shown)


EVERY_WINDOW = [(unit, time) for unit in (MILLISECONDS, SECONDS) for time in ("submitted", "end")]


@pytest.mark.parametrize("time", ["submitted", "end"])
@pytest.mark.parametrize("unit, on_kubernetes, agrees", [
    (MILLISECONDS, False, True), (SECONDS, False, False), (SECONDS, True, True), (MILLISECONDS, True, False),
])  # fmt: skip
def test_windows(time: str, unit: str, on_kubernetes: bool, agrees: bool) -> None:
    found = windows((unit, time))
    assert short(decisions.window_tests(found)) == ("agrees", time)
    assert short(decisions.window_unit(found, on_kubernetes)) == ("agrees" if agrees else "differs", unit)


@pytest.mark.parametrize("found", [
    windows(), windows(*EVERY_WINDOW), windows(*EVERY_WINDOW[:2]),
    windows((MILLISECONDS, "submitted"), (SECONDS, "end")), windows(unclear=(SECONDS, "end")),
])  # fmt: skip
def test_windows_that_decide_nothing(found: Windows) -> None:
    assert short(decisions.window_tests(found)) == ("undecided", None)
    assert short(decisions.window_unit(found, False)) == ("undecided", None)


def test_a_window_that_could_not_be_read_leaves_the_time_open() -> None:
    found = windows((MILLISECONDS, "submitted"), unclear=(MILLISECONDS, "end"))
    assert short(decisions.window_tests(found)) == ("undecided", None)
    assert short(decisions.window_unit(found, False)) == ("agrees", MILLISECONDS)


@pytest.mark.parametrize("seconds, half", [(8, 2), (60, 20), (7200, 60)])
@pytest.mark.parametrize("unit, factor", [(MILLISECONDS, 1000), (SECONDS, 1)])
def test_a_window_holds_one_of_the_two_times_only(seconds: int, half: int, unit: str, factor: int) -> None:
    begin = 1_700_000_000_500
    window = decisions.window_around(begin, seconds, unit)
    low, high = int(window["startTime"]), int(window["endTime"])
    assert (low, high) == ((1_700_000_000 - half) * factor, (1_700_000_001 + half) * factor)
    assert low < begin * factor / 1000 < high < (begin / 1000 + seconds) * factor


@pytest.mark.parametrize(
    "read, expected", [(page("New"), True), (page("New", first=1), False), (page("New", first=1, following=2), None),
                       (DOWN, None)],
)  # fmt: skip
def test_whether_a_page_shows_a_job(read: Any, expected: bool | None) -> None:
    assert decisions.is_on(read, "j0") is expected


@pytest.mark.parametrize(
    "read, expected",
    [
        (page("Failed", "Succeeded"), ("differs", "all")),
        (page("Failed", "Failed"), ("agrees", "first")),
        (page("Succeeded"), ("agrees", "last")),
        (page(), ("agrees", "none")),
        (error(400), ("agrees", "error")),
        (page("Failed", "Succeeded", "New"), ("undecided", None)),
        (DOWN, ("undecided", None)),
    ],
)
def test_several_statuses(read: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.several_statuses(read, "Failed", "Succeeded")) == expected


@pytest.mark.parametrize(
    "read, totals, expected",
    [
        (page("Failed", "Succeeded"), (5, 7), ("differs", "all")),
        (page("Failed", total=12), (5, 7), ("differs", "all")),
        (page("Failed", total=5), (5, 7), ("agrees", "first")),
        (page("Succeeded", total=7), (5, 7), ("agrees", "last")),
        (page(total=0), (5, 7), ("agrees", "none")),
        (page("Failed", total=5), (5, 5), ("undecided", None)),
        (page("Failed", total=6), (5, 7), ("undecided", None)),
        ({"results": {"j0": "Failed"}}, (5, 7), ("undecided", None)),
    ],
)
def test_several_statuses_on_more_than_a_page(
    read: Any, totals: tuple[int, int], expected: tuple[str, str | None]
) -> None:
    alone = [page("Failed", total=totals[0]), page("Succeeded", total=totals[1])]
    assert short(decisions.several_statuses(read, "Failed", "Succeeded", alone)) == expected
    assert (
        expected[1] == "all" or short(decisions.several_statuses(read, "Failed", "Succeeded", [DOWN, DOWN]))[1] is None
    )


@pytest.mark.parametrize(
    "empty, since_ever, expected",
    [
        (page("New"), None, ("agrees", "ignored")),
        (page(), page("New"), ("differs", "matches_nothing")),
        (error(400), page("New"), ("differs", "error")),
        (page(), page(), ("undecided", None)),
        (page(), DOWN, ("undecided", None)),
        (DOWN, None, ("undecided", None)),
    ],
)
def test_empty_start_time(empty: Any, since_ever: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.empty_start_time(empty, since_ever)) == expected


@pytest.mark.parametrize(
    "read, expected",
    [
        (page(*["New"] * 5, total=9, following=6), ("agrees", "as_asked")),
        (page(*["New"] * 3, total=9, following=4), ("agrees", "capped_3")),
        (page(*["New"] * 3, total=9), ("differs", "cut")),
        (page(*["New"] * 3), ("undecided", None)),
        (DOWN, ("undecided", None)),
    ],
)
def test_page_size(read: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.page_size(read, 5)) == expected


ROWS = [page("New", "New", "New", total=5), page("New", "New", "New", total=5, first=2)]
TURNED = page("New", "New", "New", total=5)
TURNED["results"] = dict(reversed(TURNED["results"].items()))


@pytest.mark.parametrize(
    "rounds, expected",
    [
        ([ROWS, ROWS], ("agrees", "stable")),
        ([ROWS, [TURNED, ROWS[1]]], ("differs", "unstable")),
        ([ROWS, [ROWS[0], page("New", "New", total=5, first=3)]], ("differs", "unstable")),
        ([[page("New", first=7, total=5), ROWS[1]]] * 2, ("differs", "unstable")),
        ([ROWS, [ROWS[0], {**ROWS[1], "total": 6}]], ("undecided", None)),
        ([ROWS, [ROWS[0], DOWN]], ("undecided", None)),
    ],
)
def test_stable_paging(rounds: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.stable_paging(rounds)) == expected


@pytest.mark.parametrize(
    "records, expected",
    [
        ([{"submittedTime": 1_700_000_000_000, "endTime": None}], ("agrees", "milliseconds")),
        ([{"startTime": "1700000000000", "endTime": 0}], ("agrees", "milliseconds")),
        ([{"submittedTime": 1_700_000_000, "endTime": 1_700_000_009}], ("differs", "seconds")),
        ([{"submittedTime": 1_700_000_000}, {"submittedTime": 1_700_000_000_000}], ("differs", "other")),
        ([{"submittedTime": "yesterday"}], ("differs", "other")),
        ([{"endTime": 0}], ("undecided", None)),
        ([], ("undecided", None)),
    ],
)
def test_record_unit(records: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.record_unit(records)) == expected


def test_a_time_is_read_in_either_unit() -> None:
    assert decisions.in_ms(1_700_000_000) == decisions.in_ms("1700000000000") == 1_700_000_000_000
    assert decisions.in_ms(True) is decisions.in_ms(12) is decisions.in_ms(None) is None


def test_status_words() -> None:
    seen = decisions.status_words(["esriJobFailed", "COMPLETED", "In Progress", "COMPLETED"])
    assert short(seen) == ("agrees", "COMPLETED, In Progress, esriJobFailed")
    seen = decisions.status_words(["Failed", "Pondering"])
    assert short(seen) == ("differs", "Failed, Pondering")
    assert seen.details == {"words": ["Failed", "Pondering"], "unknown": ["Pondering"]}
    assert short(decisions.status_words([])) == ("undecided", None)


@pytest.mark.parametrize(
    "resources, expected",
    [
        ([{"status": "esriJobNew"}, {"resources": []}], ("agrees", "none_listed")),
        ([{"operations": ["cancel", "delete"]}, None], ("differs", "cancel, delete")),
        ([DOWN, {"operations": [{"name": "statistics"}]}], ("differs", "statistics")),
        ([{"operations": ["query"]}], ("agrees", "query")),
        ([DOWN, None], ("undecided", None)),
    ],
)
def test_kubernetes_operations(resources: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.kubernetes_operations(resources)) == expected


@pytest.mark.parametrize(
    "read, source, expected",
    [
        ({}, "portal", ("agrees", "accepted")),
        (DENIED, "portal", ("agrees", "accepted")),
        (NOT_FOUND, "portal", ("agrees", "accepted")),
        (BAD_TOKEN, "portal", ("differs", "refused")),
        (NO_TOKEN, "portal", ("differs", "refused")),
        (DOWN, "portal", ("undecided", None)),
        ({}, "given", ("undecided", None)),
        ({}, "site", ("undecided", None)),
    ],
)
def test_referer_binding(read: Any, source: str, expected: tuple[str, str | None]) -> None:
    assert short(decisions.referer_binding(read, source)) == expected


@pytest.mark.parametrize(
    "by_header, by_body, expected",
    [
        ({}, {}, ("agrees", "both")),
        (DENIED, NOT_FOUND, ("agrees", "both")),
        ({}, NO_TOKEN, ("differs", "header")),
        (NO_TOKEN, {}, ("differs", "body")),
        (NO_TOKEN, BAD_TOKEN, ("differs", "none")),
        ({}, DOWN, ("undecided", None)),
        ({}, Failure("html_answer", "the web server answered with HTTP 405"), ("undecided", None)),
    ],
)
def test_token_carrier(by_header: Any, by_body: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.token_carrier(by_header, by_body)) == expected


@pytest.mark.parametrize(
    "read, source, expected",
    [
        ({}, "api_key", ("agrees", "accepted")),
        (DENIED, "api_key", ("agrees", "refused_403")),
        (BAD_TOKEN, "api_key", ("agrees", "refused_498")),
        (error(500), "api_key", ("differs", "refused_500")),
        (DOWN, "api_key", ("undecided", None)),
        ({}, "portal", ("not_tested", None)),
    ],
)
def test_api_keys(read: Any, source: str, expected: tuple[str, str | None]) -> None:
    assert short(decisions.api_keys(read, source)) == expected


@pytest.mark.parametrize(
    "read, is_administrator, expected",
    [
        (DENIED, False, ("agrees", "envelope_403")),
        (DENIED, None, ("agrees", "envelope_403")),
        (error(500), False, ("differs", "envelope_500")),
        (error(400), None, ("undecided", None)),
        (BAD_TOKEN, False, ("undecided", None)),
        (DOWN, False, ("undecided", None)),
        (DENIED, True, ("not_tested", None)),
        ({}, False, ("not_tested", None)),
    ],
)
def test_no_privilege_code(read: Any, is_administrator: bool | None, expected: tuple[str, str | None]) -> None:
    assert short(decisions.no_privilege_code(read, is_administrator)) == expected


CANCELLED = {"isCancelled": True}


@pytest.mark.parametrize(
    "entries, expected",
    [
        ([{"status": "FAILED", "customAttributes": CANCELLED}], ("agrees", "FAILED")),
        ([{"status": "CANCELLED", "customAttributes": CANCELLED}], ("differs", "CANCELLED")),
        ([{"status": "PROCESSING", "customAttributes": CANCELLED}], ("undecided", None)),
        ([{"status": "FAILED", "customAttributes": None}], ("undecided", None)),
    ],
)
def test_notebook_cancelled(entries: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.notebook_cancelled(entries)) == expected


@pytest.mark.parametrize(
    "total, length, of_one, expected",
    [
        (None, 7, 7, ("agrees", "complete")),
        (7, 7, 7, ("agrees", "complete")),
        (9, 7, 7, ("differs", "capped")),
        (7, 7, 1, ("differs", "capped")),
        (10, 10, 10, ("undecided", None)),
        (1, 1, 1, ("undecided", None)),
        (0, 0, 0, ("undecided", None)),
    ],
)
def test_kubernetes_notebook_list(total: Any, length: int, of_one: int, expected: tuple[str, str | None]) -> None:
    assert short(decisions.kubernetes_notebook_list({"total": total}, {}, length, of_one)) == expected
    assert short(decisions.kubernetes_notebook_list({"total": total}, DOWN, length, 0)) == ("undecided", None)


@pytest.mark.parametrize(
    "read, expected",
    [
        ({"username": "j_doe", "messages": [], "customAttributes": {"isCancelled": False}}, ("agrees", "present")),
        ({"username": "j_doe", "customAttributes": {}}, ("differs", "missing")),
        (None, ("undecided", None)),
        (DOWN, ("undecided", None)),
    ],
)
def test_kubernetes_notebook_fields(read: Any, expected: tuple[str, str | None]) -> None:
    seen = decisions.kubernetes_notebook_fields(read)
    assert short(seen) == expected
    assert expected[0] != "differs" or seen.details == {"missing": ["messages", "isCancelled"]}


@pytest.mark.parametrize(
    "info, is_federated, may_stand_alone, expected",
    [
        ({"owningSystemUrl": "https://x/portal"}, True, True, ("agrees", "owningSystemUrl")),
        ({"authInfo": {}}, True, False, ("differs", "tokenServicesUrl_only")),
        ({"currentVersion": 11.3}, False, True, ("undecided", None)),
        ({"currentVersion": 11.3}, False, False, ("differs", "absent")),
        ({}, False, False, ("undecided", None)),
    ],
)
def test_portal_in_rest_info(
    info: Any, is_federated: bool, may_stand_alone: bool, expected: tuple[str, str | None]
) -> None:
    assert short(decisions.portal_in_rest_info(info, is_federated, may_stand_alone)) == expected


@pytest.mark.parametrize(
    "words, expected",
    [
        (["FAILED", "Completed"], ("agrees", "FAILED")),
        (["Failed"], ("agrees", "Failed")),
        (["Broken"], ("differs", "Broken")),
        (["Completed"], ("undecided", None)),
        ([], ("undecided", None)),
    ],
)
def test_video_failed_word(words: list[str], expected: tuple[str, str | None]) -> None:
    assert short(decisions.video_failed_word([{"status": word} for word in words])) == expected


OPEN = {"status": "esriJobExecuting"}


@pytest.mark.parametrize(
    "records, expected",
    [
        ([OPEN], ("agrees", "absent")),
        ([{**OPEN, "endTime": 0}], ("agrees", "zero")),
        ([{**OPEN, "endTime": None}], ("agrees", "null")),
        ([{**OPEN, "endTime": -1}], ("differs", "other")),
        ([{"status": "esriJobFailed"}, {"status": "Pondering"}], ("undecided", None)),
        ([], ("undecided", None)),
    ],
)
def test_unfinished_end_time(records: Any, expected: tuple[str, str | None]) -> None:
    assert short(decisions.unfinished_end_time(records)) == expected
