# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enterprise on Kubernetes: a portal, and an administrator directory.

It can read GP jobs and nothing more, and it can read and cancel notebook jobs.
"""

from __future__ import annotations

from typing import Any

from .call import Call
from .discovery import add_info, kubernetes_info, version_of
from .families import ERROR, KUBERNETES_ADMIN
from .gp_admin import GPAdmin
from .gp_public import GPPublic
from .gp_site import GPSite
from .kubernetes_notebooks import KubernetesNotebooks
from .portal import Sharing
from .product import OPEN


class Kubernetes(GPSite):
    """One context with the sharing API, the administrator directory and the public services."""

    kubernetes = True

    def prepare(self, notebook_jobs: list[dict[str, Any]]) -> None:
        """Add the routes and take the notebook jobs of a scenario."""
        self.admin_family = KUBERNETES_ADMIN
        Sharing(self, frozenset())
        self.add("admin", "admin", self.admin_root)
        GPAdmin(self)
        self.notebooks = KubernetesNotebooks(self, notebook_jobs)
        self.add("rest", "rest", lambda call: version_of(self), OPEN, ERROR)
        add_info(self, kubernetes_info)
        GPPublic(self)

    def admin_root(self, call: Call) -> dict[str, Any]:
        """List the children of the administrator directory."""
        return {"resources": ["services", "security", "system", "jobs", "logs", "notebooks"], **version_of(self)}

    # Faults and the control endpoint see the jobs of both kinds; a notebook job is one of no service.

    def copy_jobs(self, call: Call) -> dict[str, Any]:
        """Return a copy of the jobs that a call may be about."""
        jobs = super().copy_jobs(call)
        return jobs if call.service else {**jobs, **self.notebooks.copy()}

    def use_jobs(self, jobs: dict[str, Any]) -> dict[str, Any]:
        """Put jobs in place and return what was there."""
        before = self.notebooks.use(jobs)
        return {**super().use_jobs({key: each for key, each in jobs.items() if key not in before}), **before}

    def job_views(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return the jobs of one service, or of all of them and the notebook jobs."""
        return super().job_views(service) + ([] if service else self.notebooks.store.views())

    def job_view(self, job_id: str) -> dict[str, Any] | None:
        """Return one job."""
        return super().job_view(job_id) or next((view for view in self.job_views() if view["job_id"] == job_id), None)

    def add_job(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job to the service that the fields name, or a notebook job where they name none."""
        return super().add_job(fields) if "service" in fields else self.notebooks.store.add(fields)

    def update_job(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Change a job."""
        return self.notebooks.store.update(job_id, fields) or super().update_job(job_id, fields)

    def remove_job(self, job_id: str) -> bool:
        """Remove a job."""
        return self.notebooks.store.remove(job_id) or super().remove_job(job_id)
