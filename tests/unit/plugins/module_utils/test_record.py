# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of jobs: one vocabulary of statuses, and fields of which what cannot be read is named and never invented."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._gp.query import QUERYABLE
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.record import (
    GP_STATUSES,
    Fields,
    duration,
    is_finished,
    is_of_the_job,
    is_the_job,
    iso,
    no_time,
    status_of,
)

# Statuses


@pytest.mark.parametrize(
    "raw, status",
    [
        ("esriJobNew", "new"),
        ("esriJobSubmitted", "submitted"),
        ("esriJobWaiting", "waiting"),
        ("esriJobExecuting", "executing"),
        ("esriJobSucceeded", "succeeded"),
        ("esriJobFailed", "failed"),
        ("esriJobCancelling", "cancelling"),
        ("esriJobCancelled", "cancelled"),
        ("esriJobTimedOut", "timed_out"),
        ("esriJobDeleting", "deleting"),
        ("esriJobDeleted", "deleted"),
        ("TimedOut", "timed_out"),
        ("Succeeded", "succeeded"),
        ("SUBMITTED", "submitted"),
        ("PROCESSING", "executing"),
        ("COMPLETED", "succeeded"),
        ("Completed", "succeeded"),
        ("FAILED", "failed"),
        ("In Progress", "executing"),
        ("IN_PROGRESS", "executing"),
        ("InProgress", "executing"),
        ("in-progress", "executing"),
        ("Canceled", "cancelled"),
        (" Failed ", "failed"),
        ("esriJobPausedForLunch", "paused_for_lunch"),
        ("esriJob", "esri_job"),
    ],
)
def test_every_spelling_has_one_status(raw: str, status: str) -> None:
    assert status_of(raw) == status


def test_which_statuses_have_ended() -> None:
    ended = {status for status in GP_STATUSES if is_finished(status)}
    assert ended == {"succeeded", "failed", "cancelled", "timed_out", "deleted"}
    assert not is_finished("paused")
    assert not is_finished(None)


def test_what_the_query_can_be_asked_for() -> None:
    assert all(status_of(word) == status for status, word in QUERYABLE.items())
    assert set(GP_STATUSES) - set(QUERYABLE) == {"timed_out", "deleting", "deleted"}


# Whether it is the job


@pytest.mark.parametrize("name", ["jobId", "jobID"])
@pytest.mark.parametrize("found", ["j2", "J1", "j1 ", "x" * 5000])
def test_a_payload_with_another_id_is_not_the_job_that_was_asked_for(name: str, found: object) -> None:
    payload = {name: found, "status": "esriJobExecuting"}
    for is_one in (is_the_job, is_of_the_job):
        assert "about another job" in str(is_one(payload, {"job_id": "j1"}))


@pytest.mark.parametrize(
    "payload", [{}, {"jobId": ""}, {"jobId": None}, {"jobId": 7}, {"jobId": "j1"}, {"jobID": "j1"}]
)
def test_a_payload_with_this_id_or_none_is_the_job(payload: dict[str, Any]) -> None:
    for is_one in (is_the_job, is_of_the_job):
        assert is_one({**payload, "status": "esriJobExecuting"}, {"job_id": "j1"}) is None


@pytest.mark.parametrize(
    "payload", [{}, {"jobId": "j1"}, {"jobId": "j1", "status": None}, {"jobId": "j1", "status": 7}]
)
def test_a_payload_without_a_status_is_no_job(payload: dict[str, Any]) -> None:
    assert is_the_job(payload, {"job_id": "j1"}) == "holds no status of a job"
    assert is_of_the_job(payload, {"job_id": "j1"}) is None


# Fields


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


@pytest.mark.parametrize(
    "raw, status, is_over",
    [("esriJobFailed", "failed", True), ("PAUSED", "paused", False), (None, "unknown", False), ("", "unknown", False)],
)
def test_a_status_has_three_fields(raw: str | None, status: str, is_over: bool) -> None:
    fields = Fields({"status": raw})
    assert fields.status() == {"status": status, "raw_status": raw, "finished": is_over}
    assert fields.unreadable == []


def test_a_status_that_cannot_be_read_is_named() -> None:
    fields = Fields({"status": 7})
    assert fields.status() == {"status": "unknown", "raw_status": 7, "finished": False}
    assert fields.unreadable == ["status"]


# Times


@pytest.mark.parametrize("value", [1769846400999, "1769846400999", 1769846400999.0])
def test_a_time(value: object) -> None:
    fields = Fields({"endTime": value})
    assert fields.time("endTime", "end_time") == {"end_time": "2026-01-31T08:00:00Z", "end_time_ms": 1769846400999}
    assert fields.unreadable == []


@pytest.mark.parametrize("value", [None, "", 0, "0"])
def test_a_time_that_has_not_come(value: object) -> None:
    fields = Fields({"endTime": value})
    assert fields.time("endTime", "end_time") == {"end_time": None, "end_time_ms": None} == no_time("end_time")
    assert fields.unreadable == []


@pytest.mark.parametrize(
    "value",
    [
        *(-1, 1, True, False, 10**18, 10**30, float("inf"), float("nan"), "yesterday", "1e400", [], {}),
        *([1769846400999], 1769846400, 631_151_999_999, 99_999_999_999_999),
    ],
)
def test_a_time_that_cannot_be_read_is_named(value: object) -> None:
    fields = Fields({"endTime": value})
    assert fields.time("endTime", "end_time") == {"end_time": None, "end_time_ms": None}
    assert fields.unreadable == ["endTime"]


@pytest.mark.parametrize(
    "ms, text", [(None, None), (0, "1970-01-01T00:00:00Z"), (631_152_000_000, "1990-01-01T00:00:00Z")]
)
def test_a_time_is_written_in_utc(ms: int | None, text: str | None) -> None:
    assert iso(ms) == text


@pytest.mark.parametrize(
    "start, end, seconds", [(1000, 3500, 2.5), (3500, 1000, 0), (None, 1000, None), (1000, None, None)]
)
def test_a_duration_is_in_seconds(start: int | None, end: int | None, seconds: float | None) -> None:
    assert duration(start, end) == seconds
