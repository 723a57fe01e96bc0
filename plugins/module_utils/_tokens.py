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
from dataclasses import dataclass, field

from ansible_collections.gisops.arcgis.plugins.module_utils._connection import Connection, host_name, is_loopback
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, bad_option
from ansible_collections.gisops.arcgis.plugins.module_utils._times import epoch_ms
from ansible_collections.gisops.arcgis.plugins.module_utils._transport import Request, Transport

_PORTAL_PATH = "/sharing/rest/generateToken"
_SITE_PATH = "/admin/generateToken"
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

    There is at most one log-in, plus one renewal for each expiry. A log-in that failed is never tried again,
    because accounts lock.
    """

    def __init__(self, settings: Connection, transport: Transport) -> None:
        self.logins = 0
        self._settings = settings
        self._transport = transport
        self._lock = threading.Lock()
        self._value = settings.token
        # The refusal of an issued token that was never accepted is taken for an expiry once, and then for a verdict.
        self._accepted = settings.token is not None
        self._refused_unused = False
        self._failure: ArcGISError | None = None

    def current(self) -> str:
        """Return the token to send now; the first call logs in where no token was given."""
        with self._lock:
            return self._value or self._log_in_once()

    def accepted(self, value: str) -> None:
        """Note that the site accepted this token, so that a later refusal of it means that it expired."""
        if value == self._value:
            self._accepted, self._refused_unused = True, False

    def renewed(self, refused: ArcGISError, value: str) -> str:
        """Return the token to send after the site refused value with 498.

        Raises refused itself where there are no credentials, and where two tokens in a row were refused at once.
        """
        with self._lock:
            if value != self._value and self._value:
                return self._value
            if not self._settings.can_log_in or (self._refused_unused and not self._accepted):
                raise refused
            self._refused_unused = not self._accepted
            return self._log_in_once()

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
            answer = self._transport.exchange(Request("log in", "POST", url, parameters))
        except ArcGISError as error:
            failure = error
        else:
            value = answer.get("token")
            if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
                raise ArcGISError("unexpected_shape", "the answer holds no token", "log in", method="POST", url=url)
            self._transport.secrets.add(value)
            return Token(value, epoch_ms(answer.get("expires")), source, url)
        if failure.code in ("no_privilege", "token_invalid", "token_required") or (
            failure.code == "site_error" and (failure.site_code == 400 or _ABOUT_CREDENTIALS.search(failure.said))
        ):
            failure.code = "bad_credentials"
        raise failure

    def _log_in_once(self) -> str:
        if self._failure is not None:
            raise self._failure
        try:
            self._value = self.log_in().value
        except ArcGISError as error:
            self._failure = error
            raise
        self._accepted = False
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
        portal = str(portal).rstrip("/")
        host, scheme = host_name(portal), portal.partition("://")[0]
        is_safe = scheme == "https" or (scheme == "http" and (self._settings.allow_http or is_loopback(host)))
        if host != host_name(url) or not is_safe or "@" in portal or "?" in portal or "#" in portal:
            raise ArcGISError(
                "untrusted_portal",
                f"the site says that {portal} issues its tokens, which is not on the host of url",
                attempted="log in",
                method="GET",
                url=f"{url}/rest/info",
                hint=f"Set portal_url: {portal} if that is the right portal, or token_source: site.",
            )
        return portal

    def _ask_without_token(self, url: str) -> dict[str, object] | None:
        request = Request("find out who issues the tokens of the site", "GET", url)
        try:
            return self._transport.exchange(request)
        except ArcGISError as error:
            if error.code == "not_found" or (error.code == "html_answer" and error.http_status == 404):
                return None
            raise
