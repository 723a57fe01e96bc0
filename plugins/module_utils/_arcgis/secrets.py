# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets of a task, and how they are kept out of every text. Private to the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote, urlsplit
from urllib.request import getproxies

_ESCAPED = re.compile("%[0-9A-F]{2}")
_MASK = "********"


class Secrets:
    """Every value that must not appear anywhere, in each form that it takes inside a URL or a form."""

    def __init__(self, values: Iterable[str]) -> None:
        self.forms: set[str] = set()
        for value in (*values, *_proxy_passwords()):
            self.add(value)

    def add(self, value: str) -> None:
        """Let a value appear nowhere from now on."""
        forms = {way(value) for way in (str, unquote, quote, quote_plus, lambda text: quote(text, safe=""))}
        # In one step, because other threads read the set.
        self.forms |= forms | {_ESCAPED.sub(lambda found: found[0].lower(), form) for form in forms}

    def masked(self, text: str) -> str:
        """Return a text with a mask in place of each secret."""
        # A secret may be the beginning of another one.
        for form in sorted(list(self.forms), key=len, reverse=True):
            text = text.replace(form, _MASK)
        return text


def _proxy_passwords() -> set[str]:
    """Return the passwords in the proxy variables of the environment, which messages of the HTTP library may repeat."""
    found = set()
    for url in getproxies().values():
        try:
            found.add(urlsplit(url).password or "")
        except ValueError:
            continue
    return found - {""}
