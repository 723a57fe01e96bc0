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
import time
from dataclasses import dataclass, field, replace

from ansible_collections.gisops.arcgis.plugins.module_utils._connection import Connection, base_url, host_name
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, bad_option
from ansible_collections.gisops.arcgis.plugins.module_utils._times import epoch_ms
from ansible_collections.gisops.arcgis.plugins.module_utils._transport import Request, Transport

_PORTAL_PATH = "/sharing/rest/generateToken"
_SITE_PATH = "/admin/generateToken"
_LEEWAY_MS = 30_000
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

    There is one log-in, one more for each token that expired, and one for a token that was refused before its time.
    A log-in that failed is never tried again, because accounts lock.
    """

    def __init__(self, settings: Connection, transport: Transport) -> None:
        self.logins = 0
        self._settings = settings
        self._transport = transport
        self._lock = threading.Lock()
        self._value = settings.token
        self._issued: Token | None = None
        self._refused_early = False
        self._failure: ArcGISError | None = None

    def current(self) -> str:
        """Return the token to send now; the first call logs in where no token was given."""
        with self._lock:
            if self._value and self._failure is None:
                return self._value
            return self._log_in_once()

    def renewed(self, refused: ArcGISError, value: str) -> str:
        """Return the token to send after the site refused value with 498.

        Raises refused itself where there are no credentials, and where it is the second token refused before its time.
        """
        with self._lock:
            if value != self._value and self._value:
                return self._value
            if not self._settings.can_log_in or (self._is_early() and self._refused_early):
                raise refused
            self._refused_early = self._refused_early or self._is_early()
            return self._log_in_once()

    def _is_early(self) -> bool:
        """Say whether the present token should still be good; nobody knows it of a token that was given."""
        if self._issued is None:
            return False
        return (
            self._issued.expires_ms is None or self._now_ms(self._issued.issuer) < self._issued.expires_ms - _LEEWAY_MS
        )

    def _now_ms(self, issuer: str) -> int:
        return self._transport.now_ms(issuer) or round(time.time() * 1000)

    def log_in(self) -> Token:
        """Ask the portal or the site for a new token.

        Raises ArcGISError bad_credentials, untrusted_portal, or what the transport met.
        """
        settings = self._settings
        if not settings.can_log_in:
            raise bad_option("username", "is missing", "Give username and password to log in.")
        source, url = self._issuer()
        self.logins += 1
        parameters = {
            "username": settings.username,
            "password": settings.password,
            "client": "referer",
            "referer": settings.referer,
            "expiration": settings.token_expiration,
        }
        try:
            # Sent once: a site counts every password that arrives, and accounts lock.
            answer = self._transport.exchange(Request("log in", "POST", url, parameters, repeatable=False))
        except ArcGISError as error:
            failure = error
        else:
            value = answer.get("token")
            if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
                raise ArcGISError("unexpected_shape", "the answer holds no token", "log in", method="POST", url=url)
            self._transport.add_secret(value)
            return Token(value, epoch_ms(answer.get("expires")), source, url)
        if failure.code in ("no_privilege", "token_invalid", "token_required") or (
            failure.code == "site_error" and (failure.site_code == 400 or _ABOUT_CREDENTIALS.search(failure.said))
        ):
            failure.code = "bad_credentials"
        raise failure

    def _log_in_once(self) -> str:
        if self._failure is not None:
            raise replace(self._failure)
        try:
            self._issued = self.log_in()
        except ArcGISError as error:
            # Whatever was to be done with the token was not sent.
            self._failure = replace(error, sent=False)
            raise replace(self._failure) from None
        expires_ms = self._issued.expires_ms
        if expires_ms is not None and expires_ms <= self._now_ms(self._issued.issuer):
            # A time that is over at once tells nothing.
            self._issued = replace(self._issued, expires_ms=None)
        self._value = self._issued.value
        return self._value

    def _issuer(self) -> tuple[str, str]:
        """Decide who issues the token: "portal" or "site", and the URL of its generateToken."""
        settings = self._settings
        portal = settings.portal_url
        if settings.token_source != "site" and portal is None:
            portal = self._discovered_portal()
        if settings.token_source != "site" and portal is not None:
            return "portal", portal + _PORTAL_PATH
        if settings.token_source == "portal":
            raise bad_option(
                "token_source", "is portal, but the site is not federated", "Set portal_url, or write site."
            )
        if settings.url is None:
            raise bad_option("url", "is missing", "Give the url of the site that shall issue the token.")
        return "site", settings.url + _SITE_PATH

    def _discovered_portal(self) -> str | None:
        """Ask the site which portal it is federated with; None for a stand-alone site.

        An Enterprise on Kubernetes, or a portal given as url, has no rest/info of a server and is its own portal.
        Raises ArcGISError untrusted_portal where the portal is on another host than the site.
        """
        url = self._settings.url
        if url is None:
            return None
        info = self._ask_without_token(f"{url}/rest/info")
        if info is None:
            return None if self._ask_without_token(f"{url}/sharing/rest/info") is None else url
        portal = info.get("owningSystemUrl")
        if not portal:
            return None
        try:
            found = str(base_url("portal_url", str(portal), self._settings.allow_http, ()))
            problem = "" if host_name(found) == host_name(url) else "is not on the host of url"
            hint = f"Set portal_url: {found} if that is the right portal, or token_source: site."
        except ArcGISError as error:
            found, problem, hint = str(portal), error.said.partition("portal_url ")[2], "Set portal_url yourself."
        if problem:
            raise ArcGISError(
                "untrusted_portal",
                f"the site says that {found} issues its tokens, which {problem}",
                attempted="log in",
                method="GET",
                url=f"{url}/rest/info",
                hint=hint,
            )
        return found

    def _ask_without_token(self, url: str) -> dict[str, object] | None:
        request = Request("find out who issues the tokens of the site", "GET", url)
        try:
            return self._transport.exchange(request)
        except ArcGISError as error:
            if error.code == "not_found" or (error.code == "html_answer" and error.http_status == 404):
                return None
            raise
