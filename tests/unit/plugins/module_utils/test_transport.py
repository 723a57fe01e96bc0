# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on the wire: what is retried, what is followed, and how each failure is told."""

from __future__ import annotations

import gzip
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests

from ansible_collections.gisops.arcgis.plugins.module_utils import _transport
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._transport import pause_before
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import (
    DROPPED,
    GATEWAY_DOWN,
    PAGE_404,
    Answer,
    ScriptedSite,
    refused,
)

READ = Operation("read the thing", "GET", "admin/thing")
WRITE = Operation("change the thing", "POST", "admin/thing", writes=True)
STATISTICS = Operation("count the things", "POST", "admin/thing")
TWICE = {"retries": 1}


def error_of(site: Site, operation: Operation = READ) -> ArcGISError:
    """Return the error that a call ends in."""
    with pytest.raises(ArcGISError) as caught:
        site.call(operation)
    return caught.value


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    """Hold a port on which nobody answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


FAILURES: dict[str, tuple[Answer, str, str]] = {
    "a page": (
        Answer("<html>Sign in</html>"),
        "html_answer",
        "the site answered with a web page in place of JSON. "
        "Check url, allow administrative access at the Web Adaptor, or use the direct port (6443, 11443 or 21443).",
    ),
    "a page with 404": (PAGE_404, "html_answer", "the web server answered with HTTP 404 and no JSON. Check url"),
    "a page with 403": (
        Answer("<html>", 403),
        "html_answer",
        "the web server answered with HTTP 403 and no JSON. Check url",
    ),
    "a log-in of the web server": (
        Answer("<html>", 401),
        "web_tier_login",
        "the web server answered with HTTP 401. Use the site's direct port",
    ),
    "a proxy's log-in": (
        Answer("", 407),
        "web_tier_login",
        "the web server answered with HTTP 407. Use the site's direct port",
    ),
    "a gateway that is down": (
        GATEWAY_DOWN,
        "busy",
        "the site, or a proxy in front of it, answered with HTTP 502. Try again later",
    ),
    "too many requests": (
        Answer("", 429),
        "busy",
        "the site, or a proxy in front of it, answered with HTTP 429. Try again later",
    ),
    "no answer at all": (
        DROPPED,
        "unreachable",
        "the connection failed: Remote end closed connection without response. Check url",
    ),
    "a body cut short": (Answer({"a": "b" * 99}, missing_bytes=50), "cut_short", "Run the task again."),
    "half a JSON": (
        Answer('{"results": '),
        "cut_short",
        "the answer is empty or not complete JSON. Run the task again.",
    ),
    "nothing in the body": (Answer(""), "cut_short", "the answer is empty or not complete JSON. Run the task again."),
    "a body that claims to be compressed": (
        Answer("{}", headers={"Content-Encoding": "gzip"}),
        "cut_short",
        "Run the task again.",
    ),
    "a list": (Answer("[]"), "unexpected_shape", "the answer is not a JSON object. Check url and platform."),
    "an expired token": (
        refused(498, "Token Expired."),
        "token_invalid",
        'the site answered with code 498, "Token Expired". Give username',
    ),
    "no privilege": (
        refused(403, "Token is valid but access is denied."),
        "no_privilege",
        'answered with code 403, "Token is valid but access is denied". '
        "Use an administrator, or add the privilege to the role. "
        "A custom role also needs the administrative privilege View all content.",
    ),
    "an invalid URL": (
        Answer({"error": {"code": 400, "message": "Invalid URL"}}),
        "wrong_url",
        "Check that url is the context URL",
    ),
    "an error of its own": (
        refused(500, "The disk is full"),
        "site_error",
        'code 500, "The disk is full". Look into the logs',
    ),
}


@pytest.mark.parametrize("answer, code, words", FAILURES.values(), ids=FAILURES)
def test_each_failure_has_its_own_clear_error(
    scripted_site: Callable[..., Any], answer: Answer, code: str, words: str
) -> None:
    site, server = scripted_site({"retries": 0}, thing=answer)
    error = error_of(site)
    assert error.code == code
    assert str(error).startswith(f"Could not read the thing (GET {server.url}/admin/thing): ")
    assert words in str(error)
    assert (error.method, error.url) == ("GET", f"{server.url}/admin/thing")


def test_an_answer_that_takes_too_long(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site({"retries": 0, "timeout": 0.2}, thing=Answer({}, delay=0.8))
    error = error_of(site)
    assert error.code == "timeout"
    assert "there was no complete answer within 0.2 seconds. Check that the site answers, and raise timeout" in str(
        error
    )


@pytest.fixture
def dripping() -> Iterator[Callable[[bytes], str]]:
    """Start a server that sends some bytes at once and then goes on with one byte each 0.05 seconds."""
    servers = []

    def start(at_once: bytes) -> str:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    self.request.recv(65536)
                    self.request.sendall(at_once)
                    for _step in range(100):
                        time.sleep(0.05)
                        self.request.sendall(b"x")

        servers.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
        servers[-1].daemon_threads = True
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("by_proxy", [False, True], ids=["direct", "by proxy"])
@pytest.mark.parametrize(
    "at_once",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n",
    ],
    ids=["status line", "headers", "body", "chunked body"],
)
def test_a_server_that_drips_is_given_the_time_of_one_request(
    dripping: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch, at_once: bytes, by_proxy: bool
) -> None:
    server = dripping(at_once)
    if by_proxy:
        monkeypatch.setenv("HTTP_PROXY", server)
    url = "http://gis.example.com/server" if by_proxy else f"{server}/server"
    began = time.monotonic()
    error = error_of(Site(Connection(url=url, token="given-token", retries=0, timeout=0.3)))
    assert error.code == "timeout"
    assert time.monotonic() - began < 2


def test_a_connection_that_is_refused(pauses: list[float], nobody_listens: int) -> None:
    site = Site(Connection(url=f"http://127.0.0.1:{nobody_listens}/server", token="given-token", retries=2))
    error = error_of(site)
    assert error.code == "unreachable"
    assert "Connection refused" in str(error) and "Check url, the proxy variables" in str(error)
    assert (len(pauses), site.cost()["retries"]) == (2, 2)


def test_a_host_that_does_not_exist(pauses: list[float]) -> None:
    error = error_of(Site(Connection(url="https://no-such-host.invalid/server", token="t", retries=0)))
    assert error.code == "unreachable"


def test_a_body_that_is_too_large(scripted_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "LARGEST_BODY", 1024 * 1024)
    site, server = scripted_site(thing=[Answer({"a": "b" * 1024 * 1024}), Answer({"a": "b" * 1024 * 900})])
    error = error_of(site)
    assert error.code == "body_too_large"
    assert "the answer is larger than 1 MB. Check url, or ask for less" in str(error)
    assert server.operations() == ["thing"]
    assert site.call(READ)["a"]


def test_a_small_body_that_unpacks_to_a_large_one(
    scripted_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "LARGEST_BODY", 1024 * 1024)
    site, dummy = scripted_site(
        thing=Answer(gzip.compress(b" " * 1024 * 1024 * 4), headers={"Content-Encoding": "gzip"})
    )
    assert error_of(site).code == "body_too_large"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "GZIP, GZIP"])
def test_what_is_packed_twice_or_oddly_is_not_unpacked(
    scripted_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(requests.Response, "iter_content", lambda *dummy: pytest.fail("it was unpacked"))
    twice = Answer(gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": encoding})
    site, dummy = scripted_site(thing=twice)
    error = error_of(site)
    assert error.code == "unexpected_shape"
    assert f"the answer is packed as {encoding.lower()}" in str(error)


# Retries


@pytest.mark.parametrize(
    "first", [GATEWAY_DOWN, DROPPED, Answer("", 503), Answer(""), Answer("", 429), Answer({}, missing_bytes=1)]
)
@pytest.mark.parametrize("operation", [READ, STATISTICS])
def test_a_reading_request_survives_a_passing_failure(
    scripted_site: Callable[..., Any], pauses: list[float], first: Answer, operation: Operation
) -> None:
    site, server = scripted_site(TWICE, thing=[first, {"fine": True}])
    assert site.call(operation) == {"fine": True}
    assert (len(pauses), site.cost()["retries"], site.cost()["requests"]) == (1, 1, 2)


@pytest.mark.parametrize("first", [GATEWAY_DOWN, DROPPED, Answer("", 503), Answer("")])
def test_a_write_is_never_repeated_blindly(
    scripted_site: Callable[..., Any], pauses: list[float], first: Answer
) -> None:
    site, server = scripted_site({"retries": 5}, thing=[first, {"status": "success"}])
    assert error_of(site, WRITE).kind.retryable
    assert server.operations() == ["thing"]
    assert pauses == []


@pytest.mark.parametrize(
    "answer", [PAGE_404, refused(500, "The disk is full"), refused(403, "No"), Answer("[]"), Answer("<html>")]
)
def test_what_will_not_pass_is_not_retried(
    scripted_site: Callable[..., Any], pauses: list[float], answer: Answer
) -> None:
    site, server = scripted_site({"retries": 5}, thing=answer)
    error_of(site)
    assert (server.operations(), pauses) == (["thing"], [])


def test_retries_come_to_an_end(scripted_site: Callable[..., Any], pauses: list[float]) -> None:
    site, server = scripted_site({"retries": 3}, thing=GATEWAY_DOWN)
    error_of(site)
    assert len(server.received) == 4
    assert len(pauses) == 3


def test_retry_after_is_honoured(scripted_site: Callable[..., Any], pauses: list[float]) -> None:
    site, dummy = scripted_site(
        {"retries": 2}, thing=[Answer("", 503, {"Retry-After": "7"}), Answer("", 429, {"Retry-After": "9999"}), {}]
    )
    site.call(READ)
    assert pauses == [7.0, 120.0]


@pytest.mark.parametrize(
    "attempt, least, most", [(0, 0.25, 0.5), (1, 0.5, 1.0), (3, 2.0, 4.0), (10, 15.0, 30.0), (1000, 15.0, 30.0)]
)
def test_pauses_grow_and_are_capped(attempt: int, least: float, most: float) -> None:
    assert all(least <= pause_before(attempt) <= most for dummy in range(50))


@pytest.mark.parametrize("asked, pause", [(0.0, 0.0), (5.0, 5.0), (-3.0, 0.0), (1e9, 120.0)])
def test_the_site_may_ask_for_a_pause(asked: float, pause: float) -> None:
    assert pause_before(3, asked) == pause


# Redirects


def redirect(target: str, status: int = 302) -> Answer:
    """Return a redirect."""
    return Answer("", status, {"Location": target})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("operation", [READ, STATISTICS])
def test_a_redirect_within_the_origin_is_followed_as_it_was_sent(
    scripted_site: Callable[..., Any], status: int, operation: Operation
) -> None:
    site, server = scripted_site(thing=redirect("/server/other?token=odd", status), other={"fine": True})
    assert site.call(operation, {"a": "1"}) == {"fine": True}
    last = server.received[-1]
    assert (last.method, last.fields["a"], last.fields["f"]) == (operation.method, "1", "json")
    assert last.fields.get("token") == ("given-token" if operation.method == "POST" else None)
    assert (last.headers["X-Esri-Authorization"] == "Bearer given-token") is (operation.method == "GET")


@pytest.mark.parametrize("operation", [READ, STATISTICS, WRITE])
def test_a_redirect_to_another_origin_gets_no_token(
    scripted_site: Callable[..., Any], scripted: Callable[..., ScriptedSite], operation: Operation
) -> None:
    elsewhere = scripted(thing={"fine": True})
    site, server = scripted_site(thing=redirect(f"{elsewhere.url}/admin/thing?x=1"))
    error = error_of(site, operation)
    assert error.code == "redirected"
    assert (
        f"the site redirected the request to {elsewhere.url}/admin/thing. Set url (or portal_url) to the address"
        in str(error)
    )
    assert elsewhere.received == []
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example.com/x",
        "http://127.0.0.1@evil.example.com/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1.evil.example.com/",
    ],
)
def test_a_redirect_that_only_looks_like_the_same_origin(scripted_site: Callable[..., Any], target: str) -> None:
    site, server = scripted_site(thing=redirect(target))
    assert error_of(site).code == "redirected"
    assert len(server.received) == 1


def test_a_redirected_write_is_refused(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(thing=redirect("/server/other"), other={"status": "success"})
    assert error_of(site, WRITE).code == "redirected"
    assert server.operations() == ["thing"]


def test_a_redirect_in_a_circle_ends(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(thing=redirect("/server/thing"))
    error = error_of(site)
    assert error.code == "redirected" and "in a circle" in str(error)
    assert len(server.received) <= 5


@pytest.mark.parametrize("target, code", [("/server/other", None), ("https://evil.example.com/", "redirected")])
def test_the_body_of_a_redirect_is_not_read(
    scripted_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, target: str, code: str | None
) -> None:
    monkeypatch.setattr(_transport, "LARGEST_BODY", 1024 * 1024)
    # More is announced than ever comes.
    huge = Answer(b"x" * 1024, 302, {"Location": target, "Content-Length": str(10**12)})
    site, dummy = scripted_site({"retries": 0, "timeout": 2}, thing=huge, other={"fine": True})
    began = time.monotonic()
    if code is None:
        assert site.call(READ) == {"fine": True}
    else:
        assert error_of(site).code == code
    assert time.monotonic() - began < 1


def test_the_address_of_a_redirect_cannot_steer_a_terminal(scripted_site: Callable[..., Any]) -> None:
    site, dummy = scripted_site(thing=redirect("https://evil.example.com/\x1b[31m" + "a" * 3000))
    error = error_of(site)
    assert (error.code, str(error).isprintable(), len(str(error)) < 2500) == ("redirected", True, True)


def test_a_redirected_log_in_takes_no_password_elsewhere(
    scripted_site: Callable[..., Any], scripted: Callable[..., ScriptedSite]
) -> None:
    elsewhere = scripted(generateToken={"token": "t"})
    settings = {"token": None, "username": "a", "password": "b", "token_source": "site"}
    site, dummy = scripted_site(settings, generateToken=redirect(f"{elsewhere.url}/admin/generateToken", 307))
    assert error_of(site).code == "redirected"
    assert elsewhere.received == []


# The environment


def test_a_netrc_file_changes_nothing(
    scripted_site: Callable[..., Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login other password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    looked_at: list[str] = []
    monkeypatch.setattr(requests.sessions, "get_netrc_auth", lambda url, **dummy: looked_at.append(url))
    site, server = scripted_site(thing=[redirect("/server/other")], other={})
    site.call(READ)
    assert looked_at == []
    for request in server.received:
        assert request.headers["Authorization"] is None
        assert request.headers["X-Esri-Authorization"] == "Bearer given-token"


def test_the_proxy_of_the_environment_is_used(
    scripted: Callable[..., ScriptedSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = scripted(thing={"fine": True})
    monkeypatch.setenv("http_proxy", proxy.origin)
    site = Site(Connection(url="http://gis.example.com/server", allow_http=True, token="given-token"))
    assert site.call(READ) == {"fine": True}
    assert proxy.received[0].target == "http://gis.example.com/server/admin/thing?f=json"


def test_no_proxy_is_honoured(
    scripted: Callable[..., ScriptedSite], scripted_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = scripted()
    monkeypatch.setenv("http_proxy", proxy.origin)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site, dummy = scripted_site(thing={"fine": True})
    assert site.call(READ) == {"fine": True}
    assert proxy.received == []


def test_a_proxy_that_is_down_is_named(
    pauses: list[float], nobody_listens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{nobody_listens}")
    error = error_of(Site(Connection(url="https://gis.example.com/server", token="given-token", retries=0)))
    assert error.code == "unreachable"
    assert "proxy" in str(error).partition(": ")[2].partition(". ")[0].lower()


# What is sent


def test_every_request_asks_for_json_and_says_who_asks(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(thing={"status": "success"})
    site.call(READ, {"name": "a b&c"})
    site.call(WRITE)
    first, second = server.received
    assert (first.query, first.form) == ({"f": "json", "name": "a b&c"}, {})
    assert (second.query, second.form) == ({}, {"f": "json", "token": "given-token"})
    assert {request.headers["Referer"] for request in server.received} == {"gisops.arcgis"}
    assert second.headers["X-Esri-Authorization"] is None


def test_a_cookie_of_a_load_balancer_comes_back(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(thing=Answer({}, headers={"Set-Cookie": "node=7; Path=/"}))
    site.call(READ)
    site.call(STATISTICS)
    assert [request.headers["Cookie"] for request in server.received] == [None, "node=7"]


def test_a_compressed_answer_is_read(scripted_site: Callable[..., Any]) -> None:
    packed = Answer(gzip.compress(b'{"fine": true}'), headers={"Content-Encoding": "gzip"})
    site, server = scripted_site(thing=packed)
    assert site.call(READ) == {"fine": True}
    assert server.received[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_what_is_put_into_a_path_is_quoted(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site()
    with pytest.raises(ArcGISError):
        site.call(Operation("read {task}", "GET", "tasks/{task}/x"), task="Line / Of?Sight#")
    assert server.received[0].target == "/server/tasks/Line%20%2F%20Of%3FSight%23/x?f=json"


def test_the_clock_of_the_site_is_read_from_its_answers(scripted_site: Callable[..., Any]) -> None:
    site, server = scripted_site(thing=Answer({}, headers={"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}))
    site.call(READ)
    assert abs(site.now_ms() - 1700000000000) < 5000
    assert server.operations() == ["thing"]


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Nov 2023 22:13:20 GMT", f"Tue, 14 Nov {'9' * 5000} 22:13:20 GMT"]
)
def test_a_site_without_a_clock_is_reported(scripted_site: Callable[..., Any], date: str) -> None:
    site, dummy = scripted_site(info=Answer({}, headers={"Date": date}))
    assert site.now_ms() > 1700000000000
    assert site.now_ms() and site.warnings == [
        "The site sent no Date header, so ages are reckoned on the clock of this machine."
    ]


def test_an_error_still_carries_the_clock(scripted_site: Callable[..., Any]) -> None:
    site, dummy = scripted_site(info=Answer("<html>", 404, {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}))
    assert abs(site.now_ms() - 1700000000000) < 5000
