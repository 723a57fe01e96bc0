# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of GP jobs, which only the public service has.

Follows the pages "GP service" and "GP job" of the public REST API. This module is private to the collection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from .._arcgis.client import Client, Operation
from .._concurrent import run_concurrently
from .._errors import ArcGISError
from .._jobs.record import is_of_the_job
from .services import Service, parse_service, tasks_of

READ_MESSAGES = Operation(
    "read the messages of job {job_id} of the service {service}",
    "GET",
    "rest/services/{rest_path}/GPServer/{task}/jobs/{job_id}",
    validate=is_of_the_job,
)

# A job names no task, so each of them is asked; a service has one or a few.
_MOST_TASKS = 50

MessagesOrReason = tuple["list[dict[str, Any]] | None", "str | None"]


def with_messages(
    client: Client, records: Sequence[dict[str, Any]], is_wanted: Callable[[dict[str, Any]], bool] = lambda record: True
) -> list[dict[str, Any]]:
    """Return the records, the wanted ones with the messages of the job, or null and the reason.

    Raises the ArcGISError that would meet every request.
    """
    keys = list(dict.fromkeys(_key(record) for record in records if is_wanted(record)))
    reader = MessageReader(client)
    told = run_concurrently(lambda key: reader.told_of(*key), keys, client.connection.max_concurrency).all_values()
    return [{**record, **told.get(_key(record), {})} for record in records]


class MessageReader:
    """Reads the messages of jobs of any service, one after the other or side by side."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._services: dict[str, _Messages] = {}
        self._lock = threading.Lock()

    def told_of(self, service: str, job_id: str) -> dict[str, Any]:
        """Return the messages of a job, or null and the reason, as a record has them. Raises what meets every job."""
        with self._lock:
            if service not in self._services:
                self._services[service] = _Messages(self._client, parse_service("service", service))
        messages, reason = self._services[service].read(job_id)
        return {"messages": messages, "messages_reason": reason}


def _key(record: dict[str, Any]) -> tuple[str, str]:
    return record["service"], record["job_id"]


class _Messages:
    """Reads messages of one service.

    The administrator API has none, and its job names no task, so each task of the public service is tried. The URL
    inside the payload of a job is not followed, because it may point anywhere.
    """

    def __init__(self, client: Client, service: Service) -> None:
        self._client = client
        self._service = service
        self._tasks: list[str] | None = None
        self._has_more_tasks = False
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
        which = f"None of the first {_MOST_TASKS} tasks" if self._has_more_tasks else "No task"
        path = "/".join(self._service.parts["rest_path"])
        return None, f"{which} of the public service {path} has messages of the job."

    def _tasks_to_try(self) -> list[str]:
        with self._lock:
            if self._tasks is None:
                tasks = tasks_of(self._client, self._service)
                self._tasks, self._has_more_tasks = tasks[:_MOST_TASKS], len(tasks) > _MOST_TASKS
            return list(self._tasks)

    def _ask(self, task: str, job_id: str) -> list[dict[str, Any]] | None:
        parameters = {"returnMessages": "true"}
        try:
            answer = self._client.call(READ_MESSAGES, parameters, task=task, job_id=job_id, **self._service.parts)
        except ArcGISError as error:
            if error.failure.code not in ("not_found", "wrong_url", "site_error"):
                raise
            return None
        messages = (answer["messages"] or []) if "messages" in answer else None
        return messages if isinstance(messages, list) and "jobId" in answer else None
