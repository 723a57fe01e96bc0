# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which token each product is asked, and the one log-in of the task. This module is private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._arcgis.client import Client
from .._arcgis.connection import Connection
from .._arcgis.tokens import PORTAL_PATH, Token
from .._errors import Failure
from .checks import Check, attempt, failed, passed, skipped
from .sites import Meeting

GIVEN, API_KEY, PORTAL, SITE = "given", "api_key", "portal", "site"
_NO_CREDENTIALS: dict[str, Any] = {"username": None, "password": None}


@dataclass(frozen=True)
class Access:
    """How a product is asked: a client with a token, or None; token is what the module returns of it."""

    check: Check
    client: Client | None = None
    token: dict[str, Any] | None = None


class SignIn:
    """The one log-in of a task: whether it was tried, and what came of it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._issued: Token | None = None
        self._was_tried = False

    def access(self, meeting: Meeting, facts: Mapping[str, Any]) -> Access:
        """Return how a product is asked; log in for it where nobody has yet, and where no token was given."""
        product, url, connection = meeting.site.product, meeting.site.url, self._client.connection
        if isinstance(meeting.identity, Failure):
            return Access(skipped("log_in", product, "The product did not answer at its address."))
        if connection.token:
            kind = API_KEY if connection.has_api_key else GIVEN
            why = f"{'An API key' if kind == API_KEY else 'A token'} was given, so there was no log-in."
            client = self._client.variant(url=url, **_NO_CREDENTIALS)
            return Access(skipped("log_in", product, why), client, self._fact(kind, None, None))
        if not self._was_tried:
            return self._log_in(meeting)
        if self._issued is None:
            return Access(skipped("log_in", product, "The log-in failed, and it is tried once only."))
        portal = portal_for(connection, facts)
        if portal is None or self._issued.issuer != portal + PORTAL_PATH:
            why = "It needs a log-in of its own, and a task logs in once only. Check this product in a task of its own."
            return Access(skipped("log_in", product, why))
        return self._holding(product, url, self._issued)

    def _log_in(self, meeting: Meeting) -> Access:
        """Log in where the product says. It counts as tried only if a password was sent."""
        product, before = meeting.site.product, self._client.usage()["logins"]
        issued = attempt(meeting.client.log_in)
        self._was_tried = self._client.usage()["logins"] > before
        if isinstance(issued, Failure):
            return Access(failed("log_in", product, issued))
        self._issued = issued
        return self._holding(product, meeting.site.url, issued)

    def _holding(self, product: str, url: str, issued: Token) -> Access:
        """Return the access with a token that was issued, which is never renewed."""
        client = self._client.variant(url=url, token=issued.value, **_NO_CREDENTIALS)
        now = attempt(client.now_ms)
        minutes = None
        if issued.expires_ms is not None and not isinstance(now, Failure):
            minutes = round((issued.expires_ms - now) / 60_000)
        life = "of a life that it does not tell" if minutes is None else f"that lasts {minutes} minutes"
        check = passed("log_in", product, f"{issued.issuer} issued a token {life}.")
        return Access(check, client, self._fact(issued.source, issued.issuer, minutes))

    def _fact(self, source: str, route: str | None, lifetime: int | None) -> dict[str, Any]:
        location = self._client.connection.token_location
        return {"source": source, "route": route, "lifetime": lifetime, "location": location}


def portal_for(connection: Connection, facts: Mapping[str, Any]) -> str | None:
    """Return the portal that issues the tokens of a product; None where the product does."""
    if connection.token_source == SITE:
        return None
    portal: str | None = connection.portal_url or facts["portal_url"]
    return portal
