# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report for programs: every job as a row of CSV, and the numbers of the report as JSON.

This module is private to the collection.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ..._jobs.record import iso
from ..sources import Source
from .messages import message_of
from .model import SPANS, Report
from .texts import visible

SCHEMA_VERSION = 1
COLUMNS = (
    *("site", "product", "service", "type", "job_id", "status", "submitted_time", "start_time", "end_time"),
    *("duration", "username", "machine", "message"),
)
# A spreadsheet takes a cell that begins so for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(sources: Iterable[Source]) -> str:
    """Return every job as a row, below one with the names of the columns; lines end as RFC 4180 has it."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for source in sources:
        rows.writerows(map(_cell, _row(source, job)) for job in source.jobs)
    return written.getvalue()


def _row(source: Source, job: Mapping[str, Any]) -> Iterable[object]:
    known = {**job, "site": source.site, "product": source.product, "message": message_of(job)}
    return (known.get(column) for column in COLUMNS)


def _cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        # All digits that a float holds for sure, and no more.
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    text = str(value)
    is_formula = text.startswith(_FORMULAS) or text.lstrip().startswith(_FORMULAS)
    return f"'{visible(text)}" if is_formula else visible(text)


def json_of(report: Report) -> str:
    """Return the numbers of a report; docs/docsite/job_report.schema.json describes them."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "title": report.title,
        "time": iso(report.time_ms),
        "counts": report.counts.as_result(),
        "findings": [finding.as_result() for finding in report.findings],
        "sources": [asdict(row) for row in report.sources],
        "services": [asdict(row) for row in report.services],
        "durations": [
            {"seconds_below": bound, "jobs": count}
            for bound, count in zip((*(bound for bound, _name in SPANS), None), report.spans)
        ],
        "hours": [{"start": iso(hour.start_ms), "began": hour.began, "failed": hour.failed} for hour in report.hours],
        "oldest_open": [{**asdict(job), "began": iso(job.began_ms)} for job in report.oldest],
        "failures": [asdict(row) for row in report.failures],
        "left_out": {
            "oldest_open": report.open_since - len(report.oldest),
            "failures": report.messages - len(report.failures),
        },
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
