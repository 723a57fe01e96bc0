# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments that users write, times that sites send, and times that records show."""

from __future__ import annotations

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _times
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._times import Moment

HOUR = 3_600_000
NOW = 1_800_000_000_000


def no_clock() -> int:
    """Stand for the clock of a site that must not be asked."""
    raise AssertionError("the clock was asked")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-01-31T08:00:00Z", 1769846400000),
        ("2026-01-31 08:00:00Z", 1769846400000),
        ("2026-01-31t08:00z", 1769846400000),
        ("2026-01-31T08:00:00+00:00", 1769846400000),
        ("2026-01-31T09:30:00+01:30", 1769846400000),
        ("2026-01-31T00:00:00-0800", 1769846400000),
        ("2026-01-31T08:00:00.25Z", 1769846400250),
        ("2026-01-31T08:00:00.123456789Z", 1769846400123),
        ("  2026-01-31T08:00:00Z ", 1769846400000),
        ("1990-01-01T00:00:00Z", 631152000000),
        ("631152000", 631152000000),
        ("1769846400", 1769846400000),
        ("1769846400.5", 1769846400500),
    ],
)
def test_a_fixed_moment(text: str, expected: int) -> None:
    assert _times.moment("start_time", text) == Moment(epoch_ms=expected)


@pytest.mark.parametrize(
    "text, age_ms",
    [
        ("90s", 90_000),
        ("5m", 300_000),
        ("6h", 6 * HOUR),
        ("7d", 168 * HOUR),
        ("2w", 336 * HOUR),
        ("6 h", 6 * HOUR),
        ("0s", 0),
    ],
)
def test_an_age_is_reckoned_from_the_clock_that_is_given(text: str, age_ms: int) -> None:
    moment = _times.moment("start_time", text)
    assert moment == Moment(age_ms=age_ms)
    assert moment.at(NOW) == NOW - age_ms


@pytest.mark.parametrize(
    "text, part",
    [
        ("", "which is not a moment in time"),
        ("yesterday", "which is not a moment in time"),
        ("2026-01-31", "which is not a moment in time"),
        ("2026-01-31T08:00:00", "which is not a moment in time"),
        ("-6h", "which is not a moment in time"),
        ("6 hours", "which is not a moment in time"),
        ("1.5h", "which is not a moment in time"),
        ("1769846400000", "which looks like milliseconds"),
        ("2026-02-30T08:00:00Z", "which is not a moment in time"),
        ("2026-01-31T25:00:00Z", "which is not a moment in time"),
        ("2026-01-31T08:00:00+99:99", "which is not a moment in time"),
        ("1969-12-31T23:59:59Z", "which would be before 1990"),
        ("1970-01-01T00:00:00Z", "which would be before 1990"),
        ("1989-12-31T23:59:59Z", "which would be before 1990"),
        ("0", "which would be before 1990"),
        ("631151999", "which would be before 1990"),
        ("0001-01-01T00:00:00+14:00", "which would be before 1990"),
        ("9999-12-31T23:59:59Z", "which would be in the future"),
        ("17698464000", "which would be in the future"),
    ],
)
def test_what_is_no_moment_is_refused(text: str, part: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        _times.moment("end_time", text)
    assert caught.value.code == "bad_option"
    assert str(caught.value).startswith(f"The option end_time is {text!r}, {part}. Write ")


def test_no_text_is_no_moment() -> None:
    assert _times.moment("start_time", None) is None


@pytest.mark.parametrize(
    "start, end, is_fine",
    [
        ("7d", "6h", True),
        ("6h", "6h", True),
        ("6h", "7d", False),
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", True),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("2026-01-02T00:00:00Z", "9999d", True),
        (None, "6h", True),
        ("6h", None, True),
    ],
)
def test_a_window_must_not_end_before_it_starts(start: str | None, end: str | None, is_fine: bool) -> None:
    moments = (_times.moment("start_time", start), _times.moment("end_time", end))
    if is_fine:
        _times.check_window(*moments)
        return
    with pytest.raises(ArcGISError, match="The option end_time is before start_time"):
        _times.check_window(*moments)


def test_the_clock_is_asked_for_ages_only() -> None:
    fixed = Moment(epoch_ms=5)
    assert _times.window_at(no_clock, fixed, None) == (5, None)
    assert _times.window_at(no_clock, None, None) == (None, None)
    assert _times.window_at(lambda: NOW, Moment(age_ms=HOUR), fixed) == (NOW - HOUR, 5)
    assert _times.window_at(lambda: 10, Moment(age_ms=HOUR), None) == (0, None)


@pytest.mark.parametrize(
    "value, expected",
    [
        (1700000000000, 1700000000000),
        ("1700000000000", 1700000000000),
        (1700000000000.0, 1700000000000),
        (0, None),
        ("0", None),
        (None, None),
        ("", None),
        (-1, None),
        (True, None),
        ("soon", None),
        ([], None),
        (float("inf"), None),
        (float("nan"), None),
        (10**18, None),
    ],
)
def test_a_time_of_a_payload(value: object, expected: int | None) -> None:
    assert _times.epoch_ms(value) == expected


@pytest.mark.parametrize(
    "start, end, seconds", [(1000, 3500, 2.5), (3500, 1000, 0), (None, 1000, None), (1000, None, None)]
)
def test_a_duration_is_in_seconds(start: int | None, end: int | None, seconds: float | None) -> None:
    assert _times.duration(start, end) == seconds
