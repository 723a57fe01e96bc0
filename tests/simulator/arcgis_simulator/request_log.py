# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of the requests that arrived, without the secrets in them."""

from __future__ import annotations

from collections import deque
from typing import Any

from multidict import MultiMapping

from .call import Call

SECRET = "<secret>"
_SECRET_NAMES = frozenset({"token", "password", "access_token", "refresh_token", "auth_token", "client_secret", "code"})
_CAPACITY = 200_000


def _visible(values: MultiMapping[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in values:
        found = [SECRET if name.lower() in _SECRET_NAMES and value else str(value) for value in values.getall(name)]
        shown[name] = found[0] if len(found) == 1 else found
    return shown


class RequestLog:
    """Entries in the order of arrival; the oldest fall out when the log is full."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=_CAPACITY)
        self._count = 0

    def add(self, call: Call, at: int, faults: list[str]) -> dict[str, Any]:
        """Note a request as it arrives and return the entry, for the answer is noted when there is one."""
        self._count += 1
        entry = {
            "n": self._count,
            "at": at,
            "context": call.context,
            "method": call.method,
            "path": call.raw_path,
            "operation": call.operation,
            "query": _visible(call.query),
            "form": _visible(call.form),
            "token_in": call.token_in,
            "referer": call.referer or None,
            "http_status": None,
            "error_code": None,
            "fault": "+".join(faults) or None,
            "carried_out": False,
        }
        self._entries.append(entry)
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """Return a copy of the log."""
        return [dict(entry) for entry in self._entries]

    def clear(self) -> None:
        """Forget every entry and count from one again."""
        self._entries.clear()
        self._count = 0
