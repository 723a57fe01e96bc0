# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report is made from: the options jobs, sources and archives as one list.

This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..archive import archived_key, read_archive
from ..sources import PRODUCTS, Source, checked_jobs, is_open, parse_sources, product_of


def collected_sources(options: Mapping[str, Any]) -> tuple[list[Source], dict[str, int]]:
    """Return the sources, and how many lines of each damaged archive hold no record. Raises ArcGISError bad_option."""
    sources = [
        *_by_site(("", job) for job in checked_jobs("jobs", options["jobs"])),
        *parse_sources("sources", options["sources"]),
    ]
    damaged: dict[str, int] = {}
    if options["archives"]:
        records = []
        for path in dict.fromkeys(options["archives"]):
            found, lines = read_archive(path)
            records += found
            damaged.update({path: lines} if lines else {})
        sources += _deleted(records, sources)
    return sources, damaged


def _deleted(records: Iterable[Mapping[str, Any]], sources: Iterable[Source]) -> list[Source]:
    """Return the archived jobs that are nowhere else, each once: what a site still shows was not deleted.

    Archives name a site by its URL and sources by any name, so a job is looked for in the sources without its site.
    """
    present = {archived_key(job)[1:] for source in sources for job in source.jobs}
    last = {archived_key(job): job for job in records}
    gone = checked_jobs("archives", [job for key, job in last.items() if key[1:] not in present])
    return _by_site((str(job.get("site") or ""), _ended(job)) for job in gone)


def _ended(job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record of a deleted job: one that was open when it was archived ended with its deletion."""
    return {**job, "status": "deleted"} if is_open(job) else job


def _by_site(jobs: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Source]:
    """Return the jobs as one source for each product of a site, in the order of the products."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for site, job in jobs:
        groups.setdefault((site, product_of(job)), []).append(job)
    order = sorted(groups, key=lambda key: (key[0], PRODUCTS.index(key[1])))
    return [Source(site, product, groups[site, product]) for site, product in order]
