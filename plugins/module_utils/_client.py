# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One site as the products see it: operations that are declared as reading or writing, sent with a valid token.

This module is private to the collection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import no_success
from ansible_collections.gisops.arcgis.plugins.module_utils._connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._tokens import Token, Tokens
from ansible_collections.gisops.arcgis.plugins.module_utils._transport import Request, Transport


@dataclass(frozen=True)
class Operation:
    """One call of a site's API.

    title completes "Could not ..."; path is below the context URL. Both name their parts in braces, as str.format does.
    The HTTP method does not tell what a call does, so writes says whether it changes the site. flaw is asked, with the
    answer and the parts of the path, what keeps an answer without an error from being one to this call; a write wants
    an answer that says success.
    """

    title: str
    method: str
    path: str
    writes: bool = False
    flaw: Callable[[Mapping[str, Any], Mapping[str, Any]], str | None] | None = None

    def flaw_of(self, answer: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
        """Return what is wrong with an answer, as a clause about it; None where nothing is."""
        flaw = no_success if self.writes else self.flaw
        return flaw(answer, parts) if flaw else None


# What a task has cost that has sent nothing.
NO_COST = {"requests": 0, "retries": 0, "logins": 0, "elapsed": 0.0}

# A site whose tokens never hold must not keep a call busy with log-ins.
_MOST_RENEWALS = 2

SITE_INFO = Operation("read the clock of the site", "GET", "rest/info")


class Site:
    """One ArcGIS Enterprise site and the account that asks. With read_only, no writing operation leaves it."""

    def __init__(self, settings: Connection, read_only: bool = False, transport: Transport | None = None) -> None:
        self.settings = settings
        self.read_only = read_only
        self.warnings: list[str] = []
        self.transport = transport or Transport(settings)
        self.tokens = Tokens(settings, self.transport)
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def call(self, operation: Operation, parameters: Mapping[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
        """Carry out an operation and return the JSON object of the answer.

        A token that expired is renewed and the request sent again, since the site refused it unseen.
        Raises ArcGISError for whatever went wrong; a failed log-in has sent nothing of the operation.
        """
        title = operation.title.format(**parts)
        if operation.writes and self.read_only:
            raise ArcGISError("check_mode_write", "this would change the site", attempted=title)
        quoted = {name: quote(part, safe="") if isinstance(part, str) else part for name, part in parts.items()}
        path = operation.path.format(**quoted)
        if not {".", ".."}.isdisjoint(path.split("/")):
            # Options never hold such a name, and a URL cannot carry it.
            raise ArcGISError("unexpected_shape", "the site gave a name of dots alone, which has no URL", title)
        method = "POST" if self.settings.token_location == "body" else operation.method
        url = f"{self.settings.url}/{path}"

        def send(token: str) -> dict[str, Any]:
            reads = not operation.writes
            answer = self.transport.exchange(Request(title, method, url, parameters or {}, token, reads, reads))
            flaw = operation.flaw_of(answer, parts)
            if flaw:
                raise ArcGISError("unexpected_shape", f"the answer {flaw}", title, method=method, url=url)
            return answer

        token = self.tokens.current()
        for _dummy in range(_MOST_RENEWALS):
            try:
                return send(token)
            except ArcGISError as error:
                if error.code != "token_invalid":
                    raise
                refused = error
            token = self.tokens.renewed(refused, token)
        return send(token)

    def write(
        self, operation: Operation, parameters: Mapping[str, Any] | None = None, **parts: Any
    ) -> ArcGISError | None:
        """Carry out a writing operation; return None where the site accepted it.

        Returns the failure after which only a look can tell what became of it: the answer was lost, or says error.
        Raises ArcGISError where the request was turned down unseen, or did not leave.
        """
        try:
            self.call(operation, parameters, **parts)
        except ArcGISError as error:
            if not error.is_indeterminate:
                raise
            return error
        return None

    def log_in(self) -> Token:
        """Log in, whatever token was given, and return the new token."""
        return self.tokens.log_in()

    def now_ms(self) -> int:
        """Return the present time on the clock of the site, in milliseconds since 1970."""
        url = str(self.settings.url)
        if self.transport.now_ms(url) is None:
            try:
                self.call(SITE_INFO)
            except ArcGISError as error:
                # An answer that is an error still carries the clock.
                if self.transport.now_ms(url) is None:
                    raise error
        now = self.transport.now_ms(url)
        if now is None:
            self.warn("The site sent no Date header, so ages are reckoned on the clock of this machine.")
            return round(time.time() * 1000)
        return now

    def warn(self, text: str) -> None:
        """Keep a warning for the user, once."""
        with self._lock:
            if text not in self.warnings:
                self.warnings.append(text)

    @property
    def secrets(self) -> set[str]:
        """Return every value that must not appear in a result: what was given, and what was issued."""
        return self.transport.secrets

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def cost(self) -> dict[str, Any]:
        """Return what the task has cost so far: requests, retries, log-ins, and seconds."""
        return {
            "requests": self.transport.requests,
            "retries": self.transport.retries,
            "logins": self.tokens.logins,
            "elapsed": round(time.monotonic() - self._began, 3),
        }
