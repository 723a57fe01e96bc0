# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services and jobs in the administrator directory, as both platforms document them."""

from __future__ import annotations

from typing import Any

from .call import Call
from .gp import Job, Service
from .gp_site import GPSite
from .product import no_such_resource
from .query import run_query


def times_of(
    begin: int | None, end: int | None, settings: dict[str, Any], begin_name: str = "submittedTime"
) -> dict[str, Any]:
    """Return the times of a job record in the unit of the site; they differ in what an open job has for its end."""
    divisor = 1000 if settings["record_unit"] == "seconds" else 1
    times: dict[str, Any] = {begin_name: None if begin is None else begin // divisor}
    if end is not None:
        times["endTime"] = end // divisor
    elif settings["unfinished_end_time"] != "absent":
        times["endTime"] = 0 if settings["unfinished_end_time"] == "zero" else None
    return times


class GPAdmin:
    """The routes under `admin/services`; add operations of `jobs` before them, for their names look like job ids."""

    def __init__(self, site: GPSite) -> None:
        self.site = site
        service = "admin/services/{service}"
        site.add("services", "admin/services", lambda call: self.folder_listing(call, ""))
        site.add("folder", "admin/services/{folder}", self.folder_listing)
        site.add("service", service, self.service_description)
        site.add("service status", f"{service}/status", self.service_status)
        site.add("jobs", f"{service}/jobs", self.jobs_resource)
        site.add("query", f"{service}/jobs/query", self.query)
        site.add("job", f"{service}/jobs/{{job}}", self.job_resource)

    def folder_listing(self, call: Call, folder: str) -> dict[str, Any]:
        """List the services of a folder; the root also lists the folders."""
        folders = sorted({service.folder for service in self.site.services.values() if service.folder})
        if folder and folder not in folders:
            raise no_such_resource(folder)
        shown = folder or "/"
        return {
            "folderName": shown,
            "description": "" if folder else "Root",
            "webEncrypted": False,
            "isDefault": not folder,
            "folders": [] if folder else folders,
            "foldersDetail": []
            if folder
            else [
                {"folderName": name, "description": "", "webEncrypted": False, "isDefault": False} for name in folders
            ],
            "services": [
                {"folderName": shown, "serviceName": service.name, "type": service.type, "description": ""}
                for service in self.site.services.values()
                if service.folder == folder
            ],
        }

    def service_description(self, call: Call, service: str) -> dict[str, Any]:
        """Describe a service, briefly."""
        found = self.site.service(service)
        return {
            "serviceName": found.name,
            "type": found.type,
            "description": "",
            "capabilities": "",
            "minInstancesPerNode": 1,
            "maxInstancesPerNode": 2,
            "configuredState": "STARTED",
            "properties": {"executionType": "Asynchronous", "maximumRecords": "1000"},
        }

    def service_status(self, call: Call, service: str) -> dict[str, Any]:
        """Say that a service runs: all of them do."""
        self.site.service(service)
        return {"configuredState": "STARTED", "realTimeState": "STARTED"}

    def jobs_resource(self, call: Call, service: str) -> dict[str, Any]:
        """Answer `jobs`, which lists no jobs."""
        self.site.job_service(service)
        if self._lists_operations:
            return {"resources": [], "operations": ["query", "purgeQueue"]}
        return {"resources": [] if self.site.kubernetes else ["statistics"]}

    def query(self, call: Call, service: str) -> dict[str, Any]:
        """Answer a page of the job query."""
        return run_query(call, self.site.job_service(service), self.site.settings, self.site.kubernetes, self.site.now)

    def job_resource(self, call: Call, service: str, job: str) -> dict[str, Any]:
        """Describe one job."""
        found_service, found = self.site.job(service, job)
        record: dict[str, Any] = {"jobId": found.job_id, **times_of(found.submitted, found.end, self.site.settings)}
        record.update(
            status=found.status,
            username=found.username,
            machinename=found.machine,
            url=found.url or self._job_url(call, found_service, found),
        )
        if self._lists_operations:
            record["operations"] = ["cancel", "delete"]
        return record

    @property
    def _lists_operations(self) -> bool:
        return bool(self.site.settings.get("gp_operations") == "listed")

    def _job_url(self, call: Call, service: Service, job: Job) -> str:
        if self.site.settings["job_url"] == "public" and job.task:
            parent = f"rest/services/{service.path}/{service.type}/{job.task}"
        else:
            parent = f"admin/services/{service.key}"
        return call.url(self.site.context, f"{parent}/jobs/{job.job_id}")
