# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the stages of the tests, two at a time, and ends with a table of what was verified.

Usage: run_stages.py BUILD_DIRECTORY [STAGE ...]

Without names all stages run. A name also stands for the stages that begin with it: `units` is all units.
The output of a stage goes to BUILD_DIRECTORY/logs; its last line says what the stage verified. A stage that this
machine cannot run ends with status 77. What a failed stage said last stands below the table, and then what it said of
failures.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKERS = 2
TIME_LIMIT = 4 * 3600.0 if os.environ.get("LONG") else 1200.0
SKIPPED = 77
SHOWN_LINES = 40
TELLING_LINES = 8
# How pytest, Ansible and its tests, and Python begin a line that says what failed.
TELLING = re.compile(r"E  |FAILED |fatal: |failed: |\[ERROR\]|ERROR|FATAL|\w*(Error|Exit|Exception|Expired)\b.*: ")


@dataclass(frozen=True)
class Stage:
    """One script, the stages that must have passed before it, and whether its output is shown when it passed."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ("environments",)
    show: bool = False


@dataclass(frozen=True)
class Result:
    """How a stage ended: `passed`, `failed`, `skipped`, or `not run` because of a stage before it."""

    state: str
    seconds: float
    verdict: str


# Those that take longest come first, so that no worker is left alone with one of them.
STAGES = (
    Stage("environments", ("environments.sh",), after=()),
    Stage("integration-newest", ("integration.sh", "core-newest")),
    Stage("sanity", ("sanity.sh",)),
    Stage("integration-2.16", ("integration.sh", "core-2.16", "3.9")),
    Stage("faults", ("pytest.sh", "core-newest", "tests/unit/faults")),
    Stage("integration-2.19", ("integration.sh", "core-2.19")),
    Stage(
        "units-newest", ("pytest.sh", "core-newest", "tests/unit/plugins", "tests/unit/replay", "tests/unit/examples")
    ),
    Stage("lint", ("lint.sh",)),
    # On an older release the modules and their actions alone: the engine knows no Ansible.
    Stage("units-2.16", ("pytest.sh", "core-2.16", "tests/unit/plugins/modules", "tests/unit/plugins/action")),
    Stage("ee", ("ee.sh",)),
    Stage("package", ("package.sh",)),
    Stage("docs", ("docs.sh",)),
    Stage("simulator", ("pytest.sh", "core-newest", "tests/simulator/tests")),
    Stage("rulebook", ("rulebook.sh",)),
    Stage("metrics", ("metrics.sh",)),
    Stage("controller", ("controller.sh",)),
    Stage("runner", ("runner.sh",)),
    Stage("demo", ("demo.sh",), show=True),
)


def selected(names: list[str]) -> list[Stage]:
    """Return the stages with these names or beginnings, and the environments that they need."""
    unknown = [name for name in names if not any(stage.name.startswith(name) for stage in STAGES)]
    if unknown:
        raise SystemExit(f"No such stage: {', '.join(unknown)}. There are: {', '.join(s.name for s in STAGES)}.")
    return [
        stage for stage in STAGES if not names or not stage.after or any(stage.name.startswith(name) for name in names)
    ]


class Runner:
    """Runs stages side by side and keeps their results."""

    def __init__(self, logs: Path) -> None:
        """Take the directory for the logs of the stages."""
        self.logs = logs
        self.results: dict[str, Result] = {}
        self.processes: set[subprocess.Popen[bytes]] = set()

    def run(self, stage: Stage) -> Result:
        """Run one stage to its end."""
        log = self.logs / f"{stage.name}.log"
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(HERE / stage.command[0]), *stage.command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.processes.add(process)
            try:
                status = process.wait(TIME_LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                status = process.wait()
                output.write(f"stopped after {TIME_LIMIT:.0f} seconds\n".encode())
            self.processes.discard(process)
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        state = {0: "passed", SKIPPED: "skipped"}.get(status, "failed")
        verdict = next((line.strip() for line in reversed(lines) if line.strip()), "")
        result = Result(state, time.monotonic() - started, verdict if state != "failed" else f"see {log}")
        self.report(stage, result, lines)
        return result

    def report(self, stage: Stage, result: Result, lines: list[str]) -> None:
        """Say how a stage ended, with its output where it is worth reading."""
        text = f"{result.state:8} {stage.name:18} {result.seconds:6.1f} s  {result.verdict}"
        if stage.show and result.state == "passed":
            text = "\n".join([text, *(f"    {line}" for line in lines[:-1]), ""])
        print(text, flush=True)

    def run_all(self, stages: list[Stage]) -> None:
        """Run the stages in their order, each as soon as a worker is free and what it waits for has ended."""
        names = {stage.name for stage in stages}
        waiting = list(stages)
        running: dict[Future[Result], Stage] = {}
        with ThreadPoolExecutor(WORKERS) as workers:
            while waiting or running:
                for stage in list(waiting):
                    before = [name for name in stage.after if name in names]
                    if any(name in self.results and self.results[name].state != "passed" for name in before):
                        waiting.remove(stage)
                        self.results[stage.name] = Result("not run", 0.0, f"needs {', '.join(before)}")
                    elif len(running) < WORKERS and all(name in self.results for name in before):
                        waiting.remove(stage)
                        running[workers.submit(self.run, stage)] = stage
                for future in self.first_ended(running):
                    self.results[running.pop(future).name] = future.result()

    def first_ended(self, running: dict[Future[Result], Stage]) -> set[Future[Result]]:
        """Wait until a stage ends; when the wait is interrupted, end those that still run."""
        try:
            return wait(running, return_when=FIRST_COMPLETED).done
        except KeyboardInterrupt:
            for process in list(self.processes):
                os.killpg(process.pid, signal.SIGTERM)
            raise


def last_words(log: Path) -> str:
    """Return the end of the log of a failed stage."""
    lines = log.read_text(encoding="utf-8", errors="replace").rstrip().split("\n")
    telling = [line[:600] for line in lines if TELLING.match(line)][-TELLING_LINES:]
    parts = {f"The end of {log}:": lines[-SHOWN_LINES:], f"What {log.name} says of failures last:": telling}
    return "\n".join(line for title, shown in parts.items() for line in (title, *(f"    {each}" for each in shown), ""))


def table(results: dict[str, Result], seconds: float, logs: Path) -> str:
    """Return the table of the stages, what the failed ones said, and, as its last line, the count."""
    rows = [f"{name:18} {result.seconds:7.1f}  {result.state:8} {result.verdict}" for name, result in results.items()]
    states = [result.state for result in results.values()]
    failed = states.count("failed") + states.count("not run")
    skipped = f", {states.count('skipped')} skipped" if "skipped" in states else ""
    return "\n".join(
        [
            "",
            f"{'stage':18} {'seconds':>7}  {'result':8} what was verified",
            *rows,
            f"{'in all':18} {seconds:7.1f}",
            "",
            *(last_words(logs / f"{name}.log") for name, result in results.items() if result.state == "failed"),
            f"{len(states)} stages: {states.count('passed')} passed, {failed} failed{skipped}",
        ]
    )


def main() -> int:
    """Run the stages that the command line names and return the exit status."""
    logs = Path(sys.argv[1]) / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    stages = selected(sys.argv[2:])
    runner = Runner(logs)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        runner.run_all(stages)
    except KeyboardInterrupt:
        return 130
    results = {stage.name: runner.results[stage.name] for stage in stages}
    print(table(results, time.monotonic() - started, logs))
    return 0 if all(result.state in {"passed", "skipped"} for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
