# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer stands for: data, an error of the site inside HTTP 200, a page, or something broken."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Operation, confirms
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.responses import (
    http_date,
    parse_response,
    whole_number,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure, quoted
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import CANCEL, DELETE


def failure_of(body: Any, http_status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> Failure:
    """Return the failure that an answer stands for."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ArcGISError) as caught:
        parse_response(http_status, headers or {}, raw, **more)
    return caught.value.failure


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"status": "success"},
        {"status": "success", "messages": []},
        {"jobId": "j1", "status": "esriJobFailed"},
        {"jobId": "j1", "status": "FAILED", "messages": ["It broke"]},
        {"jobID": "j1", "status": "failed"},
        {"error": None, "results": {}},
        {"error": {}, "results": {}},
    ],
)
def test_data_is_no_error(payload: dict[str, Any]) -> None:
    assert parse_response(200, {}, json.dumps(payload).encode()) == payload


@pytest.mark.parametrize(
    "payload, code, site_code",
    [
        ({"status": "error", "messages": ["Token Expired."], "code": 498}, "token_invalid", 498),
        ({"status": "error", "messages": ["Unauthorized access."], "code": 499}, "token_required", 499),
        ({"status": "error", "messages": ["Could not find resource"], "code": 404}, "not_found", 404),
        ({"status": "error", "messages": ["Nope"], "code": 401}, "no_privilege", 401),
        ({"status": "error", "messages": ["Token is valid but access is denied."], "code": 403}, "no_privilege", 403),
        ({"status": "error", "messages": ["Token is valid but access is denied."], "code": 500}, "no_privilege", 500),
        ({"status": "error", "messages": ["Unable to cancel job :[j1]"], "code": 500}, "site_error", 500),
        ({"status": "error", "messages": ["Server busy"], "code": 503}, "busy", 503),
        ({"status": "failed", "messages": "odd"}, "site_error", None),
        ({"status": "failure"}, "site_error", None),
        ({"status": "ERROR", "messages": None, "code": "404"}, "not_found", 404),
        ({"success": False}, "site_error", None),
        ({"error": {"code": 498, "message": "Invalid token.", "details": []}}, "token_invalid", 498),
        ({"error": {"code": 400, "message": "Invalid token.", "details": None}}, "token_invalid", 400),
        ({"error": {"code": 499, "message": "Token Required", "details": "odd"}}, "token_required", 499),
        ({"error": {"code": 404, "message": "Job not found"}}, "not_found", 404),
        ({"error": "invalid_grant"}, "site_error", None),
        ({"error": {"code": "odd", "message": ["x"]}}, "site_error", None),
        ({"error": {"code": 1e999, "message": "odd"}}, "site_error", None),
    ],
)
def test_both_envelopes_with_http_200(payload: dict[str, Any], code: str, site_code: int | None) -> None:
    failure = failure_of(payload)
    assert (failure.code, failure.site_code, failure.http_status) == (code, site_code, 200)


@pytest.mark.parametrize("http_status", [200, 404])
@pytest.mark.parametrize(
    "payload",
    [
        {"message": "no Route matched with those values"},
        {"statusCode": 404, "message": "Resource not found"},
        {"code": 404, "message": "HTTP 404 Not Found"},
        {"status": 404, "error": "Not Found", "path": "/server/admin"},
        {"error": {"code": 404, "message": "No.", "status": "NOT_FOUND"}},
        {"error": {"code": 404}},
        {"error": {"code": "404", "message": {"lang": "en"}}},
        {"status": "error", "code": 404, "message": "Not Found"},
        {"success": False, "code": 404, "messages": []},
        {},
    ],
)
def test_a_404_of_a_gateway_does_not_say_that_the_site_has_no_such_thing(
    payload: dict[str, Any], http_status: int
) -> None:
    try:
        parse_response(http_status, {}, json.dumps(payload).encode())
    except ArcGISError as error:
        assert error.failure.code in ("html_answer", "site_error")
    else:
        # Nothing in it is an error, so what the operation expects of its answer decides.
        assert http_status == 200 and not payload.get("error")


@pytest.mark.parametrize(
    "answer, is_one",
    [
        ({"status": "success"}, True),
        ({"status": "SUCCESS"}, True),
        ({"success": True}, True),
        ({"success": "true"}, False),
        ({"status": "done"}, False),
        ({}, False),
    ],
)
def test_what_says_that_a_write_was_carried_out(answer: dict[str, Any], is_one: bool) -> None:
    assert confirms(answer, {}) == (None if is_one else "says neither success nor error")


@pytest.mark.parametrize(
    "answer, problem",
    [
        ({"status": "success"}, None),
        ({"success": True}, None),
        ({"jobId": "j1", "jobStatus": "esriJobCancelling"}, None),
        ({"jobStatus": "esriJobCancelled"}, None),
        ({"jobId": "j1", "jobStatus": None}, "neither"),
        ({"jobId": "j1", "jobStatus": 7}, "neither"),
        ({"jobId": "j1", "jobStatus": "esriJobFailed"}, "neither"),
        ({"jobId": "j1", "jobStatus": "esriJobExecuting"}, "neither"),
        ({"jobId": "j2", "jobStatus": "esriJobCancelling"}, "another job, j2"),
        ({"status": "success", "jobId": "j2"}, "another job, j2"),
        ({}, "neither"),
    ],
)
@pytest.mark.parametrize("operation", [CANCEL, DELETE])
def test_what_says_that_the_write_for_a_gp_job_was_accepted(
    answer: dict[str, Any], problem: str | None, operation: Operation
) -> None:
    found = operation.validate(answer, {"job_id": "j1"})
    assert (found is None) if problem is None else problem in str(found)


def test_what_the_site_said_is_kept() -> None:
    failure = failure_of(
        {"error": {"code": 400, "message": "Unable to\n generate  token.", "details": ["Invalid password.", ""]}}
    )
    assert failure.reason == 'the site answered with code 400, "Unable to generate token"'
    assert failure.details == ("Invalid password.",)


@pytest.mark.parametrize(
    "http_status, body, code",
    [
        (200, b"<html>Sign in</html>", "html_answer"),
        (200, b"  <!DOCTYPE html>", "html_answer"),
        (200, b"", "cut_short"),
        (200, b'{"total": 12, "resu', "cut_short"),
        (200, b"OK", "unexpected_shape"),
        (200, b"\xff\xfe\x00", "unexpected_shape"),
        (200, b"[1, 2]", "unexpected_shape"),
        (200, b'"text"', "unexpected_shape"),
        (200, b"null", "unexpected_shape"),
        (200, b"[" * 100_000, "unexpected_shape"),
        (502, b"[" * 100_000, "busy"),
        (400, b"<html>", "html_answer"),
        (401, b"<html>", "web_tier_login"),
        (407, b"", "web_tier_login"),
        (403, b"<html>Forbidden</html>", "html_answer"),
        (404, b"<html>Not found</html>", "html_answer"),
        (429, b"", "busy"),
        (429, b"{}", "busy"),
        (500, b"<html>", "busy"),
        (500, b"{}", "site_error"),
        (502, b"<html>", "busy"),
        (503, b"{}", "busy"),
        (503, b'"Service Unavailable"', "busy"),
        (503, b"null", "busy"),
        (504, b"", "busy"),
        (401, b"{}", "no_privilege"),
        (403, b"{}", "no_privilege"),
        (404, b"{}", "html_answer"),
        (498, b"{}", "token_invalid"),
    ],
)
def test_answers_that_are_no_data(http_status: int, body: bytes, code: str) -> None:
    failure = failure_of(body, http_status)
    assert (failure.code, failure.http_status) == (code, http_status)


def test_an_envelope_counts_more_than_the_http_status() -> None:
    refusal = {"status": "error", "messages": ["Unable to cancel job :[j1]"], "code": 500}
    assert failure_of(refusal, 500).code == "site_error"
    assert failure_of({"error": {"code": 499, "message": "Token Required"}}, 401).code == "token_required"


@pytest.mark.parametrize(
    "value, seconds", [("7", 7.0), (" 0 ", 0.0), ("soon", None), (None, None), ("\u00b2", None), ("-5", None)]
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert failure_of(b"", 503, {"Retry-After": value} if value else {}).retry_after == seconds


@pytest.mark.parametrize("ahead, least, most", [(90, 80, 90), (-90, 0, 0)])
def test_retry_after_as_a_date(ahead: int, least: float, most: float) -> None:
    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=ahead), usegmt=True)
    assert least <= failure_of(b"", 429, {"Retry-After": date}).retry_after <= most


OUT_OF_RANGE = [
    "Tue, 14 Nov 99999 22:13:20 GMT",
    "Tue, 14 Nov 0000 22:13:20 GMT",
    "Sat, 01 Jan 0001 00:00:00 +2359",
    "Tue, 14 Nov 2023 22:13:20 +9999999999999",
    f"Tue, 14 Nov {'9' * 5000} 22:13:20 GMT",
    "9" * 5000,
    "-1",
    "x" * 5000,
]


@pytest.mark.parametrize("date", OUT_OF_RANGE)
def test_a_date_that_is_none_costs_nothing_but_the_date(date: str) -> None:
    # Some of them are dates to some releases of Python, of an age that does no harm.
    assert (http_date(date) or 0.0) <= 253402300800
    assert (failure_of(b"", 503, {"Retry-After": date}).retry_after or 0.0) <= 253402300800
    assert failure_of(b"", 503, {"Retry-After": "Tue, 14 Nov 2023 22:13:20 GMT", "Date": date}).code == "busy"


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000", "UT"])
def test_a_date_is_in_utc_however_its_zone_is_written(zone: str) -> None:
    assert http_date(f"Tue, 14 Nov 2023 22:13:20 {zone}") == 1700000000
    headers = {"Retry-After": f"Tue, 14 Nov 2023 22:14:00 {zone}", "Date": f"Tue, 14 Nov 2023 22:13:20 {zone}"}
    assert failure_of(b"", 503, headers).retry_after == 40


@pytest.mark.parametrize(
    "written, read",
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"a\ud83d"', "a\ufffd"),
        (r'"\ude00b"', "\ufffdb"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\uD800\u0041"', "\ufffdA"),
        ('"\ud800"', "\ufffd\ufffd\ufffd"),
    ],
)
def test_half_a_character_becomes_the_one_for_what_cannot_be_shown(written: str, read: str) -> None:
    body = '{"text": #, "a": {#: 1}}'.replace("#", written)
    assert parse_response(200, {}, body.encode("utf-8", "surrogatepass")) == {"text": read, "a": {read: 1}}


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "1" * 101])
def test_a_number_that_cannot_be_one_stays_text(number: str) -> None:
    assert parse_response(200, {}, f'{{"number": {number}}}'.encode()) == {"number": number}


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("levels", [64, 100_000])
def test_an_answer_without_end_is_refused(opening: str, closing: str, levels: int) -> None:
    body = b'{"a": %s1%s}' % (opening.encode() * levels, closing.encode() * levels)
    with pytest.raises(ArcGISError) as caught:
        parse_response(200, {}, body)
    assert caught.value.failure.code == "unexpected_shape"
    assert "nested deeper than 64 levels" in str(caught.value)


def test_an_answer_of_many_levels_is_read() -> None:
    assert parse_response(200, {}, b'{"a": %s1%s}' % (b"[" * 63, b"]" * 63))


@pytest.mark.parametrize(
    "value, number", [(5, 5), ("5", 5), (5.0, 5), (5.5, None), (True, None), (None, None), ("x", None), ([5], None)]
)
def test_a_whole_number(value: object, number: int | None) -> None:
    assert whole_number(value) == number


def test_a_message_of_a_site_cannot_steer_a_terminal() -> None:
    envelope = json.dumps({"error": {"code": 500, "message": "No\x1b[31m\u202eluck\n here"}}).encode()
    with pytest.raises(ArcGISError) as caught:
        parse_response(200, {}, envelope)
    assert caught.value.failure.as_result()["message"] == 'the site answered with code 500, "No [31m luck here"'


@pytest.mark.parametrize(
    "written, shown",
    [
        ("fine", "fine"),
        ("two\n\tlines \r\x00", "two lines"),
        ("\x1b]0;title\x07a", "]0;title a"),
        ("\u202eabc\u2066d\u200be\ufeff", "abc d e"),
        ("\x85\x9b31m", "31m"),
        ("\u2028a\ud800", "a"),
        ("Gr\u00fc\u00dfe \u6f22", "Gr\u00fc\u00dfe \u6f22"),
        ("a" * 500, "a" * 500),
        ("a" * 501, "a" * 500 + " [...]"),
        (" " * 10_000_000 + "a", "[...]"),
    ],
    ids=range(10),
)
def test_a_text_is_shown_on_one_line(written: str, shown: str) -> None:
    assert quoted(written) == shown


def test_every_text_of_an_error_is_plain() -> None:
    odd = "a\x1b[31m\u202e\n" + "b" * 3000
    failure = Failure("site_error", odd, "do it", details=(odd, odd), hint=odd)
    told = failure.as_result()
    for text in (str(failure), told["message"], *told["details"], told["hint"]):
        assert text.isprintable()
        assert "a [31m b" in text


# What real sites send


@pytest.mark.parametrize("character", ["\t", "\x1b", "\x00", "\n"])
def test_control_characters_inside_texts_are_read(character: str) -> None:
    body = b'{"username": "DOMAIN' + character.encode() + b'analyst", "messages": ["a"]}'
    assert parse_response(200, {}, body)["username"] == f"DOMAIN{character}analyst"


@pytest.mark.parametrize(
    "charset, encoding",
    [
        ("ISO-8859-1", "latin-1"),
        ('"iso-8859-1"', "latin-1"),
        ("windows-1252", "cp1252"),
        ("UTF-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
        ("utf-8", "utf-8"),
        ("no-such-charset", "utf-8"),
        ("hex", "utf-8"),
        ("UTF-16", "utf-8"),
        ("", "utf-8"),
    ],
)
def test_the_header_says_how_an_answer_is_written(charset: str, encoding: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"} if charset else {}
    assert parse_response(200, headers, '{"username": "José"}'.encode(encoding)) == {"username": "José"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_first_bytes_count_more_than_the_header(encoding: str) -> None:
    headers = {"Content-Type": "application/json;charset=ISO-8859-1"}
    assert parse_response(200, headers, '{"username": "José"}'.encode(encoding)) == {"username": "José"}


@pytest.mark.parametrize("body", ["<html>Sign in</html>", " \n<!DOCTYPE html><title>Sign in</title>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_is_a_page_however_it_is_written(body: str, encoding: str) -> None:
    failure = failure_of(body.encode(encoding))
    assert (failure.code, "Sign in" in failure.reason) == ("html_answer", True)


WHOLE = b'{"jobId": "j1", "messages": ["a [1] and {b}"], "x": {"y": [1, 2, {"z": "tail"}]}}'


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_every_beginning_of_an_answer_is_cut_short(length: int) -> None:
    assert failure_of(WHOLE[:length]).code == "cut_short"


@pytest.mark.parametrize("body", [b"{'a': 1}", b"[1, 2,,]", b"OK", b"callback({})", b'{"a": undefined}', b"\x00\x01"])
def test_an_answer_that_is_complete_and_odd_is_not_cut_short(body: bytes) -> None:
    failure = failure_of(body)
    assert (failure.code, failure.kind.retryable) == ("unexpected_shape", False)


@pytest.mark.parametrize(
    "http_status, body, words",
    [
        (400, b"Bad Request\r\nThis combination of host and port requires TLS.", "host and port requires TLS"),
        (400, b"<html><title>400</title><h1>This port speaks TLS&nbsp;only.</h1></html>", "This port speaks TLS only"),
        (200, b"<html><head><title>Maintenance</title></head><body></body></html>", "Maintenance"),
        (200, b"<p>The site is <b>restarting</b><script>x()</script></p>", "The site is restarting"),
        (503, b"<h1>No server is available</h1>", "No server is available"),
        (404, b'{"message": "no Route matched"}', "no Route matched"),
    ],
)
def test_messages_repeat_what_the_other_side_said(http_status: int, body: bytes, words: str) -> None:
    assert words in failure_of(body, http_status).reason


def test_words_of_a_page_are_masked_before_they_are_cut() -> None:
    def masked(text: str) -> str:
        return text.replace("Secret  Pass", "***")

    page = b"<p>" + b"x" * 490 + b" Secret  Pass</p>"
    assert "Secret" not in failure_of(page, 400, masked=masked).reason
    tags = b"<b></b>" * 9362 + b"Secret  Pass" * 9
    assert "Secret" not in failure_of(tags, 400, masked=masked).reason


def test_an_answer_of_very_many_elements_is_not_parsed() -> None:
    failure = failure_of(b'{"results": [' + b"[]," * 2_000_000 + b"[]]}")
    assert (failure.code, "holds more than 2000000 elements" in failure.reason) == ("unexpected_shape", True)


@pytest.mark.parametrize("body", [b'{"a": [1]}', b'{"a": [1', b"<html>", b"[]", b""])
@pytest.mark.parametrize("http_status", [200, 500])
def test_an_answer_is_parsed_once(monkeypatch: pytest.MonkeyPatch, body: bytes, http_status: int) -> None:
    parsed: list[str] = []
    true = json.JSONDecoder.decode
    monkeypatch.setattr(json.JSONDecoder, "decode", lambda self, text: (parsed.append(text), true(self, text))[1])
    with suppress(ArcGISError):
        parse_response(http_status, {}, body)
    assert len(parsed) == 1
