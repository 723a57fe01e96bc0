# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as plain text for a message: the numbers, and what somebody should look at.

This module is private to the collection.
"""

from __future__ import annotations

from .model import Report
from .texts import counted, cut, moment, number

_MOST_IDS = 5
# What a chat takes as one message.
_MOST = 3000


def notice(report: Report) -> str:
    """Return the lines, of which no more than a message can hold."""
    counts = report.counts
    places = counted(len(report.sources), "source")
    lines = [f"{cut(report.title, 120)}, {moment(report.time_ms)}"]
    jobs = counted(counts.total, "job")
    lines.append(f"{jobs} from {places}, {number(counts.open)} open, {number(counts.failed)} failed.")
    lines += [_line(finding.text, finding.job_ids, finding.count) for finding in report.findings]
    if not report.findings:
        lines.append("Nothing needs attention.")
    text = ""
    for count, line in enumerate(lines):
        if len(text) + len(line) > _MOST:
            return f"{text}And {counted(len(lines) - count, 'finding')} more.\n"
        text += f"{line}\n"
    return text


def _line(text: str, job_ids: tuple[str, ...], count: int) -> str:
    if not job_ids:
        return f"- {cut(text, 400)}"
    named = ", ".join(cut(job_id, 60) for job_id in job_ids[:_MOST_IDS])
    more = count - min(len(job_ids), _MOST_IDS)
    return f"- {cut(text, 400)} {named}{f' and {number(more)} more' if more > 0 else ''}"
