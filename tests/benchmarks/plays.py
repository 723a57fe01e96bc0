# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a playbook and learning what it took."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results import Sample
from simulated import SimulatedSite

PLAYBOOKS = Path(__file__).resolve().parent / "playbooks"


@dataclass(frozen=True)
class Task:
    """What one task took: seconds on the controller, and what our modules say that it cost the site."""

    name: str
    seconds: float
    api: dict[str, Any] | None


@dataclass(frozen=True)
class Play:
    """What a playbook took from start to end: its tasks in order, and the memory of its largest worker or module."""

    tasks: list[Task]
    seconds: float
    peak_mb: float


class Player:
    """Runs the playbooks of the benchmark, with its files in a directory of their own."""

    def __init__(self, site: SimulatedSite, directory: Path) -> None:
        self._directory = directory
        self._variables = {"bench": site.as_variables()}
        self._tasks = directory / "tasks.jsonl"
        self._environment = {**os.environ, **site.environment, "BENCH_TASKS": str(self._tasks)}

    def play(self, name: str, variables: Mapping[str, Any]) -> Play:
        """Run a playbook and return what it took."""
        self._tasks.unlink(missing_ok=True)
        began = time.perf_counter()
        self.output(name, variables)
        seconds = time.perf_counter() - began
        *tasks, last = [json.loads(line) for line in self._tasks.read_text(encoding="utf-8").splitlines()]
        return Play([Task(**task) for task in tasks], seconds, last["peak_mb"])

    def output(self, name: str, variables: Mapping[str, Any], *options: str) -> str:
        """Run a playbook and return what it prints."""
        extra = self._directory / "variables.json"
        extra.write_text(json.dumps({**self._variables, **variables}), encoding="utf-8")
        ran = subprocess.run(
            ["ansible-playbook", *options, "--extra-vars", f"@{extra}", str(PLAYBOOKS / f"{name}.yml")],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        if ran.returncode:
            raise SystemExit(f"The playbook {name} failed:\n{ran.stdout[-4000:]}")
        return ran.stdout


def named(play: Play, name: str) -> list[Task]:
    """Return the tasks of a name; those of a role have its name before theirs."""
    return [task for task in play.tasks if task.name == name or task.name.endswith(f" : {name}")]


def seconds(plays: Sequence[Play], *names: str, nth: int = 0) -> Sample:
    """Return the seconds of the named tasks together, in each play; nth where a play runs them several times."""
    return Sample([sum(named(play, name)[nth].seconds for name in names) for play in plays])


def whole(plays: Sequence[Play]) -> Sample:
    """Return the seconds of each play from start to end."""
    return Sample([play.seconds for play in plays])


def peak(plays: Sequence[Play]) -> Sample:
    """Return the memory of the largest worker or module of each play."""
    return Sample([play.peak_mb for play in plays], "MB")
