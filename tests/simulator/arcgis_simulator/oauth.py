# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth side of a portal: apps, and the sign-in page that clients with a user name go through."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from .call import Call
from .families import ERROR, ApiError, html_response
from .login import expiry, find_account, issue
from .product import OPEN, Product


class OAuth:
    """The routes under `sharing/rest/oauth2`; their tokens are bound to no caller."""

    def __init__(self, product: Product, contexts: frozenset[str]) -> None:
        self.product = product
        self.contexts = contexts
        self._open: dict[str, dict[str, str]] = {}
        for name, handler in (
            ("token", self.app_token),
            ("revokeToken", self.revoke_token),
            ("authorize", self.authorize),
            ("signin", self.sign_in),
        ):
            product.add(f"oauth2/{name}", f"sharing(?:/rest)?/oauth2/{name}", handler, OPEN, ERROR)

    def _issue(self, call: Call, account: Any) -> dict[str, Any]:
        expires = expiry(self.product, call)
        token = issue(self.product, account, self.contexts, ("none", ""), expires)
        return {"access_token": token, "expires_in": (expires - self.product.enterprise.clock.now()) // 1000}

    def app_token(self, call: Call) -> dict[str, Any]:
        """Give a registered app a token behind which there is no user."""
        if call.method != "POST":
            raise ApiError(405, "Method not supported", http_status=405)
        secret = self.product.enterprise.apps.get(call.first("client_id"))
        if call.first("grant_type") != "client_credentials" or not secret or secret != call.first("client_secret"):
            message = "Invalid client_id or client_secret"
            raise ApiError(
                400,
                message,
                literal={
                    "error": {
                        "code": 400,
                        "error": "invalid_client_id",
                        "error_description": message,
                        "message": message,
                        "details": [],
                    }
                },
            )
        return self._issue(call, None)

    def revoke_token(self, call: Call) -> dict[str, Any]:
        """Say yes and do nothing: the tokens made here cannot be revoked that way."""
        return {"success": True}

    def authorize(self, call: Call) -> web.Response:
        """Show the sign-in page of the implicit flow, with the state that the sign-in must bring back."""
        if call.first("response_type") != "token" or not call.first("redirect_uri"):
            raise ApiError(400, "Unsupported response_type or no redirect_uri.")
        oauth_state = secrets.token_urlsafe(24)
        self._open[oauth_state] = {"redirect_uri": call.first("redirect_uri"), "state": call.first("state")}
        return _page({"oauth_state": oauth_state, "client_id": call.first("client_id")})

    def sign_in(self, call: Call) -> web.Response:
        """Check name and password and send the caller on with a token in the fragment of the address."""
        asked = self._open.pop(call.first("oauth_state"), None)
        account = find_account(self.product, call)
        if call.method != "POST" or asked is None or account is None:
            return _page({"code": "OAUTH_0015", "messages": ["Invalid username or password."]})
        answer = {
            **self._issue(call, account),
            "username": account.username,
            "ssl": "true",
            "token_type": "bearer",
            "state": asked["state"],
        }
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}#{urlencode(answer)}"})


def _page(info: dict[str, Any]) -> web.Response:
    """Return a page that carries its data as script, where clients without a browser look for it."""
    data = json.dumps(info).replace("<", "\\u003c")
    return html_response(f"<!DOCTYPE html>\n<html><body><script>\nvar oAuthInfo = {data}\n</script></body></html>\n")
