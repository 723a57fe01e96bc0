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
from dataclasses import dataclass, field, replace

from .._errors import ArcGISError, Failure, bad_option
from .._retries import Clock, Retries
from .connection import Connection, base_url, host_name
from .responses import whole_number
from .transport import Request, Transport

_PORTAL_PATH = "/sharing/rest/generateToken"
_SITE_PATH = "/admin/generateToken"
_YOUNG_SECONDS = 60.0
_NO_TIME_MS = 10**14  # the year 5138
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
    renewed again, so that a site whose tokens never hold is not asked without end. A log-in that failed is never tried
    again, because accounts lock.
    """

    def __init__(self, connection: Connection, transport: Transport, clock: Clock) -> None:
        self.logins = 0
        self._connection = connection
        self._transport = transport
        self._clock = clock
        self._lock = threading.Lock()
        self._value = connection.token
        self._renewed_at: float | None = None
        self._failure: Failure | None = None

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
                raise ArcGISError.of(self._failure)
            if value != self._value and self._value:
                return self._value
            now = self._clock.now()
            is_young = self._renewed_at is not None and now - self._renewed_at < _YOUNG_SECONDS
            if not self._connection.can_log_in or is_young:
                raise refused
            self._renewed_at = now
            return self._log_in_once(retries)

    def log_in(self, retries: Retries) -> Token:
        """Ask the portal or the site for a new token.

        Raises ArcGISError bad_credentials, untrusted_portal, or what the transport met.
        """
        connection = self._connection
        if not connection.can_log_in:
            raise bad_option("username", "is missing", "Give username and password to log in.")
        source, url = self._issuer(retries)
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
        if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
            raise ArcGISError("unexpected_shape", "the answer holds no token", "log in", method="POST", url=url)
        self._transport.secrets.add(value)
        expires_ms = whole_number(answer.get("expires")) or 0
        return Token(value, expires_ms if 0 < expires_ms < _NO_TIME_MS else None, source, url)

    def _log_in_once(self, retries: Retries) -> str:
        if self._failure is not None:
            raise ArcGISError.of(self._failure)
        try:
            self._value = self.log_in(retries).value
        except ArcGISError as error:
            # Whatever was to be done with the token was not sent.
            self._failure = replace(error.failure, was_sent=False)
            raise ArcGISError.of(self._failure) from None
        return self._value

    def _issuer(self, retries: Retries) -> tuple[str, str]:
        """Decide who issues the token: "portal" or "site", and the URL of its generateToken."""
        connection = self._connection
        portal = connection.portal_url
        if connection.token_source != "site" and portal is None:
            portal = self._discovered_portal(retries)
        if connection.token_source != "site" and portal is not None:
            return "portal", portal + _PORTAL_PATH
        if connection.token_source == "portal":
            raise bad_option(
                "token_source", "is portal, but the site is not federated", "Set portal_url, or write site."
            )
        if connection.url is None:
            raise bad_option("url", "is missing", "Give the url of the site that is to issue the token.")
        return "site", connection.url + _SITE_PATH

    def _discovered_portal(self, retries: Retries) -> str | None:
        """Ask the site which portal it is federated with; None for a stand-alone site.

        An Enterprise on Kubernetes, or a portal given as url, has no rest/info of a server and is its own portal.
        Raises ArcGISError untrusted_portal where the portal is on another host than the site.
        """
        url = self._connection.url
        if url is None:
            return None
        info = self._ask_without_token(f"{url}/rest/info", retries)
        if info is None:
            return None if self._ask_without_token(f"{url}/sharing/rest/info", retries) is None else url
        portal = info.get("owningSystemUrl")
        if not portal:
            return None
        try:
            found = str(base_url("portal_url", str(portal), self._connection.allow_http, ()))
            problem = "" if host_name(found) == host_name(url) else "is not on the host of url"
            hint = f"Set portal_url: {found} if that is the right portal, or token_source: site."
        except ArcGISError as error:
            found, problem = str(portal), error.failure.reason.partition("portal_url ")[2]
            hint = "Set portal_url yourself."
        if problem:
            raise ArcGISError(
                "untrusted_portal",
                f"the site says that {found} issues its tokens, which {problem}",
                "log in",
                method="GET",
                url=f"{url}/rest/info",
                hint=hint,
            )
        return found

    def _ask_without_token(self, url: str, retries: Retries) -> dict[str, object] | None:
        request = Request("find out who issues the tokens of the site", "GET", url)
        try:
            return self._transport.send(request, retries)
        except ArcGISError as error:
            code, http_status = error.failure.code, error.failure.http_status
            if code == "not_found" or (code == "html_answer" and http_status == 404):
                return None
            raise


def _about_credentials(failure: Failure) -> Failure:
    """Return the failure of a log-in; a refusal there is about the credentials, whatever its code is elsewhere."""
    is_refusal = failure.code in ("no_privilege", "token_invalid", "token_required")
    if failure.code == "site_error":
        is_refusal = failure.site_code == 400 or _ABOUT_CREDENTIALS.search(failure.reason) is not None
    return replace(failure, code="bad_credentials") if is_refusal else failure
