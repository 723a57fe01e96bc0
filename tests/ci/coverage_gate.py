# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fails when the tests reach too few lines of the collection's code.

Usage: coverage_gate.py COVERAGE_XML MINIMUM_PERCENT
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def lines_of_plugins(report: Path) -> tuple[int, int]:
    """Return how many lines of plugins/ there are to run, and how many of them ran."""
    lines = [
        int(line.attrib["hits"])
        for source in ElementTree.parse(report).iter("class")
        if source.attrib["filename"].startswith("plugins/")
        for line in source.iter("line")
    ]
    return len(lines), sum(hits > 0 for hits in lines)


def main() -> int:
    """Print the verdict and return the exit status."""
    report, minimum = Path(sys.argv[1]), float(sys.argv[2])
    total, covered = lines_of_plugins(report)
    percent = 100 * covered / total if total else 0.0
    print(f"{percent:.1f} % of {total} lines in plugins/ ran in the unit tests ({minimum:g} % wanted)")
    return 0 if percent >= minimum else 1


if __name__ == "__main__":
    sys.exit(main())
