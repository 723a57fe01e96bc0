# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site is asked for, and what of its answer is kept."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._gp.query import GpFilter, queries_for

DAY = 24 * 3600 * 1000
START, END = 1_700_000_000_000, 1_700_100_000_000
UNFINISHED = ["esriJobNew", "esriJobSubmitted", "esriJobWaiting", "esriJobExecuting", "esriJobCancelling"]
WINDOW = {"startTime": str(START), "endTime": str(END + DAY)}

QUESTIONS = {
    "everything": (GpFilter(), [{}]),
    "one status": (GpFilter(["executing"]), [{"jobStatus": "esriJobExecuting"}]),
    "one query for each status": (
        GpFilter(["failed", "executing"]),
        [{"jobStatus": "esriJobFailed"}, {"jobStatus": "esriJobExecuting"}],
    ),
    "a status that the query does not take": (GpFilter(["timed_out"]), [{}]),
    "a status that the query does not take beside one that it does": (GpFilter(["timed_out", "failed"]), [{}]),
    "deleting, which has not ended": (GpFilter(["deleting"], start_ms=START), [{}]),
    "a submitter": (GpFilter(submitted_by="j_doe"), [{"userName": "j_doe"}]),
    "a machine": (GpFilter(machine="GIS01"), [{"machineName": "GIS01"}]),
    "a submitter of a status": (GpFilter(["failed"], "j_doe"), [{"userName": "j_doe", "jobStatus": "esriJobFailed"}]),
    "ended in a window": (
        GpFilter(["succeeded"], start_ms=START, end_ms=END),
        [{**WINDOW, "jobStatus": "esriJobSucceeded"}],
    ),
    "unfinished in a window, asked for without it": (
        GpFilter(["executing"], start_ms=START, end_ms=END),
        [{"jobStatus": "esriJobExecuting"}],
    ),
    "timed out in a window": (GpFilter(["timed_out"], start_ms=START, end_ms=END), [WINDOW]),
    "only an end": (
        GpFilter(["failed"], end_ms=END),
        [{"startTime": "0", "endTime": str(END + DAY), "jobStatus": "esriJobFailed"}],
    ),
    "only a start": (GpFilter(["failed"], start_ms=START), [{"startTime": str(START), "jobStatus": "esriJobFailed"}]),
    "anything in a window": (
        GpFilter(start_ms=START, end_ms=END),
        [WINDOW, *({"jobStatus": word} for word in UNFINISHED)],
    ),
}


@pytest.mark.parametrize("wanted, queries", QUESTIONS.values(), ids=QUESTIONS)
def test_what_arcgis_server_is_asked(wanted: GpFilter, queries: list[dict[str, str]]) -> None:
    assert queries_for(wanted, on_kubernetes=False) == queries


def test_kubernetes_takes_seconds_and_no_machine() -> None:
    wanted = GpFilter(["failed"], "j_doe", "gp-buffer-0", START, END)
    assert queries_for(wanted, on_kubernetes=True) == [
        {
            "userName": "j_doe",
            "startTime": str(START // 1000),
            "endTime": str((END + DAY) // 1000),
            "jobStatus": "esriJobFailed",
        }
    ]


@pytest.mark.parametrize(
    "wanted, needed",
    [
        (GpFilter(), False),
        (GpFilter(["failed"]), False),
        (GpFilter(submitted_by="a"), True),
        (GpFilter(machine="a"), True),
        (GpFilter(start_ms=0), True),
        (GpFilter(end_ms=0), True),
    ],
)
def test_when_the_jobs_themselves_are_read(wanted: GpFilter, needed: bool) -> None:
    assert wanted.needs_records is needed


@pytest.mark.parametrize("statuses, accepted", [(None, True), (["failed"], True), (["executing"], False), ([], False)])
def test_statuses_are_checked_on_what_the_site_returned(statuses: list[str] | None, accepted: bool) -> None:
    assert GpFilter(statuses).accepts_status("failed") is accepted


JOB: dict[str, Any] = {
    "username": "j_doe",
    "machine": "GIS01.EXAMPLE.COM",
    "submitted_time_ms": START,
    "unreadable_fields": [],
}


@pytest.mark.parametrize(
    "wanted, job, accepted",
    [
        (GpFilter(), JOB, True),
        (GpFilter(submitted_by="j_doe"), JOB, True),
        (GpFilter(submitted_by="J_DOE"), JOB, False),
        (GpFilter(submitted_by="j_do"), JOB, False),
        (GpFilter(submitted_by="j_doe"), {**JOB, "username": None}, False),
        (GpFilter(submitted_by="null"), {**JOB, "username": None}, True),
        (GpFilter(submitted_by="null"), {**JOB, "username": None, "unreadable_fields": ["username"]}, None),
        (GpFilter(submitted_by="null"), JOB, False),
        (GpFilter(machine="gis01.example.com"), JOB, True),
        (GpFilter(machine="GIS02.EXAMPLE.COM"), JOB, False),
        (GpFilter(machine="GIS01.EXAMPLE.COM"), {**JOB, "machine": None}, False),
        (GpFilter(start_ms=START), JOB, True),
        (GpFilter(start_ms=START + 1), JOB, False),
        (GpFilter(end_ms=START), JOB, True),
        (GpFilter(end_ms=START - 1), JOB, False),
        (GpFilter(start_ms=1), {**JOB, "submitted_time_ms": None}, False),
        (GpFilter(end_ms=END), {**JOB, "submitted_time_ms": None}, False),
        (GpFilter(submitted_by="j_doe", machine="GIS02"), JOB, False),
        (GpFilter(end_ms=END), {**JOB, "submitted_time_ms": None, "unreadable_fields": ["submittedTime"]}, None),
        (GpFilter(end_ms=END), {**JOB, "unreadable_fields": ["endTime"]}, True),
        (GpFilter(machine="GIS01"), {**JOB, "machine": None, "unreadable_fields": ["machinename"]}, None),
        (
            GpFilter(submitted_by="a", end_ms=1),
            {**JOB, "submitted_time_ms": None, "unreadable_fields": ["submittedTime"]},
            False,
        ),
    ],
)
def test_what_a_job_says_of_itself_decides(wanted: GpFilter, job: dict[str, Any], accepted: bool | None) -> None:
    assert wanted.judge(job) is accepted
