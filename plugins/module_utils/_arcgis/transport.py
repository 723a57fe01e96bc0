# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on the wire: pooled connections, TLS, proxies, retries and redirects. Private to the collection.

requests makes the pools of connections, because it knows proxies and certificates. A request goes to its pool directly,
since by way of requests it costs twice the processor time.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit, urlunsplit

try:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header
    from requests.exceptions import InvalidProxyURL
    from requests.utils import get_environ_proxies, prepend_scheme_if_needed, select_proxy
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    requests = None  # type: ignore[assignment]
    REQUESTS_PROBLEM: str | None = traceback.format_exc()
else:
    REQUESTS_PROBLEM = None

from .._errors import ArcGISError, Failure
from .._retries import Retries
from .connection import Connection, Origin, origin
from .responses import http_date, parse_response, whole_number
from .secrets import Secrets

LARGEST_BODY = 64 * 1024 * 1024
_MOST_REDIRECTS = 3
# What a path holds as it is, a % of what is quoted already included.
_OF_A_PATH = "/%:@!$&'()*+,;=~"
_HEADERS = {"User-Agent": "gisops.arcgis", "Accept": "application/json, */*", "Accept-Encoding": "gzip, deflate"}
_PLAINLY = dict.fromkeys(("retries", "redirect", "assert_same_host", "preload_content", "decode_content"), False)


@dataclass(frozen=True)
class Request:
    """One request.

    operation completes "Could not ...". is_repeatable says that the same request twice does no harm, so that it may be
    sent again after a failure; may_move, that it may follow a redirect.
    """

    operation: str
    method: str
    url: str
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)
    is_repeatable: bool = True
    may_move: bool = True


@dataclass(frozen=True)
class Peer:
    """The other end of a connection, as far as it was seen.

    proxy is the URL of the proxy on the way. ahead_ms is by how much the clock there is ahead of this one. certificate
    is what the TLS library decodes, which is nothing where certificates are not verified.
    """

    proxy: str | None = None
    ahead_ms: int | None = None
    protocol: str | None = None
    certificate: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Server:
    """One origin: its URL, what a request has before the path, its connections, and what is seen of it."""

    url: str
    prefix: str
    peer: Peer
    pool: Any = None


class Transport:
    """Sends the requests of one task over pooled connections, and counts them."""

    def __init__(self, connection: Connection) -> None:
        self.secrets = Secrets(connection.secrets, connection.username)
        self.requests = 0
        self._connection = connection
        self._lock = threading.Lock()
        self._under_way = threading.BoundedSemaphore(connection.max_concurrency)
        self._servers: dict[Origin, _Server] = {}
        self._is_closed = False
        self._headers = {"Referer": connection.referer, **_HEADERS}
        # Without a session there is no .netrc, no other header, and no redirect that is followed by itself. Cookies
        # stay, because load balancers keep a client on one machine with them.
        self._cookies = RequestsCookieJar()
        self._adapter = HTTPAdapter(pool_connections=4, pool_maxsize=connection.max_concurrency)
        if connection.verify is False:
            # The user has said so; one warning for each request would add nothing.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # A cookie that cannot be read is no mistake of this library, which would print a traceback of it.
        warnings.filterwarnings("ignore", message="http.cookiejar bug")
        # The bundle of the environment counts only where the task names no authority of its own.
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._verify = bundle if connection.verify is True and bundle else connection.verify
        self._tls = _tls_context(self._verify is not False)

    def send(self, request: Request, retries: Retries) -> dict[str, Any]:
        """Send a request and return the JSON object of its answer; send it again after a passing failure.

        A request that is not repeatable is sent again only where it surely did not leave.
        Raises ArcGISError for whatever went wrong, an error inside an answer with HTTP 200 included.
        """
        while True:
            try:
                return self._follow(request, retries)
            except ArcGISError as error:
                failure = error.failure
            is_final = self._is_closed or (failure.was_sent and not request.is_repeatable)
            if is_final or not retries.pauses(failure):
                break
        failure = replace(failure, operation=request.operation, method=request.method, url=request.url)
        raise ArcGISError.of(replace(failure, reason=self.secrets.shown(failure.reason)))

    def now_ms(self, url: str) -> int | None:
        """Return the time on the clock of the server behind url, in milliseconds; None before its first answer."""
        ahead_ms = self.peer(url).ahead_ms
        return None if ahead_ms is None else round(time.time() * 1000) + ahead_ms

    def peer(self, url: str) -> Peer:
        """Return what was seen of the server behind url, or of the way to it."""
        server = self._servers.get(origin(url))
        return Peer() if server is None else server.peer

    def close(self) -> None:
        """Close the pooled connections. A thread that an interrupted task left behind sends nothing more."""
        self._is_closed = True
        self._adapter.close()

    def _follow(self, request: Request, retries: Retries) -> dict[str, Any]:
        """Send a request where redirects lead it, and return the JSON object of the answer."""
        url = request.url
        for _dummy in range(_MOST_REDIRECTS + 1):
            response, body = self._exchange(request, url, retries.time_left(self._connection.timeout))
            if body is not None:
                return parse_response(response.status, response.headers, body, self.secrets.masked)
            url = _redirect_target(request, url, response)
        raise ArcGISError("redirected", "the site redirected the request in a circle", http_status=response.status)

    def _exchange(self, request: Request, url: str, timeout: float) -> tuple[Any, bytes | None]:
        """Send a request once; timeout bounds the wait for a connection, and between bytes. A redirect has no body."""
        response = None
        if self._is_closed:
            raise ArcGISError("internal_error", "the task has ended", was_sent=False)
        try:
            server = self._server_of(url)
            path = quote(urlsplit(url).path, safe=_OF_A_PATH) or "/"
            target, fields, headers = self._written(request, server, path)
        except ValueError as problem:
            reason = f"the address cannot be used: {type(problem).__name__}"
            raise ArcGISError("unreachable", reason, was_sent=False) from None
        try:
            with self._under_way:
                pool = server.pool or self._pool_of(server)
                how = {"body": fields, "headers": headers, "timeout": max(timeout, 0.001), **_PLAINLY}
                response = pool.request(request.method, target, enforce_content_length=True, **how)
                if server.peer.ahead_ms is None:
                    server.peer = _seen(server.peer, response)
                body = _read_body(response)
        except ArcGISError:
            raise
        except Exception as problem:
            # Whatever else it is, it came after the request was handed over.
            raise ArcGISError.of(_network_failure(problem, timeout, server.peer.proxy, response is not None)) from None
        if "Set-Cookie" in response.headers:
            asked = requests.Request(request.method, f"{server.url}{path}")
            extract_cookies_to_jar(self._cookies, asked, response)  # type: ignore[no-untyped-call]
        return response, body

    def _server_of(self, url: str) -> _Server:
        """Count a request to an address, and return the server behind it. Raises ValueError where there can be none."""
        where = origin(url)
        with self._lock:
            self.requests += 1
            if where not in self._servers:
                root = str(requests.Request("GET", urljoin(url, "/")).prepare().url)[:-1]
                proxy = select_proxy(url, get_environ_proxies(url))
                is_passed_on = proxy and root.startswith("http:") and not proxy.lower().startswith("socks")
                self._servers[where] = _Server(root, root if is_passed_on else "", Peer(proxy))
            return self._servers[where]

    def _pool_of(self, server: _Server) -> Any:
        """Return the connections to a server, which are made as requests makes them."""
        adapter = self._adapter
        with self._lock:
            proxy = server.peer.proxy
            proxy = proxy and prepend_scheme_if_needed(proxy, "http")  # type: ignore[no-untyped-call]
            if proxy and not urlsplit(proxy).hostname:
                raise InvalidProxyURL
            pool = (adapter.proxy_manager_for(proxy) if proxy else adapter.poolmanager).connection_from_url(server.url)
            options = (self._verify, self._connection.client_cert)
            adapter.cert_verify(pool, server.url, *options)  # type: ignore[no-untyped-call]
            if server.url.startswith("https:"):
                pool.conn_kw["ssl_context"] = self._tls
            server.pool = pool
        return pool

    def _written(self, request: Request, server: _Server, path: str) -> tuple[str, str | None, dict[str, str]]:
        """Return a request as it goes over the wire: what its first line asks for, the body, and the headers."""
        fields, headers, target = {**request.parameters, "f": "json"}, dict(self._headers), f"{server.prefix}{path}"
        if self._cookies:
            asked = requests.Request(request.method, f"{server.url}{path}")
            cookie = get_cookie_header(self._cookies, asked)  # type: ignore[no-untyped-call]
            headers.update({"Cookie": cookie} if cookie else {})
        if request.method != "POST":
            headers.update({"X-Esri-Authorization": f"Bearer {request.token}"} if request.token else {})
            return f"{target}?{urlencode(fields, doseq=True)}", None, headers
        fields.update({"token": request.token} if request.token else {})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return target, urlencode(fields, doseq=True), headers


def _tls_context(verifies: bool) -> ssl.SSLContext:
    """Return the TLS settings that all connections of a task share, as urllib3 would make them for each.

    To read the certificates of the authorities costs more than a hundred requests, so it is done once.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verifies else ssl.CERT_NONE)
    for name in ("load_verify_locations", "load_cert_chain"):
        setattr(context, name, lru_cache(getattr(context, name)))
    return context


def _seen(peer: Peer, response: Any) -> Peer:
    """Return what the first answer shows of the other end, while its connection is at hand."""
    there, now = http_date(response.headers.get("Date")), time.time()
    # A server that closes the connection after its answer has no socket any more.
    tls = getattr(getattr(response.connection, "sock", None), "getpeercert", None)
    if tls is not None:
        peer = replace(peer, protocol=tls.__self__.version(), certificate=tls() or {})
    return peer if there is None else replace(peer, ahead_ms=round((there - now) * 1000))


def _redirect_target(request: Request, url: str, response: Any) -> str:
    """Return where to send the same request again; only within one origin, and never a write."""
    try:
        parts = urlsplit(urljoin(url, response.headers.get("Location", "")))
        # The parameters travel with the request itself, so the query of the redirect is left out.
        target = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        reason, elsewhere = f"the site redirected the request to {target}", origin(target) != origin(url)
    except ValueError:
        reason, elsewhere = "the site redirected the request to something that is no URL", True
    if elsewhere or not request.may_move:
        raise ArcGISError("redirected", reason, http_status=response.status)
    return str(target)


def _read_body(response: Any) -> bytes | None:
    """Return the body of an answer; that of a redirect is not read. A connection that holds some of it is closed."""
    body = None
    try:
        if not 300 <= response.status < 400:
            body = b"".join(_chunks_of(response))
        return body
    finally:
        if body is None:
            response.close()
        response.release_conn()


def _chunks_of(response: Any) -> Iterator[bytes]:
    """Yield the body of an answer, of at most LARGEST_BODY bytes; more than that is not kept and not waited for."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        # What is packed twice could unpack to any size at once.
        raise ArcGISError("unexpected_shape", f"the answer is packed as {encoding}", http_status=response.status)
    announced, size = whole_number(response.headers.get("Content-Length")) or 0, 0
    for chunk in response.stream(65536, decode_content=True) if announced <= LARGEST_BODY else ():
        size += len(chunk)
        if size > LARGEST_BODY:
            break
        yield chunk
    if max(announced, size) > LARGEST_BODY:
        reason = f"the answer is larger than {LARGEST_BODY // 1024 // 1024} MB"
        raise ArcGISError("body_too_large", reason, http_status=response.status)


# What an exception of the HTTP libraries means: the first line that names a class of it, or of what is at its bottom.
# Only where no connection came about, where the handshake refused the certificate, or where the proxy refused to
# connect did the request surely not leave; nothing else may say so.
_LEFT, _NOT_SENT = True, False
_UNUSABLE = ("InvalidURL", "LocationValueError", "InvalidSchema", "ProxySchemeUnknown")
_MEANINGS = (
    (("SSLEOFError", "SSLZeroReturnError"), "unreachable", "the other side closed the TLS connection", _LEFT),
    (("CertificateError", "SSLCertVerificationError"), "tls_failure", "the TLS connection failed: {reason}", _NOT_SENT),
    (("SSLError",), "tls_failure", "the TLS connection failed: {reason}", _LEFT),
    (("NewConnectionError", "gaierror"), "unreachable", "the connection failed: {reason}", _NOT_SENT),
    (("ConnectTimeoutError",), "timeout", "there was no connection within {seconds:.3g} seconds", _NOT_SENT),
    (("TimeoutError", "timeout"), "timeout", "the site sent nothing for {seconds:.3g} seconds", _LEFT),
    (_UNUSABLE, "unreachable", "the address is unusable: {kind}", _NOT_SENT),
    (("_TunnelRefused",), "unreachable", "the connection failed: {reason}", _NOT_SENT),
    (("_NoFile",), "tls_failure", "a certificate file could not be used: {reason}", _NOT_SENT),
    (("_BrokenOff", "DecodeError"), "cut_short", "the connection broke in the middle of the answer", _LEFT),
    (("ProtocolError", "ProxyError", "PoolError", "OSError"), "unreachable", "the connection failed: {reason}", _LEFT),
    (("Exception",), "cut_short", "the answer could not be read: {kind}", _LEFT),
)
# Two failures have no class of their own, and only their texts, which are those of Python and of requests, tell them.
_TOLD_BY_TEXT = {"Tunnel connection failed": "_TunnelRefused", "Could not find": "_NoFile"}
_PROXY_HINT = (
    "Check the variables HTTPS_PROXY and NO_PROXY of the environment in which the module runs. A proxy that asks for a "
    "log-in (407) gets it from there, as http://user:password@host:port."
)
_CLOSED_HINT = "Check that the site runs, and set client_cert if it asks for a certificate."


def _network_failure(problem: Exception, seconds: float, proxy: str | None, has_begun: bool) -> Failure:
    """Return what an exception means; proxy is the URL of the one in use, has_begun whether the answer had begun."""
    cause = _innermost(problem)
    classes = {of.__name__ for each in (problem, cause) for of in type(each).__mro__}
    if isinstance(cause, OSError) and cause.errno is None:
        classes |= {name for text, name in _TOLD_BY_TEXT.items() if str(cause).startswith(text)}
    if has_begun and "ProtocolError" in classes:
        classes.add("_BrokenOff")
    code, reason, left = next(line[1:] for line in _MEANINGS if not classes.isdisjoint(line[0]))
    kind = type(cause).__name__
    hint = _CLOSED_HINT if kind in _MEANINGS[0][0] else None
    if proxy and ("ProxyError" in classes or "{kind}" in reason):
        # The text of the HTTP library could repeat the password in the URL of the proxy; the one of a refusal does not.
        reason = "the connection by way of the proxy {proxy} of the environment failed: "
        reason += "{reason}" if "_TunnelRefused" in classes else "{kind}"
        hint = _PROXY_HINT
    address = (proxy or "").rpartition("@")[2].rpartition("//")[2].rstrip("/")
    reason = reason.format(reason=cause, kind=kind, seconds=seconds, proxy=address)
    return Failure(code, reason, was_sent=left, hint=hint)


def _innermost(problem: BaseException) -> BaseException:
    """Return the exception at the bottom of what the HTTP libraries wrapped around it."""
    for _dummy in range(10):
        inner = getattr(problem, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((value for value in problem.args if isinstance(value, BaseException)), None)
        if inner is None:
            break
        problem = inner
    return problem
