# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""job_metrics: its options, and the jobs of the simulated site of each product in one file."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.conftest import run_module
from arcgis_simulator import Simulator

TIME = "2026-01-31T08:00:00Z"
SOURCE = {"site": "production", "product": "gp", "jobs": [{"job_id": "j1", "status": "new", "service": "Elevation"}]}
OPEN = {"new", "submitted", "waiting", "executing", "cancelling"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Write metrics into arcgis.prom of the directory of the test."""
    return lambda **more: run_module("job_metrics", {"dest": str(tmp_path / "arcgis.prom"), **more})


def rows(path: Path, name: str) -> dict[str, float]:
    """Return the rows of a metric by their labels as they are written."""
    found = re.findall(rf"^{name}\{{(.*)\}} (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_the_jobs_of_a_whole_site_in_one_file(
    run: Callable[..., dict[str, Any]], write: Callable[..., dict[str, Any]], sim: Simulator, tmp_path: Path
) -> None:
    video = "j00000003-51de-4000-8000-000000000003"
    found = {
        "gp": run("gp_job_query", all_services=True, include_system=True, details=True),
        "notebook": run("notebook_jobs_info", "notebook", details=True),
        "video": run("video_job_info", "video", job_ids=[video]),
    }
    sources = [
        {"site": "production", "product": product, "jobs": result["jobs"], "elapsed": result["api"]["elapsed"]}
        for product, result in found.items()
    ]
    result = write(sources=sources)
    path = tmp_path / "arcgis.prom"
    assert "failed" not in result
    expected = Counter(
        f'site="production",product="{product}",service="{job.get("service", "")}",status="{job["status"]}"'
        for product, answer in found.items()
        for job in answer["jobs"]
    )
    counts = rows(path, "arcgis_jobs")
    assert {labels: count for labels, count in counts.items() if count} == dict(expected)
    assert len(found["gp"]["jobs"]) == len(sim.jobs("server")) and len(counts) > len(expected)
    # The stuck job of the demo was submitted nine hours ago, and notebooks tell when they began.
    ages = rows(path, "arcgis_job_oldest_seconds")
    stuck = 'site="production",product="gp",service="Maps/Buffer",status="executing"'
    assert 9 * 3600 <= ages[stuck] < 9 * 3600 + 600
    assert ages['site="production",product="notebook",service="",status="executing"'] >= 5 * 3600
    assert {labels.rpartition("=")[2].strip('"') for labels in ages} <= OPEN
    assert set(rows(path, "arcgis_collection_duration_seconds")) == {
        f'site="production",product="{product}"' for product in found
    }
    assert result["series"] == sum(1 for line in path.read_text(encoding="utf-8").split("\n") if line[:1] == "a")


def test_the_time_is_now_unless_the_task_says_another(write: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    def collected(**more: Any) -> float:
        assert "failed" not in write(sources=[SOURCE], **more)
        (value,) = rows(tmp_path / "arcgis.prom", "arcgis_collection_timestamp_seconds").values()
        return value

    before = time.time()
    assert before - 0.001 <= collected() <= time.time() + 0.001
    assert collected(time=TIME) == collected(time="1769846400") == 1769846400
    assert before - 301 < collected(time="5m") < time.time() - 299


def test_a_source_that_failed_has_no_jobs_in_the_file(write: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    result = write(sources=[{**SOURCE, "error": "The site is down."}], time=TIME)
    assert "failed" not in result and result["series"] == 2
    assert rows(tmp_path / "arcgis.prom", "arcgis_collection_success") == {'site="production",product="gp"': 0}
    assert "The site is down" not in (tmp_path / "arcgis.prom").read_text(encoding="utf-8")


@pytest.mark.parametrize("empty", ["", None])
def test_an_error_that_is_empty_is_none(write: Callable[..., dict[str, Any]], tmp_path: Path, empty: str) -> None:
    write(sources=[{**SOURCE, "error": empty}], time=TIME)
    assert rows(tmp_path / "arcgis.prom", "arcgis_collection_success") == {'site="production",product="gp"': 1}


@pytest.mark.parametrize(
    "name", ["arcgis.txt", "arcgis.prom.tmp", "arcgisprom", "arcgis.PROM", "", "a\tb.prom", "*" * 8]
)
def test_a_file_that_node_exporter_would_not_read_is_refused(
    write: Callable[..., dict[str, Any]], tmp_path: Path, name: str
) -> None:
    result = write(dest=str(tmp_path / name) if name.startswith("arcgis") else name, sources=[SOURCE])
    assert result["error"]["code"] == "bad_option" and "dest" in result["msg"] and not result["changed"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options, names",
    [
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-01-31T08:00:00"}, "time"),
        ({"time": "1769846400000"}, "time"),
        ({"sources": [SOURCE, SOURCE]}, "sources"),
        ({"sources": [{**SOURCE, "site": ""}]}, "sources.site"),
        ({"sources": [{**SOURCE, "jobs": [{"job_id": 7, "status": "new"}]}]}, "sources.jobs"),
    ],
)
def test_a_bad_value_is_refused_before_anything_is_written(
    write: Callable[..., dict[str, Any]], tmp_path: Path, options: dict[str, Any], names: str
) -> None:
    result = write(**{"sources": [SOURCE], **options})
    assert result["error"]["code"] == "bad_option" and f"The option {names} " in result["msg"]
    assert not result["changed"] and result["files"] == [] and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "entry", [{}, {"site": "production"}, {**SOURCE, "product": "portal"}, {**SOURCE, "user": "x"}]
)
def test_a_source_of_another_form_is_refused_by_ansible(
    write: Callable[..., dict[str, Any]], tmp_path: Path, entry: dict[str, Any]
) -> None:
    result = write(sources=[entry])
    assert result["failed"] and "sources" in result["msg"]
    assert not list(tmp_path.iterdir())
