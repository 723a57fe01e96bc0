# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as files. This module is private to the collection."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..._errors import bad_option
from ..._options import parse_text
from ..sources import Source
from .data import csv_of, json_of
from .mail import mail
from .model import Report
from .page import page

# What follows the name of a file, by its format.
FORMATS = {"html": ".html", "email": "_email.html", "csv": ".csv", "json": ".json"}


def documents_of(report: Report, sources: Sequence[Source], options: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files that the options ask for, by their paths. Raises ArcGISError bad_option."""
    folder, name = parse_text("dest", options["dest"]), parse_text("name", options["name"])
    if "/" in name or name in (".", ".."):
        raise bad_option("name", f"is {name!r}, which is no name of a file", "Write the folder in dest.")
    return {
        os.path.join(folder, f"{name}{FORMATS[each]}"): _text(each, report, sources).encode("utf-8", "replace")
        for each in dict.fromkeys(options["formats"])
    }


def _text(name: str, report: Report, sources: Sequence[Source]) -> str:
    if name == "html":
        return page(report)
    if name == "email":
        return mail(report)
    return csv_of(sources) if name == "csv" else json_of(report)
