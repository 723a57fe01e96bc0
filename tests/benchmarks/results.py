# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measured values, what they are compared with, and how both are shown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

HEADINGS = ("row", "what", "measured: median (min - max)", "runs", "against", "is", "ratio", "wanted")


@dataclass(frozen=True)
class Sample:
    """One value, measured several times."""

    values: Sequence[float]
    unit: str = "s"

    @property
    def median(self) -> float:
        """Return the median."""
        return statistics.median(self.values)

    def per(self, count: int, unit: str) -> Sample:
        """Return the sample by the piece, in milliseconds."""
        return Sample([1000 * value / count for value in self.values], unit)

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


class Goal(NamedTuple):
    """What is wanted: the most that a ratio may be, or the least; without a ratio, that of the measured value."""

    bound: float
    is_least: bool = False


@dataclass(frozen=True)
class Line:
    """One line of the table: a sample against something else of the same run, or for itself.

    The goal is for what users get unless they say otherwise; is_judged is false for lines that are shown beside that.
    facts tell the picture what the line is about. A line without a sample says in its text why there is none.
    """

    row: str
    what: str
    measured: Sample | None = None
    against: str = ""
    other: Sample | None = None
    goal: Goal | None = None
    is_judged: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Return how many times the other value the measured one is; where the goal is a least one, the reverse."""
        if self.measured is None or self.other is None:
            return None
        ours, theirs = self.measured.median, self.other.median
        return theirs / ours if self.goal and self.goal.is_least else ours / theirs

    def cells(self) -> tuple[str, ...]:
        """Return the line as texts under the headings."""
        measured, runs = ("", "") if self.measured is None else (self.measured.shown(), str(len(self.measured.values)))
        other = "" if self.other is None else self.other.shown()
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.row, self.what, measured, runs, self.against, other, ratio, self._wanted()

    def _wanted(self) -> str:
        if self.goal is None or self.measured is None or not self.is_judged:
            return ""
        value, unit = (self.measured.median, f" {self.measured.unit}") if self.ratio is None else (self.ratio, "")
        is_met = value >= self.goal.bound if self.goal.is_least else value <= self.goal.bound
        sign, verdict = ">=" if self.goal.is_least else "<=", "met" if is_met else "missed"
        return f"{sign} {self.goal.bound:g}{unit}: {verdict}"

    def as_json(self) -> dict[str, Any]:
        """Return the line for the file of results."""
        return {
            "row": self.row,
            "what": self.what,
            **self.facts,
            "measured": self.measured.as_json() if self.measured else None,
            "against": self.against or None,
            "other": self.other.as_json() if self.other else None,
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "wanted": self._wanted() or None,
        }


def both_ways(
    row: str,
    what: str,
    samples: Iterable[Sample],
    against: str = "",
    other: Sample | None = None,
    goal: Goal | None = None,
) -> list[Line]:
    """Return the lines of what was measured with direct tasks, which have the goal, and then with modules."""
    direct, module = samples
    return [
        Line(row, f"{what}: direct", direct, against, other, goal),
        Line(row, f"{what}: as a module", module, against, other, goal, is_judged=False),
    ]


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
