# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Video Server jobs: one job, its steps, and the step on which it failed.

Follows the page "Job" of the ArcGIS Video Server REST API, which documents neither a list nor times.
This module is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import json_value, no_job
from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import found_and_missing, run_all, seen_of
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._fields import Fields
from ansible_collections.gisops.arcgis.plugins.module_utils._statuses import is_finished, status_of
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Seen

READ = Operation("read job {job_id} of the Video Server", "GET", "rest/jobs/job/{job_id}", flaw=no_job)


def read_job(site: Site, job_id: str) -> dict[str, Any] | None:
    """Return a record of a job; None where the site has no such job. Raises ArcGISError."""
    try:
        return record(site.call(READ, job_id=job_id), job_id)
    except ArcGISError as error:
        if error.code != "not_found":
            raise
    return None


def read_jobs(site: Site, job_ids: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a record of every job in the order given, and the IDs that the site does not have. Raises ArcGISError."""
    return found_and_missing(run_all(lambda job_id: read_job(site, job_id), job_ids, site.settings.max_concurrency))


def statuses(site: Site, job_ids: Sequence[str]) -> dict[str, Seen]:
    """Return what is known of every job, each read on its own, because the site has no list."""

    def status(job_id: str) -> str | None:
        job = read_job(site, job_id)
        return None if job is None else job["status"]

    return seen_of(run_all(status, job_ids, site.settings.max_concurrency))


def record(payload: Mapping[str, Any], job_id: str | None = None) -> dict[str, Any]:
    """Translate the payload of a job. Its times are null, because the site has none."""
    fields = Fields(payload)
    attributes, messages = fields.mapping("customAttributes") or {}, fields.items("messages") or []
    status = status_of(fields.text("status") or "unknown")
    codes = codes_in(attributes.get("messageCodes"))
    if codes is None:
        fields.unreadable.append("messageCodes")
    steps = steps_of(messages, codes or [])
    return {
        "job_id": fields.text("jobId") or job_id,
        "type": fields.text("type"),
        "status": status,
        "raw_status": payload.get("status"),
        "finished": is_finished(status),
        "submitted_time": None,
        "submitted_time_ms": None,
        "start_time": None,
        "start_time_ms": None,
        "end_time": None,
        "end_time_ms": None,
        "duration": None,
        "username": fields.text("username"),
        "machine": None,
        "url": None,
        "messages": messages,
        "steps": steps,
        "failed_step": steps[-1] if steps and status == "failed" else None,
        "inputs": fields.mapping("inputs"),
        "results": fields.mapping("results"),
        "custom_attributes": attributes,
        "unreadable": fields.unreadable,
    }


def codes_in(codes: Any) -> list[Any] | None:
    """Return the codes of the messages; None where they cannot be read."""
    if isinstance(codes, str) and codes:
        # The page prints the list as a string in one place and as a list in another.
        try:
            codes = json_value(codes)
        except (ValueError, RecursionError):
            return None
    if codes is None or codes == "":
        return []
    return codes if isinstance(codes, list) else None


def steps_of(messages: Sequence[Any], codes: Sequence[Any]) -> list[dict[str, Any]]:
    """Join the messages with their codes, which the site lists beside them; a code that is not there is null."""
    padded = [*codes, *[None] * len(messages)]
    return [{"message": str(message), "code": code} for message, code in zip(messages, padded)]
