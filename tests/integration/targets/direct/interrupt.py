# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Presses Ctrl-C while a task waits: starts a command, and interrupts it once its output has a text.

Usage: interrupt.py TEXT OUTPUT_FILE COMMAND ...

How fast the machine is does not matter before the key is pressed; afterwards, all processes must be gone soon.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

BEGINS_WITHIN, ENDS_WITHIN = 120.0, 15.0
# The task has been announced; its request is on its way a moment later.
UNDER_WAY = 3.0


def is_over(group: int) -> bool:
    """Return whether no process of the group is left. One that has ended and waits to be collected does not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, dummy, of_group = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                return False
    return True


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition holds; return whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def main(text: str, output: Path, *command: str) -> str:
    """Run the command and interrupt it; return what went wrong."""
    # A process that was started in the background ignores the signal, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        if not until(lambda: text in output.read_text(encoding="utf-8") or process.poll() is not None, BEGINS_WITHIN):
            return f"{text!r} did not come"
        time.sleep(UNDER_WAY)
        if process.poll() is not None:
            return f"it ended by itself: {output.read_text(encoding='utf-8')[-2000:]}"
        # Ctrl-C reaches all processes of the terminal at once.
        os.killpg(process.pid, signal.SIGINT)
        pressed = time.monotonic()
        if not until(lambda: process.poll() is not None and is_over(process.pid), ENDS_WITHIN):
            return f"processes are left {ENDS_WITHIN} seconds after Ctrl-C"
    finally:
        if not is_over(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
    print(f"interrupted: ended after {time.monotonic() - pressed:.1f} seconds")
    return ""


sys.exit(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]) or 0)
