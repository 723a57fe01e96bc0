# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users write: nothing empty, nothing masked, nothing that changes a URL, and moments in time."""

from __future__ import annotations

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._options import (
    Moment,
    parse_job_ids,
    parse_optional_text,
    parse_text,
    parse_texts,
    parse_time,
    parse_window,
    require_range,
    window_at,
)

MASKS = [
    "********",
    "*",
    "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
    "value_specified_in_no_log_parameter",
    "<redacted>",
    "REDACTED",
]
HOUR = 3_600_000
NOW = 1_800_000_000_000


# Texts


@pytest.mark.parametrize(
    "value, problem",
    [
        (None, "is empty"),
        ("", "is empty"),
        (" ", "is empty"),
        *[(mask, "is a mask in place of a secret") for mask in MASKS],
        ("a\nb", "holds control characters"),
        ("a\x7f", "holds control characters"),
    ],
)
def test_what_selects_nothing_is_refused(value: object, problem: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        parse_text("submitted_by", value)
    assert caught.value.failure.code == "bad_option"
    assert caught.value.failure.reason == f"The option submitted_by {problem}"


@pytest.mark.parametrize("value", ["j_doe", "AD\\\\j.doe", "DÖE", "a*b", 7])
def test_a_text_is_kept(value: object) -> None:
    assert parse_text("submitted_by", value) == str(value)


def test_an_optional_text() -> None:
    assert parse_optional_text("machine", None) is None
    assert parse_optional_text("machine", "GIS01") == "GIS01"
    with pytest.raises(ArcGISError):
        parse_optional_text("machine", "")


def test_a_list_keeps_its_order_and_loses_repetitions() -> None:
    assert parse_texts("types", ["b", "a", "b"]) == ["b", "a"]
    assert parse_texts("types", []) == []
    with pytest.raises(ArcGISError):
        parse_texts("types", ["a", None])


@pytest.mark.parametrize(
    "job_id",
    [
        "j0f3a6c1d2e4b48f7a9b0c1d2e3f4a5b6",
        "j290c2d4e60364xx2a0c735fb9b68428a",
        "j0bc73e29-3725-4eb1-b6c7-db2cdc56799c",
        "j_1",
        "1",
        "j",
        "J0f3a",
        "j 1",
        "jé",
        "j1;",
        "ก้",
    ],
)
def test_an_id_of_any_product_is_taken(job_id: str) -> None:
    assert parse_job_ids("job_ids", [job_id, job_id]) == [job_id]


@pytest.mark.parametrize(
    "job_id",
    [
        "j1/delete",
        "j1?f=json",
        "j1#a",
        "../j1",
        "j1%2f",
        "j1\\\\x",
        ".",
        "...",
        "query",
        "purgeQueue",
        "deleteAll",
        "cancel",
        "all",
    ],
)
def test_what_could_not_be_an_id_is_refused(job_id: str) -> None:
    with pytest.raises(ArcGISError) as caught:
        parse_job_ids("job_ids", ["j1", job_id])
    assert caught.value.failure.code == "bad_option"
    assert caught.value.failure.reason == f"The option job_ids holds {job_id!r}, which is not the ID of a job"


# Numbers


@pytest.mark.parametrize("value", [None, 0, 5, 2**31 - 1])
def test_a_number_in_its_range_is_taken(value: int | None) -> None:
    require_range({"limit": value}, limit=0)


@pytest.mark.parametrize("value, most", [(-1, 2**31 - 1), (2**31, 2**31 - 1), (11, 10)])
def test_a_number_out_of_its_range_is_refused(value: int, most: int) -> None:
    with pytest.raises(ArcGISError) as caught:
        require_range({"limit": value}, most, limit=0)
    expected = f"The option limit is {value}, which is out of range. Write a number from 0 to {most}."
    assert (caught.value.failure.code, str(caught.value)) == ("bad_option", expected)


# Times


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
    assert parse_time("start_time", text) == Moment(epoch_ms=expected)


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
    moment = parse_time("start_time", text)
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
        parse_time("end_time", text)
    assert caught.value.failure.code == "bad_option"
    assert str(caught.value).startswith(f"The option end_time is {text!r}, {part}. Write ")


def test_no_text_is_no_moment() -> None:
    assert parse_time("start_time", None) is None


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
    options = {"start_time": start, "end_time": end}
    if is_fine:
        assert parse_window(options) == (parse_time("start_time", start), parse_time("end_time", end))
        return
    with pytest.raises(ArcGISError, match="The option end_time is before start_time"):
        parse_window(options)


def test_the_clock_is_asked_for_ages_only() -> None:
    fixed = Moment(epoch_ms=5)
    assert window_at(no_clock, fixed, None) == (5, None)
    assert window_at(no_clock, None, None) == (None, None)
    assert window_at(lambda: NOW, Moment(age_ms=HOUR), fixed) == (NOW - HOUR, 5)
    assert window_at(lambda: 10, Moment(age_ms=HOUR), None) == (0, None)
