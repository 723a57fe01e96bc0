# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two families of answers: how data, errors and pages look on the wire."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .call import Call


class ApiError(Exception):
    """An error that a site reports inside its envelope, nearly always with HTTP status 200."""

    def __init__(
        self,
        code: int,
        message: str,
        details: Any = (),
        http_status: int = 200,
        literal: dict[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = list(details) if isinstance(details, tuple) else details
        self.http_status = http_status
        self.literal = literal
        self.reason = reason


@dataclass(frozen=True)
class Family:
    """One way to wrap errors, with the texts that go with the refusals of a token."""

    name: str
    content_type: str
    texts: dict[str, tuple[int, str]] = field(default_factory=dict)

    def refusal(self, reason: str) -> ApiError:
        """Return the error for `missing`, `expired`, `garbage`, `binding` or `denied`."""
        return ApiError(*self.texts[reason], reason=reason)

    def envelope(self, error: ApiError) -> dict[str, Any]:
        """Return the error as this family writes it."""
        if error.literal is not None:
            return error.literal
        if self.name == "status":
            details = error.details if isinstance(error.details, list) else []
            return {"status": "error", "messages": [error.message, *details], "code": error.code}
        return {"error": {"code": error.code, "message": error.message, "details": error.details}}


_STATUS_TEXTS = {
    "missing": (
        499,
        "Unauthorized access. Token not found. You can generate a token using the 'generateToken' operation.",
    ),
    "expired": (498, "Token Expired."),
    "garbage": (498, "Could not decrypt token. Token may not be valid."),
    "binding": (498, "Invalid Token."),
    "denied": (403, "Token is valid but access is denied."),
}
_ERROR_TEXTS = {
    "missing": (499, "Token Required"),
    "expired": (498, "Invalid token."),
    "garbage": (498, "Invalid token."),
    "binding": (498, "Invalid token."),
    "denied": (403, "Token is valid but access is denied."),
}

SERVER_ADMIN = Family("status", "text/plain", _STATUS_TEXTS)
KUBERNETES_ADMIN = Family("status", "application/json", _STATUS_TEXTS)
ERROR = Family("error", "application/json", _ERROR_TEXTS)


def _page(title: str, body: str) -> str:
    return f"<!DOCTYPE html>\n<html><head><title>{html.escape(title)}</title></head><body>{body}</body></html>\n"


SIGN_IN_FORM = _page(
    "Sign in",
    "<h1>Sign in</h1><form method='post' action='generateToken'>"
    "<input name='username'><input name='password' type='password'>"
    "<input type='submit' value='Sign in'></form>",
)
METHOD_FORM = _page("Operation", "<h1>Operation</h1><form method='post'><input type='submit' value='Run'></form>")


def html_response(text: str, status: int = 200) -> web.Response:
    """Return a page."""
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def error_page(status: int, title: str) -> web.Response:
    """Return a bare page as a web server in front of a site shows it."""
    return html_response(_page(title, f"<h1>HTTP Status {status} - {html.escape(title)}</h1>"), status)


def render(call: Call, family: Family, data: Any, status: int = 200) -> web.Response:
    """Return `data` in the format that the caller asked for; a page where it asked for none."""
    if call.format == "json":
        text = json.dumps(data, separators=(",", ":"))
    elif call.format == "pjson":
        text = json.dumps(data, indent=1)
    else:
        text = html.escape(json.dumps(data, indent=1))
        return html_response(_page("/" + call.path, f"<h1>/{html.escape(call.path)}</h1><pre>{text}</pre>"), status)
    return web.Response(text=text, status=status, content_type=family.content_type, charset="utf-8")


def render_error(call: Call, family: Family, error: ApiError) -> web.Response:
    """Return an error in the family's envelope; a caller without token and without `f` gets the sign-in form."""
    call.error_code = error.code
    if error.code == 499 and call.format == "html":
        return html_response(SIGN_IN_FORM)
    return render(call, family, family.envelope(error), error.http_status)
