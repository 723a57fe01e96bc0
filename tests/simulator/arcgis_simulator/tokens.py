# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: issued, bound to a caller, expiring, and checked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .accounts import Account


class TokenRefused(Exception):
    """A token that does not do; the argument is `garbage`, `expired` or `binding`."""


@dataclass
class Token:
    """What the simulator knows of a token; `contexts` are those that accept it."""

    account: Account | None
    issuer: str
    contexts: frozenset[str]
    client: str
    bound_to: str
    expires: int
    is_api_key: bool = False


class TokenStore:
    """All tokens issued since the start or the last reset."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def issue(self, token: Token) -> str:
        """Keep a token and return its text."""
        text = secrets.token_urlsafe(48)
        self.keep(text, token)
        return text

    def keep(self, text: str, token: Token) -> None:
        """Keep a token whose text is known beforehand."""
        self._tokens[text] = token

    def check(self, text: str, context: str, referer: str, remote: str, now: int) -> Token:
        """Return the token if `context` accepts it from this caller now, else raise TokenRefused."""
        token = self._tokens.get(text)
        if token is None or context not in token.contexts:
            raise TokenRefused("garbage")
        if token.expires <= now:
            raise TokenRefused("expired")
        if token.client == "referer" and referer.rstrip("/") != token.bound_to.rstrip("/"):
            raise TokenRefused("binding")
        if token.client in ("ip", "requestip") and remote != token.bound_to:
            raise TokenRefused("binding")
        return token

    def expire(self, text: str) -> None:
        """Make one token an expired one."""
        if text in self._tokens:
            self._tokens[text].expires = 0

    def revoke(self, text: str) -> None:
        """Forget one token."""
        self._tokens.pop(text, None)

    def expire_all(self) -> None:
        """Make every token issued so far an expired one."""
        for token in self._tokens.values():
            token.expires = 0

    def revoke_all(self) -> None:
        """Forget every token, so that each counts as garbage."""
        self._tokens.clear()
