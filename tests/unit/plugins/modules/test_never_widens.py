# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A selection never widens: what is empty selects nothing and sends nothing, and what is odd is refused unsent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, NOTEBOOK, STUCK, context_of
from arcgis_simulator import Simulator

INFO = {"service": BUFFER, "job_ids": [STUCK]}
GP_JOB = {"state": "absent", **INFO}
QUEUE = {"state": "empty", "services": [BUFFER]}
NOTEBOOK_JOB = {"state": "cancelled", "job_ids": [NOTEBOOK.format(6)]}
FINISHED = {"state": "absent", "scope": "all_finished"}

EMPTY: list[tuple[str, dict[str, Any]]] = [
    ("gp_job", {"state": "absent", "service": BUFFER, "job_ids": []}),
    ("gp_job", {"state": "cancelled", "service": BUFFER, "job_ids": []}),
    ("gp_job", {"state": "absent", "jobs": []}),
    ("gp_job", {"state": "cancelled", "jobs": []}),
    ("gp_job", {**GP_JOB, "only_statuses": []}),
    ("gp_job", {"state": "absent", "jobs": [{"service": BUFFER, "job_id": STUCK}], "only_statuses": []}),
    ("gp_job_info", {"service": BUFFER, "job_ids": []}),
    ("gp_job_info", {"service": BUFFER, "job_ids": [], "messages": True}),
    ("gp_job_query", {"services": []}),
    ("gp_job_query", {"services": [], "statistics": True, "start_time": "6h"}),
    ("gp_job_query", {"services": [BUFFER], "statuses": []}),
    ("gp_job_query", {"all_services": True, "statuses": []}),
    ("gp_queue", {**QUEUE, "services": []}),
    ("notebook_job", {**NOTEBOOK_JOB, "job_ids": []}),
    ("notebook_jobs_info", {"job_ids": []}),
    ("notebook_jobs_info", {"jobs": []}),
    ("notebook_jobs_info", {"jobs": [], "messages": True, "wait": True}),
    ("notebook_jobs_info", {"statuses": []}),
    ("notebook_jobs_info", {"types": [], "start_time": "6h"}),
    ("notebook_jobs_info", {"job_ids": [NOTEBOOK.format(3)], "statuses": []}),
    ("video_job_info", {"job_ids": []}),
]

MASKED = ["********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    *[
        ("gp_job", {**GP_JOB, "job_ids": [STUCK, odd]}, "job_ids")
        for odd in ["", " ", "*", "all", "../" + STUCK, STUCK + "/delete", *MASKED]
    ],
    *[("gp_job", {**GP_JOB, "service": odd}, "service") for odd in ["", " ", "*", "Maps/*", "Maps/", *MASKED]],
    *[
        ("gp_job", {"state": "absent", "jobs": [{"service": BUFFER, "job_id": odd}]}, "jobs")
        for odd in [None, 7, [STUCK], {}]
    ],
    *[
        ("gp_job", {"state": "absent", "jobs": [{"service": odd, "job_id": STUCK}]}, "jobs")
        for odd in [None, 7, [BUFFER]]
    ],
    *[
        (
            "gp_job",
            {"state": "absent", "jobs": [{"service": BUFFER, "job_id": STUCK}, {"service": odd, "job_id": STUCK}]},
            "jobs",
        )
        for odd in ["", *MASKED]
    ],
    *[
        (
            "gp_job",
            {"state": "absent", "jobs": [{"service": BUFFER, "job_id": STUCK}, {"service": BUFFER, "job_id": odd}]},
            "jobs",
        )
        for odd in ["", *MASKED]
    ],
    *[
        ("gp_job_info", {"jobs": [{"service": BUFFER, "job_id": odd}]}, "jobs")
        for odd in ["", None, "a/b", "query", *MASKED]
    ],
    ("gp_job", {**GP_JOB, "only_statuses": ["Failed"]}, "only_statuses"),
    *[("gp_job_info", {**INFO, "fail_on": [odd]}, "fail_on") for odd in ["succeeded", "executing", "FAILED", ""]],
    ("gp_job_query", {"all_services": True, "statuses": ["esriJobFailed"]}, "statuses"),
    ("notebook_jobs_info", {"statuses": ["FAILED"]}, "statuses"),
    ("gp_queue", {"state": "empty"}, "services"),
    ("gp_queue", {**QUEUE, "all_services": True}, "services"),
    ("gp_job_query", {"all_services": True, "ended_after": "6h", "ended_before": "7d"}, "ended_before"),
    ("notebook_jobs_info", {"ended_after": "6h", "ended_before": "7d"}, "ended_before"),
    *[("notebook_jobs_info", {name: ""}, name) for name in ("ended_after", "ended_before")],
    *[(name, {**options, "timeout": True}, "timeout") for name, options in (("gp_job", GP_JOB), ("gp_queue", QUEUE))],
    ("gp_job_query", {"all_services": True, "limit": True}, "limit"),
    ("gp_job", {"state": "absent", "jobs": [{}]}, "jobs"),
    ("gp_job", {"state": "absent", "jobs": [{"job_id": STUCK}]}, "jobs"),
    *[("gp_job_info", {**INFO, "job_ids": [odd]}, "job_ids") for odd in ["", "*", *MASKED]],
    *[("gp_job_info", {**INFO, "service": odd}, "service") for odd in ["", "*", "Maps/Buffer/jobs", *MASKED]],
    *[
        (name, {**options, "wait": wait, option: odd}, option)
        for name, options in (("gp_job", GP_JOB), ("gp_job_info", INFO))
        for option, odd in (("wait_sleep", 0), ("wait_sleep", -1), ("wait_timeout", -1))
        for wait in (False, True)
    ],
    ("gp_job", {**GP_JOB, "max_jobs": -1}, "max_jobs"),
    ("gp_job_query", {}, "services"),
    ("gp_job_query", {"statuses": ["failed"]}, "services"),
    ("gp_job_query", {"all_services": False}, "services"),
    ("gp_job_query", {"services": [BUFFER], "all_services": True}, "services"),
    ("gp_job_query", {"services": [], "all_services": True}, "services"),
    *[("gp_job_query", {"services": [BUFFER, odd]}, "services") for odd in ["", " ", "*", "Maps/*", *MASKED]],
    *[
        ("gp_job_query", {"all_services": True, name: odd}, name)
        for name in ("submitted_by", "machine")
        for odd in ["", " ", *MASKED]
    ],
    *[
        ("gp_job_query", {"all_services": True, name: odd}, name)
        for name in ("start_time", "end_time")
        for odd in ["", "soon", "2026-01-31T08:00:00", *MASKED]
    ],
    ("gp_job_query", {"all_services": True, "start_time": "6h", "end_time": "7d"}, "end_time"),
    ("gp_job_query", {"all_services": True, "limit": -1}, "limit"),
    *[("gp_job_query", {"all_services": True, "page_size": odd}, "page_size") for odd in [0, -1, 10001]],
    *[("gp_queue", {**QUEUE, "services": [BUFFER, odd]}, "services") for odd in ["", " ", "a/b/c", "../x", *MASKED]],
    ("gp_queue", {**QUEUE, "max_jobs": -1}, "max_jobs"),
    *[("gp_jobs_directory", {"max_age_minutes": odd, "allow_restart": True}, "max_age_minutes") for odd in [0, -1]],
    *[
        ("notebook_job", {**NOTEBOOK_JOB, "job_ids": [NOTEBOOK.format(6), odd]}, "job_ids")
        for odd in ["", "../deleteAll", "deleteAll", "j1********", *MASKED]
    ],
    ("notebook_job", {**NOTEBOOK_JOB, "max_jobs": -1}, "max_jobs"),
    ("notebook_jobs", {**FINISHED, "max_jobs": -1}, "max_jobs"),
    *[("notebook_jobs_info", {"job_ids": [odd]}, "job_ids") for odd in ["", "*", *MASKED]],
    *[
        ("notebook_jobs_info", {"jobs": [{"job_id": NOTEBOOK.format(3)}, odd]}, "jobs")
        for odd in [
            {},
            {"id": "j1"},
            *({"job_id": job_id} for job_id in [None, 7, ["j1"], "", "*", "../deleteAll", *MASKED]),
            {"job_id": STUCK, "service": BUFFER},
        ]
    ],
    *[("notebook_jobs_info", {"types": ["executeNotebook", odd]}, "types") for odd in ["", *MASKED]],
    *[("notebook_jobs_info", {"submitted_by": odd}, "submitted_by") for odd in ["", *MASKED]],
    *[
        ("notebook_jobs_info", {name: odd}, name)
        for name in ("start_time", "end_time")
        for odd in ["", "soon", *MASKED]
    ],
    ("notebook_jobs_info", {"start_time": "6h", "end_time": "7d"}, "end_time"),
    ("notebook_jobs_info", {"limit": -1}, "limit"),
    ("notebook_jobs_info", {"scan_limit": 0}, "scan_limit"),
    *[("video_job_info", {"job_ids": [odd]}, "job_ids") for odd in ["", "*", "job/1", *MASKED]],
]

# What Ansible itself refuses, because the argument spec says so.
BY_SPEC: list[tuple[str, dict[str, Any], str]] = [
    ("gp_job", {"service": BUFFER, "job_ids": [STUCK]}, "missing required arguments: state"),
    ("gp_job", {**GP_JOB, "state": "deleted"}, "value of state must be one of"),
    ("gp_job", {**GP_JOB, "job_ids": [None]}, "job_ids"),
    ("gp_job", {"state": "absent", "jobs": ["j1"]}, "jobs"),
    ("gp_job", {**GP_JOB, "all_services": True}, "Unsupported parameters"),
    ("gp_job", {"state": "absent", "jobs": [], "service": BUFFER}, "mutually exclusive: jobs|service"),
    ("gp_job", {**GP_JOB, "jobs": []}, "mutually exclusive: jobs|service, jobs|job_ids"),
    ("gp_job", {"state": "absent", "service": BUFFER}, "required together: service, job_ids"),
    ("gp_job", {"state": "absent", "job_ids": [STUCK]}, "required together: service, job_ids"),
    ("gp_job", {"state": "absent"}, "required: jobs, job_ids"),
    ("gp_job_info", {"service": BUFFER}, "required together: service, job_ids"),
    ("gp_job_info", {"job_ids": [STUCK]}, "required together: service, job_ids"),
    *[
        (
            name,
            {**options, "jobs": {"jobs": []}},
            'Write jobs: "{{ found.jobs }}", where found is the result of the task that found them.',
        )
        for name, options in (("gp_job", {"state": "absent"}), ("gp_job_info", {}))
    ],
    ("gp_job_query", {"services": [None]}, "services"),
    ("gp_queue", {"services": [BUFFER]}, "missing required arguments: state"),
    ("notebook_job", {**NOTEBOOK_JOB, "state": "absent"}, "value of state must be one of: cancelled"),
    ("notebook_jobs", {"scope": "all_finished"}, "missing required arguments: state"),
    ("notebook_jobs", {"state": "absent"}, "missing required arguments: scope"),
    *[("notebook_jobs", {**FINISHED, "scope": odd}, "value of scope must be one of") for odd in ["all", ""]],
    ("notebook_jobs", {**FINISHED, "state": "cancelled"}, "value of state must be one of"),
    ("notebook_jobs", {**FINISHED, "job_ids": [NOTEBOOK.format(3)]}, "Unsupported parameters"),
    ("notebook_jobs_info", {"job_ids": [None]}, "job_ids"),
    ("notebook_jobs_info", {"jobs": ["j1"]}, "jobs"),
    ("notebook_jobs_info", {"jobs": [], "job_ids": []}, "mutually exclusive: jobs|job_ids"),
    ("video_job_info", {}, "missing required arguments: job_ids"),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("name, options", EMPTY)
def test_an_empty_list_selects_nothing_and_sends_nothing(
    run: Callable, sim: Simulator, name: str, options: dict[str, Any], check: bool
) -> None:
    result = run(name, context_of(name), check=check, **options)
    assert "failed" not in result
    assert (result["changed"], result["jobs"], result["total"], result["truncated"]) == (False, [], 0, False)
    assert result["api"]["requests"] == 0
    assert sim.requests() == []


@pytest.mark.parametrize("name, options, option", REFUSED)
def test_what_cannot_select_is_refused_before_any_request(
    run: Callable, sim: Simulator, name: str, options: dict[str, Any], option: str
) -> None:
    result = run(name, context_of(name), **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "bad_option")
    assert result["msg"].startswith(f"The option {option} ")
    assert result["error"]["retryable"] is False
    assert sim.requests() == []


@pytest.mark.parametrize("name, options, words", BY_SPEC)
def test_what_ansible_refuses(run: Callable, sim: Simulator, name: str, options: dict[str, Any], words: str) -> None:
    result = run(name, context_of(name), **options)
    assert result["failed"] is True
    assert words in result["msg"]
    assert sim.requests() == []


@pytest.mark.parametrize(
    "name, options",
    [
        ("gp_job", GP_JOB),
        ("gp_job", {**GP_JOB, "state": "cancelled"}),
        ("gp_job_query", {"services": [BUFFER], "statistics": True}),
        ("gp_queue", QUEUE),
        ("gp_jobs_directory", {}),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_kubernetes_lacks_fails_before_any_request(
    run: Callable, sim: Simulator, name: str, options: dict[str, Any], check: bool
) -> None:
    result = run(name, "kubernetes", platform="kubernetes", check=check, **options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unsupported")
    assert "documented for ArcGIS Server only" in result["msg"]
    assert sim.requests() == []


@pytest.mark.parametrize(
    "odd, words",
    [
        ({"service": BUFFER, "job_id": "../x"}, "holds '../x', which is not the ID of a job"),
        ({"service": BUFFER, "job_id": "query"}, "holds 'query', which is not the ID of a job"),
        ({"service": "a/b/c", "job_id": STUCK}, "holds 'a/b/c', which is not the name of a service"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_a_job_that_no_url_can_name_fails_alone(
    run: Callable, sim: Simulator, odd: dict[str, Any], words: str, check: bool
) -> None:
    jobs = [odd, {"service": BUFFER, "job_id": STUCK}]
    result = run("gp_job", state="absent", jobs=jobs, check=check)
    assert (result["changed"], result["error"]["code"]) == (True, "some_jobs_failed")
    assert result["summary"] == {"failed": 1, "deleted": 1}
    assert words in result["jobs"][0]["error"]["message"]
    alone = run("gp_job", state="absent", jobs=jobs[:1], check=check)
    assert (alone["changed"], alone["error"]["code"]) == (False, "bad_option")


def test_whole_jobs_in_place_of_ids_are_told_apart(run: Callable, sim: Simulator) -> None:
    result = run("gp_job", state="absent", service=BUFFER, job_ids=[{"job_id": STUCK, "service": "Buffer"}])
    assert "holds a whole job in place of its ID. Pass whole jobs as jobs, or map(attribute='job_id')" in result["msg"]
    assert sim.requests() == []


def test_blanks_around_the_entries_of_a_list_are_left_out(run: Callable) -> None:
    result = run("gp_job_query", services=" Maps/Buffer, Elevation ", statuses="failed, succeeded ,executing")
    assert set(result["summary"]["service"]) == {"Maps/Buffer", "Elevation"}
    assert set(result["summary"]["status"]) == {"failed", "succeeded", "executing"}
    ids = [job["job_id"] for job in result["jobs"] if job["service"] == BUFFER][:2]
    result = run("gp_job", state="cancelled", service=BUFFER, job_ids=", ".join(ids), only_statuses="failed, waiting")
    assert result["total"] == 2


SCRIPTS = ["मानचित्र", "แผนที่", "Regio\u0301n", "地図", "My Tool (old)", "a+b", "ÄÖ_ü"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_site_lists_every_module_takes(run: Callable, sim: Simulator, tmp_path: Path, name: str) -> None:
    service, ids = f"Maps/{name}", ["1", "J0f3a", "jé 1", "a.b;c", "42"]
    scenario, accounts = tmp_path / "scenario.yml", {"gis_admin": {"role": "administrator", "stores": ["portal"]}}
    site = {"name": "names", "accounts": accounts, "sites": {"server": {"services": {service: {}}}}}
    scenario.write_text(json.dumps(site), encoding="utf-8")
    sim.reset(str(scenario))
    for job_id in ids:
        sim.add_job("server", service=service, job_id=job_id, status="executing")
    found = run("gp_job_query", services=[service])
    assert {job["job_id"] for job in found["jobs"]} == set(ids)
    assert {job["job_id"] for job in run("gp_job_info", jobs=found["jobs"])["jobs"]} == set(ids)
    result = run("gp_job", state="absent", service=service, job_ids=ids)
    assert result["summary"] == {"deleted": len(ids)}
