# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notebook Server: its system jobs."""

from __future__ import annotations

import copy
from typing import Any

from .accounts import Account
from .call import Call
from .discovery import add_info, federated_info, version_of
from .families import ERROR, ApiError
from .gp_admin import times_of
from .login import site_token, token_answer
from .product import NOTEBOOKS, OPEN, READ, Product
from .times import duration_ms, moment_ms

RUNNING = ("SUBMITTED", "PROCESSING")
_FIELDS: dict[str, Any] = {
    "job_id": "",
    "status": "SUBMITTED",
    "start": None,
    "end": None,
    "type": "executeNotebook",
    "username": None,
    "inputs": {},
    "results": None,
    "messages": [],
    "is_cancelled": False,
    "progress": None,
    "pending": [],
}


class NotebookJob:
    """A system job; `pending` holds (epoch milliseconds, status) of the steps to come."""

    def __init__(self, fields: dict[str, Any], now: int) -> None:
        self.values: dict[str, Any] = {**_FIELDS, "start": now}
        self.change(fields, now)

    def change(self, fields: dict[str, Any], now: int) -> None:
        """Set fields as a scenario or a control request names them."""
        for given, value in fields.items():
            name, value = self._translated(given, value, fields, now)
            if name not in _FIELDS:
                raise ValueError(f"Unknown field of a notebook job: {name}")
            self.values[name] = value
        if "status" in fields and fields["status"] not in RUNNING and self.values["end"] is None:
            self.values["end"] = now
        if "status" in fields and "schedule" not in fields:
            self.values["pending"] = []

    def _translated(self, name: str, value: Any, fields: dict[str, Any], now: int) -> tuple[str, Any]:
        """Return a field as it is kept: times in milliseconds, and a schedule as what is yet to come."""
        if name in ("start", "end"):
            return name, moment_ms(value, now)
        if name == "duration":
            start = moment_ms(fields.get("start", self.values["start"]), now) or 0
            return "end", start + duration_ms(value)
        if name == "schedule":
            return "pending", sorted((now + duration_ms(step["after"]), step["status"]) for step in value)
        return name, value

    def settle(self, now: int) -> None:
        """Take the steps that are due."""
        while self.values["pending"] and self.values["pending"][0][0] <= now:
            due, status = self.values["pending"][0]
            self.values["pending"] = self.values["pending"][1:]
            self.values["status"] = status
            self.values["end"] = None if status in RUNNING else due

    def times(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the times as records show them."""
        end = None if self.values["status"] in RUNNING else self.values["end"]
        return times_of(self.values["start"], end, settings, "startTime")

    def brief(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the entry of the abbreviated list, which tells no status."""
        values = self.values
        return {
            "jobId": values["job_id"],
            "startTime": self.times(settings)["startTime"],
            "type": values["type"],
            "username": values["username"],
        }

    def full(self, settings: dict[str, Any], messages: bool) -> dict[str, Any]:
        """Return the whole job; the list leaves the messages out."""
        values = self.values
        running = values["status"] in RUNNING
        record = {"jobId": values["job_id"], "inputs": values["inputs"], **self.times(settings)}
        record["type"] = values["type"]
        if messages:
            record["messages"] = values["messages"]
        if not running:
            record["results"] = values["results"] or {}
        attributes = {"isCancelled": values["is_cancelled"]}
        if values["status"] == "PROCESSING" and values["progress"]:
            attributes["openNotebookProgress"] = values["progress"]
        record.update(status=values["status"], username=values["username"], customAttributes=attributes)
        return record


class NotebookStore:
    """The jobs of one site, whichever product it is."""

    def __init__(self, product: Product, jobs: list[dict[str, Any]]) -> None:
        self.product = product
        self.jobs = {fields["job_id"]: NotebookJob(fields, self.now) for fields in jobs}

    @property
    def now(self) -> int:
        """Return the simulated time."""
        return self.product.enterprise.clock.now()

    def visible(self, account: Account | None) -> list[NotebookJob]:
        """Return the jobs that a user may see: readers of the directory see all, others their own."""
        for job in self.jobs.values():
            job.settle(self.now)
        if account is None:
            raise self.product.admin_family.refusal("denied")
        return [job for job in self.jobs.values() if account.may_read or job.values["username"] == account.username]

    def job(self, job_id: str, account: Account | None) -> NotebookJob:
        """Return one of them."""
        for job in self.visible(account):
            if job.values["job_id"] == job_id:
                return job
        raise ApiError(404, f"Job '{job_id}' not found.")

    def cancel(self, job_id: str, account: Account | None) -> dict[str, Any]:
        """Mark a job as cancelled; it ends a little later."""
        if account is not None and account.role == "viewer":
            raise self.product.admin_family.refusal("denied")
        values = self.job(job_id, account).values
        if values["status"] not in RUNNING:
            raise ApiError(400, f"Unable to cancel job '{job_id}'.")
        settings = self.product.settings
        due = self.now + duration_ms(settings["cancel_seconds"])
        values.update(is_cancelled=True, pending=[(due, settings["cancelled_status"])])
        return {"status": "success"}

    def view(self, job: NotebookJob) -> dict[str, Any]:
        """Return a job as the control endpoint shows it."""
        job.settle(self.now)
        return {"context": self.product.context, "service": None, **job.values}

    def views(self) -> list[dict[str, Any]]:
        """Return the jobs as they are now."""
        return [self.view(job) for job in self.jobs.values()]

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job."""
        job = self.jobs[fields["job_id"]] = NotebookJob(fields, self.now)
        return self.view(job)

    def update(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Change a job."""
        job = self.jobs.get(job_id)
        if job is None:
            return None
        job.change(fields, self.now)
        return self.view(job)

    def remove(self, job_id: str) -> bool:
        """Remove a job."""
        return self.jobs.pop(job_id, None) is not None


class Notebook(Product):
    """The administrator directory of a federated Notebook Server."""

    def prepare(self, jobs: list[dict[str, Any]]) -> None:
        """Add the routes and take the jobs of a scenario."""
        self.store = NotebookStore(self, jobs)
        self.add("generateToken", "admin/generateToken", self.token, OPEN)
        self.add("admin", "admin", self.admin_root, READ)
        self.add("system", "admin/system", lambda call: {"resources": ["jobs"]}, READ)
        self.add("system/jobs", "admin/system/jobs", self.listing, NOTEBOOKS)
        self.add("deleteAll", "admin/system/jobs/deleteAll", self.delete_all, NOTEBOOKS)
        self.add("job", "admin/system/jobs/{job}", self.one, NOTEBOOKS)
        self.add("cancel", "admin/system/jobs/{job}/cancel", self.cancel, NOTEBOOKS)
        self.add("rest", "rest", lambda call: version_of(self), OPEN, ERROR)
        add_info(self, federated_info)

    def token(self, call: Call) -> dict[str, Any]:
        """Log in at the site itself."""
        token, expires, dummy = site_token(self, call, client_required=False, admin=True)
        return token_answer(token, expires)

    def admin_root(self, call: Call) -> dict[str, Any]:
        """List the children of the administrator directory."""
        return {"resources": ["machines", "notebooks", "security", "system", "logs", "data"], **version_of(self)}

    def listing(self, call: Call, account: Account | None) -> dict[str, Any]:
        """List the jobs, with or without details."""
        jobs = self.store.visible(account)
        if call.flag("sortByDate"):
            jobs = sorted(jobs, key=lambda job: job.values["start"], reverse=True)
        try:
            number = int(call.first("num") or self.settings["num"])
        except ValueError:
            raise ApiError(400, "Invalid value for parameter 'num'.") from None
        detail = call.flag("detail")
        shown = jobs[: max(number, 0)]
        entries = [job.full(self.settings, messages=False) if detail else job.brief(self.settings) for job in shown]
        return {"asyncJobs": entries, "total": len(entries)}

    def one(self, call: Call, job: str, account: Account | None) -> dict[str, Any]:
        """Describe one job."""
        return self.store.job(job, account).full(self.settings, messages=True)

    def _may_write(self, call: Call, account: Account | None) -> None:
        if not self.settings[f"{call.method.lower()}_writes"]:
            raise ApiError(405, "Method not supported", http_status=405)
        if account is not None and account.role == "viewer":
            raise ERROR.refusal("denied")

    def cancel(self, call: Call, job: str, account: Account | None) -> dict[str, Any]:
        """Mark a job as cancelled."""
        self._may_write(call, account)
        return self.store.cancel(job, account)

    def delete_all(self, call: Call, account: Account | None) -> dict[str, Any]:
        """Remove the finished jobs that the user can see; running ones stay."""
        self._may_write(call, account)
        for job in self.store.visible(account):
            if job.values["status"] not in RUNNING:
                self.store.remove(job.values["job_id"])
        return {"status": "success"}

    def copy_jobs(self, call: Call) -> dict[str, Any]:
        """Return a copy of all jobs."""
        return {"jobs": copy.deepcopy(self.store.jobs)}

    def use_jobs(self, jobs: dict[str, Any]) -> dict[str, Any]:
        """Put jobs in place and return those that were there."""
        before = {"jobs": self.store.jobs}
        self.store.jobs = jobs.get("jobs", self.store.jobs)
        return before

    def job_views(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return the jobs as they are now."""
        return self.store.views()

    def add_job(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job."""
        return self.store.add(fields)

    def update_job(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Change a job."""
        return self.store.update(job_id, fields)

    def remove_job(self, job_id: str) -> bool:
        """Remove a job."""
        return self.store.remove(job_id)
