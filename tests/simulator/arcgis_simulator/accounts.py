# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in where, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ROLES = ("administrator", "viewer", "notebook_author", "user")


@dataclass(frozen=True)
class Account:
    """A user of one or more stores; a store is named after the context that logs its users in."""

    username: str
    password: str
    role: str
    stores: tuple[str, ...]

    @property
    def may_read(self) -> bool:
        """Tell whether the account may read the administrator directories."""
        return self.role in ("administrator", "viewer")

    @property
    def may_write(self) -> bool:
        """Tell whether the account may change anything there."""
        return self.role == "administrator"


def load_accounts(entries: dict[str, dict[str, Any]]) -> dict[str, Account]:
    """Build the accounts of a scenario; a password that is not given is `<name>-Secret-1`."""
    accounts = {}
    for username, entry in entries.items():
        role = entry.get("role", "administrator")
        if role not in ROLES:
            raise ValueError(f"Unknown role {role!r} of account {username}")
        stores = entry["stores"]
        accounts[username] = Account(
            username=username,
            password=str(entry.get("password", f"{username}-Secret-1")),
            role=role,
            stores=tuple([stores] if isinstance(stores, str) else stores),
        )
    return accounts
