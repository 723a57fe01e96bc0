# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancel, delete, purge and statistics, which ArcGIS Server alone documents."""

from __future__ import annotations

from typing import Any

from .call import Call
from .families import ApiError
from .gp import (
    CANCELLED,
    EXECUTING,
    FAILED,
    FINISHED,
    NEW,
    SUBMITTED,
    SUCCEEDED,
    WAITING,
    full_status,
)
from .gp_site import GPSite
from .product import READ, READING, WRITE
from .times import duration_ms


class ServerJobOperations:
    """The operations on the jobs of a service."""

    def __init__(self, site: GPSite) -> None:
        self.site = site
        jobs = "admin/services/{service}/jobs"
        site.add("purgeQueue", f"{jobs}/purgeQueue", self.purge_queue, WRITE, methods=("POST",))
        site.add("statistics", f"{jobs}/statistics", self.statistics, READ, methods=READING)
        site.add("cancel", f"{jobs}/{{job}}/cancel", self.cancel, WRITE, methods=("POST",))
        site.add("delete", f"{jobs}/{{job}}/delete", self.delete, WRITE, methods=("POST",))

    def cancel(self, call: Call, service: str, job: str) -> dict[str, Any]:
        """Cancel a job that is submitted or executing, or waits where the site allows that."""
        found_service, found = self.site.job(service, job)
        refused = {full_status(word) for word in self.site.settings["cancel_refuses"]}
        if found.status not in {NEW, SUBMITTED, WAITING, EXECUTING} - refused:
            raise ApiError(500, f"Unable to cancel job :[{job}]")
        self.site.cancel(found_service, found)
        return {"status": "success"}

    def delete(self, call: Call, service: str, job: str) -> dict[str, Any]:
        """Remove a job; one that runs may take a while to go."""
        found_service, found = self.site.job(service, job)
        if found.status in {full_status(word) for word in self.site.settings["delete_refuses"]}:
            raise ApiError(400, f"Unable to delete job :[{job}]")
        seconds = self.site.settings["delete_seconds"]
        if seconds and found.status not in FINISHED:
            found.delete_later(self.site.now, duration_ms(seconds))
            found_service.put(found)
        else:
            found_service.drop(job)
        return {"status": "success"}

    def purge_queue(self, call: Call, service: str) -> dict[str, Any]:
        """Cancel every job of the service that has not begun to execute, or some of them."""
        found = self.site.job_service(service)
        cancelled = {full_status(word) for word in self.site.settings["purge_cancels"]}
        for job in found.jobs(self.site.now).values():
            if job.status in cancelled:
                self.site.cancel(found, job)
        return {"status": "success"}

    def statistics(self, call: Call, service: str) -> dict[str, Any]:
        """Count the jobs of a service."""
        statuses = [job.status for job in self.site.job_service(service).jobs(self.site.now).values()]
        return {
            "total": len(statuses),
            "cancelled": statuses.count(CANCELLED),
            "failed": statuses.count(FAILED),
            "succeeded": statuses.count(SUCCEEDED),
        }
