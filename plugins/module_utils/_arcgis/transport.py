# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on the wire: pooled connections, TLS, proxies, retries and redirects. Private to the collection."""

from __future__ import annotations

import os
import threading
import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

try:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
    from requests.utils import get_environ_proxies, select_proxy
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


class Transport:
    """Sends the requests of one task over pooled connections, and counts them."""

    def __init__(self, connection: Connection) -> None:
        self.secrets = Secrets(connection.secrets, connection.username)
        self.requests = 0
        self._connection = connection
        self._lock = threading.Lock()
        self._under_way = threading.BoundedSemaphore(connection.max_concurrency)
        self._clock_ahead_ms: dict[Origin, int] = {}
        self._proxies: dict[Origin, Any] = {}
        self._is_closed = False
        # Without a session there is no .netrc, no other header, and no redirect that is followed by itself. Cookies
        # stay, because load balancers keep a client on one machine with them.
        self._cookies = RequestsCookieJar()
        self._pool = HTTPAdapter(pool_connections=4, pool_maxsize=connection.max_concurrency, max_retries=0)
        if connection.verify is False:
            # The user has said so; one warning for each request would add nothing.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # A cookie that cannot be read is no mistake of this library, which would print a traceback of it.
        warnings.filterwarnings("ignore", message="http.cookiejar bug")
        # The bundle of the environment counts only where the task names no authority of its own.
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._verify = bundle if connection.verify is True and bundle else connection.verify

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
        reason = self.secrets.shown(failure.reason)
        raise ArcGISError.of(
            replace(failure, reason=reason, operation=request.operation, method=request.method, url=request.url)
        )

    def now_ms(self, url: str) -> int | None:
        """Return the time on the clock of the server behind url, in milliseconds; None before its first answer."""
        ahead = self._clock_ahead_ms.get(origin(url))
        return None if ahead is None else round(time.time() * 1000) + ahead

    def close(self) -> None:
        """Close the pooled connections. A thread that an interrupted task left behind sends nothing more."""
        self._is_closed = True
        self._pool.close()

    def _follow(self, request: Request, retries: Retries) -> dict[str, Any]:
        """Send a request where redirects lead it, and return the JSON object of the answer."""
        url = request.url
        for _dummy in range(_MOST_REDIRECTS + 1):
            response, body = self._exchange(request, url, retries.time_left(self._connection.timeout))
            if not _is_redirect(response):
                return parse_response(response.status_code, response.headers, body, self.secrets.masked)
            url = _redirect_target(request, url, response)
        raise ArcGISError("redirected", "the site redirected the request in a circle", http_status=response.status_code)

    def _exchange(self, request: Request, url: str, timeout: float) -> tuple[requests.Response, bytes]:
        """Send a request to an address once; timeout is the longest wait for a connection, and between two bytes."""
        if self._is_closed:
            raise ArcGISError("internal_error", "the task has ended", was_sent=False)
        with self._lock:
            self.requests += 1
        server = origin(url)
        try:
            prepared, proxies = self._prepared(request, url), self._proxies_for(server, url)
        except ValueError as problem:
            reason = f"the address cannot be used: {type(problem).__name__}"
            raise ArcGISError("unreachable", reason, was_sent=False) from None
        try:
            with self._under_way:
                response = self._pool.send(
                    prepared,
                    stream=True,
                    timeout=max(timeout, 0.001),
                    verify=self._verify,
                    cert=self._connection.client_cert,
                    proxies=proxies,
                )
                body = _read_body(response)
        except ArcGISError:
            raise
        except Exception as problem:
            # Whatever else it is, it came after the request was handed over.
            raise ArcGISError.of(_network_failure(problem, timeout, select_proxy(url, proxies))) from None
        extract_cookies_to_jar(self._cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
        self._note_clock(server, response.headers.get("Date"))
        return response, body

    def _prepared(self, request: Request, url: str) -> requests.PreparedRequest:
        headers = {
            "Referer": self._connection.referer,
            "User-Agent": "gisops.arcgis",
            "Accept": "application/json, */*",
            "Accept-Encoding": "gzip, deflate",
        }
        fields = {**request.parameters, "f": "json"}
        is_post = request.method == "POST"
        if request.token and is_post:
            fields["token"] = request.token
        elif request.token:
            headers["X-Esri-Authorization"] = f"Bearer {request.token}"
        params, data = (None, fields) if is_post else (fields, None)
        return requests.Request(
            request.method, url, headers=headers, params=params, data=data, cookies=self._cookies
        ).prepare()

    def _proxies_for(self, server: Origin, url: str) -> Any:
        if server not in self._proxies:
            self._proxies[server] = get_environ_proxies(url)
        return self._proxies[server]

    def _note_clock(self, server: Origin, date: str | None) -> None:
        there = None if server in self._clock_ahead_ms else http_date(date)
        if there is not None:
            self._clock_ahead_ms[server] = round((there - time.time()) * 1000)


def _is_redirect(response: requests.Response) -> bool:
    return 300 <= response.status_code < 400


def _redirect_target(request: Request, url: str, response: requests.Response) -> str:
    """Return where to send the same request again; only within one origin, and never a write."""
    try:
        parts = urlsplit(urljoin(url, response.headers.get("Location", "")))
        # The parameters travel with the request itself, so the query of the redirect is left out.
        target = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        reason, elsewhere = f"the site redirected the request to {target}", origin(target) != origin(url)
    except ValueError:
        reason, elsewhere = "the site redirected the request to something that is no URL", True
    if elsewhere or not request.may_move:
        raise ArcGISError("redirected", reason, http_status=response.status_code)
    return target


def _read_body(response: requests.Response) -> bytes:
    """Return the body of an answer, of at most LARGEST_BODY bytes; more than that is not kept and not waited for.

    That of a redirect is not read at all.
    """
    if _is_redirect(response):
        response.close()
        return b""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        # What is packed twice could unpack to any size at once.
        response.close()
        raise ArcGISError("unexpected_shape", f"the answer is packed as {encoding}", http_status=response.status_code)
    size = whole_number(response.headers.get("Content-Length")) or 0
    body = bytearray()
    with response:
        chunks = response.iter_content(65536) if size <= LARGEST_BODY else ()
        for chunk in chunks:
            body += chunk
            size = len(body)
            if size > LARGEST_BODY:
                break
        if size > LARGEST_BODY:
            reason = f"the answer is larger than {LARGEST_BODY // 1024 // 1024} MB"
            raise ArcGISError("body_too_large", reason, http_status=response.status_code)
    return bytes(body)


# What an exception of the HTTP libraries means: the first line that names a class of it, or of what is at its bottom.
# Only where no connection came about, where the handshake refused the certificate, or where the proxy refused to
# connect did the request surely not leave; nothing else may say so.
_LEFT, _NOT_SENT = True, False
_MEANINGS = (
    (("SSLEOFError", "SSLZeroReturnError"), "unreachable", "the other side closed the TLS connection", _LEFT),
    (("CertificateError", "SSLCertVerificationError"), "tls_failure", "the TLS connection failed: {reason}", _NOT_SENT),
    (("SSLError",), "tls_failure", "the TLS connection failed: {reason}", _LEFT),
    (("NewConnectionError", "gaierror"), "unreachable", "the connection failed: {reason}", _NOT_SENT),
    (("ConnectTimeoutError",), "timeout", "there was no connection within {seconds:.3g} seconds", _NOT_SENT),
    (("TimeoutError", "timeout"), "timeout", "the site sent nothing for {seconds:.3g} seconds", _LEFT),
    (
        ("InvalidURL", "InvalidProxyURL", "LocationValueError", "InvalidSchema", "ProxySchemeUnknown"),
        "unreachable",
        "the address is unusable: {kind}",
        _NOT_SENT,
    ),
    (("_TunnelRefused",), "unreachable", "the connection failed: {reason}", _NOT_SENT),
    (("_NoFile",), "tls_failure", "a certificate file could not be used: {reason}", _NOT_SENT),
    (
        ("ChunkedEncodingError", "ContentDecodingError"),
        "cut_short",
        "the connection broke in the middle of the answer",
        _LEFT,
    ),
    (("ConnectionError",), "unreachable", "the connection failed: {reason}", _LEFT),
    (("Exception",), "cut_short", "the answer could not be read: {kind}", _LEFT),
)
# Two failures have no class of their own, and only their texts, which are those of Python and of requests, tell them.
_TOLD_BY_TEXT = {"Tunnel connection failed": "_TunnelRefused", "Could not find": "_NoFile"}
_PROXY_HINT = (
    "Check the variables HTTPS_PROXY and NO_PROXY of the environment in which the module runs. A proxy that asks for a "
    "log-in (407) gets it from there, as http://user:password@host:port."
)
_CLOSED_HINT = "Check that the site runs, and set client_cert if it asks for a certificate."


def _network_failure(problem: Exception, seconds: float, proxy: str | None) -> Failure:
    """Return what an exception of the HTTP libraries means; proxy is the URL of the one that was to be used."""
    cause = _innermost(problem)
    classes = {of.__name__ for each in (problem, cause) for of in type(each).__mro__}
    if isinstance(cause, OSError) and cause.errno is None:
        classes |= {name for text, name in _TOLD_BY_TEXT.items() if str(cause).startswith(text)}
    code, reason, left = next(line[1:] for line in _MEANINGS if not classes.isdisjoint(line[0]))
    kind = type(cause).__name__
    hint = _CLOSED_HINT if kind in _MEANINGS[0][0] else None
    if proxy and ("ProxyError" in classes or "{kind}" in reason):
        # The text of the HTTP library could repeat the password in the URL of the proxy; the one of a refusal does not.
        reason = "the connection by way of the proxy {proxy} of the environment failed: "
        reason += "{reason}" if "_TunnelRefused" in classes else "{kind}"
        hint = _PROXY_HINT
    reason = reason.format(reason=cause, kind=kind, seconds=seconds, proxy=_without_password(proxy))
    return Failure(code, reason, was_sent=left, hint=hint)


def _without_password(proxy: str | None) -> str:
    """Return the address of a proxy as messages name it."""
    return (proxy or "").rpartition("@")[2].rpartition("//")[2].rstrip("/")


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
