# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public services directory: services, tasks, and jobs with their messages."""

from __future__ import annotations

from typing import Any

from .call import Call
from .discovery import version_of
from .families import ERROR, ApiError
from .gp import EXECUTING, SUCCEEDED, WAITING, Job, Service
from .gp_site import GPSite
from .product import OPTIONAL


class GPPublic:
    """The routes under `rest/services`."""

    def __init__(self, site: GPSite) -> None:
        self.site = site
        job = "rest/services/{public}/{task}/jobs/{job}"
        for operation, pattern, handler in (
            ("rest/services", "rest/services", lambda call, account: self.listing(account, "")),
            ("public service", "rest/services/{public}", self.service),
            ("public folder", "rest/services/{folder}", lambda call, folder, account: self.listing(account, folder)),
            ("public task", "rest/services/{public}/{task}", self.task),
            ("public job", job, self.job),
            ("public cancel", job + "/cancel", self.cancel),
            ("public result", job + "/results/{name}", self.result),
        ):
            site.add(operation, pattern, handler, OPTIONAL, ERROR)

    def listing(self, account: Any, folder: str) -> dict[str, Any]:
        """List the public services of a folder; without a token only the anonymous ones."""
        visible = [service for service in self.site.services.values() if account or service.anonymous]
        if folder and not any(service.folder == folder for service in self.site.services.values()):
            raise ApiError(404, f"Folder {folder} not found")
        return {
            "currentVersion": version_of(self.site)["currentVersion"],
            "folders": [] if folder else sorted({service.folder for service in visible if service.folder}),
            "services": [
                {"name": service.path, "type": service.type} for service in visible if service.folder == folder
            ],
        }

    def _public(self, public: str, account: Any, task: str | None = None) -> Service:
        path, dummy, kind = public.rpartition("/")
        service = self.site.services.get(f"{path}.{kind}")
        if service is None:
            raise ApiError(404, f"Service {public} not found")
        if not service.anonymous and account is None:
            raise ERROR.refusal("missing")
        if task is not None and task not in service.tasks:
            raise ApiError(400, "Invalid URL", ("Invalid URL",))
        return service

    def service(self, call: Call, public: str, account: Any) -> dict[str, Any]:
        """Describe a service with its tasks."""
        service = self._public(public, account)
        return {
            **version_of(self.site),
            "serviceDescription": "",
            "tasks": service.tasks,
            "executionType": "esriExecutionTypeAsynchronous",
            "resultMapServerName": "",
            "maximumRecords": 1000,
        }

    def task(self, call: Call, public: str, task: str, account: Any) -> dict[str, Any]:
        """Describe a task."""
        self._public(public, account, task)
        return {
            "name": task,
            "displayName": task,
            "description": "",
            "category": "",
            "helpUrl": "",
            "executionType": "esriExecutionTypeAsynchronous",
            "parameters": [
                {
                    "name": "output",
                    "dataType": "GPString",
                    "displayName": "output",
                    "direction": "esriGPParameterDirectionOutput",
                    "parameterType": "Derived",
                }
            ],
        }

    def _public_job(self, public: str, task: str, job: str, account: Any) -> Job:
        service = self._public(public, account, task)
        found = service.jobs(self.site.now).get(job)
        if found is None or (found.task or service.tasks[0]) != task:
            raise ApiError(404, f"Job {job} not found", (f"Job {job} not found",))
        return found

    def job(self, call: Call, public: str, task: str, job: str, account: Any) -> dict[str, Any]:
        """Describe a job with its messages."""
        found = self._public_job(public, task, job, account)
        answer: dict[str, Any] = {"jobId": found.job_id, "jobStatus": found.status}
        if found.status == SUCCEEDED:
            answer["results"] = found.results or {"output": {"paramUrl": "results/output"}}
        answer["inputs"] = found.inputs or {}
        if call.flag("returnMessages", default=True):
            answer["messages"] = [_message(message) for message in found.messages]
        return answer

    def result(self, call: Call, public: str, task: str, job: str, name: str, account: Any) -> dict[str, Any]:
        """Return the one result that every succeeded job has."""
        found = self._public_job(public, task, job, account)
        if found.status != SUCCEEDED or name not in (found.results or {"output": None}):
            raise ApiError(400, "Invalid or missing input parameters.")
        return {"paramName": name, "dataType": "GPString", "value": "done"}

    def cancel(self, call: Call, public: str, task: str, job: str, account: Any) -> dict[str, Any]:
        """Cancel a waiting or executing job."""
        found = self._public_job(public, task, job, account)
        if found.status not in (WAITING, EXECUTING):
            raise ApiError(400, "Invalid or missing input parameters.")
        self.site.cancel(self._public(public, account), found)
        return {"jobId": found.job_id, "jobStatus": found.status}


def _message(message: Any) -> dict[str, Any]:
    """Return a message as the public job resource shows it; the first word of a bare text tells its type."""
    if isinstance(message, dict):
        return message
    kind = {"ERROR": "Error", "WARNING": "Warning"}.get(message.split(" ")[0].rstrip(":"), "Informative")
    return {"type": f"esriJobMessageType{kind}", "description": message}
