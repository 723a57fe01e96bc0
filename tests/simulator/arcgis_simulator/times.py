# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the times and durations of scenarios and control requests."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Any

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def duration_ms(value: Any) -> int:
    """Return milliseconds for a number of seconds or for words such as `90s`, `1h30m` and `-2d`."""
    if isinstance(value, (int, float)):
        return int(value * 1000)
    text = str(value).strip()
    sign = -1 if text.startswith("-") else 1
    text = text.lstrip("+-")
    if not text or _PART.sub("", text):
        raise ValueError(f"Not a duration: {value!r}")
    return sign * int(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)) * 1000)


def moment_ms(value: Any, now: int) -> int | None:
    """Return epoch milliseconds for a number (taken as it is) or a duration relative to `now`."""
    if value is None or isinstance(value, int):
        return value
    if value == "now":
        return now
    return now + duration_ms(value)


def http_date(moment: int) -> str:
    """Return epoch milliseconds as HTTP headers write a time."""
    return formatdate(moment / 1000, usegmt=True)
