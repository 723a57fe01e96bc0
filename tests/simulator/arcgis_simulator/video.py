# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Video Server: jobs that collect one message and one code for each step they take."""

from __future__ import annotations

from typing import Any

from .accounts import Account
from .call import Call
from .discovery import add_info, federated_info, version_of
from .families import ERROR, ApiError
from .login import site_token, token_answer
from .product import OPEN, READ, USER, Product
from .times import duration_ms, moment_ms

INGEST = (
    ("Starting Ingest", 117),
    ("Probing Video Codec", 154),
    ("Probing Audio", 155),
    ("Probing Video Klv", 156),
    ("Generating Video Stream Info", 157),
    ("Generating Video Info", 158),
    ("Transcoding with GPU", 159),
    ("Extracting KLV Metadata", 160),
    ("Generating HLS Service Files", 161),
    ("Generating Poster Image", 174),
    ("Generating Preview Images", 182),
    ("Generating ABR Info Files", 162),
    ("Removing Temporary Files", 163),
    ("Video Files Created", 205),
    ("Saving To Storage", 206),
    ("Ingest Complete", 118),
)
_FIELDS: dict[str, Any] = {
    "job_id": "",
    "type": "Publish Streaming Service",
    "username": None,
    "inputs": {},
    "results": {},
    "custom_attributes": {},
    "steps": INGEST,
    "start": None,
    "step_seconds": 2,
    "fails_at": None,
    "status": None,
    "running_status": None,
}


class Video(Product):
    """The job resource of a federated Video Server, which has no list of jobs."""

    def prepare(self, jobs: list[dict[str, Any]]) -> None:
        """Add the routes and take the jobs of a scenario."""
        self.jobs: dict[str, dict[str, Any]] = {}
        for fields in jobs:
            self.add_job(fields)
        self.add("generateToken", "admin/generateToken", self.token, OPEN)
        self.add("admin", "admin", self.admin_root, READ)
        self.add("rest", "rest", lambda call: federated_info(self, call), OPEN, ERROR)
        add_info(self, federated_info)
        self.add("job", "rest/jobs/job/{job}", self.one, USER, ERROR)

    def token(self, call: Call) -> dict[str, Any]:
        """Log in at the site itself."""
        token, expires, account = site_token(self, call, client_required=False, admin=True)
        return token_answer(token, expires, loginAsPSA="portal" not in account.stores)

    def admin_root(self, call: Call) -> dict[str, Any]:
        """List the children of the administrator directory."""
        return {
            "resources": ["machines", "security", "services", "system", "logs", "info", "mode", "data", "uploads"],
            **version_of(self),
        }

    def one(self, call: Call, job: str, account: Account | None) -> dict[str, Any]:
        """Describe one job to a reader of the administrator directory or to the user who started it."""
        fields = self.jobs.get(job)
        if fields is None:
            raise ApiError(404, f"Job '{job}' not found.")
        if account is None or not (account.may_read or account.username == fields["username"]):
            raise ERROR.refusal("denied")
        steps, status, finished = self._progress(fields)
        record = {
            "jobId": job,
            "inputs": fields["inputs"],
            "messages": [message for message, dummy in steps],
            "type": fields["type"],
        }
        if finished:
            record["results"] = fields["results"]
        record.update(
            status=status,
            username=fields["username"],
            customAttributes={"messageCodes": [code for dummy, code in steps], **fields["custom_attributes"]},
        )
        return record

    def _progress(self, fields: dict[str, Any]) -> tuple[list[Any], str, bool]:
        """Return the steps taken so far, the status word and whether the job is over."""
        steps, fails_at = list(fields["steps"]), fields["fails_at"]
        step_ms = duration_ms(fields["step_seconds"])
        elapsed = self.enterprise.clock.now() - fields["start"]
        taken = elapsed // step_ms + 1 if step_ms else len(steps)
        if fails_at is not None and taken >= fails_at:
            return steps[:fails_at], fields["status"] or self.settings["status_failed"], True
        if taken >= len(steps):
            return steps, fields["status"] or self.settings["status_completed"], True
        return steps[: max(taken, 0)], fields["running_status"] or self.settings["status_running"], False

    def _view(self, fields: dict[str, Any]) -> dict[str, Any]:
        steps, status, finished = self._progress(fields)
        return {
            "context": self.context,
            "service": None,
            **fields,
            "steps_taken": len(steps),
            "status": status,
            "finished": finished,
        }

    def job_views(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return the jobs as they are now."""
        return [self._view(fields) for fields in self.jobs.values()]

    def _changed(self, before: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
        unknown = set(fields) - set(_FIELDS)
        if unknown:
            raise ValueError(f"Unknown field of a video job: {', '.join(sorted(unknown))}")
        now = self.enterprise.clock.now()
        after = {**before, **fields}
        after["start"] = now if after["start"] is None else moment_ms(after["start"], now)
        return after

    def add_job(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job."""
        job = self.jobs[fields["job_id"]] = self._changed(_FIELDS, fields)
        return self._view(job)

    def update_job(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Change a job."""
        if job_id not in self.jobs:
            return None
        self.jobs[job_id] = self._changed(self.jobs[job_id], fields)
        return self._view(self.jobs[job_id])

    def remove_job(self, job_id: str) -> bool:
        """Remove a job."""
        return self.jobs.pop(job_id, None) is not None
