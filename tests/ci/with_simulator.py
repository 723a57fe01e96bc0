# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a command while a simulated ArcGIS Enterprise is up, and stops the simulator whatever happens.

Usage: with_simulator.py --directory DIRECTORY [--scenario NAME] [--variables FILE] -- COMMAND [ARGUMENT ...]

The command finds the site through the ARCGIS_* variables, and everything about it in DIRECTORY/simulator.json.
ansible-test hides these variables from its targets; for them FILE holds the same as variables of Ansible.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIMULATOR = Path(__file__).resolve().parent.parent / "simulator"
START_LIMIT = 60.0
STOP_LIMIT = 10.0


def exported(text: str) -> dict[str, str]:
    """Return the variables of the `export NAME=VALUE` lines in a text."""
    words = [shlex.split(line, comments=True) for line in text.splitlines()]
    return dict(pair[1].split("=", 1) for pair in words if len(pair) == 2 and pair[0] == "export" and "=" in pair[1])


def wait_until_ready(process: subprocess.Popen[bytes], directory: Path, output: Path) -> dict[str, str]:
    """Wait for the simulator's description of itself and return the variables that it printed."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        variables = exported(output.read_text(encoding="utf-8"))
        if variables and (directory / "simulator.json").exists():
            return variables
        time.sleep(0.1)
    raise SystemExit(f"The simulator did not start:\n{output.read_text(encoding='utf-8')}")


@contextmanager
def simulator(scenario: str, directory: Path) -> Iterator[dict[str, str]]:
    """Start the simulator, yield the variables that lead to it, and stop it."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    output = directory / "simulator.log"
    command = [sys.executable, "-m", "arcgis_simulator", "--scenario", scenario, "--directory", str(directory)]
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(SIMULATOR), "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C belongs to the command; the simulator ends after it
        )
    try:
        yield wait_until_ready(process, directory, output)
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write_variables(directory: Path, target: Path) -> None:
    """Write what the simulator says of itself as a file of Ansible variables."""
    variables = {
        "simulator": json.loads((directory / "simulator.json").read_text(encoding="utf-8")),
        "simulator_python": sys.executable,
    }
    target.write_text(json.dumps(variables, indent=2), encoding="utf-8")  # JSON is YAML


def main() -> int:
    """Run the command of the command line and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="demo")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--variables", type=Path)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with simulator(arguments.scenario, arguments.directory) as environment:
            if arguments.variables:
                write_variables(arguments.directory, arguments.variables)
            return subprocess.run(arguments.command, env={**os.environ, **environment}, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
