# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording with the commands of the README, and replaying what they recorded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.replay.recording import Recording
from ansible_collections.gisops.arcgis.tests.replay.replay import CONNECTION, remarks, replayed
from ansible_collections.gisops.arcgis.tests.replay.tasks import Task, derived_tasks
from ansible_collections.gisops.arcgis.tests.unit.conftest import run_module
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Answer, ScriptedSite
from arcgis_simulator import Simulator

TESTS = Path(__file__).parents[2]
REPLAY = TESTS / "replay"
SEEDS = TESTS / "simulator" / "arcgis_simulator" / "seeds"
STEPS = [
    re.sub(r"^   ", "", block, flags=re.MULTILINE)
    for block in re.findall(
        r"^   ```shell\n(.*?)^   ```$", (REPLAY / "README.md").read_text(encoding="utf-8"), re.M | re.S
    )
]
GROUPS = {"gp": "server", "notebook": "notebook", "video": "video"}


def bash(script: str, directory: Path, **environment: str) -> str:
    """Run a script as a user does, who types the password."""
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=directory,
        input="gis_admin-Secret-1\n",
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def names(sim: Simulator) -> str:
    """Set the variables of the first step for the simulated site."""
    values = {name: sim.url(name.lower()) for name in ("PORTAL", "SERVER", "NOTEBOOK", "VIDEO")}
    values |= {"ACCOUNT": "gis_admin", "SERVICE": "Maps/Buffer.GPServer", "JOB": "jb0ffe200000000000000000000stuck1"}
    values |= {"VIDEO_JOB": "j00000001-51de-4000-8000-000000000001"}
    assert set(values) == set(re.findall(r"^(\w+)=", STEPS[0], re.M))
    return "".join(f"{name}={value}\n" for name, value in values.items())


@pytest.fixture
def record(sim: Simulator, names: str, tmp_path: Path) -> Callable[[str], Path]:
    """Log in, run lines that record, and return the folder with the recording."""
    bash(names + STEPS[1], tmp_path, CURL_CA_BUNDLE=sim.ca_path)

    def record(lines: str) -> Path:
        bash(names + STEPS[2] + lines, tmp_path, CURL_CA_BUNDLE=sim.ca_path)
        return tmp_path / "recording"

    return record


def results_of(recording: Recording, tasks: list[Task]) -> list[dict[str, Any]]:
    """Return what the modules make of a recording."""
    with replayed(recording) as urls:
        groups = [next(group for group in GROUPS if task.module.startswith(group)) for task in tasks]
        return [run_module(task.module, {"url": urls[group], **CONNECTION, **task.options})
                for group, task in zip(groups, tasks)]  # fmt: skip


def without_cost(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("api", "invocation", "warnings")}


def test_modules_return_the_same_as_on_the_site(
    sim: Simulator, record: Callable[[str], Path], run: Callable[..., dict[str, Any]]
) -> None:
    directory = record(STEPS[3])
    for _round in range(10):
        recording = Recording(directory)
        tasks = derived_tasks(recording.requests)
        again = results_of(recording, tasks)
        if not recording.missing:
            break
        # What was not recorded is recorded with the lines that are printed, as a user does.
        record("\n".join(line for line in remarks(recording) if line.startswith("record ")))
    assert recording.missing == recording.unused == []
    assert [task.module for task in tasks] == [
        "gp_jobs_directory", "gp_job_info", "notebook_jobs_info", "gp_job_query", "gp_services_info", "video_job_info",
    ]  # fmt: skip
    for task, replayed_result in zip(tasks, again):
        context = next(context for group, context in GROUPS.items() if task.module.startswith(group))
        live = run(task.module, context, **task.options)
        assert "error" not in live
        assert without_cost(live) == without_cost(replayed_result)


def test_a_recording_holds_no_secret(
    sim: Simulator, record: Callable[[str], Path], tmp_path: Path, scripted: Callable[..., ScriptedSite]
) -> None:
    server = scripted(info=Answer({"a": 1}, headers={"Set-Cookie": "AGS_ROLES=cookie-secret", "X-Kept": "yes"}))
    directory = record(STEPS[3] + f"record cookie '{server.url}/rest/info?f=json'")
    token = (tmp_path / "headers.txt").read_text(encoding="utf-8").split()[-1]
    assert len(token) > 20
    assert any(entry["token_in"] == "header" for entry in sim.requests())
    texts = {file.name: file.read_text(encoding="utf-8") for file in directory.iterdir()}
    assert "X-Kept: yes" in texts["cookie.response"]
    for secret in (token, "gis_admin-Secret-1", "cookie-secret"):
        assert [name for name, text in texts.items() if secret in text] == []
    # The last step finds a token, and leaves none behind.
    (directory / "bad.response").write_text(f'{{"token": "{token}"}}', encoding="utf-8")
    found = subprocess.run(["bash", "-c", STEPS[4]], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout == "recording/bad.response\n"
    assert not (tmp_path / "headers.txt").exists()


def test_a_log_in_that_fails_is_seen(sim: Simulator, names: str, tmp_path: Path) -> None:
    said = bash(f"{names}\nACCOUNT=nobody\n{STEPS[1]}", tmp_path, CURL_CA_BUNDLE=sim.ca_path)
    assert said == "The log-in failed.\n"


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Callable[[Path], subprocess.CompletedProcess[str]]]:
    """Run the program as the Makefile does."""
    yield lambda directory: subprocess.run(
        [sys.executable, str(REPLAY / "replay.py"), str(directory)],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_example_of_the_api_pages_is_replayed(replay: Callable) -> None:
    done = replay(REPLAY / "seeds")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("11 recorded answers in 3 folders; not as expected: none\n")
    assert "No task asked" not in done.stdout
    printed = {file.resolve() for file in REPLAY.glob("seeds/*/*.response") if file.is_symlink()}
    assert printed == {file.resolve() for file in SEEDS.iterdir()}
    for value in ("raw_status: COMPLETED", "raw_status: esriJobSucceeded", "code: delete_refused", "returned: 10"):
        assert value in done.stdout


def test_what_is_missing_fails_and_the_rest_is_shown(replay: Callable, tmp_path: Path) -> None:
    services = '{"folders": [], "services": [{"serviceName": "A b", "type": "GPServer"}]}'
    for name, path, body in (
        ("1", "services/A.GPServer/jobs/query?number=1000", '{"results": []}'),
        ("2", "services", services),
        ("3", "uploads", "{}"),
    ):
        (tmp_path / f"{name}.request").write_text(
            f"GET https://gis.example.com/server/admin/{path}\n", encoding="utf-8"
        )
        (tmp_path / f"{name}.response").write_text(body, encoding="utf-8")
    done = replay(tmp_path)
    assert done.returncode == 1
    assert "holds no list of jobs" in done.stdout  # the first task failed, and the second one ran
    assert "record 004 'https://gis.example.com/server/admin/services/A%20b.GPServer/status?f=json'\n" in done.stdout
    assert "No task asked for these recorded answers: 3\n" in done.stdout


def test_a_folder_without_a_recording(replay: Callable, tmp_path: Path) -> None:
    done = replay(tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        f"{tmp_path} holds no recording: there is no file NAME.request in it.\n",
    )
