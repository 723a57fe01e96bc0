# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the token of a task comes from, and when it is renewed.

Follows the generateToken pages of the portal, of the ArcGIS Server administrator API, and of Notebook and Video Server.
This module is private to the collection.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._errors import ArcGISError, Failure, bad_option
from .._retries import Clock, Retries
from .connection import Connection, base_url, host_name
from .responses import whole_number
from .transport import Request, Transport

PORTAL_PATH = "/sharing/rest/generateToken"
_SITE_PATH = "/admin/generateToken"
# What tells that ArcGIS answers, in the order in which it is asked: a server, a portal, and an administrator API, which
# refuses to speak without a token.
_SERVER_INFO, PORTAL_INFO = "rest/info", "sharing/rest/info"
_IDENTITIES = (_SERVER_INFO, PORTAL_INFO, "admin/")
_IDENTIFYING = frozenset(("currentVersion", "fullVersion", "owningSystemUrl", "authInfo"))
_YOUNG_SECONDS = 60.0
# How long a renewal that failed stands for those that other threads ask for.
_HELD_SECONDS = 1.0
_NO_TIME_MS = 10**14  # the year 5138
_WRONG_CREDENTIALS = re.compile(r"(invalid|incorrect|wrong) (user ?name|user|credential|password)", re.IGNORECASE)
_ABOUT_CREDENTIALS = re.compile(r"user|password|credential|account|log.?in|authoriz", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """A token that was issued: its value, when it expires, and who issued it (portal or site, and the URL)."""

    value: str = field(repr=False)
    expires_ms: int | None
    source: str
    issuer: str


class Tokens:
    """The token of one task, shared by its threads.

    There is one log-in, and one more for each token that ends. A token that was renewed less than a minute ago is not
    renewed again, so that a site whose tokens never hold is not asked without end. A log-in that failed is not tried
    again, because accounts lock; a renewal is, where the site was only busy or the password has proven right.
    """

    def __init__(self, connection: Connection, transport: Transport, clock: Clock) -> None:
        self.logins = 0
        self._connection = connection
        self._transport = transport
        self._clock = clock
        self._lock = threading.Lock()
        self._value = connection.token
        self._renewed_at: float | None = None
        self._identity: tuple[str, Mapping[str, Any]] | None = None
        self._issuer: tuple[str, str] | None = None
        self._is_proven = False
        self._failure: Failure | None = None
        self._failed_at = 0.0

    def current(self, retries: Retries) -> str:
        """Return the token to send now; the first call logs in where no token was given."""
        with self._lock:
            if self._value and self._failure is None:
                return self._value
            return self._log_in_once(retries)

    def renewed(self, refused: ArcGISError, value: str, retries: Retries) -> str:
        """Return the token to send after the site refused value with 498.

        Raises refused itself where there are no credentials, and where the last renewal is less than a minute ago.
        """
        with self._lock:
            if self._failure is not None:
                return self._log_in_once(retries)
            if value != self._value and self._value:
                return self._value
            is_young = self._renewed_at is not None and self._clock.now() - self._renewed_at < _YOUNG_SECONDS
            if not self._connection.can_log_in or is_young:
                raise refused
            return self._log_in_once(retries)

    def log_in(self, retries: Retries) -> Token:
        """Ask the portal or the site for a new token.

        Raises ArcGISError bad_credentials, untrusted_portal, or what the transport met.
        """
        connection = self._connection
        if not connection.can_log_in:
            raise bad_option("username", "is missing", "Give username and password to log in.")
        self._issuer = self._issuer or self._find_issuer(retries)
        source, url = self._issuer
        self.logins += 1
        parameters = {
            "username": connection.username,
            "password": connection.password,
            "client": "referer",
            "referer": connection.referer,
            "expiration": connection.token_expiration,
        }
        try:
            # Sent once: a site counts every password that arrives, and accounts lock.
            answer = self._transport.send(Request("log in", "POST", url, parameters, is_repeatable=False), retries)
        except ArcGISError as error:
            raise ArcGISError.of(_about_credentials(error.failure)) from None
        value = answer.get("token")
        if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value):
            raise ArcGISError("unexpected_shape", "the answer holds no token", "log in", method="POST", url=url)
        self._transport.secrets.add(value)
        expires_ms = whole_number(answer.get("expires")) or 0
        return Token(value, expires_ms if 0 < expires_ms < _NO_TIME_MS else None, source, url)

    def _log_in_once(self, retries: Retries) -> str:
        if self._failure is not None and not self._may_try_again(self._failure):
            raise ArcGISError.of(self._failure)
        now, is_renewal = self._clock.now(), self._value is not None
        try:
            self._value = self.log_in(retries).value
        except ArcGISError as error:
            # Whatever was to be done with the token was not sent.
            self._failure, self._failed_at = replace(error.failure, was_sent=False), self._clock.now()
            raise ArcGISError.of(self._failure) from None
        self._failure, self._is_proven = None, True
        if is_renewal:
            self._renewed_at = now
        return self._value

    def _may_try_again(self, failure: Failure) -> bool:
        """Say whether a renewal that failed may be tried once more: not at once, and not with a doubtful password."""
        may_pass = failure.code == "busy" or (self._is_proven and failure.code != "bad_credentials")
        return self._value is not None and may_pass and self._clock.now() - self._failed_at >= _HELD_SECONDS

    def _find_issuer(self, retries: Retries) -> tuple[str, str]:
        """Decide who issues the token: "portal" or "site", and the URL of its generateToken.

        Nothing is sent to an address before ArcGIS answered there, unless the user named the portal. An Enterprise on
        Kubernetes, or a portal given as url, has no rest/info of a server and is its own portal.
        """
        connection = self._connection
        source, url = connection.token_source, connection.url
        if source != "site" and connection.portal_url:
            return "portal", connection.portal_url + PORTAL_PATH
        if url is None:
            raise bad_option("url", "is missing", "Give the url of the site that is to issue the token.")
        path, info = self._identity or self.identity(retries)
        if source != "site" and path == PORTAL_INFO:
            return "portal", url + PORTAL_PATH
        portal = portal_named_by(info)
        if source != "site" and portal:
            return "portal", trusted_portal(portal, url, connection.allow_http) + PORTAL_PATH
        if source == "portal":
            raise bad_option(
                "token_source", "is portal, but the site is not federated", "Set portal_url, or write site."
            )
        return "site", url + _SITE_PATH

    def identity(self, retries: Retries) -> tuple[str, Mapping[str, Any]]:
        """Return the first resource by which the site shows that it is ArcGIS, and what that says.

        A log-in that follows does not ask again. Raises ArcGISError wrong_url where none does, or what the transport
        met.
        """
        url, is_arcgis = str(self._connection.url), False
        for path in _IDENTITIES:
            request = Request("find out who issues the tokens of the site", "GET", f"{url}/{path}")
            try:
                info = self._transport.send(request, retries)
            except ArcGISError as error:
                if not _is_missing(error.failure):
                    raise
                # Any gateway may say "not found"; only ArcGIS misses a token with 499.
                is_arcgis = is_arcgis or error.failure.code == "token_required"
            else:
                if not _IDENTIFYING.isdisjoint(info):
                    self._identity = path, info
                    return path, info
        if is_arcgis:
            return "", {}
        reason = f"nothing below {url} says that it is ArcGIS, so the password was not sent there"
        raise ArcGISError("wrong_url", reason, "log in", method="GET", url=f"{url}/{_SERVER_INFO}")


def _is_missing(failure: Failure) -> bool:
    is_page_404 = (failure.code, failure.http_status) == ("html_answer", 404)
    return is_page_404 or failure.code in ("not_found", "wrong_url", "token_required")


def portal_named_by(info: Mapping[str, Any]) -> str | None:
    """Return the portal that a product says it is federated with, by either of the keys that tell it."""
    named, about_tokens = info.get("owningSystemUrl"), info.get("authInfo")
    if named:
        return str(named).rstrip("/")
    tokens = about_tokens.get("tokenServicesUrl") if isinstance(about_tokens, dict) else None
    found = re.fullmatch(r"(.+)/sharing(/rest)?/generateToken/?", tokens) if isinstance(tokens, str) else None
    return found[1] if found else None


def trusted_portal(portal: str, url: str, allow_http: bool) -> str:
    """Return the URL of the portal that a site names. Raises untrusted_portal where it is on another host."""
    try:
        found = str(base_url("portal_url", portal, allow_http))
        problem = "" if host_name(found) == host_name(url) else "is not on the host of url"
        hint = f"Set portal_url: {found} if that is the right portal, or token_source: site."
    except ArcGISError as error:
        found, problem = portal, error.failure.reason.partition("portal_url ")[2]
        hint = "Set portal_url yourself."
    if problem:
        reason = f"the site says that {found} issues its tokens, which {problem}"
        raise ArcGISError("untrusted_portal", reason, "log in", method="GET", url=f"{url}/{_SERVER_INFO}", hint=hint)
    return found


def _about_credentials(failure: Failure) -> Failure:
    """Return the failure of a log-in; a refusal there is about the credentials, whatever its code is elsewhere.

    A code from 500 on says that the site could not judge them, unless it says outright that they are wrong: no page
    tells the code with which a server refuses a password.
    """
    is_refusal = failure.code in ("no_privilege", "token_invalid", "token_required")
    if failure.code == "site_error":
        words = _ABOUT_CREDENTIALS if (failure.site_code or 0) < 500 else _WRONG_CREDENTIALS
        is_refusal = failure.site_code == 400 or words.search(failure.reason) is not None
    return replace(failure, code="bad_credentials") if is_refusal else failure
