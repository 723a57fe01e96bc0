# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module whose process is killed in the middle of its work leaves nothing that the next run does not put right."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins import modules
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.archive import read_archive
from arcgis_simulator.request_log import RequestLog

BUFFER, EXPORT = "Maps/Buffer", "Planning/Export"
SELECTED = {f"jk{number:03d}": (BUFFER, EXPORT)[number % 2] for number in range(200)}
OTHERS = {f"jo{number:03d}": (BUFFER, EXPORT)[number % 2] for number in range(20)}

# Seeds of the kills: where in its work a task is killed. The long profile kills 50 times in all.
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
DELETING = range(30 if IS_LONG else 6)
CANCELLING = range(100, 115 if IS_LONG else 103)
PURGING = range(200, 205 if IS_LONG else 202)
ARCHIVING = range(300, 310 if IS_LONG else 303)


def add_jobs(sim: Any, jobs: dict[str, str], statuses: tuple[str, ...]) -> None:
    """Add jobs whose statuses take turns."""
    for number, (job_id, service) in enumerate(jobs.items()):
        sim.add_job("server", service=service, job_id=job_id, status=statuses[number // 2 % len(statuses)])


def jobs_of(sim: Any, wanted: dict[str, str]) -> dict[str, str]:
    """Return {job ID: status} of those of the wanted jobs that are there."""
    return {job["job_id"]: job["status"] for job in sim.jobs("server") if job["job_id"] in wanted}


def written_to(sim: Any) -> Counter[str]:
    """Return how many writes named each job."""
    return Counter(
        entry["path"].split("/")[-2] for entry in sim.requests() if entry["operation"] in ("cancel", "delete")
    )


@pytest.fixture
def killed(sim: Any, small_site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a module as a process of its own, and kill it when so many of its requests have arrived."""
    sim.reset(small_site)
    sim.freeze()
    processes: list[subprocess.Popen[bytes]] = []
    arrived = {"left": 0}
    add = RequestLog.add

    def killing_add(*arguments: Any) -> dict[str, Any]:
        arrived["left"] -= 1
        if arrived["left"] == 0:
            processes[-1].send_signal(signal.SIGKILL)
        return add(*arguments)

    monkeypatch.setattr(RequestLog, "add", killing_add)

    def run(name: str, requests: int, **options: Any) -> None:
        account = {"username": "gis_admin", "password": sim.accounts["gis_admin"].password}
        arguments = {"url": sim.url("server"), "ca_path": sim.ca_path, **account, **options}
        given = tmp_path / "arguments.json"
        given.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        arrived["left"] = requests
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", f"{modules.__name__}.{name}", str(given)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        )
        output = processes[-1].communicate(timeout=60)[0]
        assert processes[-1].returncode == -signal.SIGKILL, output.decode()
        settle(sim)
        sim.clear_requests()

    return run


def settle(sim: Any) -> None:
    """Wait until the requests that the dead process left in the wires have been dealt with."""
    before = -1
    while before != len(sim.requests()):
        before = len(sim.requests())
        time.sleep(0.05)


def selected() -> list[dict[str, str]]:
    """Return the selected jobs as gp_job_query returns them."""
    return [{"service": service, "job_id": job_id} for job_id, service in SELECTED.items()]


@pytest.mark.parametrize("seed", DELETING)
def test_a_killed_clean_up_is_finished_by_the_next_run(
    seed: int, sim: Any, run: Callable[..., dict[str, Any]], killed: Callable[..., None]
) -> None:
    """The next run deletes what is left, says so of each job, and sends nothing for the jobs that are gone."""
    add_jobs(sim, SELECTED, ("succeeded", "failed", "executing", "waiting"))
    add_jobs(sim, OTHERS, ("succeeded", "executing"))
    others = jobs_of(sim, OTHERS)
    killed("gp_job", random.Random(seed).randint(1, 200), jobs=selected(), state="absent")
    left = jobs_of(sim, SELECTED)

    result = run("gp_job", jobs=selected(), state="absent")

    assert jobs_of(sim, SELECTED) == {}
    assert jobs_of(sim, OTHERS) == others
    assert result["changed"] is bool(left)
    outcomes = {job["job_id"]: (job["outcome"], job["changed"]) for job in result["jobs"]}
    assert outcomes == {
        job_id: ("deleted", True) if job_id in left else ("already_absent", False) for job_id in SELECTED
    }
    assert written_to(sim) == Counter(left.keys())
    check_nothing_is_left_to_do(sim, run, "gp_job", jobs=selected(), state="absent")


@pytest.mark.parametrize("seed", ARCHIVING)
def test_no_job_is_deleted_without_its_record(
    seed: int, sim: Any, run: Callable[..., dict[str, Any]], killed: Callable[..., None], tmp_path: Path
) -> None:
    """Whenever the task dies, each job that is gone is in the archive, and so is every job after the next run."""
    add_jobs(sim, SELECTED, ("succeeded", "failed"))
    archive = tmp_path / "deleted.jsonl"
    options = {"jobs": selected(), "state": "absent", "archive": str(archive)}
    killed("gp_job", random.Random(seed).randint(20, 400), **options)
    gone = SELECTED.keys() - jobs_of(sim, SELECTED).keys()
    assert gone <= {job["job_id"] for job in read_archive(str(archive))[0]}

    assert "failed" not in run("gp_job", **options)

    records, damaged = read_archive(str(archive))
    assert {job["job_id"]: job["service"] for job in records} == SELECTED
    assert damaged <= 1


@pytest.mark.parametrize("seed", CANCELLING)
def test_a_killed_cancelling_is_finished_by_the_next_run(
    seed: int, sim: Any, run: Callable[..., dict[str, Any]], killed: Callable[..., None]
) -> None:
    """The next run cancels the jobs that the dead one had not reached, and those alone."""
    add_jobs(sim, SELECTED, ("executing", "submitted"))
    add_jobs(sim, OTHERS, ("executing", "submitted"))
    others = jobs_of(sim, OTHERS)
    killed("gp_job", random.Random(seed).randint(1, 200), jobs=selected(), state="cancelled")
    left = [job_id for job_id, status in jobs_of(sim, SELECTED).items() if status != "esriJobCancelling"]

    result = run("gp_job", jobs=selected(), state="cancelled")

    assert set(jobs_of(sim, SELECTED).values()) == {"esriJobCancelling"}
    assert jobs_of(sim, OTHERS) == others
    outcomes = {job["job_id"]: (job["outcome"], job["changed"]) for job in result["jobs"]}
    assert outcomes == {
        job_id: ("cancel_accepted", True) if job_id in left else ("already_cancelling", False) for job_id in SELECTED
    }
    assert written_to(sim) == Counter(left)
    check_nothing_is_left_to_do(sim, run, "gp_job", jobs=selected(), state="cancelled")


@pytest.mark.parametrize("seed", PURGING)
def test_a_killed_purge_is_finished_by_the_next_run(
    seed: int, sim: Any, run: Callable[..., dict[str, Any]], killed: Callable[..., None]
) -> None:
    """The next run purges the queues that still hold jobs, and lists the jobs that waited there."""
    add_jobs(sim, SELECTED, ("submitted", "waiting", "new"))
    add_jobs(sim, OTHERS, ("executing", "succeeded"))
    others = jobs_of(sim, OTHERS)
    # The log-in takes 2 requests, reading the two queues 6, and then the purges come.
    killed("gp_queue", random.Random(seed).randint(8, 10), services=[BUFFER, EXPORT], state="empty")
    left = {job_id for job_id, status in jobs_of(sim, SELECTED).items() if status != "esriJobCancelling"}

    result = run("gp_queue", services=[BUFFER, EXPORT], state="empty")

    assert set(jobs_of(sim, SELECTED).values()) == {"esriJobCancelling"}
    assert jobs_of(sim, OTHERS) == others
    assert {job["job_id"] for job in result["jobs"] if job["changed"] and job["outcome"] == "purged"} == left
    assert result["total"] == len(left)
    check_nothing_is_left_to_do(sim, run, "gp_queue", services=[BUFFER, EXPORT], state="empty")


def check_nothing_is_left_to_do(sim: Any, run: Callable[..., dict[str, Any]], name: str, **options: Any) -> None:
    """One more run changes nothing and sends no write."""
    sim.clear_requests()
    assert run(name, **options)["changed"] is False
    assert not [entry for entry in sim.requests() if entry["operation"] in ("cancel", "delete", "purgeQueue")]
