# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what the tasks of a play returned in two runs, or looks which way each task went."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

# What differs from one run to the next: costs, times, tokens, and numbers of processes. How many requests a task sends
# depends on which of those that run side by side is answered first.
_CHANGING = {
    "elapsed",
    "requests",
    "token",
    "expires",
    "expires_ms",
    "ansible_job_id",
    "results_file",
    "started",
    "finished",
    "clock_skew",
}
# ansible-core 2.19 adds it to what a module returns, and it says "(traceback unavailable)".
_SAYS_NOTHING = "failed_when_suppressed_exception"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|(?<=after )\d+ seconds")


def steady(value: Any) -> Any:
    """Return a value without what differs from one run to the next."""
    if isinstance(value, dict):
        parts = [(key, part) for key, part in value.items() if key != _SAYS_NOTHING]
        return {key: type(part).__name__ if key in _CHANGING else steady(part) for key, part in parts}
    if isinstance(value, list):
        return [steady(part) for part in value]
    if isinstance(value, str):
        return _TIME.sub("<time>", value)
    return "<ms>" if isinstance(value, int) and value > 10**11 else value


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Return where two results differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [line for key in keys for line in differences(one.get(key, "-"), other.get(key, "-"), f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other))
        return [line for nth, pair in pairs for line in differences(*pair, f"{where}[{nth}]")]
    return [] if one == other and type(one) is type(other) else [f"{where}: {one!r} | {other!r}"]


def results(path: str) -> list[tuple[str, Any]]:
    """Return the hosts and names of the tasks with what they returned; hosts take turns, so it is sorted by them."""
    lines = Path(f"{path}.jsonl").read_text(encoding="utf-8").splitlines()
    kept = sorted((json.loads(line) for line in lines), key=lambda each: str(each[0]))
    return [(f"{host}, {name}", steady(result)) for host, name, result in kept]


def compare(direct: str, module: str) -> list[str]:
    """Return what is not the same in two runs."""
    ones, others = results(direct), results(module)
    names, other_names = [name for name, dummy in ones], [name for name, dummy in others]
    if names != other_names:
        return [f"not the same tasks: {names} | {other_names}"]
    pairs = zip(ones, others)
    return [f"{name}{line}" for (name, one), (dummy, other) in pairs for line in differences(one, other)]


def wrong_ways(path: str) -> list[str]:
    """Return the tasks that did not go the way that their names say, such as "as a module: delegated"."""
    found, name = [], ""
    for line in Path(f"{path}.txt").read_text(encoding="utf-8").splitlines():
        begins = re.match(r"TASK \[(.*)\]", line)
        name = begins.group(1) if begins else name
        goes = re.match(r"gisops\.arcgis\.\w+ runs (in the process|as a module: .*)", line)
        if goes and name.rpartition(": ")[2] not in goes.group(1):
            found.append(f"{name}: {line}")
    return found


problems = wrong_ways(sys.argv[2]) if sys.argv[1] == "--ways" else compare(*sys.argv[1:])
print("\n".join(problems))
sys.exit(bool(problems))
