# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as the HTML of an e-mail: tables and inline styles only, which every mail program shows, below 100 KB.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .model import GROUPS, Report
from .page import BAD_KINDS
from .sections import Section, Table, sections_of, sources_table
from .style import FONT, LIGHT
from .texts import counted, moment, number, shown

# Mail programs cut what is longer.
MOST_BYTES = 100_000
_ROWS = (10, 5, 3, 0)
_MOST_FINDINGS, _MOST_BARS, _MOST_CELL, _MOST_COLUMNS = 20, 8, 100, 6
_PLAIN = f"font-family:{FONT.replace(chr(39), '')};color:{LIGHT['ink']}"
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="{}">'
_MUTED = f"color:{LIGHT['muted']};font-size:13px;line-height:19px"


def mail(report: Report) -> str:
    """Return the e-mail, with as many rows in its tables as there is room for."""
    text = ""
    for most in _ROWS:
        text = _with_rows(report, most)
        if len(text.encode("utf-8")) < MOST_BYTES:
            return text
    return text


def _with_rows(report: Report, most: int) -> str:
    body = "\n".join(_body(report, most))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{shown(report.title)}</title></head>\n"
        f'<body style="margin:0;padding:0;background-color:{LIGHT["page"]}">\n'
        f'{_TABLE.format("")}<tr><td align="center" style="padding:24px 16px">\n'
        f"{_TABLE.format(f'max-width:640px;text-align:left;{_PLAIN};font-size:15px;line-height:22px')}\n"
        f"{body}\n</table>\n</td></tr></table>\n</body></html>\n"
    )


def _body(report: Report, most: int) -> Iterator[str]:
    counts = report.counts
    yield _row(f'<h1 style="margin:0;font-size:24px;line-height:30px">{shown(report.title)}</h1>')
    totals = f"{counted(counts.total, 'job')}, {number(counts.open)} open, {number(counts.failed)} failed"
    yield _row(f"{moment(report.time_ms)} &middot; {totals}", f"{_MUTED};padding-bottom:12px")
    for finding in report.findings[:_MOST_FINDINGS]:
        colour = LIGHT["bad"] if finding.kind in BAD_KINDS else LIGHT["accent"]
        ids = ", ".join(finding.job_ids[:3]) + (" and more" if finding.job_ids and finding.count > 3 else "")
        about = f'<div style="{_MUTED}">{shown(ids, 160)}</div>' if ids else ""
        style = (
            f"border-left:4px solid {colour};background-color:{LIGHT['panel']};padding:8px 12px;overflow-wrap:anywhere"
        )
        yield _row(f"<strong>{shown(finding.text, 400)}</strong>{about}", style)
        yield _row("", "height:8px;font-size:1px;line-height:8px")
    more = len(report.findings) - _MOST_FINDINGS
    if more > 0:
        yield _row(f"And {counted(more, 'finding')} more.")
    if not report.findings:
        yield _row("Nothing needs attention.")
    for section in sections_of(report, most, _MOST_BARS):
        if section.bars:
            yield from _section(section)
    yield _heading("What was read")
    yield _row(_table(sources_table(report, most)))
    yield _row("Made by job_report of the Ansible collection gisops.arcgis.", f"{_MUTED};padding-top:24px")


def _section(section: Section) -> Iterator[str]:
    yield _heading(section.title)
    yield _row(shown(section.note, 400), f"{_MUTED};padding-bottom:6px")
    longest = max((each.length for each in section.bars), default=0) or 1
    for each in section.bars:
        value = f'<span style="float:right;{_MUTED}">{shown(each.value)}</span>'
        yield _row(f"{value}{shown(each.label, 44)}", "padding-top:6px;font-size:13px;line-height:19px")
        yield _row(_bar(each.parts, longest))
    if section.has_groups and section.bars:
        yield _row(_keys({name for each in section.bars for name in each.parts}), "padding-top:8px")
    for table in section.tables[-1:]:
        # A wider one fits no mail program; its bars say what matters.
        if table.rows and len(table.columns) <= _MOST_COLUMNS:
            yield _row(_table(table), "padding-top:12px")


def _bar(parts: Mapping[str, float], longest: float) -> str:
    """Return a bar as the cells of a table, whose last one fills the row."""
    cells, left = [], 100.0
    for name, length in parts.items():
        width = 100 * length / longest
        left -= width
        cells.append(_cell(width, LIGHT[name]))
    if left > 0.05:
        cells.append(_cell(left, LIGHT["track"]))
    return f"{_TABLE.format('table-layout:fixed')}<tr>{''.join(cells)}</tr></table>"


def _cell(width: float, colour: str) -> str:
    style = f"height:8px;line-height:8px;font-size:1px;background-color:{colour}"
    return f'<td width="{width:.1f}%" style="{style}">&nbsp;</td>'


def _keys(used: set[str]) -> str:
    names = (group for group in GROUPS if group in used)
    marks = (
        f'<span style="color:{LIGHT[name]}">&#9632;</span>&nbsp;<span style="{_MUTED}">{name}</span>' for name in names
    )
    return " &nbsp; ".join(marks)


def _table(table: Table) -> str:
    line = f"border-bottom:1px solid {LIGHT['rule']};padding:5px 10px 5px 0;font-size:13px;line-height:19px"
    last = len(table.columns) - 1

    def cell(place: int, text: str, tag: str = "td", more: str = "") -> str:
        align = "right" if place in table.numbers else "left"
        # The last column has the IDs, which break anywhere, so that the words before it need not.
        breaks = ";overflow-wrap:anywhere" if place == last and tag == "td" else ""
        breaks = ";white-space:nowrap" if place in table.numbers else breaks
        return f'<{tag} align="{align}" valign="top"{more} style="{line}{breaks}">{text}</{tag}>'

    head = "".join(cell(place, name, "th", ' scope="col"') for place, name in enumerate(table.columns))
    rows = "\n".join(
        f"<tr>{''.join(cell(place, shown(text, _MOST_CELL)) for place, text in enumerate(row))}</tr>"
        for row in table.rows
    )
    left_out = f'<div style="{_MUTED}">{counted(table.left_out, "row")} left out.</div>' if table.left_out else ""
    whole = _TABLE.format("border-collapse:collapse").replace(' role="presentation"', "")
    return f"{whole}<tr>{head}</tr>\n{rows}</table>{left_out}"


def _heading(text: str) -> str:
    return _row(f'<h2 style="margin:0;font-size:17px;line-height:23px">{text}</h2>', "padding-top:28px")


def _row(text: str, style: str = "") -> str:
    return f'<tr><td style="{style}">{text}</td></tr>'
