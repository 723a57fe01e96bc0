# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded requests and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.gisops.arcgis.tests.replay.recording import Recording, Request, read_answer, read_pairs

SITE = "https://gis.example.com/server"


def write(directory: Path, name: str, request: str | None, response: bytes | None = b"{}") -> None:
    if request is not None:
        (directory / f"{name}.request").write_text(request, encoding="utf-8")
    if response is not None:
        (directory / f"{name}.response").write_bytes(response)


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_an_answer_with_its_head(ends: bytes) -> None:
    head = [
        b"HTTP/1.1 503 Busy",
        b"Date: Thu, 01 Jan 2026 00:00:00 GMT",
        b"Transfer-Encoding: chunked",
        b"Retry-After: 5",
    ]
    answer = read_answer(ends.join([*head, b"", b"line\n\nline"]))
    assert (answer.status, answer.body) == (503, b"line\n\nline")
    assert answer.headers == {"Date": "Thu, 01 Jan 2026 00:00:00 GMT", "Retry-After": "5"}


def test_of_the_heads_of_a_proxy_and_of_the_site_the_last_one_counts() -> None:
    answer = read_answer(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 404 \r\ncontent-type: text/html\r\n\r\nNo")
    assert (answer.status, answer.headers, answer.body) == (404, {"content-type": "text/html"}, b"No")


def test_a_body_alone_is_an_answer() -> None:
    answer = read_answer(b'{"a": "HTTP/1.1 500"}')
    assert (answer.status, answer.body) == (200, b'{"a": "HTTP/1.1 500"}')


@pytest.mark.parametrize(
    "url, is_the_same",
    [
        (f"{SITE}/admin/services/A%20b/jobs/query?number=10&jobStatus=x&f=pjson", True),
        (f"{SITE}/admin/services/A b/jobs/query?jobStatus=x&number=10&startTime=&detail=false&token=secret", True),
        (f"{SITE}/admin/services/A b/jobs/query/?jobStatus=x&number=10", True),
        (f"{SITE}/admin/services/A b/jobs/query?jobStatus=x&number=11", False),
        (f"{SITE}/admin/services/A b/jobs/query?jobStatus=x&number=10&detail=true", False),
        ("https://other.example.com/server/admin/services/A b/jobs/query?jobStatus=x&number=10", False),
    ],
)
def test_what_tells_one_request_from_another(url: str, is_the_same: bool) -> None:
    request = Request.of("get", f"{SITE}/admin/services/A%20b/jobs/query?jobStatus=x&number=10&f=json")
    assert (request == Request.of("GET", url)) is is_the_same
    assert request != Request.of("POST", request.url)


@pytest.mark.parametrize(
    "request_text, response, why",
    [
        ("", b"{}", "needs one line"),
        ("GET", b"{}", "needs one line"),
        (f"GET {SITE}\nGET {SITE}", b"{}", "needs one line"),
        ("GET /server/admin", b"{}", "needs one line"),
        (f"GET {SITE}/admin?f=json&token=secret", b"{}", "holds a token"),
        (f"GET {SITE}", None, "has no a.response"),
        (None, b"{}", "no request belongs to a"),
    ],
)
def test_a_pair_that_is_none(tmp_path: Path, request_text: str | None, response: bytes | None, why: str) -> None:
    write(tmp_path, "a", request_text, response)
    with pytest.raises(ValueError, match=why):
        read_pairs(tmp_path)


def test_what_is_asked_for_and_what_is_not(tmp_path: Path) -> None:
    write(tmp_path, "1", f"# The first answer.\nGET {SITE}/admin?f=json\n", b"first")
    write(tmp_path, "2", f"GET {SITE}/admin?f=pjson", b"second")
    write(tmp_path, "3", f"GET {SITE}/admin/services?f=json", b"services")
    recording = Recording(tmp_path)
    known, unknown = Request.of("GET", f"{SITE}/admin"), Request.of("GET", f"{SITE}/admin/system?f=json")
    assert [recording.answer(known).body for _turn in range(3)] == [b"first", b"second", b"second"]
    assert {recording.answer(unknown).status for _turn in range(2)} == {404}
    assert [request.url for request in recording.missing] == [f"{SITE}/admin/system?f=json"]
    assert [pair.name for pair in recording.unused] == ["3"]
    assert recording.origins == ["https://gis.example.com"]
