# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generateToken operations: one set of rules, with the differences between the endpoints as arguments."""

from __future__ import annotations

from typing import Any

from .accounts import Account
from .call import Call
from .families import ApiError
from .product import Product
from .tokens import Token

_CLIENTS = ("referer", "ip", "requestip")
_IN_QUERY = {
    "error": {
        "code": 405,
        "message": "Method not supported",
        "details": "Generate Token request should not contain username and password in the query string.",
    }
}


def _unable(*details: str) -> ApiError:
    return ApiError(400, "Unable to generate token.", details)


def refuse_credentials_in_query(call: Call) -> None:
    """Refuse a user name or a password in the address, and any request that is not a POST."""
    if call.query.get("username") or call.query.get("password"):
        raise ApiError(405, "Method not supported", literal=_IN_QUERY)
    if call.method != "POST":
        raise ApiError(405, "Method not supported", http_status=405)


def read_binding(call: Call, *, client_required: bool) -> tuple[str, str]:
    """Return what the token is to be bound to: the kind of client and its referer or address."""
    client = call.first("client")
    if not client and client_required:
        details = "The client type of the token was not given."
        raise ApiError(
            201,
            "Exception in generating token",
            literal={"error": {"code": 201, "message": "Exception in generating token", "details": details}},
        )
    client = client or "referer"
    if client not in _CLIENTS:
        raise _unable(f"'client' must be one of {', '.join(_CLIENTS)}.")
    if client == "requestip":
        return client, call.remote
    bound_to = call.first("referer", "referrer") if client == "referer" else call.first("ip")
    if not bound_to:
        raise _unable(f"'{client}' must be specified.")
    return client, bound_to


def expiry(product: Product, call: Call) -> int:
    """Return when a token asked for now expires; asking for more than the maximum gives the maximum."""
    text = call.first("expiration")
    try:
        minutes = int(text) if text else product.settings["token_default_minutes"]
    except ValueError:
        raise _unable("'expiration' must be a number of minutes.") from None
    minutes = minutes if minutes > 0 else product.settings["token_default_minutes"]
    now = product.enterprise.clock.now()
    maximum: int = product.settings["token_max_minutes"]
    return now + min(minutes, maximum) * 60_000


def find_account(product: Product, call: Call) -> Account | None:
    """Return the account that the user name and password belong to, if it is one of this product's store."""
    missing = [f"'{name}' must be specified." for name in ("username", "password") if not call.first(name)]
    if missing:
        raise _unable(*missing)
    account = product.enterprise.accounts.get(call.first("username"))
    if account and account.password == call.first("password") and product.context in account.stores:
        return account
    return None


def issue(
    product: Product, account: Account | None, contexts: frozenset[str], binding: tuple[str, str], expires: int
) -> str:
    """Issue a token in the name of this product."""
    return product.enterprise.tokens.issue(Token(account, product.context, contexts, *binding, expires))


def site_token(product: Product, call: Call, *, client_required: bool, admin: bool) -> tuple[str, int, Account]:
    """Log in at a site's own generateToken; with `admin` a wrong password answers with the site's own code."""
    refuse_credentials_in_query(call)
    account = find_account(product, call)
    binding = read_binding(call, client_required=client_required)
    if account is None and admin:
        raise ApiError(product.settings["bad_credentials_code"], "Invalid username or password.")
    if account is None:
        raise _unable("Invalid username or password.")
    expires = expiry(product, call)
    return issue(product, account, frozenset({product.context}), binding, expires), expires, account


def wrong_password() -> ApiError:
    """Return a portal's answer to a wrong user name or password."""
    return _unable("Invalid username or password.")


def token_answer(token: str, expires: Any, **more: Any) -> dict[str, Any]:
    """Return the common part of the answers."""
    return {"token": token, "expires": expires, **more}
