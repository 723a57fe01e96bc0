# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on the wire: pooled connections, TLS, retries and redirects.

This module is private to the collection.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies

try:
    import requests
    from requests import Session
    from requests.adapters import HTTPAdapter
except ImportError:
    requests = None  # type: ignore[assignment]
    HTTPAdapter = Session = object  # type: ignore[assignment,misc]
    REQUESTS_PROBLEM: str | None = traceback.format_exc()
else:
    REQUESTS_PROBLEM = None

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import http_date, payload_of, whole_number
from ansible_collections.gisops.arcgis.plugins.module_utils._connection import Connection, origin
from ansible_collections.gisops.arcgis.plugins.module_utils._deadline import bound_answers
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, quoted

LARGEST_BODY = 64 * 1024 * 1024
_ESCAPED = re.compile("%[0-9A-F]{2}")
_MOST_REDIRECTS = 3
_LONGEST_PAUSE = 30.0
_LONGEST_RETRY_AFTER = 120.0


@dataclass(frozen=True)
class Request:
    """One request.

    repeatable says that the same request twice does no harm, so that it may be retried; movable, that it may follow a
    redirect.
    """

    attempted: str
    method: str
    url: str
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)
    repeatable: bool = True
    movable: bool = True


class _Session(Session):
    """A session that leaves redirects alone; it would read the whole body of one, and look into .netrc for the next."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that there is nothing to follow."""


class _Pool(HTTPAdapter):
    """Pooled connections, direct or by way of a proxy, whose answers must be complete in time."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Prepare the direct connections."""
        super().init_poolmanager(*arguments, **options)
        bound_answers(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Return the connections by way of one proxy."""
        manager = super().proxy_manager_for(*arguments, **options)
        bound_answers(manager)
        return manager


class Transport:
    """Sends the requests of one task over pooled connections, and counts them.

    secrets holds every value that must not appear in an error; sleep is called for the pauses between retries.
    """

    def __init__(self, settings: Connection, sleep: Callable[[float], None] = time.sleep) -> None:
        self.secrets = _also_escaped(settings.secrets | _proxy_passwords())
        self.sleep = sleep
        self.requests = 0
        self.retries = 0
        self._settings = settings
        self._lock = threading.Lock()
        self._under_way = threading.BoundedSemaphore(settings.max_concurrency)
        self._clock_ahead_ms: dict[tuple[str, str, int], int] = {}
        self._proxies: dict[tuple[str, str, int], Any] = {}
        self._session = _Session()
        pool = _Pool(pool_connections=4, pool_maxsize=settings.max_concurrency, max_retries=0)
        self._session.mount("https://", pool)
        self._session.mount("http://", pool)
        if settings.verify is False:
            # The user has said so; one warning for each request would add nothing.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # The bundle of the environment counts only where the task names no authority of its own.
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._verify = bundle if settings.verify is True and bundle else settings.verify

    def exchange(self, request: Request) -> dict[str, Any]:
        """Send a request and return the JSON object of its answer; retry it after a passing failure.

        A request that is not repeatable is retried only where it surely did not reach the site.
        Raises ArcGISError for whatever went wrong, an error inside an answer with HTTP 200 included.
        """
        for attempt in range(self._settings.retries + 1):
            try:
                return self._once(request)
            except ArcGISError as error:
                failure = error
            may_repeat = request.repeatable or not failure.sent
            if not (failure.kind.retryable and may_repeat) or attempt == self._settings.retries:
                break
            self.pause(attempt, failure)
        failure.attempted, failure.method, failure.url = request.attempted, request.method, request.url
        # What is cut short could end in half a secret, which nothing would find again.
        failure.said = quoted(self._without_secrets(failure.said))
        failure.details = [quoted(self._without_secrets(detail)) for detail in failure.details]
        raise failure

    def pause(self, attempt: int, failure: ArcGISError) -> None:
        """Wait before a request is sent again after a failure, and count that it is."""
        with self._lock:
            self.retries += 1
        self.sleep(pause_before(attempt, failure.retry_after))

    def add_secret(self, secret: str) -> None:
        """Let a value appear in no error from now on."""
        self.secrets |= _also_escaped({secret})

    def now_ms(self, url: str) -> int | None:
        """Return the time on the clock of the server behind url, in milliseconds; None before its first answer."""
        ahead = self._clock_ahead_ms.get(origin(url))
        return None if ahead is None else round(time.time() * 1000) + ahead

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _once(self, request: Request) -> dict[str, Any]:
        url = request.url
        for _dummy in range(_MOST_REDIRECTS + 1):
            response, body = self._send(request, url)
            if not _is_redirect(response):
                return payload_of(response.status_code, response.headers, body)
            url = _redirect_target(request, url, response)
        raise ArcGISError("redirected", "the site redirected the request in a circle", http_status=response.status_code)

    def _send(self, request: Request, url: str) -> tuple[requests.Response, bytes]:
        with self._lock:
            self.requests += 1
        try:
            prepared, proxies = self._prepared(request, url), self._proxies_for(url)
        except ValueError as problem:
            said = f"the address cannot be used: {type(problem).__name__}"
            raise ArcGISError("unreachable", said, sent=False) from None
        try:
            with self._under_way:
                response = self._session.send(
                    prepared,
                    stream=True,
                    allow_redirects=False,
                    timeout=self._settings.timeout,
                    # With every request, because REQUESTS_CA_BUNDLE overrides what the session says.
                    verify=self._verify,
                    cert=self._settings.client_cert,
                    proxies=proxies,
                )
                body = _read_body(response)
        except ArcGISError:
            raise
        except Exception as problem:
            # Whatever else it is, it came after the request was handed over.
            raise _network_error(problem, self._settings.timeout) from None
        self._note_clock(url, response.headers.get("Date"))
        return response, body

    def _prepared(self, request: Request, url: str) -> requests.PreparedRequest:
        headers = {
            "Referer": self._settings.referer,
            "User-Agent": "gisops.arcgis",
            "Accept": "application/json, */*",
            "Accept-Encoding": "gzip, deflate",
        }
        fields = {"f": "json", **request.parameters}
        is_post = request.method == "POST"
        if request.token and is_post:
            fields["token"] = request.token
        elif request.token:
            headers["X-Esri-Authorization"] = f"Bearer {request.token}"
        # Prepared without the session, so that a .netrc file cannot put other credentials in.
        return requests.Request(
            request.method,
            url,
            headers=headers,
            params=None if is_post else fields,
            data=fields if is_post else None,
            cookies=self._session.cookies,
        ).prepare()

    def _proxies_for(self, url: str) -> Any:
        key = origin(url)
        if key not in self._proxies:
            self._proxies[key] = requests.utils.get_environ_proxies(url)
        return self._proxies[key]

    def _note_clock(self, url: str, date: str | None) -> None:
        key = origin(url)
        there = None if key in self._clock_ahead_ms else http_date(date)
        if there is not None:
            self._clock_ahead_ms[key] = round((there - time.time()) * 1000)

    def _without_secrets(self, text: str) -> str:
        # A secret may be the beginning of another one.
        for secret in sorted(list(self.secrets), key=len, reverse=True):
            text = text.replace(secret, "********")
        return text


def _proxy_passwords() -> set[str]:
    """Return the passwords in the proxy variables of the environment, which messages of the HTTP library may repeat."""
    found = set()
    for url in getproxies().values():
        try:
            found.add(urlsplit(url).password or "")
        except ValueError:
            continue
    return found - {""}


def _also_escaped(secrets: set[str]) -> set[str]:
    """Return the secrets together with how they look inside a URL or a form."""
    ways = (str, unquote, quote, quote_plus, lambda secret: quote(secret, safe=""))
    forms = {way(secret) for secret in secrets for way in ways}
    return forms | {_ESCAPED.sub(lambda found: found[0].lower(), form) for form in forms}


def pause_before(attempt: int, retry_after: float | None = None) -> float:
    """Return the seconds to wait before the next try: what the site asked for, else growing and jittered."""
    if retry_after is not None:
        return min(max(retry_after, 0.0), _LONGEST_RETRY_AFTER)
    return random.uniform(0.5, 1.0) * min(_LONGEST_PAUSE, 0.5 * 2.0**attempt)


def _is_redirect(response: requests.Response) -> bool:
    return 300 <= response.status_code < 400


def _redirect_target(request: Request, url: str, response: requests.Response) -> str:
    """Return where to send the same request again; only within one origin, and never a write."""
    try:
        parts = urlsplit(urljoin(url, response.headers.get("Location", "")))
        # The parameters travel with the request itself, so the query of the redirect is left out.
        target = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        said, elsewhere = f"the site redirected the request to {target}", origin(target) != origin(url)
    except ValueError:
        said, elsewhere = "the site redirected the request to something that is no URL", True
    if elsewhere or not request.movable:
        raise ArcGISError("redirected", said, http_status=response.status_code)
    return target


# What an exception of the HTTP libraries means: the first line that names a class of it, or of what is at its bottom.
# Only where no connection came about, where the handshake refused the certificate, or where the proxy refused to
# connect did the request surely not leave; nothing else may say so.
_LEFT, _NOT_SENT = True, False
_MEANINGS = (
    (("SSLEOFError", "SSLZeroReturnError"), "unreachable", "the other side closed the TLS connection", _LEFT),
    (("CertificateError", "SSLCertVerificationError"), "tls_failure", "the TLS connection failed: {reason}", _NOT_SENT),
    (("SSLError",), "tls_failure", "the TLS connection failed: {reason}", _LEFT),
    (("NewConnectionError", "gaierror"), "unreachable", "the connection failed: {reason}", _NOT_SENT),
    (("ConnectTimeoutError",), "timeout", "there was no connection within {seconds:g} seconds", _NOT_SENT),
    (("TimeoutError", "timeout"), "timeout", "there was no complete answer within {seconds:g} seconds", _LEFT),
    (
        ("InvalidURL", "LocationValueError", "InvalidSchema"),
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
_CLOSED_HINT = "Check that the site runs, and set client_cert if it asks for a certificate."


def _network_error(problem: Exception, seconds: float) -> ArcGISError:
    """Return what an exception of the HTTP libraries means."""
    reason = _innermost(problem)
    classes = {of.__name__ for each in (problem, reason) for of in type(each).__mro__}
    if isinstance(reason, OSError) and reason.errno is None:
        classes |= {name for text, name in _TOLD_BY_TEXT.items() if str(reason).startswith(text)}
    code, said, left = next(line[1:] for line in _MEANINGS if not classes.isdisjoint(line[0]))
    kind = type(reason).__name__
    if "ProxyError" in classes and "{reason}" in said:
        # The texts of the HTTP library could repeat the password in the URL of the proxy.
        said = "the connection by way of the proxy of the environment failed: {kind}"
    said = said.format(reason=reason, kind=kind, seconds=seconds)
    return ArcGISError(code, said, sent=left, hint=_CLOSED_HINT if kind in _MEANINGS[0][0] else None)


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
        if size <= LARGEST_BODY:
            for chunk in response.iter_content(65536):
                body += chunk
                size = len(body)
                if size > LARGEST_BODY:
                    break
        if size > LARGEST_BODY:
            said = f"the answer is larger than {LARGEST_BODY // 1024 // 1024} MB"
            raise ArcGISError("body_too_large", said, http_status=response.status_code)
    return bytes(body)
