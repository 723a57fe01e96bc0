# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws how time and memory grow with the jobs, from the row "growth" of results.json.

Usage: picture.py RESULTS PICTURE. The picture is an SVG file without a background, in colours that can be read on light
and on dark pages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

GREY = "#7d8590"
COLOURS = {1: "#c2571a", 8: "#1f83c4", 64: "#2f9e5b"}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "gisops.arcgis",
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.alpha": 0.3,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "grid.color"), GREY
    ),
}


def draw(axes: Any, points: list[dict[str, Any]]) -> None:
    """Draw a line for each number of requests at once, dashed where the tasks ran as modules."""
    for at_once, way in dict.fromkeys((point["at_once"], point["way"]) for point in points):
        found = [point for point in points if (point["at_once"], point["way"]) == (at_once, way)]
        axes.plot(
            [point["jobs"] for point in found],
            [point["measured"]["median"] for point in found],
            color=COLOURS[at_once],
            linestyle="-" if way == "direct" else "--",
            marker="o",
            markersize=4,
            label=f"{at_once} at once, {way}",
        )
    axes.set_xlabel("jobs listed")
    axes.grid(True)


def count_in_tens(axes: Any) -> None:
    """Let both axes grow by factors of ten, with plain numbers."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:g}")


def main() -> None:
    """Draw the picture."""
    results, picture = map(Path, sys.argv[1:])
    lines = json.loads(results.read_text(encoding="utf-8"))["lines"]
    points = [line for line in lines if line["row"] == "growth"]
    if not points:
        raise SystemExit(f"{results} has no row growth.")
    with pyplot.rc_context(STYLE):
        figure, (time, memory) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
        draw(time, [point for point in points if point["measured"]["unit"] == "s"])
        count_in_tens(time)
        time.set_ylabel("seconds of the task")
        draw(memory, [point for point in points if point["measured"]["unit"] == "MB"])
        memory.set_ylim(bottom=0)
        memory.xaxis.set_major_formatter("{x:,.0f}")
        memory.set_ylabel("MB, largest process")
        time.legend(frameon=False, fontsize="small")
        picture.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(picture, transparent=True, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
