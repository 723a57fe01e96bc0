# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gp_job_query keeps out of a selection: services and users that are excluded, and jobs that cannot be judged."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, EXPORT
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Received, job, page
from arcgis_simulator import Simulator

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def query(run: Callable) -> Callable[..., dict[str, Any]]:
    """Query the whole simulated site."""
    return lambda **more: run("gp_job_query", **{"all_services": True, **more})


def test_the_jobs_of_an_excluded_service_are_counted_and_not_selected(query: Callable, sim: Simulator) -> None:
    there = [job for job in sim.jobs("server") if job["service"] == EXPORT]
    for more in ({}, {"details": True}, {"end_time": "0s"}, {"exclude_users": ["nobody"]}):
        everything = query(**more)
        found = query(exclude_services=[EXPORT], **more)
        assert found["excluded"][0] == {"option": "exclude_services", "value": EXPORT, "jobs": len(there)}
        assert found["total"] == everything["total"] - len(there)
        assert EXPORT not in {job["service"] for job in found["jobs"]} | set(found["summary"]["service"])


@pytest.mark.parametrize("wrong", ["Planing/NightlyExport", "planning/nightlyexport", "NightlyExport", "No/Such"])
def test_an_excluded_service_that_the_site_lacks_stops_the_task(query: Callable, sim: Simulator, wrong: str) -> None:
    result = query(exclude_services=[BUFFER, wrong])
    assert (result["failed"], result["error"]["code"]) == (True, "unknown_service")
    assert f"exclude_services names {wrong}, which the site lacks" in result["msg"]
    assert (f"Did you mean {EXPORT}?" in result["msg"]) is (wrong != "No/Such")
    assert not [entry for entry in sim.requests() if entry["operation"] == "query"]
    assert query(exclude_services=[BUFFER, wrong], exclude_missing_ok=True)["excluded"][0]["jobs"] > 0


@pytest.mark.parametrize(
    "odd", ["Planning/NightlyExport/", "/NightlyExport", "", "********", "Planning/********Export"]
)
def test_an_excluded_service_that_can_be_none_is_refused_unsent(query: Callable, sim: Simulator, odd: str) -> None:
    result = query(exclude_services=[odd], exclude_missing_ok=True)
    assert (result["error"]["code"], "exclude_services" in result["msg"]) == ("bad_option", True)
    assert sim.requests() == []


def test_a_site_that_takes_names_in_any_case_widens_nothing(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(
        query=page(j1="Succeeded"),
        Planning={"services": [{"serviceName": "NightlyExport", "type": "GPServer"}]},
    )
    result = run_scripted("gp_job_query", server, services=[EXPORT.lower()], exclude_services=[EXPORT])
    assert (result["jobs"], result["excluded"][0]["jobs"]) == ([], 1)


def test_the_jobs_of_an_excluded_user_are_counted_and_not_selected(query: Callable) -> None:
    by = query(details=True)["summary"]["username"]
    # Copied from a page, a name may have blanks and marks that nobody sees.
    for users in (["J_DOE"], ["j_doe", "null"], ["nobody"], ["j_doe\u00a0"], ["\ufeffj_\u200bdoe"]):
        found = query(exclude_users=users)
        kept = [by.get(re.sub("[^a-z_]", "", user.lower()), 0) for user in users]
        assert [entry["jobs"] for entry in found["excluded"]] == kept
        assert found["total"] == sum(by.values()) - sum(kept)


@pytest.mark.parametrize("odd", ["", "********", "********_batch", "a VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"])
def test_a_masked_user_stops_the_task(query: Callable, sim: Simulator, odd: str) -> None:
    result = query(exclude_users=["j_doe", odd])
    assert (result["error"]["code"], "exclude_users" in result["msg"]) == ("bad_option", True)
    assert sim.requests() == []


def test_a_secret_inside_a_name_changes_no_selection(scripted: Callable, run_scripted: Callable) -> None:
    """The password is a part of the name, so Ansible masks the name in every result."""
    server = scripted(query=page(j1="Succeeded"), job=job("j1", "esriJobSucceeded", username="nightly_batch"))
    options = {"services": [BUFFER], "username": "admin", "password": "nightly"}
    assert "nightly_batch" not in json.dumps(run_scripted("gp_job_query", server, **options, details=True)["jobs"])
    result = run_scripted("gp_job_query", server, **options, exclude_users=["nightly_batch"])
    assert (result["jobs"], result["excluded"][0]["jobs"]) == ([], 1)


# Times, users and machines that cannot be read


def now_ms() -> int:
    """Return the present time in milliseconds."""
    return round(time.time() * 1000)


ODD_TIMES = {
    "in seconds": lambda: now_ms() // 1000 - 3600,
    "before 1990": lambda: 600_000_000_000,
    "in microseconds": lambda: now_ms() * 1000,
    "in two days": lambda: now_ms() + 2 * DAY_MS,
    "no number": lambda: "yesterday",
}


@pytest.mark.parametrize("odd", ODD_TIMES)
def test_a_time_in_another_unit_is_never_old_enough(scripted: Callable, run_scripted: Callable, odd: str) -> None:
    def answer(received: Received) -> Any:
        job_id = received.path.rpartition("/")[2]
        return job(job_id, "esriJobSucceeded", **({"submittedTime": ODD_TIMES[odd]()} if job_id == "j1" else {}))

    server = scripted(query=page(j1="Succeeded", j2="Succeeded"), job=answer)
    options = {"services": [BUFFER], "end_time": "1d"}
    result = run_scripted("gp_job_query", server, **options, ignore_unreadable=True)
    assert [found["job_id"] for found in result["jobs"]] == ["j2"]
    assert [(entry["job_ids"], entry["error"]["code"]) for entry in result["unreadable"]] == [
        (["j1"], "unexpected_shape")
    ]
    assert "submittedTime of job j1" in result["unreadable"][0]["error"]["message"]
    assert run_scripted("gp_job_query", server, **options)["error"]["code"] == "unreadable_services"
    record = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1"])["jobs"][0]
    assert (record["submitted_time"], record["unreadable_fields"]) == (None, ["submittedTime"])


def test_a_time_within_a_day_ahead_is_read(scripted: Callable, run_scripted: Callable) -> None:
    ahead = now_ms() + DAY_MS // 2
    server = scripted(job=job("j1", "esriJobExecuting", submittedTime=ahead))
    record = run_scripted("gp_job_info", server, service=BUFFER, job_ids=["j1"])["jobs"][0]
    assert (record["submitted_time_ms"], record["unreadable_fields"]) == (ahead, [])


@pytest.mark.parametrize("option", ["submitted_by", "exclude_users"])
def test_a_job_whose_submitter_cannot_be_read_is_not_judged(
    scripted: Callable, run_scripted: Callable, option: str
) -> None:
    server = scripted(query=page(j1="Succeeded"), job=job("j1", "esriJobSucceeded", username=["j_doe"]))
    more = {option: ["null"] if option == "exclude_users" else "null"}
    result = run_scripted("gp_job_query", server, services=[BUFFER], ignore_unreadable=True, **more)
    assert (result["jobs"], result["unreadable"][0]["job_ids"]) == ([], ["j1"])


# Names that are spelt otherwise


@pytest.mark.parametrize("asked", ["J_DOE", "j_doe@example.com", "EXAMPLE\\j_doe"])
def test_another_spelling_of_a_submitter_is_told(query: Callable, run: Callable, asked: str) -> None:
    result = query(submitted_by=asked)
    assert result["total"] == 0
    assert "jobs were submitted by 'j_doe'" in json.dumps(result["warnings"])
    listed = run("notebook_jobs_info", "notebook")["jobs"][0]["username"]
    told = run("notebook_jobs_info", "notebook", submitted_by=listed.upper())
    assert (told["total"], repr(listed) in json.dumps(told["warnings"])) == (0, True)
