# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of GP jobs, which only the public service has.

Follows the pages "GP service" and "GP job" of the public REST API. This module is private to the collection.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from .._arcgis.client import Client, Operation
from .._concurrent import run_concurrently
from .._errors import ArcGISError
from .._jobs.record import is_of_the_job
from .services import Service, tasks_of

READ_MESSAGES = Operation(
    "read the messages of job {job_id} of the service {service}",
    "GET",
    "rest/services/{rest_path}/GPServer/{task}/jobs/{job_id}",
    validate=is_of_the_job,
)

MessagesOrReason = tuple["list[dict[str, Any]] | None", "str | None"]


def with_messages(client: Client, service: Service, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the records with the messages of each job, or null and the reason.

    Raises the ArcGISError that would meet every request.
    """
    messages = _Messages(client, service)
    ids = [record["job_id"] for record in records]
    found = run_concurrently(messages.read, ids, client.connection.max_concurrency).all_values()
    return [
        {**record, "messages": found[record["job_id"]][0], "messages_reason": found[record["job_id"]][1]}
        for record in records
    ]


class _Messages:
    """Reads messages of one service.

    The administrator API has none, and its job names no task, so each task of the public service is tried. The URL
    inside the payload of a job is not followed, because it may point anywhere.
    """

    def __init__(self, client: Client, service: Service) -> None:
        self._client = client
        self._service = service
        self._tasks: list[str] | None = None
        self._lock = threading.Lock()

    def read(self, job_id: str) -> MessagesOrReason:
        """Return the messages of a job and no reason, or None and the reason."""
        try:
            for task in self._tasks_to_try():
                found = self._ask(task, job_id)
                if found is not None:
                    with self._lock:
                        # The other jobs of a list are likely of the same task.
                        self._tasks = [task] + [other for other in self._tasks or () if other != task]
                    return found, None
        except ArcGISError as error:
            if error.failure.is_fatal:
                raise
            return None, str(error)
        path = "/".join(self._service.parts["rest_path"])
        return None, f"No task of the public service {path} has messages of the job."

    def _tasks_to_try(self) -> list[str]:
        with self._lock:
            if self._tasks is None:
                self._tasks = tasks_of(self._client, self._service)
            return list(self._tasks)

    def _ask(self, task: str, job_id: str) -> list[dict[str, Any]] | None:
        parameters = {"returnMessages": "true"}
        try:
            answer = self._client.call(READ_MESSAGES, parameters, task=task, job_id=job_id, **self._service.parts)
        except ArcGISError as error:
            if error.failure.code not in ("not_found", "wrong_url", "site_error"):
                raise
            return None
        messages = answer.get("messages")
        return messages if isinstance(messages, list) and "jobId" in answer else None
