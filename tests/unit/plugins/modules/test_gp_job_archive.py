# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting GP jobs with an archive: what is kept, and that nothing is deleted that could not be kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.archive import read_archive
from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    EXPORT,
    FAILED,
    FAILED_EXPORT,
    GONE,
    STUCK,
    add_jobs,
    operations,
    writes,
)
from arcgis_simulator import Simulator


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return str(tmp_path / "deleted.jsonl")


def test_the_whole_record_is_kept(run: Callable, sim: Simulator, path: str) -> None:
    expected = run("gp_job_info", service=BUFFER, job_ids=[FAILED], messages=True)["jobs"][0]
    result = run("gp_job", service=BUFFER, job_ids=[FAILED], state="absent", archive=path)
    assert result["summary"] == {"deleted": 1} and "warnings" not in result
    (kept,) = read_archive(path)[0]
    assert kept.pop("site") == sim.url("server")
    assert kept.pop("archived_time").endswith("Z")
    assert kept == expected
    assert kept["messages"][1]["description"].startswith("ERROR 000732")


def test_jobs_of_several_services_are_kept_by_several_threads(run: Callable, sim: Simulator, path: str) -> None:
    ids = add_jobs(sim, 40)
    jobs = [{"service": BUFFER, "job_id": job_id} for job_id in ids] + [{"service": EXPORT, "job_id": FAILED_EXPORT}]
    sim.clear_requests()
    assert run("gp_job", jobs=jobs, state="absent", archive=path)["summary"] == {"deleted": 41}
    records, damaged = read_archive(path)
    assert {(job["service"], job["job_id"]) for job in records} == {(job["service"], job["job_id"]) for job in jobs}
    assert damaged == 0 and len(Path(path).read_text(encoding="utf-8").splitlines()) == 41
    # A job costs a look and a reading of its messages, and a service one of its tasks. The first look is that of a job
    # which is the only one of its service.
    asked = operations(sim)
    assert {name: asked[name] for name in ("job", "public job", "public service", "delete")} == {
        "job": 1 + 41, "public job": 41, "public service": 2, "delete": 41
    }  # fmt: skip


def test_a_second_run_keeps_nothing_more(run: Callable, sim: Simulator, path: str) -> None:
    options = {"service": BUFFER, "job_ids": [FAILED, GONE], "state": "absent", "archive": path}
    assert run("gp_job", **options)["changed"] is True
    before = Path(path).read_bytes()
    assert run("gp_job", **options)["changed"] is False
    assert Path(path).read_bytes() == before


def test_check_mode_writes_no_file(run: Callable, sim: Simulator, path: str) -> None:
    result = run("gp_job", service=BUFFER, job_ids=[FAILED], state="absent", archive=path, check=True)
    assert result["changed"] is True and writes(sim) == [] and not os.path.exists(path)


def test_nothing_is_deleted_that_cannot_be_kept(run: Callable, sim: Simulator) -> None:
    path = "/dev/full"
    ids = add_jobs(sim, 30)
    result = run("gp_job", service=BUFFER, job_ids=ids, state="absent", archive=path)
    assert result["failed"] and not result["changed"] and writes(sim) == []
    assert path in result["msg"] and {job["error"]["code"] for job in result["jobs"] if job["error"]} == {
        "unwritable_file"
    }
    assert result["summary"]["not_tried"] > 0
    assert set(ids) <= {job["job_id"] for job in sim.jobs("server")}
    alone = run("gp_job", service=BUFFER, job_ids=[STUCK], state="absent", archive=path)
    assert alone["error"]["code"] == "unwritable_file" and alone["error"]["retryable"] is False


def test_a_job_that_cannot_be_read_is_not_deleted(run: Callable, sim: Simulator, path: str) -> None:
    sim.add_fault("http_status", context="server", operation="job")
    result = run("gp_job", service=BUFFER, job_ids=[FAILED, STUCK], state="absent", archive=path)
    assert result["failed"] and not result["changed"] and writes(sim) == [] and not os.path.exists(path)


def test_messages_that_cannot_be_read_are_missed(run: Callable, sim: Simulator, path: str) -> None:
    sim.add_job("server", service=BUFFER, job_id="jquiet", status="failed", task="None")
    result = run("gp_job", service=BUFFER, job_ids=["jquiet"], state="absent", archive=path)
    (kept,) = read_archive(path)[0]
    assert kept["messages"] is None and kept["messages_reason"].startswith("No task of the public service")
    assert "The messages of 1 archived jobs could not be read" in str(result["warnings"])


@pytest.mark.parametrize(
    "state, archive, problem",
    [
        ("cancelled", "/tmp/a", "state is cancelled"),
        ("absent", " ", "is empty"),
        ("absent", "/tmp", "which is a folder"),
        ("absent", "/nowhere/deleted.jsonl", "wants the folder /nowhere"),
        ("absent", "/tmp/********", "a mask in place of a secret"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_an_archive_that_can_be_none_is_refused_before_anything_is_sent(
    run: Callable, sim: Simulator, state: str, archive: str, problem: str, check: bool
) -> None:
    result = run("gp_job", service=BUFFER, job_ids=[STUCK], state=state, archive=archive, check=check)
    assert result["error"]["code"] == "bad_option" and sim.requests() == []
    assert "The option archive" in result["msg"] and problem in result["msg"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("file, folder, what", [(0o444, 0o755, "which"), (None, 0o555, "whose folder")])
def test_an_archive_that_cannot_be_written_is_refused_before_anything_is_sent(
    run: Callable, sim: Simulator, path: str, no_root: None, file: int | None, folder: int, what: str, check: bool
) -> None:
    if file is not None:
        Path(path).touch(file)
    Path(path).parent.chmod(folder)
    result = run("gp_job", service=BUFFER, job_ids=[STUCK], state="absent", archive=path, check=check)
    Path(path).parent.chmod(0o755)
    assert result["error"]["code"] == "unwritable_file" and not result["changed"] and sim.requests() == []
    assert f"The option archive leads to {path}, {what} cannot be written: Permission denied." in result["msg"]


def test_an_archive_that_is_there_needs_no_folder_to_write_in(
    run: Callable, sim: Simulator, path: str, no_root: None
) -> None:
    Path(path).touch(0o600)
    Path(path).parent.chmod(0o555)
    result = run("gp_job", service=BUFFER, job_ids=[FAILED], state="absent", archive=path)
    Path(path).parent.chmod(0o755)
    assert result["summary"] == {"deleted": 1} and len(read_archive(path)[0]) == 1


def test_no_secret_is_kept(run: Callable, sim: Simulator, path: str) -> None:
    password = sim.accounts["gis_admin"].password
    sim.update_job(FAILED, messages=[f"the password is {password}"])
    run("gp_job", service=BUFFER, job_ids=[FAILED], state="absent", archive=path)
    text = Path(path).read_text(encoding="utf-8")
    assert "the password is ********" in text and password not in text
