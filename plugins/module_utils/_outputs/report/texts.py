# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts for people: what a site wrote made visible, cut and escaped, and times and spans as they are read.

Everything that a site wrote is untrusted: it may hold markup, control characters, or characters that turn the direction
of the text around. This module is private to the collection.
"""

from __future__ import annotations

import html
from datetime import timedelta

from ..._options import EPOCH

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_BLANKS = frozenset("\t\n\r\x0b\x0c\u00a0\u2028\u2029")


def visible(text: object) -> str:
    """Return a text on one line, in which a character that nobody sees stands as its number, such as \\u202e."""
    given = str(text)
    return given if given.isprintable() else "".join(map(_visible_character, given))


def _visible_character(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character in _BLANKS or character.isspace() else f"\\u{ord(character):04x}"


def cut(text: object, most: int) -> str:
    """Return a visible text of at most so many characters; one that was cut ends in an ellipsis."""
    # What is cut off need not be looked at.
    seen = visible(str(text)[: most + 1])
    return seen if len(seen) <= most else f"{seen[: most - 1]}\u2026"


def shown(text: object, most: int = 160) -> str:
    """Return a text as HTML and SVG hold it, between tags and in attributes."""
    return html.escape(cut(text, most))


def number(value: int) -> str:
    """Return a count with its thousands told apart, such as 12,345."""
    return f"{value:,}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun, such as 1 job or 2 jobs."""
    return f"{number(count)} {one if count == 1 else many or f'{one}s'}"


def span(seconds: float | None) -> str:
    """Return how long something took in its two largest units, such as 9 h 5 min; nothing where it is unknown."""
    if seconds is None:
        return ""
    if 0 < seconds < 1:
        return "< 1 s"
    left, parts = int(seconds), []
    for size, unit in _UNITS:
        if left >= size:
            parts.append((size, f"{left // size} {unit}"))
            left %= size
    if not parts:
        return "0 s"
    # What follows at once is told, and nothing smaller: 1 d 20 s is 1 d.
    sizes = [size for size, _unit in _UNITS]
    is_next = len(parts) > 1 and sizes.index(parts[1][0]) == sizes.index(parts[0][0]) + 1
    return " ".join(text for _size, text in parts[: 2 if is_next else 1])


def moment(ms: int | None) -> str:
    """Return a time to the minute, in UTC; nothing where it is unknown."""
    if ms is None:
        return ""
    return f"{(EPOCH + timedelta(milliseconds=ms)).replace(tzinfo=None).isoformat(' ', 'minutes')} UTC"
