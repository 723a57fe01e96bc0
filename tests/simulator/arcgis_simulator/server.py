# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ArcGIS Server, federated with the portal or standing alone."""

from __future__ import annotations

from typing import Any

from .call import Call
from .discovery import add_info, federated_info, standalone_info, version_of
from .families import ERROR, SERVER_ADMIN, ApiError
from .gp import FINISHED
from .gp_admin import GPAdmin
from .gp_operations import ServerJobOperations
from .gp_public import GPPublic
from .gp_site import GPSite
from .login import site_token, token_answer
from .product import OPEN, USER, WRITE

_DIRECTORY_PARAMETERS = ("physicalPath", "directoryType", "cleanupMode", "maxFileAge", "description")
_DIRECTORY = "admin/system/directories/arcgisjobs"


class Server(GPSite):
    """A site with an administrator directory and a public services directory."""

    def prepare(self, federated: bool) -> None:
        """Add the routes."""
        self.admin_family = SERVER_ADMIN
        self.admin_redirect = True
        self.directory: dict[str, Any] = {
            "name": "arcgisjobs",
            "physicalPath": "/data/arcgisjobs",
            "directoryType": "JOBS",
            "cleanupMode": "TIME_ELAPSED_SINCE_LAST_MODIFIED",
            "description": "Job folders of services.",
            "useLocalDir": "false",
            "localDirectoryPath": "",
            "virtualPath": "/rest/directories/arcgisjobs",
        }
        self.add("generateToken", "admin/generateToken", self.admin_token, OPEN)
        self.add("admin", "admin", self.admin_root, USER)
        self.add("admin info", "admin/info", self.admin_info, USER)
        self.add("security/tokens", "admin/security/tokens", self.token_manager)
        self.add("system", "admin/system", lambda call: {"resources": ["directories", "jobs"]})
        self.add("directories", "admin/system/directories", self.directories)
        self.add("directory", _DIRECTORY, self.jobs_directory)
        self.add("directory edit", f"{_DIRECTORY}/edit", self.edit_directory, WRITE, methods=("POST",))
        self.add("directory clean", f"{_DIRECTORY}/clean", self.clean_directory, WRITE, methods=("POST",))
        ServerJobOperations(self)
        GPAdmin(self)
        self.add("rest", "rest", lambda call: version_of(self), OPEN, ERROR)
        add_info(self, federated_info if federated else standalone_info)
        GPPublic(self)
        if not federated:
            self.add("tokens", "tokens(?:/generateToken)?", self.public_token, OPEN, ERROR)

    def admin_token(self, call: Call) -> dict[str, Any]:
        """Log in at the administrator directory; the expiry is a string there."""
        token, expires, dummy = site_token(self, call, client_required=True, admin=True)
        return token_answer(token, str(expires))

    def public_token(self, call: Call) -> dict[str, Any]:
        """Log in as a user of a site that stands alone; the expiry is a number there."""
        token, expires, dummy = site_token(self, call, client_required=True, admin=False)
        return token_answer(token, expires)

    def admin_root(self, call: Call, account: Any) -> dict[str, Any]:
        """List the children of the administrator directory."""
        if account is None or not account.may_read:
            raise self.admin_family.refusal("denied")
        version = version_of(self)
        return {
            "resources": ["machines", "services", "security", "system", "data", "uploads", "logs", "mode"],
            **version,
            "acceptLanguage": None,
        }

    def admin_info(self, call: Call, account: Any) -> dict[str, Any]:
        """Tell the release and the build, and who asks."""
        if account is None or not account.may_read:
            raise self.admin_family.refusal("denied")
        version = version_of(self)
        return {
            "currentversion": str(version["currentVersion"]),
            "fullVersion": version["fullVersion"],
            "currentbuild": "51575",
            "loggedInUser": account.username,
            "loggedInUserPrivilege": "ADMINISTER" if account.may_write else "PUBLISH",
        }

    def token_manager(self, call: Call) -> dict[str, Any]:
        """Show the token manager; its times are strings."""
        return {
            "type": "BUILTIN",
            "properties": {
                "shortTimeout": str(self.settings["token_default_minutes"]),
                "longTimeout": str(self.settings["token_max_minutes"]),
            },
        }

    def jobs_directory(self, call: Call) -> dict[str, Any]:
        """Describe the directory of job folders."""
        return {**self.directory, "maxFileAge": self.settings["max_file_age"]}

    def directories(self, call: Call) -> dict[str, Any]:
        """List the server directories."""
        return {"directories": [self.jobs_directory(call)]}

    def edit_directory(self, call: Call) -> dict[str, Any]:
        """Change the directory; every parameter must be there, also those that do not change."""
        for name in _DIRECTORY_PARAMETERS:
            if name not in call.form and name not in call.query:
                raise ApiError(400, f"Parameter '{name}' must be specified.")
        try:
            self.settings["max_file_age"] = int(call.first("maxFileAge"))
        except ValueError:
            raise ApiError(400, "Invalid value for parameter 'maxFileAge'.") from None
        self.directory.update({name: call.first(name) for name in _DIRECTORY_PARAMETERS if name != "maxFileAge"})
        return {"status": "success", "messages": []}

    def clean_directory(self, call: Call) -> dict[str, Any]:
        """Remove the finished jobs that are older than the directory keeps them."""
        oldest = self.now - self.settings["max_file_age"] * 60_000
        for service in self.services.values():
            expired = [
                job.job_id
                for job in service.jobs(self.now).values()
                if job.status in FINISHED and job.end is not None and job.end < oldest
            ]
            for job_id in expired:
                service.drop(job_id)
        return {"status": "success"}
