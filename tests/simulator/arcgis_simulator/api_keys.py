# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: long-lived tokens that somebody made in a portal, with the role of their owner."""

from __future__ import annotations

from typing import Any

from .accounts import Account
from .times import moment_ms
from .tokens import Token, TokenStore

_FEDERATION = frozenset({"portal", "server", "notebook", "video"})
_YEAR = "365d"


def load_api_keys(
    entries: dict[str, dict[str, Any]], accounts: dict[str, Account], tokens: TokenStore, now: int
) -> dict[str, str]:
    """Let the keys of a scenario be valid tokens, bound to no caller, and return their texts by name.

    A key that is not given is `AAPT<name>-Secret-1`, and one whose end is not given is good for a year.
    """
    keys = {}
    for name, entry in entries.items():
        owner = accounts[entry["owner"]]
        contexts = (_FEDERATION if "portal" in owner.stores else frozenset()) | frozenset(owner.stores)
        keys[name] = str(entry.get("key", f"AAPT{name}-Secret-1"))
        expires = moment_ms(entry.get("expires", f"+{_YEAR}"), now) or now
        tokens.keep(keys[name], Token(owner, "portal", contexts, "none", "", expires, is_api_key=True))
    return keys
