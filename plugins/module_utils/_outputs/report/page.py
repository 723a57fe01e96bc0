# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML page, which loads nothing and runs nothing. This module is private to the collection."""

from __future__ import annotations

from collections.abc import Iterator

from .charts import bars, columns
from .model import GROUPS, Finding, Report
from .sections import Section, Table, sections_of, sources_table
from .style import policy_for, style_sheet
from .texts import counted, moment, number, shown

_MOST_ROWS, _MOST_BARS, _MOST_CELL = 25, 12, 200
_MOST_IDS = 8
BAD_KINDS = frozenset(("unreadable", "failed", "damaged_archive"))


def page(report: Report) -> str:
    """Return the whole page."""
    style = style_sheet(GROUPS)
    title = shown(report.title)
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy_for(style)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}, {moment(report.time_ms)}</title>\n<style>{style}</style>\n</head>\n"
    )
    body = "\n".join(_body(report))
    return f"{head}<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"


def _body(report: Report) -> Iterator[str]:
    yield f'<header>\n<h1>{shown(report.title)}</h1>\n<p class="time">{moment(report.time_ms)}</p>'
    yield f"{_totals(report)}\n</header>"
    yield _findings(report)
    sections = sections_of(report, _MOST_ROWS, _MOST_BARS)
    for section in sections:
        yield _section(section)
    yield '<section aria-labelledby="sources">\n<h2 id="sources">What was read</h2>'
    yield f"{_table(sources_table(report, 200))}\n</section>"
    yield "<footer>Made by job_report of the Ansible collection gisops.arcgis. All times are in UTC.</footer>"


def _totals(report: Report) -> str:
    counts = report.counts
    unread = sum(row.error is not None for row in report.sources)
    totals = [("Jobs", counts.total), ("Open", counts.open), ("Failed", counts.failed)]
    totals += [("Sources", len(report.sources)), ("Not read", unread)]
    cells = "".join(f"<div><dt>{name}</dt><dd>{number(value)}</dd></div>" for name, value in totals)
    return f'<dl class="totals">{cells}</dl>'


def _findings(report: Report) -> str:
    items = "\n".join(map(_finding, report.findings))
    listed = f'<ul class="findings">\n{items}\n</ul>' if items else "<p>Nothing needs attention.</p>"
    return f'<section aria-labelledby="findings">\n<h2 id="findings">Findings</h2>\n{listed}\n</section>'


def _finding(finding: Finding) -> str:
    kind = ' class="bad"' if finding.kind in BAD_KINDS else ""
    more = finding.count - min(len(finding.job_ids), _MOST_IDS)
    ids = " ".join(f"<code>{shown(job_id, 80)}</code>" for job_id in finding.job_ids[:_MOST_IDS])
    rest = f" and {number(more)} more" if more > 0 and ids else ""
    return f"<li{kind}><b>{shown(finding.text, 600)}</b>{f'<span>{ids}{rest}</span>' if ids else ''}</li>"


def _section(section: Section) -> str:
    if section.hours:
        chart = columns(f"{section.key}-chart", section.title, section.summary, section.hours)
    else:
        chart = bars(f"{section.key}-chart", section.title, section.summary, section.bars)
    tables = "\n".join(map(_table, section.tables))
    return (
        f'<section aria-labelledby="{section.key}">\n<h2 id="{section.key}">{section.title}</h2>\n'
        f'<p class="note">{shown(section.note, 400)}</p>\n{_keys(section)}{chart}\n{tables}\n</section>'
    )


def _keys(section: Section) -> str:
    """Return what the colours of a chart stand for, those that it uses."""
    used = {name for _hour, parts in section.hours for name in parts} | {n for each in section.bars for n in each.parts}
    if not section.has_groups or not used:
        return ""
    items = "".join(
        f'<li><svg aria-hidden="true"><rect class="{group}" width="100%" height="100%" rx="2"/></svg>{group}</li>'
        for group in GROUPS
        if group in used
    )
    return f'<ul class="keys">{items}</ul>\n'


def _table(table: Table) -> str:
    """Return a table that scrolls by itself where it is wider than the screen."""

    def classed(place: int) -> str:
        return ' class="n"' if place in table.numbers else ""

    head = "".join(f'<th scope="col"{classed(place)}>{name}</th>' for place, name in enumerate(table.columns))
    rows = "\n".join(
        f'<tr><th scope="row">{shown(row[0], _MOST_CELL)}</th>'
        + "".join(f"<td{classed(place)}>{shown(cell, _MOST_CELL)}</td>" for place, cell in enumerate(row) if place)
        + "</tr>"
        for row in table.rows
    )
    left_out = f"{counted(table.left_out, 'row')} left out." if table.left_out else ""
    note = f'\n<p class="note">{left_out}</p>' if left_out else ""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{table.caption}"><table>\n'
        f"<caption>{table.caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n"
        f"</table></div>{note}"
    )
