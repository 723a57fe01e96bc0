# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws the diagrams of the guides into docs/images.

Usage: diagrams.py [--check]

With --check nothing is written, and the exit status tells whether the pictures are what would be drawn. Each picture
has a background of its own, and follows what the reader prefers, light or dark.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images"

PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{title}</title>
<style>
  text {{ font: 14px system-ui, sans-serif; text-anchor: middle; fill: #1c2733; }}
  .code {{ font: 14px ui-monospace, monospace; }}
  .label {{ font-size: 13px; fill: #47566a; }}
  .page {{ fill: #ffffff; }}
  .group {{ fill: #f3f6fa; stroke: #b8c4d2; }}
  .step {{ fill: #ffffff; stroke: #6b7c90; }}
  .good {{ fill: #e3f4e8; stroke: #3d8a58; }}
  .bad {{ fill: #fdeaea; stroke: #b4483f; }}
  .line {{ fill: none; stroke: #47566a; stroke-width: 1.5; marker-end: url(#head); }}
  #head path {{ fill: #47566a; }}
  @media (prefers-color-scheme: dark) {{
    text {{ fill: #e6ebf1; }}
    .label {{ fill: #b0bccb; }}
    .page {{ fill: #161b22; }}
    .group {{ fill: #1f2630; stroke: #46525f; }}
    .step {{ fill: #2a333f; stroke: #8593a3; }}
    .good {{ fill: #173724; stroke: #55a873; }}
    .bad {{ fill: #44201e; stroke: #d77a72; }}
    .line {{ stroke: #b0bccb; }}
    #head path {{ fill: #b0bccb; }}
  }}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0 0 8 4 0 8z"/></marker></defs>
<rect class="page" width="{width}" height="{height}" rx="8"/>
{parts}
</svg>
"""
LINE_HEIGHT = 18


@dataclass(frozen=True)
class Box:
    """A rectangle with lines of text in its middle. The kind is the class of the rectangle."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...] = ()
    kind: str = "step"
    text: str = ""

    def svg(self) -> str:
        """Return the rectangle and its text; in a group the text stands at the top."""
        rectangle = (
            f'<rect class="{self.kind}" x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="6"/>'
        )
        middle = self.y + self.height / 2 - LINE_HEIGHT * (len(self.lines) - 1) / 2 + 5
        first = self.y + 20 if self.kind == "group" else middle
        return "\n".join(
            [
                rectangle,
                *(
                    text(self.x + self.width / 2, first + LINE_HEIGHT * row, line, self.text)
                    for row, line in enumerate(self.lines)
                ),
            ]
        )


def text(x: float, y: float, line: str, kind: str = "", anchor: str = "") -> str:
    """Return one line of text."""
    style = (f' class="{kind}"' if kind else "") + (f' style="text-anchor: {anchor}"' if anchor else "")
    return f'<text x="{x:g}" y="{y:g}"{style}>{escape(line)}</text>'


def line(*points: tuple[float, float]) -> str:
    """Return a line through the points, with an arrow at its end."""
    return f'<path class="line" d="M{" ".join(f"{x:g} {y:g}" for x, y in points)}"/>'


def picture(title: str, width: int, height: int, parts: list[str]) -> str:
    """Return the file."""
    return PICTURE.format(title=escape(title), width=width, height=height, parts="\n".join(parts))


def job() -> str:
    """Return the picture of what a job passes through."""

    def status(x: int, y: int, name: str, kind: str = "step") -> str:
        return Box(x, y, 104, 34, (name,), kind, "code").svg()

    return picture(
        "What a job passes through",
        640,
        424,
        [
            Box(16, 16, 376, 240, ("open",), "group").svg(),
            Box(24, 44, 360, 116, (), "group").svg(),
            Box(472, 16, 152, 240, ("finished",), "group").svg(),
            status(32, 54, "new"),
            status(152, 54, "submitted"),
            status(272, 54, "waiting"),
            status(272, 114, "executing"),
            status(152, 206, "cancelling"),
            status(496, 54, "succeeded", "good"),
            status(496, 104, "failed", "bad"),
            status(496, 154, "timed_out", "bad"),
            status(496, 206, "cancelled"),
            status(152, 322, "deleting"),
            status(152, 376, "deleted"),
            line((136, 71), (151, 71)),
            line((256, 71), (271, 71)),
            line((324, 88), (324, 113)),
            line((376, 131), (434, 131), (434, 71), (495, 71)),
            line((376, 131), (434, 131), (434, 121), (495, 121)),
            line((376, 131), (434, 131), (434, 171), (495, 171)),
            line((204, 160), (204, 205)),
            text(212, 187, "state: cancelled", "code", "start"),
            line((256, 223), (495, 223)),
            line((204, 256), (204, 321)),
            text(212, 292, "state: absent", "code", "start"),
            line((548, 256), (548, 339), (257, 339)),
            text(540, 330, "state: absent", "code", "end"),
            line((204, 356), (204, 375)),
            text(270, 398, "the site no longer has the job", "label", "start"),
        ],
    )


def token() -> str:
    """Return the picture of where a token comes from."""
    left, right, width, height = 16, 404, 300, 56
    middle = left + width / 2
    parts: list[str] = []

    def question(y: int, label: str, kind: str, asked: tuple[str, str], answer: tuple[str, ...]) -> None:
        parts.append(Box(left, y, width, height, asked).svg())
        parts.append(line((left + width, y + 28), (right - 1, y + 28)))
        parts.append(text(left + width + 8, y + 22, label, "label", "start"))
        parts.append(Box(right, y, width, height, answer, kind).svg())

    def branch(y: int, label: str, kind: str, answer: tuple[str, ...]) -> None:
        parts.append(line((middle, 248), (middle, y + 28), (right - 1, y + 28)))
        parts.append(text(middle + 8, y + 22, label, "label", "start"))
        parts.append(Box(right, y, width, height, answer, kind).svg())

    for y in (72, 160):
        parts.append(line((middle, y), (middle, y + 31)))
        parts.append(text(middle + 8, y + 20, "no", "label", "start"))
    portal = "sharing/rest/generateToken"
    asked = ("Is there a token?", "token, ARCGIS_TOKEN, ARCGIS_API_KEY")
    question(16, "yes", "good", asked, ("It is used as it is",))
    asked = ("Is there a portal_url,", "and token_source is not site?")
    question(104, "yes", "good", asked, ("portal_url issues the token", portal))
    asked = ("What does url say of itself?", "rest/info, sharing/rest/info, admin")
    question(192, "nothing", "bad", asked, ("It is not known to be ArcGIS:", "wrong_url, no password is sent"))
    branch(264, "is a portal", "good", ("It issues the token itself", portal))
    branch(336, "names a portal on its host", "good", ("That portal issues the token", portal))
    branch(408, "names one on another host", "bad", ("untrusted_portal", "until portal_url is set"))
    branch(480, "names no portal", "good", ("The site issues the token", "admin/generateToken"))
    notes = (
        "With token_source: site, the site issues the token, whatever it names.",
        "With token_source: portal, a site that names no portal is an error.",
    )
    parts.extend(text(left, 562 + LINE_HEIGHT * row, note, "label", "start") for row, note in enumerate(notes))
    return picture("How a token is found", 720, 594, parts)


PICTURES = {"job.svg": job, "token.svg": token}


def main() -> int:
    """Write or check the pictures and return the exit status."""
    stale = []
    for name, draw in PICTURES.items():
        path, drawn = IMAGES / name, draw()
        if sys.argv[1:] != ["--check"]:
            path.write_text(drawn, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != drawn:
            stale.append(name)
    if stale:
        print(f"out of date: {', '.join(stale)}; run python3 tests/ci/diagrams.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
