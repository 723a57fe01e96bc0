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
from urllib3 import HTTPResponse

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import transport
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client, Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock, Retries
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


def failure_of(client: Client, operation: Operation = READ) -> Failure:
    """Return the failure that a call ends in."""
    with pytest.raises(ArcGISError) as caught:
        client.call(operation)
    return caught.value.failure


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
        'the site answered with a web page in place of JSON, "Sign in". '
        "Check url, allow administrative access at the Web Adaptor, or use the direct port (6443, 11443 or 21443).",
    ),
    "a page with 404": (PAGE_404, "html_answer", 'the web server answered with HTTP 404 and no JSON, "404". Check url'),
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
        'the site, or a proxy in front of it, answered with HTTP 502, "Bad gateway". Try again later',
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
        'code 500, "The disk is full". Check the logs',
    ),
}


@pytest.mark.parametrize("answer, code, words", FAILURES.values(), ids=FAILURES)
def test_each_failure_has_its_own_clear_error(
    scripted_client: Callable[..., Any], answer: Answer, code: str, words: str
) -> None:
    client, server = scripted_client({"retries": 0}, thing=answer)
    failure = failure_of(client)
    assert failure.code == code
    assert str(failure).startswith(f"Could not read the thing (GET {server.url}/admin/thing): ")
    assert words in str(failure)
    assert (failure.method, failure.url) == ("GET", f"{server.url}/admin/thing")


def test_an_answer_that_takes_too_long(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client({"retries": 0, "timeout": 0.2}, thing=Answer({}, delay=0.8))
    failure = failure_of(client)
    assert failure.code == "timeout"
    assert "the site sent nothing for 0.2 seconds. Check that the site answers, and raise timeout" in str(failure)


@pytest.fixture
def dripping() -> Iterator[Callable[..., str]]:
    """Start a server that sends some bytes at once, then the others one by one each 0.05 seconds, and then nothing."""
    servers = []

    def start(at_once: bytes, others: bytes = b"") -> str:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    self.request.recv(65536)
                    self.request.sendall(at_once)
                    for byte in others:
                        time.sleep(0.05)
                        self.request.sendall(bytes((byte,)))
                    self.request.recv(65536)

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
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n{",
    ],
    ids=["headers", "body", "chunked body"],
)
def test_a_server_that_falls_silent_in_its_answer_is_given_up(
    dripping: Callable[..., str], monkeypatch: pytest.MonkeyPatch, at_once: bytes, by_proxy: bool
) -> None:
    server = dripping(at_once)
    if by_proxy:
        monkeypatch.setenv("HTTP_PROXY", server)
    url = "http://gis.example.com/server" if by_proxy else f"{server}/server"
    began = time.monotonic()
    failure = failure_of(Client(Connection(url=url, token="given-token", retries=0, timeout=0.3)))
    assert (failure.code, failure.is_lost) == ("timeout", True)
    assert "the site sent nothing for 0.3 seconds" in str(failure)
    assert time.monotonic() - began < 2


def test_a_server_that_is_slow_and_never_silent_is_heard_out(dripping: Callable[..., str]) -> None:
    server = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n", b'{"fine": true}')
    client = Client(Connection(url=f"{server}/server", token="given-token", retries=0, timeout=0.5))
    assert client.call(READ) == {"fine": True}


def test_an_answer_is_waited_for_until_the_deadline_of_its_operation(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client({"timeout": 20, "retries": 5}, thing=Answer({}, delay=1))
    began = time.monotonic()
    with pytest.raises(ArcGISError) as caught:
        client.call(READ, retries=client.retries(until=began + 0.2))
    assert caught.value.failure.code == "timeout"
    assert time.monotonic() - began < 0.9
    assert server.operations() == ["thing"]


def test_a_connection_that_is_refused(pauses: list[float], nobody_listens: int) -> None:
    client = Client(Connection(url=f"http://127.0.0.1:{nobody_listens}/server", token="given-token", retries=2))
    failure = failure_of(client)
    assert failure.code == "unreachable"
    assert "Connection refused" in str(failure) and "Check url, the proxy variables" in str(failure)
    assert (len(pauses), client.usage()["retries"]) == (2, 2)


def test_a_host_that_does_not_exist(pauses: list[float]) -> None:
    failure = failure_of(Client(Connection(url="https://no-such-host.invalid/server", token="t", retries=0)))
    assert failure.code == "unreachable"


def test_a_body_that_is_too_large(scripted_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_BODY", 1024 * 1024)
    client, server = scripted_client(thing=[Answer({"a": "b" * 1024 * 1024}), Answer({"a": "b" * 1024 * 900})])
    failure = failure_of(client)
    assert failure.code == "body_too_large"
    assert "the answer is larger than 1 MB. Check url, or ask for less" in str(failure)
    assert server.operations() == ["thing"]
    assert client.call(READ)["a"]


def test_a_small_body_that_unpacks_to_a_large_one(
    scripted_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST_BODY", 1024 * 1024)
    client, dummy = scripted_client(
        thing=Answer(gzip.compress(b" " * 1024 * 1024 * 4), headers={"Content-Encoding": "gzip"})
    )
    assert failure_of(client).code == "body_too_large"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "GZIP, GZIP"])
def test_what_is_packed_twice_or_oddly_is_not_unpacked(
    scripted_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(HTTPResponse, "stream", lambda *dummy, **more: pytest.fail("it was unpacked"))
    twice = Answer(gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": encoding})
    client, dummy = scripted_client(thing=twice)
    failure = failure_of(client)
    assert failure.code == "unexpected_shape"
    assert f"the answer is packed as {encoding.lower()}" in str(failure)


# Retries


@pytest.mark.parametrize(
    "first", [GATEWAY_DOWN, DROPPED, Answer("", 503), Answer(""), Answer("", 429), Answer({}, missing_bytes=1)]
)
@pytest.mark.parametrize("operation", [READ, STATISTICS])
def test_a_reading_request_survives_a_passing_failure(
    scripted_client: Callable[..., Any], pauses: list[float], first: Answer, operation: Operation
) -> None:
    client, server = scripted_client(TWICE, thing=[first, {"fine": True}])
    assert client.call(operation) == {"fine": True}
    assert (len(pauses), client.usage()["retries"], client.usage()["requests"]) == (1, 1, 2)


@pytest.mark.parametrize("first", [GATEWAY_DOWN, DROPPED, Answer("", 503), Answer("")])
def test_a_write_is_never_repeated_blindly(
    scripted_client: Callable[..., Any], pauses: list[float], first: Answer
) -> None:
    client, server = scripted_client({"retries": 5}, thing=[first, {"status": "success"}])
    assert failure_of(client, WRITE).kind.retryable
    assert server.operations() == ["thing"]
    assert pauses == []


@pytest.mark.parametrize(
    "answer", [PAGE_404, refused(500, "The disk is full"), refused(403, "No"), Answer("[]"), Answer("<html>")]
)
def test_what_will_not_pass_is_not_retried(
    scripted_client: Callable[..., Any], pauses: list[float], answer: Answer
) -> None:
    client, server = scripted_client({"retries": 5}, thing=answer)
    failure_of(client)
    assert (server.operations(), pauses) == (["thing"], [])


def test_retries_come_to_an_end(scripted_client: Callable[..., Any], pauses: list[float]) -> None:
    client, server = scripted_client({"retries": 3}, thing=GATEWAY_DOWN)
    failure_of(client)
    assert len(server.received) == 4
    assert len(pauses) == 3


def test_retry_after_is_honoured(scripted_client: Callable[..., Any], pauses: list[float]) -> None:
    client, dummy = scripted_client(
        {"retries": 2}, thing=[Answer("", 503, {"Retry-After": "7"}), Answer("", 429, {"Retry-After": "9999"}), {}]
    )
    client.call(READ)
    assert pauses == [7.0, 120.0]


def pauses_of(tries: int, retry_after: float | None = None, until: float | None = None) -> list[float]:
    """Return the pauses before all repeats of an operation that keeps failing; the time passes in them alone."""
    taken: list[float] = []
    retries = Retries(tries, Clock(lambda: sum(taken), taken.append), until)
    failure = Failure("busy", "no", retry_after=retry_after)
    while retries.pauses(failure):
        pass
    return taken


def test_pauses_grow_and_are_capped() -> None:
    expected = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, *[30.0] * 14]
    for _dummy in range(50):
        pauses = pauses_of(20)
        assert len(pauses) == 20
        assert all(most / 2 <= pause <= most for pause, most in zip(pauses, expected))


@pytest.mark.parametrize("asked, pause", [(0.0, 0.0), (5.0, 5.0), (-3.0, 0.0), (1e9, 120.0)])
def test_the_site_may_ask_for_a_pause(asked: float, pause: float) -> None:
    assert pauses_of(3, asked) == [pause] * 3


def test_no_pause_ends_after_the_deadline_and_no_try_begins_there() -> None:
    assert pauses_of(20, retry_after=4.0, until=10.0) == [4.0, 4.0, 2.0]


def test_a_failure_that_will_not_pass_allows_no_further_try() -> None:
    assert not Retries(5, Clock()).pauses(Failure("site_error", "no"))


def test_all_that_a_call_takes_shares_its_tries(scripted_client: Callable[..., Any], pauses: list[float]) -> None:
    client, server = scripted_client(
        {"retries": 2, "token": None, "username": "a", "password": "b"},
        info=[GATEWAY_DOWN, {"currentVersion": 11.3}],
        generateToken={"token": "t"},
        thing=[GATEWAY_DOWN, refused(498, "Token Expired."), GATEWAY_DOWN, {"fine": True}],
    )
    assert failure_of(client).code == "busy"
    assert server.operations() == ["info", "info", "generateToken", "thing", "thing", "generateToken", "thing"]
    assert (len(pauses), client.usage()["retries"]) == (2, 2)
    assert client.call(READ) == {"fine": True}


def test_a_write_that_surely_did_not_leave_is_sent_again(nobody_listens: int, pauses: list[float]) -> None:
    client = Client(Connection(url=f"http://127.0.0.1:{nobody_listens}/server", token="given-token", retries=2))
    failure = failure_of(client, WRITE)
    assert (failure.code, failure.was_sent, failure.is_indeterminate) == ("unreachable", False, False)
    assert (len(pauses), client.usage()["requests"]) == (2, 3)


# Redirects


def redirect(target: str, status: int = 302) -> Answer:
    """Return a redirect."""
    return Answer("", status, {"Location": target})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("operation", [READ, STATISTICS])
def test_a_redirect_within_the_origin_is_followed_as_it_was_sent(
    scripted_client: Callable[..., Any], status: int, operation: Operation
) -> None:
    client, server = scripted_client(thing=redirect("/server/other?token=odd", status), other={"fine": True})
    assert client.call(operation, {"a": "1"}) == {"fine": True}
    last = server.received[-1]
    assert (last.method, last.fields["a"], last.fields["f"]) == (operation.method, "1", "json")
    assert last.fields.get("token") == ("given-token" if operation.method == "POST" else None)
    assert (last.headers["X-Esri-Authorization"] == "Bearer given-token") is (operation.method == "GET")


@pytest.mark.parametrize("operation", [READ, STATISTICS, WRITE])
def test_a_redirect_to_another_origin_gets_no_token(
    scripted_client: Callable[..., Any], scripted: Callable[..., ScriptedSite], operation: Operation
) -> None:
    elsewhere = scripted(thing={"fine": True})
    client, server = scripted_client(thing=redirect(f"{elsewhere.url}/admin/thing?x=1"))
    failure = failure_of(client, operation)
    assert failure.code == "redirected"
    assert (
        f"the site redirected the request to {elsewhere.url}/admin/thing. Set url (or portal_url) to the address"
        in str(failure)
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
def test_a_redirect_that_only_looks_like_the_same_origin(scripted_client: Callable[..., Any], target: str) -> None:
    client, server = scripted_client(thing=redirect(target))
    assert failure_of(client).code == "redirected"
    assert len(server.received) == 1


def test_a_redirected_write_is_refused(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(thing=redirect("/server/other"), other={"status": "success"})
    assert failure_of(client, WRITE).code == "redirected"
    assert server.operations() == ["thing"]


def test_a_redirect_in_a_circle_ends(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(thing=redirect("/server/thing"))
    failure = failure_of(client)
    assert failure.code == "redirected" and "in a circle" in str(failure)
    assert len(server.received) <= 5


@pytest.mark.parametrize("target, code", [("/server/other", None), ("https://evil.example.com/", "redirected")])
def test_the_body_of_a_redirect_is_not_read(
    scripted_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, target: str, code: str | None
) -> None:
    monkeypatch.setattr(transport, "LARGEST_BODY", 1024 * 1024)
    # More is announced than ever comes.
    huge = Answer(b"x" * 1024, 302, {"Location": target, "Content-Length": str(10**12)})
    client, dummy = scripted_client({"retries": 0, "timeout": 2}, thing=huge, other={"fine": True})
    began = time.monotonic()
    if code is None:
        assert client.call(READ) == {"fine": True}
    else:
        assert failure_of(client).code == code
    assert time.monotonic() - began < 1


def test_the_address_of_a_redirect_cannot_steer_a_terminal(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client(thing=redirect("https://evil.example.com/\x1b[31m" + "a" * 3000))
    failure = failure_of(client)
    assert (failure.code, str(failure).isprintable(), len(str(failure)) < 2500) == ("redirected", True, True)


def test_a_redirected_log_in_takes_no_password_elsewhere(
    scripted_client: Callable[..., Any], scripted: Callable[..., ScriptedSite]
) -> None:
    elsewhere = scripted(generateToken={"token": "t"})
    settings = {"token": None, "username": "a", "password": "b", "token_source": "site"}
    client, dummy = scripted_client(settings, generateToken=redirect(f"{elsewhere.url}/admin/generateToken", 307))
    assert failure_of(client).code == "redirected"
    assert elsewhere.received == []


# The environment


def test_a_netrc_file_changes_nothing(
    scripted_client: Callable[..., Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login other password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    looked_at: list[str] = []
    monkeypatch.setattr(requests.sessions, "get_netrc_auth", lambda url, **dummy: looked_at.append(url))
    client, server = scripted_client(thing=[redirect("/server/other")], other={})
    client.call(READ)
    assert looked_at == []
    for request in server.received:
        assert request.headers["Authorization"] is None
        assert request.headers["X-Esri-Authorization"] == "Bearer given-token"


def test_the_proxy_of_the_environment_is_used(
    scripted: Callable[..., ScriptedSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = scripted(thing={"fine": True})
    monkeypatch.setenv("http_proxy", proxy.origin)
    client = Client(Connection(url="http://gis.example.com/server", allow_http=True, token="given-token"))
    assert client.call(READ) == {"fine": True}
    assert proxy.received[0].target == "http://gis.example.com/server/admin/thing?f=json"


def test_the_log_in_of_a_proxy_is_sent_to_it_alone(
    scripted: Callable[..., ScriptedSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = scripted(thing={"fine": True})
    monkeypatch.setenv("http_proxy", proxy.origin.replace("//", "//me:secret@"))
    client = Client(Connection(url="http://gis.example.com/server", allow_http=True, token="given-token"))
    client.call(READ)
    client.call(STATISTICS)
    assert {request.headers["Proxy-Authorization"] for request in proxy.received} == {"Basic bWU6c2VjcmV0"}
    assert proxy.received[1].target == "http://gis.example.com/server/admin/thing"


def test_no_proxy_is_honoured(
    scripted: Callable[..., ScriptedSite], scripted_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = scripted()
    monkeypatch.setenv("http_proxy", proxy.origin)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    client, dummy = scripted_client(thing={"fine": True})
    assert client.call(READ) == {"fine": True}
    assert proxy.received == []


def test_a_proxy_that_is_down_is_named(
    pauses: list[float], nobody_listens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{nobody_listens}")
    failure = failure_of(Client(Connection(url="https://gis.example.com/server", token="given-token", retries=0)))
    assert failure.code == "unreachable"
    assert "proxy" in str(failure).partition(": ")[2].partition(". ")[0].lower()


# What is sent


def test_every_request_asks_for_json_and_says_who_asks(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(thing={"status": "success"})
    client.call(READ, {"name": "a b&c"})
    client.call(WRITE)
    first, second = server.received
    assert (first.query, first.form) == ({"f": "json", "name": "a b&c"}, {})
    assert (second.query, second.form) == ({}, {"f": "json", "token": "given-token"})
    assert {request.headers["Referer"] for request in server.received} == {"gisops.arcgis"}
    assert second.headers["X-Esri-Authorization"] is None


@pytest.mark.parametrize(
    "parameters",
    [{}, {"start": 7, "text": "ä b&c=+%~/'\"", "empty": "", "wide": "𝄞"}, {"f": "html", "x": "\x00"}],
)
@pytest.mark.parametrize("context", ["server", "S b<é>[1]|~'\"$&+,;=@!*()"])
def test_what_goes_over_the_wire_is_what_requests_would_send(
    scripted_client: Callable[..., Any], parameters: dict[str, Any], context: str
) -> None:
    client, server = scripted_client(thing={"status": "success"})
    client = Client(Connection(url=f"{server.origin}/{context}", token="given-token"))
    client.call(READ, parameters)
    client.call(WRITE, parameters)
    fields, url = {**parameters, "f": "json"}, f"{server.origin}/{context}/admin/thing"
    read, write = server.received
    assert read.target == requests.Request("GET", url, params=fields).prepare().path_url
    expected = requests.Request("POST", url, data={**fields, "token": "given-token"}).prepare()
    assert (write.target, write.headers["Content-Length"]) == (expected.path_url, expected.headers["Content-Length"])
    assert write.headers["Content-Type"] == expected.headers["Content-Type"]
    assert write.form == {name: str(value) for name, value in {**fields, "token": "given-token"}.items()}


COOKIES = {
    "node=7; Path=/": "node=7",
    "node=7; Path=/server/admin": "node=7",
    "node=7; Path=/portal": None,
    "node=7; Domain=gis.example.com; Path=/": None,
    "node=7; Secure; Path=/": None,
    "node=7; Max-Age=0; Path=/": None,
}


@pytest.mark.parametrize("cookie, sent", COOKIES.items(), ids=COOKIES)
def test_a_cookie_of_a_load_balancer_comes_back_where_it_belongs(
    scripted_client: Callable[..., Any], cookie: str, sent: str | None
) -> None:
    client, server = scripted_client(thing=Answer({}, headers={"Set-Cookie": cookie}))
    client.call(READ)
    client.call(STATISTICS)
    assert [request.headers["Cookie"] for request in server.received] == [None, sent]


# Connections


def test_a_task_uses_one_connection_from_the_log_in_on(scripted: Callable[..., ScriptedSite]) -> None:
    server = scripted(generateToken={"token": "t"}, thing={"fine": True}, info={})
    server.script["info"] = [{"currentVersion": 11.3, "owningSystemUrl": f"{server.origin}/portal"}]
    client = Client(Connection(url=server.url, username="a", password="b"))
    for _dummy in range(3):
        client.call(READ)
    assert client.now_ms()
    assert server.operations() == ["info", "generateToken", "thing", "thing", "thing"]
    assert server.received[1].path == "/portal/sharing/rest/generateToken"
    assert server.connections == 1


def test_a_portal_that_is_named_is_not_looked_for(scripted: Callable[..., ScriptedSite]) -> None:
    server = scripted(generateToken={"token": "t"}, thing={"fine": True}, info={})
    client = Client(Connection(url=server.url, portal_url=f"{server.origin}/portal", username="a", password="b"))
    client.call(READ)
    assert (server.operations(), server.connections) == (["generateToken", "thing"], 1)


@pytest.mark.parametrize(
    "first, connections",
    [(redirect("/server/other"), 2), (Answer(b""), 1), (refused(500, "no"), 1), (Answer(b"x", 404), 1), (DROPPED, 2)],
)
def test_a_connection_is_used_again_unless_something_is_left_on_it(
    scripted_client: Callable[..., Any], first: Answer, connections: int
) -> None:
    client, server = scripted_client({"retries": 0}, thing=[first, {"fine": True}], other={"fine": True})
    with suppress(ArcGISError):
        client.call(READ)
    assert client.call(READ) == {"fine": True}
    assert server.connections == connections


def test_a_compressed_answer_is_read(scripted_client: Callable[..., Any]) -> None:
    packed = Answer(gzip.compress(b'{"fine": true}'), headers={"Content-Encoding": "gzip"})
    client, server = scripted_client(thing=packed)
    assert client.call(READ) == {"fine": True}
    assert server.received[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_what_is_put_into_a_path_is_quoted(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client()
    with pytest.raises(ArcGISError):
        client.call(Operation("read {task}", "GET", "tasks/{task}/x"), task="Line / Of?Sight#")
    assert server.received[0].target == "/server/tasks/Line%20%2F%20Of%3FSight%23/x?f=json"


def test_the_clock_of_the_site_is_read_from_its_answers(scripted_client: Callable[..., Any]) -> None:
    client, server = scripted_client(thing=Answer({}, headers={"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}))
    client.call(READ)
    assert abs(client.now_ms() - 1700000000000) < 5000
    assert server.operations() == ["thing"]


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Nov 2023 22:13:20 GMT", f"Tue, 14 Nov {'9' * 5000} 22:13:20 GMT"]
)
def test_a_site_without_a_clock_is_reported(scripted_client: Callable[..., Any], date: str) -> None:
    client, dummy = scripted_client(info=Answer({}, headers={"Date": date}))
    assert client.now_ms() > 1700000000000
    assert client.now_ms() and client.warnings == [
        "The site sent no Date header, so ages are reckoned on the clock of this machine."
    ]


def test_an_error_still_carries_the_clock(scripted_client: Callable[..., Any]) -> None:
    client, dummy = scripted_client(info=Answer("<html>", 404, {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}))
    assert abs(client.now_ms() - 1700000000000) < 5000
