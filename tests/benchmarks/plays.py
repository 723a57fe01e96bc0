# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a playbook and learning what each of its tasks took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulated import SimulatedSite

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Task:
    """What one task took: seconds on the controller, and what our modules say that it cost the site."""

    name: str
    seconds: float
    api: dict[str, Any] | None


@dataclass(frozen=True)
class Process:
    """What one module process used, in megabytes at its peak and in seconds of the processor."""

    peak_mb: float
    cpu_seconds: float


class Player:
    """Runs the playbooks of the benchmark, with its files in a directory of their own."""

    def __init__(self, site: SimulatedSite, directory: Path) -> None:
        self._directory = directory
        self._variables = {"bench": site.as_variables()}
        self._environment = {**os.environ, **site.environment}

    def play(self, name: str, variables: Mapping[str, Any] | None = None) -> list[Task]:
        """Run a playbook and return its tasks in order."""
        tasks = self._directory / "tasks.jsonl"
        self._run(name, variables or {}, {"BENCH_TASKS": str(tasks)})
        return [Task(**line) for line in _taken(tasks)]

    def processes(self, name: str, variables: Mapping[str, Any]) -> list[Process]:
        """Run a playbook and return what the process of each of its modules used.

        The interpreter that Ansible starts stands in between, which costs time: the tasks are not for timing.
        """
        usage = self._directory / "usage.jsonl"
        launcher = self._directory / "python"
        launcher.write_text(
            f'#!/bin/sh\nexec {sys.executable} -I -S {HERE / "interpreter.py"} "$@"\n', encoding="utf-8"
        )
        launcher.chmod(0o755)
        environment = {
            "BENCH_TASKS": os.devnull,
            "BENCH_USAGE": str(usage),
            "BENCH_PYTHON": sys.executable,
        }
        self._run(name, {**variables, "ansible_python_interpreter": str(launcher)}, environment)
        return [Process(**line) for line in _taken(usage)]

    def _run(self, name: str, variables: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        extra = self._directory / "variables.json"
        extra.write_text(json.dumps({**self._variables, **variables}), encoding="utf-8")
        ran = subprocess.run(
            ["ansible-playbook", "--extra-vars", f"@{extra}", str(HERE / "playbooks" / f"{name}.yml")],
            env={**self._environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        if ran.returncode:
            raise SystemExit(f"The playbook {name} failed:\n{ran.stdout[-4000:]}")


def _taken(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file and remove it."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.unlink()
    return lines
