# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One site as the products see it: operations that are declared as reading or writing, sent with a valid token.

This module is private to the collection.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from .._errors import ArcGISError, Failure
from .._retries import Clock, Retries
from .connection import Connection
from .responses import says_success
from .secrets import Secrets
from .tokens import Token, Tokens
from .transport import Peer, Request, Transport

# What keeps an answer from being one to a call, as a clause about it; it gets the answer and the parts of the path.
Validator = Callable[[Mapping[str, Any], Mapping[str, Any]], "str | None"]


def confirms(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps an answer to a write from saying that it was carried out; None where nothing does."""
    return None if says_success(payload) else "says neither success nor error"


@dataclass(frozen=True)
class Operation:
    """One call of a site's API.

    title completes "Could not ..."; path is below the context URL. Both name their parts in braces, as str.format does.
    The HTTP method does not tell what a call does, so writes says whether it changes the site. An answer without an
    error counts only where validate finds nothing; a write wants one that says success.
    """

    title: str
    method: str
    path: str
    writes: bool = False
    validate: Validator | None = None


# What a task has cost that has sent nothing.
NO_USAGE = {"requests": 0, "retries": 0, "logins": 0, "elapsed": 0.0}

SITE_INFO = Operation("read the clock of the site", "GET", "rest/info")

_CLOCKS_DIFFER_MS = 3_600_000
_REFUSALS = ("token_invalid", "token_required", "no_privilege")
_ABOUT_API_KEYS = (
    "The token is an API key, which is never renewed. It must be neither expired nor revoked, and it needs the "
    "privileges for this operation. Administrator APIs may refuse API keys altogether: use username and password, or a "
    "token of an administrator, in its place."
)


class Client:
    """One ArcGIS Enterprise site and the account that asks. In check mode, no writing operation leaves it."""

    def __init__(self, connection: Connection, check_mode: bool = False, clock: Clock | None = None) -> None:
        self.connection = connection
        self.check_mode = check_mode
        self.clock = clock or Clock()
        self.warnings: list[str] = []
        self._transport = Transport(connection)
        self._tokens = Tokens(connection, self._transport, self.clock)
        # Those of every variant, which share the list as they share the connections.
        self._log_ins = [self._tokens]
        self._until: float | None = None
        # One entry for each retry: copies of the client share the list, and any thread may append to it.
        self._repeats: list[None] = []
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def retries(self, until: float | None = None) -> Retries:
        """Return the tries of one operation; none of them waits longer than until, on the clock of the client."""
        until = self._until if until is None else until
        return Retries(self.connection.retries, self.clock, until, lambda: self._repeats.append(None))

    def bounded(self, until: float) -> Client:
        """Return this client for requests none of which waits longer than until, on its clock."""
        bounded = copy.copy(self)
        bounded._until = until
        return bounded

    def variant(self, **changes: Any) -> Client:
        """Return this client with other settings of the connection, such as another url, and a token of its own.

        Both use the same connections, keep the same secrets and count together. How connections are made stays.
        """
        variant = copy.copy(self)
        variant.connection = replace(self.connection, **changes)
        variant._tokens = Tokens(variant.connection, self._transport, self.clock)
        self._log_ins.append(variant._tokens)
        return variant

    def call(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        retries: Retries | None = None,
        **parts: Any,
    ) -> dict[str, Any]:
        """Carry out an operation and return the JSON object of the answer.

        parts are the names in the path and in the title; a tuple holds names below each other. A token that ended is
        renewed and the request sent again, since the site refused it unseen. An API key is not.
        Raises ArcGISError for whatever went wrong; a failed log-in has sent nothing of the operation.
        """
        retries = retries or self.retries()
        request = self._request(operation, parameters or {}, parts)
        token = self._tokens.current(retries)
        while True:
            try:
                answer = self._transport.send(replace(request, token=token), retries)
                break
            except ArcGISError as error:
                if error.failure.code in _REFUSALS and self.connection.has_api_key:
                    raise ArcGISError.of(replace(error.failure, hint=_ABOUT_API_KEYS)) from None
                if error.failure.code != "token_invalid":
                    raise
                token = self._tokens.renewed(error, token, retries)
        validate = operation.validate or (confirms if operation.writes else None)
        problem = validate(answer, parts) if validate else None
        if problem:
            where = {"method": request.method, "url": request.url}
            reason = self._transport.secrets.shown(f"the answer {problem}")
            raise ArcGISError("unexpected_shape", reason, request.operation, **where)
        return answer

    def look_up(self, operation: Operation, retries: Retries | None = None, **parts: Any) -> dict[str, Any] | None:
        """Carry out a reading operation; return None where the site itself says that it has no such thing."""
        try:
            return self.call(operation, None, retries, **parts)
        except ArcGISError as error:
            if error.failure.code != "not_found":
                raise
            return None

    def write(
        self,
        operation: Operation,
        parameters: Mapping[str, Any] | None = None,
        retries: Retries | None = None,
        **parts: Any,
    ) -> Failure | None:
        """Carry out a writing operation; return None where the site accepted it.

        Returns the failure after which only a look can tell what became of it: the answer was lost, or says error, and
        sites report errors of what they have carried out. Raises ArcGISError where the request did not leave, and for
        what would meet every request.
        """
        try:
            self.call(operation, parameters, retries, **parts)
        except ArcGISError as error:
            if not error.failure.is_lost and (error.failure.is_fatal or not error.failure.was_sent):
                raise
            return error.failure
        return None

    def log_in(self) -> Token:
        """Log in, whatever token was given, and return the new token."""
        return self._tokens.log_in(self.retries())

    def identity(self) -> tuple[str, Mapping[str, Any]]:
        """Return the resource by which the site shows that it is ArcGIS, and what that says; no token is sent.

        Raises ArcGISError wrong_url where none does, or what the transport met.
        """
        return self._tokens.identity(self.retries())

    def peer(self) -> Peer:
        """Return what is known of the other end of the connection to the site."""
        return self._transport.peer(str(self.connection.url))

    def now_ms(self) -> int:
        """Return the present time on the clock of the site, in milliseconds since 1970."""
        url = str(self.connection.url)
        if self._transport.now_ms(url) is None:
            try:
                self.call(SITE_INFO)
            except ArcGISError:
                # An answer that is an error still carries the clock.
                if self._transport.now_ms(url) is None:
                    raise
        now, here = self._transport.now_ms(url), round(time.time() * 1000)
        if now is None:
            self.warn("The site sent no Date header, so ages are reckoned on the clock of this machine.")
        elif abs(now - here) > _CLOCKS_DIFFER_MS:
            self.warn("The clock of the site is more than an hour off the one here. Ages depend on it: set it right.")
        return here if now is None else now

    def warn(self, text: str) -> None:
        """Keep a warning for the user, once."""
        with self._lock:
            if text not in self.warnings:
                self.warnings.append(text)

    @property
    def secrets(self) -> Secrets:
        """Return what must not appear in a result: what was given, and what was issued."""
        return self._transport.secrets

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def usage(self) -> dict[str, Any]:
        """Return what the task has cost so far: requests, retries, log-ins, and seconds."""
        return {
            "requests": self._transport.requests,
            "retries": len(self._repeats),
            "logins": sum(tokens.logins for tokens in self._log_ins),
            "elapsed": round(time.monotonic() - self._began, 3),
        }

    def _request(self, operation: Operation, parameters: Mapping[str, Any], parts: Mapping[str, Any]) -> Request:
        """Return the request of an operation, still without a token. This is where the parts of a URL are quoted."""
        title = operation.title.format(**parts)
        if operation.writes and self.check_mode:
            raise ArcGISError("check_mode_write", "this would change the site", title)
        path = operation.path.format(**{name: _quoted(part) for name, part in parts.items()})
        if not {".", ".."}.isdisjoint(path.split("/")):
            # Options never hold such a name, and a URL cannot carry it.
            raise ArcGISError("unexpected_shape", "the site gave a name of dots alone, which has no URL", title)
        method = "POST" if self.connection.token_location == "body" else operation.method
        reads = not operation.writes
        return Request(title, method, f"{self.connection.url}/{path}", parameters, None, reads, reads)


def _quoted(part: str | tuple[str, ...]) -> str:
    """Return a part of a path as a URL carries it: a name, or several names below each other."""
    names = (part,) if isinstance(part, str) else part
    return "/".join(quote(name, safe="") for name in names)
