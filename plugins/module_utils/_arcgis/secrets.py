# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets of a task, and how they are kept out of every text. Private to the collection."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit
from urllib.request import getproxies

from .._errors import quoted

# A shorter value is a part of too many texts: to mask it would leave nothing to read, and would give it away.
SHORTEST_MASKED = 3

_ESCAPED = re.compile("%[0-9A-F]{2}")
_MASK = "********"


class Secrets:
    """Every value that must not appear anywhere, in each form in which a site, a proxy or a library may repeat it."""

    def __init__(self, values: Iterable[str], username: str | None = None) -> None:
        self.forms: frozenset[str] = frozenset()
        self._username = username
        self._pattern: re.Pattern[str] | None = None
        for value in (*values, *passwords_in(getproxies().values())):
            self.add(value)

    def add(self, value: str) -> None:
        """Let a value appear nowhere from now on."""
        self.forms |= {form for form in self._forms_of(value) if len(form) >= SHORTEST_MASKED}
        # A secret may be the beginning of another one, so the longest comes first.
        longest_first = sorted(self.forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def masked(self, text: str) -> str:
        """Return a text with a mask in place of each secret."""
        return self._pattern.sub(_MASK, text) if self._pattern else text

    def shown(self, text: str) -> str:
        """Return a text as messages repeat it: masked before it is brought onto one line and cut."""
        return quoted(self.masked(text))

    def without_keys(self, value: Any) -> Any:
        """Return a value of a site whose keys are masked, at every level; Ansible itself masks in values only."""
        if isinstance(value, list):
            return [self.without_keys(each) for each in value]
        if not isinstance(value, dict):
            return value
        kept: dict[str, Any] = {}
        for key, each in value.items():
            name = masked = self.masked(key)
            while name in kept:
                # Two keys that look alike behind their masks are still two.
                name = f"{masked} ({len(kept) + 1})"
            kept[name] = self.without_keys(each)
        return kept

    def _forms_of(self, value: str) -> Iterator[str]:
        """Yield a value as it is written in a URL, in a form, in HTML, in JSON, in a log, and inside a record."""
        escaped = {value, unquote(value), quote(value), quote_plus(value), quote(value, safe="")}
        yield from escaped | {_ESCAPED.sub(lambda found: found[0].lower(), form) for form in escaped}
        in_html = html.escape(value)
        yield from (in_html, html.escape(value, quote=False), in_html.replace("&#x27;", "&#39;"))
        yield from (in_html.replace("&gt;", ">"), in_html.replace("&quot;", "&#34;"))
        yield from (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1])
        snake = re.sub(r"[\s_-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value))
        yield from (value.lower(), " ".join(value.split()), snake.lower())
        for text in (value, f"{self._username}:{value}"):
            yield b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")


def passwords_in(urls: Iterable[str | None]) -> set[str]:
    """Return the passwords inside URLs, such as those in the proxy variables of the environment."""
    found = set()
    for url in urls:
        try:
            found.add(urlsplit(url or "").password or "")
        except ValueError:
            continue
    return found - {""}
