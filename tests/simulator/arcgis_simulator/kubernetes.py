# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enterprise on Kubernetes: a portal and an administrator directory that can read jobs and nothing more."""

from __future__ import annotations

from typing import Any

from .call import Call
from .discovery import add_info, kubernetes_info, version_of
from .families import ERROR, KUBERNETES_ADMIN
from .gp_admin import GPAdmin
from .gp_public import GPPublic
from .gp_site import GPSite
from .portal import Sharing
from .product import OPEN


class Kubernetes(GPSite):
    """One context with the sharing API, the administrator directory and the public services."""

    kubernetes = True

    def prepare(self) -> None:
        """Add the routes."""
        self.admin_family = KUBERNETES_ADMIN
        Sharing(self, frozenset())
        self.add("admin", "admin", self.admin_root)
        GPAdmin(self)
        self.add("rest", "rest", lambda call: version_of(self), OPEN, ERROR)
        add_info(self, kubernetes_info)
        GPPublic(self)

    def admin_root(self, call: Call) -> dict[str, Any]:
        """List the children of the administrator directory."""
        return {"resources": ["services", "security", "system", "jobs", "logs"], **version_of(self)}
