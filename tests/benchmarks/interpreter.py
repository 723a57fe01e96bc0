# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the Python that Ansible starts a module with, and notes what the module's process used.

A process that begins as a fork of a larger one counts the memory of that one as its own. Between Ansible and the module
this small process is what the module is forked from.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> int:
    """Run the module and return its exit status."""
    python = os.environ["BENCH_PYTHON"]
    child = os.posix_spawn(python, [python, *sys.argv[1:]], os.environ)
    dummy, status, usage = os.wait4(child, 0)
    line = {"peak_mb": usage.ru_maxrss / 1024, "cpu_seconds": usage.ru_utime + usage.ru_stime}
    with open(os.environ["BENCH_USAGE"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1


if __name__ == "__main__":
    sys.exit(main())
