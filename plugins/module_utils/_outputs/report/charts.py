# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three kinds of charts as static SVG: values in, text out.

A chart is as wide as its place. Places along the width are percentages, and all else is in pixels, so that its letters
have one size on a telephone and on a screen. Its colours are classes, which the page defines. A title and a description
say what it shows to those who cannot see it. This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .texts import number, shown

# One row: its words stand above its bar, so that both have the whole width.
_ROW, _WORDS, _BAR_TOP, _BAR = 42, 14, 21, 10
# Columns: the room for the largest one, between the words above and below.
_TOP, _COLUMN, _BELOW = 22, 120, 24
_MOST_LABEL = 40
# What is left of a bar that would be too short to be seen, in percent.
_LEAST = 0.5


@dataclass(frozen=True)
class Bar:
    """One row: what it stands for, the text of its value, and its parts by the class of their colour."""

    label: str
    value: str
    parts: Mapping[str, float]

    @property
    def length(self) -> float:
        """Return the sum of the parts."""
        return sum(self.parts.values())


def bars(key: str, title: str, description: str, rows: Sequence[Bar]) -> str:
    """Return horizontal bars, whose parts are stacked; the longest takes the whole width."""
    longest = max((row.length for row in rows), default=0) or 1
    drawn = []
    for count, row in enumerate(rows):
        top = count * _ROW
        drawn.append(
            f'<text class="label" x="0" y="{top + _WORDS}">{shown(row.label, _MOST_LABEL)}</text>'
            f'<text class="value" x="100%" y="{top + _WORDS}" text-anchor="end">{shown(row.value)}</text>'
            f'<rect class="track" x="0" y="{top + _BAR_TOP}" width="100%" height="{_BAR}" rx="2"/>'
        )
        left = 0.0
        for name, length in row.parts.items():
            width = 100 * length / longest
            drawn.append(_part(name, (left, top + _BAR_TOP), (max(width, _LEAST), _BAR), length))
            left += width
    return _svg(key, title, description, len(rows) * _ROW, drawn)


def columns(key: str, title: str, description: str, hours: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """Return one column for each hour, whose parts are stacked; every sixth hour of the day is named below."""
    most = max((sum(parts.values()) for _hour, parts in hours), default=0)
    bottom, each = _TOP + _COLUMN, 100 / max(1, len(hours))
    drawn = [
        f'<text class="value" x="0" y="{_WORDS}">{number(int(most))}</text>',
        f'<line class="rule" x1="0" y1="{_TOP}" x2="100%" y2="{_TOP}"/>',
        f'<line class="rule" x1="0" y1="{bottom}.5" x2="100%" y2="{bottom}.5"/>',
    ]
    for count, (hour, parts) in enumerate(hours):
        left, top = count * each, float(bottom)
        for name, value in parts.items():
            height = _COLUMN * value / (most or 1)
            top -= height
            drawn.append(_part(name, (left + each * 0.12, top), (each * 0.76, height), value, f"{hour}, "))
        if int(hour[:2]) % 6 == 0:
            anchor = "start" if count < 2 else "end" if count > len(hours) - 3 else "middle"
            at = left if count < 2 else left + each if anchor == "end" else left + each / 2
            place = f'x="{at:.2f}%" y="{bottom + _BELOW - 8}" text-anchor="{anchor}"'
            drawn.append(f'<text class="value" {place}>{shown(hour)}</text>')
    return _svg(key, title, description, bottom + _BELOW, drawn)


def _part(name: str, place: tuple[float, float], size: tuple[float, float], value: float, where: str = "") -> str:
    """Return a part of a bar with its name and value, which a pointer shows; a hairline tells it from the next."""
    if not value:
        return ""
    (left, top), (width, height) = place, size
    box = f'x="{left:.2f}%" y="{top:.1f}" width="{width:.2f}%" height="{height:.1f}"'
    words = "" if name == "accent" else f"{name}: "
    return f'<rect class="part {name}" {box}><title>{shown(where)}{words}{value:,.0f}</title></rect>'


def _svg(key: str, title: str, description: str, height: float, drawn: Iterable[str]) -> str:
    """Return a picture with a title and a description; key makes their names unique on the page."""
    names = f'role="img" aria-labelledby="{key}-title {key}-text"'
    return (
        f'<svg class="chart" {names} width="100%" height="{height:.0f}">'
        f'<title id="{key}-title">{shown(title)}</title><desc id="{key}-text">{shown(description, 400)}</desc>'
        f"{''.join(drawn)}</svg>"
    )
