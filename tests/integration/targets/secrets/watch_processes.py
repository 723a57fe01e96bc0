# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the command line of every process that has a variable with a value, until it is killed.

Usage: watch_processes.py NAME=VALUE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path


def command_lines(mark: bytes) -> set[bytes]:
    """Return the command lines of the processes with this mark in their environment."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.add((process / "cmdline").read_bytes().replace(b"\0", b" ").strip())
        except OSError:
            continue  # it has ended, or belongs to somebody else
    return found


def main() -> None:
    """Print each command line once."""
    seen: set[bytes] = set()
    while True:
        for line in command_lines(sys.argv[1].encode()) - seen:
            seen.add(line)
            sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
        time.sleep(0.01)


main()
