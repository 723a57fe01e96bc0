# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures the collection against the simulator, prints a table, and writes results.json.

Usage: bench.py --directory DIRECTORY [--esri PYTHON] [--rows tasks delete] [--runs 5] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from dataclasses import asdict, replace
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measuring import QUICK, Bench, Plan
from results import Line, table
from rows import ROWS
from simulated import simulated_site


def machine() -> dict[str, Any]:
    """Return what the figures depend on, the load of the machine before the run included."""
    return {
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}, {platform.freedesktop_os_release()['PRETTY_NAME']}",
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
        "requests": version("requests"),
        "load_average_before": load_average(),
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def load_average() -> list[float]:
    """Return how busy the machine was in the last 1, 5 and 15 minutes."""
    return [round(load, 2) for load in os.getloadavg()]


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--esri", type=Path, help="the Python of an environment that has Esri's package")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="which rows to measure")
    parser.add_argument("--runs", type=int, help="how often each value is measured, in place of 5 and 3 times")
    parser.add_argument("--quick", action="store_true", help="one run with few jobs, to try the benchmark itself")
    return parser.parse_args()


def main() -> int:
    """Run the benchmark."""
    options = arguments()
    plan = QUICK if options.quick else Plan()
    if options.runs:
        plan = replace(plan, runs=options.runs, long_runs=options.runs)
    options.directory.mkdir(parents=True, exist_ok=True)
    results = options.directory / "results.json"
    facts = machine()
    lines: list[Line] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the simulator stops too
    with simulated_site(options.directory / "simulator") as site:
        bench = Bench(site, options.directory, plan, options.esri)
        bench.require_direct()
        for row in options.rows:
            print(f"{row}: {(ROWS[row].__doc__ or '').splitlines()[0]}", file=sys.stderr, flush=True)
            lines += ROWS[row](bench)
            # After each row, so that a run that is stopped leaves what it has.
            facts["load_average_after"] = load_average()
            written = {"machine": facts, "plan": asdict(plan), "lines": [line.as_json() for line in lines]}
            results.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(", ".join(f"{name}: {value}" for name, value in facts.items()))
    print()
    print(table(lines))
    print(f"\nAlso in {results}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
