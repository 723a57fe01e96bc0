# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing reports: the files, what is returned, and what the documentation says of both."""

from __future__ import annotations

import csv
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.gisops.arcgis.plugins.modules import job_report
from ansible_collections.gisops.arcgis.tests.unit.conftest import run_module
from ansible_collections.gisops.arcgis.tests.unit.doubles import BUFFER, FAILED, STUCK, VIDEO
from ansible_collections.gisops.arcgis.tests.unit.plugins.modules.test_documentation import (
    BY_ANSIBLE,
    all_keys,
    compare,
)
from arcgis_simulator import Simulator

FORMATS = ["html", "email", "csv", "json"]
NAMES = ["jobs.html", "jobs_email.html", "jobs.csv", "jobs.json"]
TIME = "2026-01-31T06:00:00Z"
STUCK_JOB = {"job_id": "j1", "service": BUFFER, "status": "executing", "submitted_time_ms": 1769806800000}


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Write a report into a folder, at a fixed time."""

    def write(check: bool = False, diff: bool = False, **more: Any) -> dict[str, Any]:
        return run_module("job_report", {"dest": str(tmp_path), "time": TIME, **more}, check, diff)

    return write


def files_in(path: Path) -> dict[str, bytes]:
    """Return what is in a folder."""
    return {each.name: each.read_bytes() for each in path.iterdir()}


def test_all_files_are_written_once(report: Callable, tmp_path: Path) -> None:
    first = report(jobs=[STUCK_JOB], formats=FORMATS)
    assert first["changed"] and [os.path.basename(file["path"]) for file in first["files"]] == NAMES
    assert [file["size"] for file in first["files"]] == [(tmp_path / name).stat().st_size for name in NAMES]
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in NAMES} == {0o644}
    before, times = files_in(tmp_path), [(tmp_path / name).stat().st_mtime_ns for name in NAMES]
    second = report(jobs=[STUCK_JOB], formats=FORMATS)
    assert not second["changed"] and not any(file["changed"] for file in second["files"])
    assert files_in(tmp_path) == before
    assert [(tmp_path / name).stat().st_mtime_ns for name in NAMES] == times


def test_what_is_returned(report: Callable) -> None:
    result = report(jobs=[STUCK_JOB], title="Night")
    assert result["counts"] == {
        "total": 1, "open": 1, "failed": 0, "products": {"gp": 1}, "sites": {"": 1}, "statuses": {"executing": 1}
    }  # fmt: skip
    assert [(finding["kind"], finding["job_ids"]) for finding in result["findings"]] == [("executing_long", ["j1"])]
    assert result["text"].splitlines() == [
        "Night, 2026-01-31 06:00 UTC",
        "1 job from 1 source, 1 open, 0 failed.",
        "- 1 job was submitted more than 6 h ago and is still executing. j1",
    ]


def test_check_mode_writes_nothing_and_a_difference_is_shown_by_file(report: Callable, tmp_path: Path) -> None:
    predicted = report(jobs=[STUCK_JOB], formats=["csv", "json"], check=True, diff=True)
    assert predicted["changed"] and files_in(tmp_path) == {}
    assert [each["before"] for each in predicted["diff"]] == ["", ""]
    written = report(jobs=[STUCK_JOB], formats=["csv", "json"], diff=True)
    assert [each["after"].encode() for each in written["diff"]] == [files_in(tmp_path)[name] for name in NAMES[2:]]
    assert [each["after_header"] for each in written["diff"]] == [file["path"] for file in written["files"]]
    assert "diff" not in report(jobs=[STUCK_JOB], formats=["csv", "json"], diff=True)


def test_a_file_keeps_its_mode_unless_the_task_names_one(report: Callable, tmp_path: Path) -> None:
    report(jobs=[])
    (tmp_path / "jobs.html").chmod(0o640)
    assert report(jobs=[STUCK_JOB])["changed"]
    assert stat.S_IMODE((tmp_path / "jobs.html").stat().st_mode) == 0o640
    assert report(jobs=[STUCK_JOB], mode="0600")["changed"]
    assert stat.S_IMODE((tmp_path / "jobs.html").stat().st_mode) == 0o600
    report(jobs=[], mode="g+r")
    assert stat.S_IMODE((tmp_path / "jobs.html").stat().st_mode) == 0o640


def test_no_half_written_file_is_left(report: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(jobs=[])
    before = files_in(tmp_path)
    monkeypatch.setattr(
        os, "replace", lambda *paths: (dummy for dummy in ()).throw(OSError(28, "No space left", paths[1]))
    )
    result = report(jobs=[STUCK_JOB])
    assert result["failed"] and result["error"]["code"] == "unwritable_file" and not result["changed"]
    assert "jobs.html cannot be read or written: No space left" in result["msg"]
    assert files_in(tmp_path) == before


def test_jobs_of_all_products_and_sources_are_one_report(run: Callable, sim: Simulator, report: Callable) -> None:
    gp = run("gp_job_query", services=[BUFFER], details=True)["jobs"]
    brief = run("gp_job_query", services=["Elevation"])["jobs"]
    notebooks = run("notebook_jobs_info", "notebook", details=True)["jobs"]
    abbreviated = run("notebook_jobs_info", "notebook")["jobs"]
    videos = run("video_job_info", "video", job_ids=[VIDEO.format(3)])["jobs"]
    result = report(
        jobs=[*gp, *notebooks, *brief, *videos],
        sources=[
            {"site": "one", "product": "notebook", "jobs": abbreviated, "elapsed": 0.5},
            {"site": "two", "product": "gp", "error": "It is down."},
        ],
        formats=FORMATS,
    )
    total = len([*gp, *brief, *notebooks, *videos, *abbreviated])
    assert result["counts"]["total"] == total and "failed" not in result
    assert result["counts"]["products"] == {
        "gp": len(gp) + len(brief), "notebook": len(notebooks) + len(abbreviated), "video": len(videos)
    }  # fmt: skip
    assert result["findings"][0]["text"] == "Geoprocessing of two could not be read: It is down."
    rows = list(csv.DictReader(Path(result["files"][2]["path"]).read_text(encoding="utf-8").splitlines()))
    assert len(rows) == total and rows[0]["job_id"] == gp[0]["job_id"]
    document = json.loads(Path(result["files"][3]["path"]).read_text(encoding="utf-8"))
    assert [source["jobs"] for source in document["sources"][-2:]] == [len(abbreviated), 0]


def test_archives_are_read_and_what_is_still_there_counts_once(
    run: Callable, sim: Simulator, report: Callable, tmp_path: Path
) -> None:
    archive = str(tmp_path / "deleted.jsonl")
    run("gp_job", service=BUFFER, job_ids=[FAILED], state="absent", archive=archive)
    alive = run("gp_job_info", service=BUFFER, job_ids=[STUCK])["jobs"]
    with open(archive, "a", encoding="utf-8") as file:
        file.write(json.dumps({**alive[0], "site": "x"}) + "\nnonsense\n")
    result = report(jobs=alive, archives=[archive], formats=["csv"])
    assert result["counts"]["sites"] == {"": 1, sim.url("server"): 1}
    damaged = [finding for finding in result["findings"] if finding["kind"] == "damaged_archive"]
    assert [finding["text"] for finding in damaged] == [f"1 line of {archive} holds no record of a job."]
    text = Path(result["files"][0]["path"]).read_text(encoding="utf-8")
    assert "ERROR 000732" in text and text.count(STUCK) == 1


def archived(path: Path, *records: dict[str, Any]) -> str:
    """Write records as an archive holds them, and return its path."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("status", ["executing", "waiting", "cancelling", "deleting", "odd"])
def test_an_archived_job_that_was_open_was_deleted(report: Callable, tmp_path: Path, status: str) -> None:
    done = {**STUCK_JOB, "job_id": "j2", "status": "succeeded"}
    archive = archived(tmp_path / "deleted.jsonl", {**STUCK_JOB, "status": status}, done)
    result = report(archives=[archive], formats=["json"])
    assert result["counts"]["statuses"] == {"deleted": 1, "succeeded": 1}
    assert (result["counts"]["open"], result["findings"]) == (0, [])
    assert json.loads((tmp_path / "jobs.json").read_text(encoding="utf-8"))["oldest_open"] == []


def test_two_sites_may_have_archived_the_same_service_and_id(report: Callable, tmp_path: Path) -> None:
    records = [{**STUCK_JOB, "site": f"https://{name}.example"} for name in ("one", "two")]
    several = [archived(tmp_path / f"{record['site'][8:11]}.jsonl", record) for record in records]
    for archives in ([archived(tmp_path / "both.jsonl", *records)], several):
        sites = report(archives=archives)["counts"]["sites"]
        assert sites == {"https://one.example": 1, "https://two.example": 1}
    # The name of the site is another one where it is asked.
    shown = [{"site": "production", "product": "gp", "jobs": [STUCK_JOB]}]
    assert report(archives=several, sources=shown)["counts"]["sites"] == {"production": 1}


@pytest.mark.parametrize("began", [-62_135_596_800_000, 253_402_300_799_999, 1769806800000.5])
def test_every_time_that_can_be_written_is(report: Callable, tmp_path: Path, began: float) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    times = {"submitted_time_ms": began, "end_time_ms": began}
    result = report(jobs=[{**STUCK_JOB, **times}, {**STUCK_JOB, **times, "status": "failed"}], formats=FORMATS)
    assert "failed" not in result
    schema = Path(__file__).resolve().parents[4] / "docs" / "docsite" / "job_report.schema.json"
    document = json.loads((tmp_path / "jobs.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(document)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"jobs": [{"status": "failed"}]}, "The option jobs holds an entry"),
        ({"jobs": [{**STUCK_JOB, "submitted_time_ms": "soon"}]}, "submitted_time_ms is no number"),
        ({"jobs": [{**STUCK_JOB, "submitted_time_ms": 10**18}]}, "submitted_time_ms is no number from"),
        ({"jobs": [{**STUCK_JOB, "duration": float("inf")}]}, "duration is no number from 0 to"),
        ({"jobs": [{**STUCK_JOB, "username": [1]}]}, "username is no text"),
        ({"sources": [{"site": "a", "product": "gp", "elapsed": float("nan")}]}, "sources.elapsed is no number from"),
        ({"sources": [{"site": "a", "product": "gp"}] * 2}, "more than once"),
        ({"archives": ["/nowhere/a.jsonl"]}, "The option archives names /nowhere/a.jsonl"),
        ({"dest": ""}, "The option dest is empty"),
        ({"dest": "/nowhere"}, "The option dest wants the folder /nowhere"),
        ({"name": "../jobs"}, "which is no name of a file"),
        ({"name": " "}, "The option name is empty"),
        ({"time": "6h"}, "The option time is an age"),
        ({"time": "now"}, "which is not a moment in time"),
        ({"executing_longer_than": "long"}, "The option executing_longer_than is 'long'"),
    ],
)
def test_options_that_cannot_be_used(report: Callable, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    result = report(**options)
    assert result["failed"] and result["error"]["code"] == "bad_option"
    assert message in result["msg"] and "Nothing was sent" not in result["msg"]
    assert files_in(tmp_path) == {}


def test_a_report_of_now_needs_no_time(tmp_path: Path) -> None:
    result = run_module("job_report", {"dest": str(tmp_path), "failed_since": "", "queued_longer_than": ""})
    assert result["changed"] and result["counts"]["total"] == 0


# The documentation


def test_the_argument_spec_is_the_documentation() -> None:
    def check(spec: dict[str, Any], documented: dict[str, Any]) -> None:
        assert set(spec) == set(documented)
        for name, option in spec.items():
            for key, otherwise in (
                ("type", "str"),
                ("default", None),
                ("choices", None),
                ("elements", None),
                ("required", False),
            ):
                assert option.get(key, otherwise) == documented[name].get(key, otherwise), f"{name}: {key}"
            check(option.get("options", {}), documented[name].get("suboptions", {}))

    documented = yaml.safe_load(job_report.DOCUMENTATION)
    check(job_report.ARGUMENTS, documented["options"])
    assert documented["extends_documentation_fragment"] == ["ansible.builtin.files"]


def test_what_comes_back_is_what_is_documented(report: Callable) -> None:
    documented = yaml.safe_load(job_report.RETURN)
    results = [report(jobs=[STUCK_JOB], formats=FORMATS), report(jobs=[{}])]
    seen = {
        key
        for result in results
        for key in compare(documented, {k: v for k, v in result.items() if k not in {*BY_ANSIBLE, "diff"}})
    }
    assert seen == set(all_keys(documented))


def test_the_examples_use_options_that_there_are() -> None:
    tasks = [
        task["gisops.arcgis.job_report"]
        for task in yaml.safe_load(job_report.EXAMPLES)
        if "gisops.arcgis.job_report" in task
    ]
    assert len(tasks) == 3 and all(set(task) <= set(job_report.ARGUMENTS) for task in tasks)
