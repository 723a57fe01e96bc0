# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web application: every request passes through here, whatever product it is for."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from pathlib import Path

from aiohttp import web

from .call import Call, read_call
from .control import add_control_routes
from .enterprise import Enterprise
from .families import error_page
from .product import Product
from .scenario import load_scenario


def _answer(product: Product | None, call: Call) -> web.StreamResponse:
    if product is None:
        return error_page(404, "Not Found")
    if call.method not in ("GET", "POST"):
        return error_page(405, "Method Not Allowed")
    return product.answer(call)


class Host:
    """The running simulator as the web application sees it: the enterprise of the moment and where it is found."""

    def __init__(self, scenario: str) -> None:
        self.scenario = scenario
        self.enterprise = Enterprise(load_scenario(scenario))
        self.base = ""
        self.ca_path = Path()

    def reset(self, scenario: str | None = None) -> None:
        """Begin again, with another scenario if one is named."""
        enterprise = Enterprise(load_scenario(scenario or self.scenario))
        self.scenario, self.enterprise = scenario or self.scenario, enterprise

    def description(self) -> dict[str, object]:
        """Return what a user of the simulator needs to know."""
        return self.enterprise.description(self.base, str(self.ca_path), self.scenario)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to a product: the one place that delays, answers, dates and logs.

        Whatever is to happen to requests on their way, such as faults, belongs around the call of `_answer`.
        """
        enterprise = self.enterprise
        call = await read_call(request)
        product = enterprise.products.get(call.context)
        if product is not None and product.settings["latency_ms"]:
            await asyncio.sleep(product.settings["latency_ms"] / 1000)
        response = _answer(product, call)
        now = enterprise.clock.now()
        response.headers["Date"] = formatdate(now / 1000, usegmt=True)
        enterprise.log.add(call, now, response.status)
        return response


def make_app(host: Host) -> web.Application:
    """Return the application."""
    app = web.Application(client_max_size=16 * 1024 * 1024)
    add_control_routes(app, host)
    app.router.add_route("*", "/{path:.*}", host.handle)
    return app
