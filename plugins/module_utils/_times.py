# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments in time: what users write, what the site says, and what records show.

This module is private to the collection.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import bad_option

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"(\d{1,9})\s*([smhdw])")
_EPOCH = re.compile(r"\d{1,16}(\.\d{1,6})?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)", re.IGNORECASE)
_EPOCH_START = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LATEST_SECOND = 99_999_999_999  # the year 5138; a larger number is surely in milliseconds
# 1990, before which no job was submitted. Smaller numbers are rather milliseconds divided once too often, dates without
# hyphens, years, or counts of days.
_EARLIEST_SECOND = 631_152_000
_DAY = 86400
_ANY_NOW = 10**16
_FORMS = (
    "Write an ISO 8601 time with a zone such as '2026-01-31T08:00:00Z', seconds since 1970, or an age such as 6h or 7d."
)


@dataclass(frozen=True)
class Moment:
    """A moment that a user wrote: either milliseconds since 1970, or an age in milliseconds."""

    epoch_ms: int | None = None
    age_ms: int | None = None

    def at(self, now_ms: int) -> int:
        """Return the moment in milliseconds since 1970, ages reckoned from now_ms."""
        return self.epoch_ms if self.epoch_ms is not None else max(0, now_ms - (self.age_ms or 0))


def moment(option: str, text: str | None) -> Moment | None:
    """Read what a user wrote: ISO 8601 with a zone, seconds since 1970, or an age. None stays None.

    Raises ArcGISError bad_option for anything else: a time without a zone could mean two moments.
    """
    if text is None:
        return None
    value = text.strip()
    age = _AGE.fullmatch(value)
    if age:
        return Moment(age_ms=int(age[1]) * _UNITS[age[2]] * 1000)
    if _EPOCH.fullmatch(value):
        if float(value) > _LATEST_SECOND:
            raise bad_option(option, f"is {value!r}, which looks like milliseconds", "Write seconds since 1970.")
        return Moment(epoch_ms=_plausible(option, value, round(float(value) * 1000)))
    iso = _ISO.fullmatch(value)
    if not iso:
        raise bad_option(option, f"is {value!r}, which is not a moment in time", _FORMS)
    date, minute, second, fraction, zone = iso.groups()
    zone = "+00:00" if zone in "Zz" else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        parsed = datetime.fromisoformat(f"{date}T{minute}{second or ':00'}.{(fraction or '0')[:6].ljust(6, '0')}{zone}")
        elapsed = parsed - _EPOCH_START
    except (ValueError, OverflowError):
        elapsed = None
    if elapsed is None:
        raise bad_option(option, f"is {value!r}, which is not a moment in time", _FORMS)
    return Moment(epoch_ms=_plausible(option, value, elapsed // timedelta(milliseconds=1)))


def _plausible(option: str, written: str, ms: int) -> int:
    """Return a moment of an option; refuse one that no job can be of, because it is rather in another unit."""
    if not _is_plausible(ms):
        problem = f"is {written!r}, which would be {'before 1990' if ms < _EARLIEST_SECOND * 1000 else 'in the future'}"
        raise bad_option(option, problem, _FORMS)
    return ms


def _is_plausible(ms: int) -> bool:
    """Say whether a job can have this time: after 1990, and at most a day in the future, as clocks differ."""
    return _EARLIEST_SECOND <= ms / 1000 <= time.time() + _DAY


def check_window(start: Moment | None, end: Moment | None) -> None:
    """Refuse a window that ends before it starts, as far as that is known before the clock of the site is."""
    if start is None or end is None:
        return
    if (start.epoch_ms is None) == (end.epoch_ms is None) and start.at(_ANY_NOW) > end.at(_ANY_NOW):
        raise bad_option(
            "end_time", "is before start_time", "Write the earlier moment, or the larger age, as start_time."
        )


def window_at(now_ms: Callable[[], int], start: Moment | None, end: Moment | None) -> tuple[int | None, int | None]:
    """Return both ends of a window in milliseconds since 1970; now_ms is asked only where there are ages."""
    has_age = any(moment is not None and moment.age_ms is not None for moment in (start, end))
    now = now_ms() if has_age else 0
    return (start.at(now) if start else None), (end.at(now) if end else None)


def epoch_ms(value: Any) -> int | None:
    """Read a time of a payload, in milliseconds since 1970; None where the site has none, says 0, or says no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number <= _LATEST_SECOND * 1000 else None


def job_time_ms(value: Any) -> int | None:
    """Read a time of a job, in milliseconds since 1970; None where it is none, or where it is in another unit."""
    ms = epoch_ms(value)
    return ms if ms is not None and _is_plausible(ms) else None


def iso(ms: int | None) -> str | None:
    """Write milliseconds since 1970 as ISO 8601 in UTC, to the second; None stays None."""
    if ms is None:
        return None
    return (_EPOCH_START + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(start_ms: int | None, end_ms: int | None) -> float | None:
    """Return the seconds between two times of a record; None while the job is open or a time is unknown."""
    if start_ms is None or end_ms is None:
        return None
    return max(0, end_ms - start_ms) / 1000
