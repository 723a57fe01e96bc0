# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a job: what each kind takes, and that what cannot be read is named and never invented."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._fields import Fields

NOTHING: dict[str, Any] = {"text": None, "mapping": None, "items": None, "flag": False}


def read(kind: str, value: object) -> tuple[Any, list[str]]:
    """Read one field and return its value and what could not be read."""
    fields = Fields({"field": value})
    return getattr(fields, kind)("field"), fields.unreadable


@pytest.mark.parametrize(
    "kind, value, expected",
    [
        ("text", "j_doe", "j_doe"),
        ("mapping", {"a": 1}, {"a": 1}),
        ("mapping", {}, {}),
        ("items", ["a"], ["a"]),
        ("flag", True, True),
        ("flag", False, False),
        ("flag", "true", True),
        ("flag", "False", False),
    ],
)
def test_a_value_of_the_right_kind(kind: str, value: object, expected: object) -> None:
    assert read(kind, value) == (expected, [])


@pytest.mark.parametrize("kind", NOTHING)
@pytest.mark.parametrize("value", [None, ""])
def test_a_field_that_is_not_set_is_no_fault(kind: str, value: object) -> None:
    assert read(kind, value) == (NOTHING[kind], [])


@pytest.mark.parametrize(
    "kind, value",
    [
        *(("text", value) for value in (5, 1.5, True, [], {}, ["a"])),
        *(("mapping", value) for value in ("{}", [], 0, False)),
        *(("items", value) for value in ("[]", {}, 0, False)),
        *(("flag", value) for value in ("yes", 1, 0, [])),
    ],
)
def test_a_value_of_another_kind_is_named(kind: str, value: object) -> None:
    assert read(kind, value) == (NOTHING[kind], ["field"])


def test_the_first_spelling_that_can_be_read_counts() -> None:
    fields = Fields({"machinename": 7, "machineName": "GIS01"})
    assert fields.text("machinename", "machineName") == "GIS01"
    assert fields.unreadable == ["machinename"]


def test_a_time() -> None:
    fields = Fields({"endTime": 1769846400999})
    assert fields.time("endTime", "end_time") == {"end_time": "2026-01-31T08:00:00Z", "end_time_ms": 1769846400999}
    assert fields.unreadable == []


@pytest.mark.parametrize("value", [None, "", 0, "0"])
def test_a_time_that_has_not_come(value: object) -> None:
    fields = Fields({"endTime": value})
    assert fields.time("endTime", "end_time") == {"end_time": None, "end_time_ms": None}
    assert fields.unreadable == []


@pytest.mark.parametrize("value", [-1, True, False, 10**30, "yesterday", "1e400", [], {}, [1769846400999]])
def test_a_time_that_cannot_be_read_is_named(value: object) -> None:
    fields = Fields({"endTime": value})
    assert fields.time("endTime", "end_time") == {"end_time": None, "end_time_ms": None}
    assert fields.unreadable == ["endTime"]
