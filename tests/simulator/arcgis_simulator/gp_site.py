# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product with geoprocessing services: what ArcGIS Server and Enterprise on Kubernetes have in common."""

from __future__ import annotations

import copy
from typing import Any

from .call import Call
from .gp import Job, Service
from .product import Product, no_such_resource
from .times import duration_ms


class GPSite(Product):
    """Services, folders and jobs, seen through the administrator directory and the public one."""

    kubernetes = False

    def load_services(self, services: list[Service]) -> None:
        """Take the services of a scenario."""
        self.services = {service.key: service for service in services}

    @property
    def now(self) -> int:
        """Return the simulated time."""
        return self.enterprise.clock.now()

    # Finding things

    def service(self, key: str) -> Service:
        """Return a service by its key, such as `Maps/Buffer.GPServer`."""
        found = self.services.get(key)
        if found is None:
            raise no_such_resource(key.rpartition("/")[2])
        return found

    def job_service(self, key: str) -> Service:
        """Return a service that has jobs."""
        service = self.service(key)
        if not service.has_jobs:
            raise no_such_resource("jobs")
        return service

    def job(self, key: str, job_id: str) -> tuple[Service, Job]:
        """Return a service and one of its jobs."""
        service = self.job_service(key)
        job = service.jobs(self.now).get(job_id)
        if job is None:
            raise no_such_resource(job_id)
        return service, job

    def cancel(self, service: Service, job: Job) -> None:
        """Begin to cancel a job."""
        job.cancel(self.now, duration_ms(self.settings["cancel_seconds"]))
        service.put(job)

    # What faults need

    def copy_jobs(self, call: Call) -> dict[str, Any]:
        """Return a copy of the service that a call names, or of all of them."""
        if call.service is None:
            return copy.deepcopy(self.services)
        found = self.services.get(call.service)
        return {found.key: copy.deepcopy(found)} if found else {}

    def use_jobs(self, jobs: dict[str, Any]) -> dict[str, Any]:
        """Put services in place and return those that were there."""
        before = {key: self.services[key] for key in jobs}
        self.services.update(jobs)
        return before

    # What the control endpoint needs

    def _view(self, service: Service, job: Job) -> dict[str, Any]:
        return {"context": self.context, "service": service.path, "type": service.type, **job.view()}

    def _holder(self, job_id: str) -> tuple[Service, Job] | None:
        for service in self.services.values():
            job = service.jobs(self.now).get(job_id)
            if job:
                return service, job
        return None

    def _named(self, name: str) -> Service:
        service = self.services.get(name) or self.services.get(f"{name}.GPServer")
        if service is None:
            raise ValueError(f"{self.context} has no service {name!r}")
        return service

    def job_views(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return the jobs of one service or of all of them."""
        services = [self._named(service)] if service else list(self.services.values())
        return [self._view(each, job) for each in services for job in each.jobs(self.now).values()]

    def job_view(self, job_id: str) -> dict[str, Any] | None:
        """Return one job."""
        held = self._holder(job_id)
        return self._view(*held) if held else None

    def add_job(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job to the service that the fields name."""
        service = self._named(fields.pop("service"))
        job = Job(fields, self.now)
        service.put(job)
        return self._view(service, job)

    def update_job(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Change a job."""
        held = self._holder(job_id)
        if held is None:
            return None
        held[1].change(fields, self.now)
        held[0].put(held[1])
        return self._view(*held)

    def remove_job(self, job_id: str) -> bool:
        """Remove a job."""
        removed = [service.drop(job_id) for service in self.services.values()]
        return any(removed)
