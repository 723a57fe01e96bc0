# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How things are measured: everything that is compared in turn, again and again, so that a busy moment meets all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from plays import Player
from simulated import OWN, SimulatedSite

HERE = Path(__file__).resolve().parent
Measure = Callable[[], Any]


@dataclass(frozen=True)
class Plan:
    """How much to measure: runs of a row, runs of a row that takes minutes, and the sizes of the work."""

    runs: int = 5
    long_runs: int = 3
    tasks: int = 20
    deletions: int = 1000
    items: int = 100
    items_uri: int = 50
    items_module: int = 10
    cleaned_services: int = 100
    listed_services: tuple[int, ...] = (1, 10, 100)
    deletions_esri: int = 200


QUICK = Plan(1, 1, 2, 100, 10, 3, 2, 5, (1, 5), 20)


class Bench:
    """What the rows share: the site, the ways to measure it, and the plan. Its files go into directory.

    esri is the Python that has Esri's package; None where there is none.
    """

    def __init__(self, site: SimulatedSite, directory: Path, plan: Plan, esri: Path | None) -> None:
        self.site = site
        self.plan = plan
        self.esri = esri
        self._directory = directory
        self._player = Player(site, directory)

    def require_direct(self) -> None:
        """Stop where tasks do not run in the process of the controller, or do so although they are told not to."""
        self.site.begin(OWN, 0)
        for direct in (True, False):
            printed = self._player.output("one_task", {"gisops_arcgis_direct": direct}, "-vvv")
            if ("runs in the process of the controller" in printed) != direct:
                raise SystemExit("The measurement is void: gisops_arcgis_direct does not decide how tasks run.")

    def in_turn(self, scenario: str, latency_ms: int, measures: Sequence[Measure], runs: int = 0) -> list[list[Any]]:
        """Take every measure as often as planned, each time with the scenario begun anew; return the values of each."""
        values: list[list[Any]] = [[] for dummy in measures]
        for _run in range(runs or self.plan.runs):
            for measure, found in zip(measures, values):
                self.site.begin(scenario, latency_ms)
                found.append(measure())
        return values

    def play(self, name: str, **variables: Any) -> Measure:
        """Return the measure that runs a playbook."""
        return partial(self._player.play, name, variables)

    def both_ways(self, name: str, **variables: Any) -> list[Measure]:
        """Return the measures that run a playbook with direct tasks, and with modules."""
        return [self.play(name, gisops_arcgis_direct=direct, **variables) for direct in (True, False)]

    def limit(self, requests: Sequence[tuple[str, str]], concurrency: int) -> Measure:
        """Return the measure that sends requests with an asynchronous client, in seconds by its own clock."""
        return partial(self._script, Path(sys.executable), "at_once.py", {"requests": requests}, concurrency)

    def with_esri(self, python: Path, job_ids: Sequence[str]) -> Measure:
        """Return the measure that does with Esri's package what esri.yml does, in seconds by its own clock."""
        return partial(self._script, python, "with_esri.py", {"job_ids": job_ids})

    def _script(self, python: Path, name: str, described: dict[str, Any], *arguments: int) -> Any:
        file = self._directory / "script.json"
        described = {**self.site.as_variables(), "token": self.site.token(), **described}
        file.write_text(json.dumps(described), encoding="utf-8")
        command = [str(python), str(HERE / name), str(file), *map(str, arguments)]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
