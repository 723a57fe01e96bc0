# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a job as a site sends them, and which of them hold something that cannot be read.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._times import iso, job_time_ms


class Fields:
    """Reads the fields of one payload. A value of another kind than its field should have counts as absent.

    unreadable names those fields, so that one odd value costs neither the record nor the knowledge of it.
    """

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.unreadable: list[str] = []
        self._payload = payload

    def text(self, *names: str) -> str | None:
        """Return the text of the first of these spellings that is there."""
        text: str | None = self._of(str, *names)
        return text

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return an object."""
        mapping: dict[str, Any] | None = self._of(dict, name)
        return mapping

    def items(self, name: str) -> list[Any] | None:
        """Return a list."""
        items: list[Any] | None = self._of(list, name)
        return items

    def flag(self, name: str) -> bool:
        """Return a truth value, which sites also write as a word."""
        value = self._payload.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return self._of(bool, name) or False

    def time(self, name: str, key: str) -> dict[str, Any]:
        """Return the two fields that a record has for a time: key in ISO 8601, and key_ms in milliseconds since 1970.

        A site that has no such time yet leaves it out or says 0.
        """
        value = self._payload.get(name)
        ms = job_time_ms(value)
        if ms is None and (isinstance(value, bool) or value not in (None, "", 0, "0")):
            self.unreadable.append(name)
        return {key: iso(ms), f"{key}_ms": ms}

    def _of(self, kind: type, *names: str) -> Any:
        for name in names:
            value = self._payload.get(name)
            if isinstance(value, kind) and value != "":
                return value
            if value is not None and value != "":
                self.unreadable.append(name)
        return None
