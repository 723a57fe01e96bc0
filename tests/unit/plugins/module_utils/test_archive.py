# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of deleted jobs: whole lines, in their order, whatever was in the file before."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, Failure
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.apply import apply_state
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.desired_state import DesiredState
from ansible_collections.gisops.arcgis.plugins.module_utils._jobs.source import JobRef
from ansible_collections.gisops.arcgis.plugins.module_utils._outputs.archive import (
    Archive,
    ArchivedJobs,
    parse_archive,
    read_archive,
)
from ansible_collections.gisops.arcgis.tests.unit.doubles import FakeClock, FakeJobSource, task

REF = JobRef(None, "j1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "deleted.jsonl"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    """An archive in this file."""
    archive = Archive(str(path))
    yield archive
    archive.close()


def record(job_id: str, **more: Any) -> dict[str, Any]:
    """Return a record of a job."""
    return {"job_id": job_id, "service": "Maps/Buffer", "status": "failed", **more}


def test_a_record_is_a_line_that_its_owner_reads(archive: Archive, path: Path) -> None:
    archive.append(record("a", messages=["one\ntwo \u2028 \u5730"]))
    archive.append(record("b"))
    lines = path.read_bytes().split(b"\n")
    assert [json.loads(line)["job_id"] for line in lines[:-1]] == ["a", "b"] and lines[-1] == b""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_archive(str(path)) == ([record("a", messages=["one\ntwo \u2028 \u5730"]), record("b")], 0)


def test_a_file_that_is_there_keeps_its_lines_and_its_mode(archive: Archive, path: Path) -> None:
    path.write_text(json.dumps(record("old")) + "\n", encoding="utf-8")
    path.chmod(0o644)
    archive.append(record("new"))
    assert [job["job_id"] for job in read_archive(str(path))[0]] == ["old", "new"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_line_that_was_cut_off_costs_no_other(archive: Archive, path: Path) -> None:
    path.write_bytes(b'{"job_id": "torn", "sta')
    archive.append(record("next"))
    assert read_archive(str(path)) == ([record("next")], 1)


def test_the_last_record_of_a_job_counts(archive: Archive, path: Path) -> None:
    for status in ("executing", "succeeded"):
        archive.append({**record("a"), "status": status})
    archive.append({**record("a"), "service": "Other"})
    assert [(job["service"], job["status"]) for job in read_archive(str(path))[0]] == [
        ("Maps/Buffer", "succeeded"),
        ("Other", "failed"),
    ]


def test_eight_threads_write_whole_lines(archive: Archive, path: Path) -> None:
    def work(thread: int) -> None:
        for number in range(25):
            archive.append(record(f"{thread}-{number}", messages=["x" * 5000]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records, damaged = read_archive(str(path))
    assert (len(records), damaged) == (200, 0)


@pytest.mark.parametrize(
    "line", ["[]", "1", "{}", '{"job_id": 1, "status": "a"}', '{"job_id": "a"}', "nonsense", "[" * 9999]
)
def test_what_is_no_record_is_counted(path: Path, line: str) -> None:
    path.write_text(f"{line}\n\n{json.dumps(record('a'))}\n", encoding="utf-8")
    assert read_archive(str(path)) == ([record("a")], 1)


def test_secrets_are_masked(path: Path) -> None:
    archive = Archive(str(path), lambda text: text.replace("Secret-1", "********"))
    archive.append(record("a", url="https://x/?token=Secret-1", messages=[{"Secret-1": ["Secret-1"]}], duration=1.5))
    archive.close()
    assert read_archive(str(path))[0] == [
        record("a", url="https://x/?token=********", messages=[{"********": ["********"]}], duration=1.5)
    ]


@pytest.mark.parametrize(
    "where, why",
    [("missing/deleted.jsonl", "No such file or directory"), ("", "Is a directory"), ("/dev/full", "No space left")],
)
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, where: str, why: str) -> None:
    path = str(tmp_path / where)
    with pytest.raises(ArcGISError) as raised:
        Archive(path).append(record("a"))
    failure = raised.value.failure
    assert failure.code == "unwritable_file" and failure.is_fatal and not failure.was_sent
    assert f"Could not archive the job: {path} cannot be written: {why}" in str(failure)


def test_a_read_only_file_system_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_archive("archive", str(path)) == str(path)
    monkeypatch.setattr(os, "access", lambda *_where: False)
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=os.ST_RDONLY))
    with pytest.raises(ArcGISError) as raised:
        parse_archive("archive", str(path))
    assert "whose folder cannot be written: Read-only file system." in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArcGISError) as raised:
        read_archive(str(tmp_path / "none"))
    assert "The option archives names" in str(raised.value) and "No such file" in str(raised.value)


class Kept:
    """Returns records and notes for which jobs it was asked, as a site would be."""

    def __init__(self, *answers: dict[str, Any] | Failure | None) -> None:
        self.asked = 0
        self._answers = list(answers)

    def __call__(self, ref: JobRef, retries: Any) -> dict[str, Any] | None:
        """Return the next answer."""
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, Failure):
            raise ArcGISError.of(answer)
        return answer


def test_a_job_is_archived_before_its_deletion_is_sent_and_once_in_a_task(archive: Archive, path: Path) -> None:
    source, kept = FakeJobSource("executing"), Kept(record("j1"))
    jobs, tries = ArchivedJobs(source, kept, archive), task(FakeClock()).retries()
    for _again in range(2):
        jobs.send("absent", REF, tries)
    assert source.sent == [("absent", "j1")] * 2
    assert kept.asked == 1 and read_archive(str(path)) == ([record("j1")], 0)


def test_a_cancel_is_not_archived(archive: Archive, path: Path) -> None:
    source = FakeJobSource("executing")
    ArchivedJobs(source, Kept(record("j1")), archive).send("cancelled", REF, task(FakeClock()).retries())
    assert source.sent == [("cancelled", "j1")] and not path.exists()


def test_nothing_is_sent_where_the_record_cannot_be_read(archive: Archive, path: Path) -> None:
    source, kept = FakeJobSource("executing"), Kept(Failure("timeout", "no answer"), record("j1"))
    jobs = ArchivedJobs(source, kept, archive)
    with pytest.raises(ArcGISError) as raised:
        jobs.send("absent", REF, task(FakeClock()).retries())
    assert source.sent == [] and not raised.value.failure.is_indeterminate
    assert "no answer, so the job was neither archived nor deleted" in str(raised.value)
    jobs.send("absent", REF, task(FakeClock()).retries())
    assert source.sent == [("absent", "j1")] and path.exists()


@pytest.mark.parametrize(
    "seen, outcome, error", [(["succeeded", None], "already_absent", None), (["succeeded"], None, "contradicted")]
)
def test_a_job_that_is_not_found_to_be_archived_is_not_deleted(
    archive: Archive, path: Path, seen: list[str | None], outcome: str | None, error: str | None
) -> None:
    source, context = FakeJobSource(*seen), task(FakeClock(), retries=2)
    (change,) = apply_state(ArchivedJobs(source, Kept(None), archive), DesiredState("absent"), [REF], context)
    assert source.sent == [] and not path.exists() and not change.changed
    assert (change.error.code if change.error else None) == error
    assert error or change.outcome == outcome


def test_a_job_that_one_machine_did_not_find_is_archived_and_deleted(archive: Archive, path: Path) -> None:
    source, kept = FakeJobSource("succeeded", "succeeded", None), Kept(None, record("j1"))
    jobs = ArchivedJobs(source, kept, archive)
    (change,) = apply_state(jobs, DesiredState("absent"), [REF], task(FakeClock(), retries=2))
    assert (source.sent, change.outcome) == ([("absent", "j1")], "deleted")
    assert read_archive(str(path)) == ([record("j1")], 0)
