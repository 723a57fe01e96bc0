# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole simulated enterprise: its products and what they share."""

from __future__ import annotations

from typing import Any, Callable

from .accounts import load_accounts
from .api_keys import load_api_keys
from .clock import Clock
from .faults import Faults
from .kubernetes import Kubernetes
from .notebook import Notebook
from .portal import build_portal
from .product import Product, default_settings
from .request_log import RequestLog
from .scenario import gp_services
from .server import Server
from .settings import DEFAULTS, changed_settings
from .times import duration_ms
from .tokens import TokenStore
from .video import Video


class Enterprise:
    """The state of one run of a scenario; a reset makes a new one."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self.clock = Clock()
        if scenario.get("now") is not None:
            self.clock.set(scenario["now"])
        self.tokens = TokenStore()
        self.log = RequestLog()
        self.accounts = load_accounts(scenario.get("accounts", {}))
        self.api_keys = load_api_keys(scenario.get("api_keys", {}), self.accounts, self.tokens, self.clock.now())
        self.apps: dict[str, str] = scenario.get("apps", {})
        self.sites: dict[str, dict[str, Any]] = scenario.get("sites", {})
        unknown = set(self.sites) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"Unknown site: {', '.join(sorted(unknown))}")
        self.products: dict[str, Product] = {context: self._product(context) for context in DEFAULTS}
        operations = {route.operation for product in self.products.values() for route in product.routes}
        self.faults = Faults(self.products, operations)
        for fields in scenario.get("faults") or []:
            self.faults.add(fields)
        self._later: list[tuple[int, Callable[[], None]]] = []

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something when the clock has moved on by some seconds and somebody looks."""
        self._later.append((self.clock.now() + duration_ms(seconds), action))

    def catch_up(self) -> None:
        """Do what has become due."""
        now = self.clock.now()
        due = [each for each in self._later if each[0] <= now]
        self._later = [each for each in self._later if each[0] > now]
        for each in sorted(due, key=lambda each: each[0]):
            each[1]()

    def _product(self, context: str) -> Product:
        site = self.sites.get(context, {})
        settings = changed_settings(context, default_settings(context), site.get("settings", {}))
        if context == "portal":
            portal = Product(self, context, settings)
            build_portal(portal)
            return portal
        if context == "notebook":
            notebook = Notebook(self, context, settings)
            notebook.prepare(site.get("jobs", []))
            return notebook
        if context == "video":
            video = Video(self, context, settings)
            video.prepare(site.get("jobs", []))
            return video
        services = gp_services(site, self.clock.now())
        if context == "kubernetes":
            kubernetes = Kubernetes(self, context, settings)
            kubernetes.load_services(services)
            kubernetes.prepare(site.get("jobs", []))
            return kubernetes
        server = Server(self, context, settings)
        server.load_services(services)
        server.prepare(federated=context == "server")
        return server

    def product(self, context: str) -> Product:
        """Return a product by its context path."""
        if context not in self.products:
            raise ValueError(f"Unknown context {context!r}; there are {', '.join(self.products)}")
        return self.products[context]

    def change_settings(self, context: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change settings of a context and return all of them."""
        product = self.product(context)
        product.settings = changed_settings(context, product.settings, changes)
        return product.settings

    # Jobs, wherever they are

    def jobs(self, context: str | None = None, service: str | None = None) -> list[dict[str, Any]]:
        """Return the jobs of one context or of all of them."""
        products = [self.product(context)] if context else list(self.products.values())
        return [view for product in products for view in product.job_views(service)]

    def job(self, job_id: str) -> dict[str, Any] | None:
        """Return the job with this id, or None."""
        views = (product.job_view(job_id) for product in self.products.values())
        return next((view for view in views if view), None)

    def add_job(self, context: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job."""
        return self.product(context).add_job(dict(fields))

    def update_job(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Change the job with this id, whose product is looked for."""
        for product in self.products.values():
            view = product.update_job(job_id, fields)
            if view is not None:
                return view
        raise KeyError(f"No job {job_id}")

    def remove_job(self, job_id: str) -> None:
        """Remove the job with this id."""
        removed = [product.remove_job(job_id) for product in self.products.values()]
        if not any(removed):
            raise KeyError(f"No job {job_id}")

    def description(self, base: str, scenario_name: str) -> dict[str, Any]:
        """Return what a user of the simulator needs to know of the enterprise."""
        return {
            "urls": {context: f"{base}/{context}" for context in self.products},
            "control": f"{base}/simulator",
            "scenario": scenario_name,
            "clock": {"now": self.clock.now(), "frozen": self.clock.frozen},
            "accounts": {
                account.username: {
                    "username": account.username,
                    "password": account.password,
                    "role": account.role,
                    "stores": list(account.stores),
                }
                for account in self.accounts.values()
            },
            "api_keys": self.api_keys,
            "settings": {context: product.settings for context, product in self.products.items()},
            "faults": self.faults.views(),
        }
