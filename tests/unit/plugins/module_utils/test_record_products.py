# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the payloads of three products to records with one vocabulary."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import gp_record
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._notebook import (
    NotebookFilter,
    brief_record,
    notebook_record,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._video import codes_in, steps_of, video_record

JOB = JobRef(Service("Maps", "Buffer"), "j1")
GP = {
    "jobId": "j1",
    "submittedTime": 1700000000000,
    "endTime": 1700000042500,
    "status": "esriJobSucceeded",
    "username": "gis_admin",
    "machinename": "GIS01.EXAMPLE.COM",
    "url": "https://gis.example.com/x",
}


def test_a_gp_job() -> None:
    assert gp_record(JOB, GP) == {
        "job_id": "j1",
        "service": "Maps/Buffer",
        "type": "GPServer",
        "status": "succeeded",
        "raw_status": "esriJobSucceeded",
        "finished": True,
        "submitted_time": "2023-11-14T22:13:20Z",
        "submitted_time_ms": 1700000000000,
        "start_time": None,
        "start_time_ms": None,
        "end_time": "2023-11-14T22:14:02Z",
        "end_time_ms": 1700000042500,
        "duration": 42.5,
        "username": "gis_admin",
        "machine": "GIS01.EXAMPLE.COM",
        "url": "https://gis.example.com/x",
        "messages": None,
        "unreadable_fields": [],
    }


@pytest.mark.parametrize("end", [{}, {"endTime": 0}, {"endTime": None}])
def test_an_open_gp_job_has_no_end_however_the_site_says_so(end: dict[str, Any]) -> None:
    payload = {name: value for name, value in GP.items() if name != "endTime"}
    job = gp_record(JOB, {**payload, "status": "esriJobExecuting", **end})
    assert (job["end_time"], job["end_time_ms"], job["duration"], job["finished"]) == (None, None, None, False)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"jobId": None, "jobID": "j2"}, {"job_id": "j2"}),
        ({"jobId": None}, {"job_id": "j1"}),
        ({"username": None}, {"username": None}),
        ({"machinename": None, "machineName": "GIS02"}, {"machine": "GIS02"}),
        ({"status": "esriJobPaused"}, {"status": "paused", "raw_status": "esriJobPaused", "finished": False}),
        ({"status": None}, {"status": "unknown", "raw_status": None, "finished": False}),
        ({"submittedTime": 0}, {"submitted_time": None, "submitted_time_ms": None, "duration": None}),
    ],
)
def test_the_tolerances_of_a_gp_record(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    job = gp_record(JOB, {**GP, **changes})
    assert {name: job[name] for name in expected} == expected


NOTEBOOK = {
    "jobId": "j1",
    "type": "executeNotebook",
    "startTime": 1700000000000,
    "endTime": 1700000042000,
    "username": "a_doe",
}


@pytest.mark.parametrize(
    "status, attributes, ended, expected, finished",
    [
        ("SUBMITTED", {}, False, "submitted", False),
        ("PROCESSING", {}, False, "executing", False),
        ("COMPLETED", {"isCancelled": False}, True, "succeeded", True),
        ("FAILED", {"isCancelled": "false"}, True, "failed", True),
        ("PROCESSING", {"isCancelled": True}, False, "cancelling", False),
        ("FAILED", {"isCancelled": True}, True, "cancelled", True),
        ("COMPLETED", {"isCancelled": "true"}, True, "cancelled", True),
        ("STOPPED", {"isCancelled": True}, True, "cancelled", True),
        ("PAUSED", {}, False, "paused", False),
        ("FAILED", None, True, "failed", True),
    ],
)
def test_a_notebook_job_that_was_cancelled_has_no_status_of_its_own(
    status: str, attributes: Any, ended: bool, expected: str, finished: bool
) -> None:
    payload = {
        **NOTEBOOK,
        "status": status,
        "customAttributes": attributes,
        "endTime": 1700000042000 if ended else None,
    }
    job = notebook_record(payload)
    assert (job["status"], job["raw_status"], job["finished"]) == (expected, status, finished)
    assert job["is_cancelled"] is expected.startswith("cancel")
    assert job["duration"] == (42.0 if ended else None)


def test_the_brief_list_claims_nothing_that_it_lacks() -> None:
    assert brief_record(NOTEBOOK) == {
        "job_id": "j1",
        "type": "executeNotebook",
        "start_time": "2023-11-14T22:13:20Z",
        "start_time_ms": 1700000000000,
        "username": "a_doe",
        "unreadable_fields": [],
    }


@pytest.mark.parametrize(
    "wanted, job, accepted",
    [
        ({}, {}, True),
        ({"statuses": ["failed"]}, {}, True),
        ({"statuses": ["succeeded"]}, {}, False),
        ({"types": ["openNotebook"]}, {}, False),
        ({"submitted_by": "a_doe"}, {}, True),
        ({"submitted_by": "A_DOE"}, {}, False),
        ({"cancelled": True}, {}, False),
        ({"cancelled": False}, {}, True),
        ({"started": (1700000000000, None)}, {}, True),
        ({"started": (1700000000001, None)}, {}, False),
        ({"started": (None, 1700000000000)}, {}, True),
        ({"started": (None, 1699999999999)}, {}, False),
        ({"started": (None, 1700000000000)}, {"startTime": None}, False),
        ({"ended": (1700000000000, 1700000060000)}, {"endTime": 1700000060000}, True),
        ({"ended": (1700000060001, None)}, {"endTime": 1700000060000}, False),
        ({"ended": (None, 1700000059999)}, {"endTime": 1700000060000}, False),
        ({"ended": (1700000000000, None)}, {"endTime": None}, False),
    ],
)
def test_the_filters_that_notebook_server_lacks(wanted: dict[str, Any], job: dict[str, Any], accepted: bool) -> None:
    record = notebook_record({**NOTEBOOK, "status": "FAILED", **job})
    assert NotebookFilter(**wanted).accepts(record) is accepted


@pytest.mark.parametrize(
    "wanted, selects, needs_details",
    [
        ({}, False, False),
        ({"statuses": ["failed"]}, True, True),
        ({"cancelled": False}, True, True),
        ({"types": ["x"]}, True, False),
        ({"submitted_by": "x"}, True, False),
        ({"started": (0, None)}, True, False),
        ({"ended": (0, None)}, True, True),
    ],
)
def test_a_filter_asks_for_the_list_that_it_needs(wanted: dict[str, Any], selects: bool, needs_details: bool) -> None:
    given = NotebookFilter(**wanted)
    assert (given.selects, given.needs_details) == (selects, needs_details)


@pytest.mark.parametrize(
    "messages, codes, steps",
    [
        (["A", "B"], [1, 2], [("A", 1), ("B", 2)]),
        (["A", "B"], "[1, 2]", [("A", 1), ("B", 2)]),
        (["A", "B"], [1], [("A", 1), ("B", None)]),
        (["A"], [1, 2], [("A", 1)]),
        (["A"], None, [("A", None)]),
        (["A"], "odd", [("A", None)]),
        (["A"], "7", [("A", None)]),
        ([7], [1], [("7", 1)]),
        ([], [1], []),
        (["A"], "[" * 100_000, [("A", None)]),
        (["A"], "[" * 65 + "]" * 65, [("A", None)]),
        (["A"], "[NaN]", [("A", "NaN")]),
        (["A"], "[1e400]", [("A", "1e400")]),
        (["A"], r'["\ud800"]', [("A", "\ufffd")]),
        (["A"], "[" + "1" * 5000 + "]", [("A", "1" * 5000)]),
    ],
    ids=range(15),
)
def test_the_steps_of_a_video_job(messages: list[Any], codes: Any, steps: list[tuple[str, Any]]) -> None:
    assert steps_of(messages, codes_in(codes) or []) == [{"message": message, "code": code} for message, code in steps]


@pytest.mark.parametrize(
    "raw, status, failed_step",
    [
        ("In Progress", "executing", None),
        ("Completed", "succeeded", None),
        ("COMPLETED", "succeeded", None),
        ("FAILED", "failed", {"message": "Probing", "code": 2}),
    ],
)
def test_a_video_job(raw: str, status: str, failed_step: dict[str, Any] | None) -> None:
    payload = {
        "jobId": "j1",
        "status": raw,
        "messages": ["Start", "Probing"],
        "customAttributes": {"messageCodes": [1, 2], "x": True},
    }
    job = video_record("j1", payload)
    assert (job["status"], job["raw_status"], job["failed_step"]) == (status, raw, failed_step)
    assert job["custom_attributes"] == {"messageCodes": [1, 2], "x": True}
    assert job["submitted_time"] is job["start_time"] is job["end_time"] is job["duration"] is None


def test_a_video_job_that_failed_before_its_first_step() -> None:
    job = video_record("j1", {"jobId": "j1", "status": "FAILED", "messages": None, "customAttributes": None})
    assert (job["steps"], job["failed_step"], job["messages"]) == ([], None, [])


@pytest.mark.parametrize(
    "codes, unreadable",
    [
        ([1], False),
        ("[1]", False),
        (None, False),
        ("", False),
        ("odd", True),
        ("7", True),
        (7, True),
        ({"1": 2}, True),
        ("[" * 100_000, True),
    ],
    ids=range(9),
)
def test_message_codes_that_cannot_be_read_are_named(codes: Any, unreadable: bool) -> None:
    payload = {"jobId": "j1", "status": "FAILED", "messages": ["A"], "customAttributes": {"messageCodes": codes}}
    assert video_record("j1", payload)["unreadable_fields"] == (["messageCodes"] if unreadable else [])


@pytest.mark.parametrize(
    "codes", [r'["\ud800"]', "[NaN, Infinity]", "[" * 100_000, "[" * 65 + "]" * 65, "\ud800"], ids=range(5)
)
def test_odd_message_codes_leave_a_record_that_can_be_printed(codes: str) -> None:
    payload = {"jobId": "j1", "status": "FAILED", "messages": ["A"], "customAttributes": {"messageCodes": codes}}
    steps = video_record("j1", payload)["steps"]
    assert json.dumps(steps, allow_nan=False, ensure_ascii=False).encode()
