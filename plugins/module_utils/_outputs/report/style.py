# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a report looks: colours with names, in a light and a dark set, and the style sheet made of them.

A unit test computes the contrast of every pair that is used. This module is private to the collection.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

# The statuses differ in lightness as well as in hue, so that print and eyes that see few hues tell them apart.
LIGHT = {
    "page": "#ffffff",
    "panel": "#f3f6f9",
    "ink": "#17202b",
    "muted": "#526070",
    "rule": "#d5dce4",
    "track": "#e9eef3",
    "accent": "#075985",
    "bad": "#a11220",
    "queued": "#8094ad",
    "executing": "#0b6fa4",
    "cancelling": "#9a5b00",
    "succeeded": "#2f8a5c",
    "cancelled": "#64707d",
    "failed": "#a11220",
    "other": "#3a4450",
}
DARK = {
    "page": "#10161d",
    "panel": "#19212a",
    "ink": "#e7ecf1",
    "muted": "#a5b1be",
    "rule": "#2f3a46",
    "track": "#222c36",
    "accent": "#7cc4ee",
    "bad": "#ff9c9c",
    "queued": "#b9cbdf",
    "executing": "#3d9bd0",
    "cancelling": "#e0a95a",
    "succeeded": "#2f9365",
    "cancelled": "#76838f",
    "failed": "#ff8f8f",
    "other": "#c9d2db",
}
# What is written on what, and what is drawn on what.
TEXT_PAIRS = [(text, ground) for text in ("ink", "muted") for ground in ("page", "panel")]
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 FONT;-webkit-text-size-adjust:100%}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:3.25rem 0 .25rem;font-weight:650}
p{margin:.25rem 0}
.time,.note{color:var(--muted)}
.note{max-width:42rem;margin-bottom:1rem;font-size:.925rem}
.totals{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.2rem,1fr));gap:.75rem;margin:1.75rem 0 0}
.totals div{background:var(--panel);border-radius:.5rem;padding:.8rem 1rem}
.totals dt{color:var(--muted);font-size:.875rem}
.totals dd{margin:0;font-size:1.6rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
.findings{list-style:none;margin:1rem 0 0;padding:0}
.findings li{background:var(--panel);border-left:4px solid var(--accent);border-radius:.25rem;padding:.7rem 1rem;\
margin:.6rem 0;overflow-wrap:anywhere}
.findings li.bad{border-color:var(--bad)}
.findings b{font-weight:600}
.findings span{display:block;color:var(--muted);font-size:.875rem}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.keys{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:.75rem 0 1rem;padding:0;font-size:.875rem}
.keys svg{width:.8rem;height:.8rem;margin-right:.4rem;vertical-align:-.08rem}
.chart{display:block;overflow:hidden;margin:.5rem 0 1.25rem}
.chart text{font:13px FONT;fill:var(--muted)}
.chart .label{fill:var(--ink)}
.chart .value{font-variant-numeric:tabular-nums}
.part{stroke:var(--page);stroke-width:1px}
.track{fill:var(--track)}
.rule{stroke:var(--rule)}
.wide{overflow-x:auto;margin:.75rem 0}
.wide:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.45}
caption{text-align:left;color:var(--muted);padding:0 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem 1rem .45rem 0;border-bottom:1px solid var(--rule)}
th{font-weight:600}
tbody th{font-weight:500;min-width:9rem;overflow-wrap:anywhere}
thead th{color:var(--muted);white-space:nowrap}
td{overflow-wrap:break-word;min-width:5.5rem}
.n{text-align:right;min-width:0;font-variant-numeric:tabular-nums;white-space:nowrap}
.n:last-child,th:last-child,td:last-child{padding-right:0}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--rule);color:var(--muted);font-size:.875rem}
"""
_PRINT = """
@page{margin:16mm}
body{font-size:11pt}
main{max-width:none;padding:0}
.wide{overflow:visible}
.chart,tr,.findings li,.totals{break-inside:avoid}
h2,caption,.note{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
"""


def _variables(colours: Mapping[str, str]) -> str:
    return ":root{" + "".join(f"--{name}:{colour};" for name, colour in colours.items()) + "}"


def style_sheet(groups: tuple[str, ...]) -> str:
    """Return the style sheet of the page; paper is light."""
    fills = "".join(f".{group}{{fill:var(--{group})}}" for group in (*groups, "accent"))
    return "\n".join(
        (
            f"{_variables(LIGHT)}:root{{color-scheme:light dark}}",
            _RULES.replace("FONT", FONT).strip(),
            fills,
            f"@media (prefers-color-scheme:dark){{{_variables(DARK)}}}",
            f"@media print{{{_variables(LIGHT)}{_PRINT.strip()}}}",
        )
    )


def policy_for(style: str) -> str:
    """Return the policy under which a page may use this style sheet and load nothing."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
