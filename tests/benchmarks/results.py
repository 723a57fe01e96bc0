# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measured values, what they are compared with, and how both are shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HEADINGS = ("row", "what", "measured: median (min - max)", "against", "is", "ratio", "wanted")


@dataclass(frozen=True)
class Sample:
    """One value, measured several times."""

    values: Sequence[float]
    unit: str = "s"

    @property
    def median(self) -> float:
        """Return the median."""
        return statistics.median(self.values)

    def less(self, fixed: float, unit: str | None = None, share: float = 1.0) -> Sample:
        """Return the sample with a fixed cost taken off and the rest divided by share."""
        return Sample([(value - fixed) / share for value in self.values], unit or self.unit)

    def shown(self) -> str:
        """Return the sample as the table has it."""
        low, high = min(self.values), max(self.values)
        spread = "" if len(self.values) == 1 or low == high else f" ({_number(low)} - {_number(high)})"
        return f"{_number(self.median)} {self.unit}{spread}"

    def as_json(self) -> dict[str, Any]:
        """Return the sample with everything that came of it."""
        values = [round(value, 6) for value in self.values]
        median = round(self.median, 6)
        return {"unit": self.unit, "median": median, "min": min(values), "max": max(values), "values": values}


@dataclass(frozen=True)
class Line:
    """One line of the table: a sample against something else of the same run.

    against without a sample makes a line that is shown for itself. wanted is a bound of the ratio: the most it may be,
    or the least where is_least says so.
    """

    row: int
    what: str
    measured: Sample
    against: str = ""
    other: Sample | None = None
    wanted: float | None = None
    is_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Return how many times the other value the measured one is; where the bound is a least one, the reverse."""
        if self.other is None:
            return None
        ours, theirs = self.measured.median, self.other.median
        return theirs / ours if self.is_least else ours / theirs

    @property
    def is_reached(self) -> bool | None:
        """Say whether the ratio keeps its bound; None where there is none."""
        if self.ratio is None or self.wanted is None:
            return None
        return self.ratio >= self.wanted if self.is_least else self.ratio <= self.wanted

    def cells(self) -> tuple[str, ...]:
        """Return the line as texts under the headings."""
        bound = "" if self.wanted is None else f"{'>=' if self.is_least else '<='} {self.wanted:g}"
        verdict = {None: "", True: "", False: ": missed"}[self.is_reached]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        other = "" if self.other is None else self.other.shown()
        return str(self.row), self.what, self.measured.shown(), self.against, other, ratio, bound + verdict

    def as_json(self) -> dict[str, Any]:
        """Return the line for the file of results."""
        return {
            "row": self.row,
            "what": self.what,
            "measured": self.measured.as_json(),
            "against": self.against or None,
            "other": self.other.as_json() if self.other else None,
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "ratio_is": "other / measured" if self.is_least else "measured / other",
            "wanted": self.wanted,
            "reached": self.is_reached,
        }


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a table in Markdown."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    written = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + " |" for row in rows]
    return "\n".join([written[0], "| " + " | ".join("-" * width for width in widths) + " |", *written[1:]])


def _number(value: float) -> str:
    """Return a number with three digits that count, and whole numbers whole."""
    if value == int(value):
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
