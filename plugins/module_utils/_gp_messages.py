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

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import another_job
from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import MEETS_EVERY_REQUEST, ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service, tasks_of

READ_MESSAGES = Operation(
    "read the messages of job {job_id} of the service {service}",
    "GET",
    "rest/services/{service:rest}/GPServer/{task}/jobs/{job_id}",
    flaw=another_job,
)


def add_messages(site: Site, service: Service, jobs: Sequence[dict[str, Any]]) -> None:
    """Put the messages of each job into its record, or null and the reason. Raises what would meet every request."""
    messages = _Messages(site, service)
    for outcome in run_all(lambda job: messages.read(job["job_id"]), jobs, site.settings.max_concurrency):
        if outcome.error is not None:
            raise outcome.error
        outcome.item["messages"], outcome.item["messages_reason"] = outcome.value or (None, None)


class _Messages:
    """Reads messages of one service.

    The administrator API has none, and its job names no task, so each task of the public service is tried. The URL
    inside the payload of a job is not followed, because it may point anywhere.
    """

    def __init__(self, site: Site, service: Service) -> None:
        self._site = site
        self._service = service
        self._tasks: list[str] | None = None
        self._lock = threading.Lock()

    def read(self, job_id: str) -> tuple[list[dict[str, Any]] | None, str | None]:
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
            if error.code in MEETS_EVERY_REQUEST:
                raise
            return None, str(error)
        return None, f"No task of the public service {self._service.rest_path} has messages of the job."

    def _tasks_to_try(self) -> list[str]:
        with self._lock:
            if self._tasks is None:
                self._tasks = tasks_of(self._site, self._service)
            return list(self._tasks)

    def _ask(self, task: str, job_id: str) -> list[dict[str, Any]] | None:
        parts = {"service": self._service, "task": task, "job_id": job_id}
        try:
            answer = self._site.call(READ_MESSAGES, {"returnMessages": "true"}, **parts)
        except ArcGISError as error:
            if error.code not in ("not_found", "wrong_url", "site_error"):
                raise
            return None
        messages = answer.get("messages")
        return messages if isinstance(messages, list) and "jobId" in answer else None
