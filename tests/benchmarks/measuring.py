# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How things are measured: everything that is compared in turn, again and again, so that a busy moment meets all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from plays import HERE, Player, Task
from results import Sample
from simulated import SimulatedSite

Measure = Callable[[], Any]


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    runs: int
    latencies_ms: tuple[int, ...]
    deletions: int = 1000
    deletions_uri: int = 50


class Bench:
    """What the rows share: the site, the ways to measure it, and the plan. Its files go into directory."""

    def __init__(self, site: SimulatedSite, directory: Path, plan: Plan) -> None:
        self.site = site
        self.plan = plan
        self._directory = directory
        self._player = Player(site, directory)

    def in_turn(self, scenario: str, latency_ms: int, measures: Sequence[Measure]) -> list[list[Any]]:
        """Take every measure as often as planned, each time with the scenario begun anew; return the values of each."""
        values: list[list[Any]] = [[] for dummy in measures]
        for _run in range(self.plan.runs):
            for measure, found in zip(measures, values):
                self.site.begin(scenario, latency_ms)
                found.append(measure())
        return values

    def play(self, name: str, **variables: Any) -> Measure:
        """Return the measure that runs a playbook and returns its tasks."""
        return partial(self._player.play, name, variables)

    def processes(self, name: str, **variables: Any) -> Measure:
        """Return the measure that runs a playbook and returns what the process of each of its modules used."""
        return partial(self._player.processes, name, variables)

    def script(self, name: str, requests: Sequence[tuple[str, str]], *arguments: int) -> Measure:
        """Return the measure that sends requests with a script and returns the seconds it took, by its own clock."""
        return partial(self._run_script, name, requests, arguments)

    def _run_script(self, name: str, requests: Sequence[tuple[str, str]], arguments: Sequence[int]) -> float:
        described: Mapping[str, Any] = {**self.site.as_variables(), "token": self.site.token(), "requests": requests}
        file = self._directory / "requests.json"
        file.write_text(json.dumps(described), encoding="utf-8")
        command = [sys.executable, str(HERE / name), str(file), *map(str, arguments)]
        return float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def seconds(plays: Sequence[Sequence[Task]], *names: str, nth: int = 0) -> Sample:
    """Return the seconds of the named tasks together, in each play; nth where a play runs them several times."""
    named = [[[task for task in tasks if task.name == name][nth] for name in names] for tasks in plays]
    return Sample([sum(task.seconds for task in tasks) for tasks in named])


def own_seconds(plays: Sequence[Sequence[Task]]) -> Sample:
    """Return the seconds by the clock of our module, which runs from its start to its result, in each play."""
    return Sample([sum(task.api["elapsed"] for task in tasks if task.api) for tasks in plays])


def requests_of(plays: Sequence[Sequence[Task]]) -> Sample:
    """Return how many requests our module says that it sent, in each play."""
    return Sample([sum(task.api["requests"] for task in tasks if task.api) for tasks in plays], "requests")


def check(holds: bool, problem: str) -> None:
    """Stop where what was measured is not what was meant."""
    if not holds:
        raise SystemExit(f"The measurement is void: {problem}")
