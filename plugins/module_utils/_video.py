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

from ._arcgis.client import Client, Operation
from ._arcgis.responses import json_value
from ._concurrent import run_concurrently
from ._errors import ArcGISError, Failure
from ._jobs.record import Fields, is_the_job, no_time
from ._jobs.source import JobRef, RecordOrError, StatusOrError, status_in
from ._retries import Retries

READ = Operation("read job {job_id} of the Video Server", "GET", "rest/jobs/job/{job_id}", validate=is_the_job)


class VideoJobs:
    """The jobs of one Video Server, which can only be read, each on its own."""

    can_delete = False

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, refs: Sequence[JobRef], retries: Retries | None = None) -> dict[JobRef, RecordOrError]:
        """Return the record of every job; None where the site has no such job, for which there is only its word."""

        def read(ref: JobRef) -> RecordOrError:
            payload = self.client.look_up(READ, retries, job_id=ref.job_id)
            return None if payload is None else video_record(ref.job_id, payload)

        return run_concurrently(read, refs, self.client.connection.max_concurrency).each()

    def statuses(
        self, refs: Sequence[JobRef], retries: Retries | None = None, absent_means_gone: bool = False
    ) -> dict[JobRef, StatusOrError]:
        """Return what is known of every job, each read on its own, because the site has no list."""
        return {ref: status_in(record) for ref, record in self.read(refs, retries).items()}

    def send(self, state: str, ref: JobRef, retries: Retries) -> Failure | None:
        """Refuse: no page of the API says how a job is cancelled or deleted."""
        raise ArcGISError("unsupported", "no change of a job is documented for Video Server", "change a job")


def video_record(job_id: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the payload of a job. Its times are null, because the site has none."""
    fields = Fields(payload)
    attributes, messages = fields.mapping("customAttributes") or {}, fields.items("messages") or []
    codes = codes_in(attributes.get("messageCodes"))
    if codes is None:
        fields.unreadable.append("messageCodes")
    steps = steps_of(messages, codes or [])
    status = fields.status()
    return {
        "job_id": fields.text("jobId") or job_id,
        "type": fields.text("type"),
        **status,
        **no_time("submitted_time"),
        **no_time("start_time"),
        **no_time("end_time"),
        "duration": None,
        "username": fields.text("username"),
        "machine": None,
        "url": None,
        "messages": messages,
        "steps": steps,
        "failed_step": steps[-1] if steps and status["status"] == "failed" else None,
        "inputs": fields.mapping("inputs"),
        "results": fields.mapping("results"),
        "custom_attributes": attributes,
        "unreadable_fields": fields.unreadable,
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
