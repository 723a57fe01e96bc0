# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web application: every request passes through here, whatever product it is for."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from .call import read_call
from .certificates import Certificates
from .control import add_control_routes
from .delivery import Silence
from .effects import Exchange
from .enterprise import Enterprise
from .families import error_page
from .faults import pass_through
from .listeners import Listeners
from .profile import Profile, load_profile
from .scenario import load_scenario
from .times import http_date


class Host:
    """The running simulator as the web application sees it: the enterprise of the moment and where it is found."""

    certificates: Certificates
    listeners: Listeners

    def __init__(self, scenario: str, profile: Any = None) -> None:
        self._begin(scenario, Profile() if profile is None else load_profile(profile))
        self.base = ""

    @property
    def enterprise(self) -> Enterprise:
        """Return the enterprise as it is now, after what has become due by itself."""
        self._enterprise.catch_up()
        return self._enterprise

    def _begin(self, scenario: str, profile: Profile) -> None:
        enterprise = Enterprise(load_scenario(scenario))
        for context, changes in profile.settings.items():
            enterprise.change_settings(context, changes)
        self.scenario, self.profile, self._enterprise = scenario, profile, enterprise

    def reset(self, scenario: str | None = None, profile: Any = None) -> None:
        """Begin again, with another scenario or profile if one is given; an empty profile is none."""
        self._begin(scenario or self.scenario, self.profile if profile is None else load_profile(profile))
        self.listeners.forget()

    def description(self) -> dict[str, object]:
        """Return what a user of the simulator needs to know."""
        return {
            **self.enterprise.description(self.base, self.scenario),
            "profile": {"settings": self.profile.settings, "unknown": self.profile.unknown},
            "ca_path": str(self.certificates.ca_path),
            "client_cert_path": str(self.certificates.client_cert_path),
            "client_key_path": str(self.certificates.client_key_path),
            "listeners": self.listeners.urls(),
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to a product: the one place that delays, answers, dates and logs.

        Faults lie around the answering, and around the delivery of what came of it.
        """
        clock = asyncio.get_running_loop().time
        arrived = clock()
        enterprise = self.enterprise
        call = await read_call(request)
        product = enterprise.products.get(call.context)
        if product is None:
            enterprise.log.add(call, enterprise.clock.now(), []).update(http_status=404)
            return error_page(404, "Not Found")
        product.recognise(call)
        faults = enterprise.faults.due(call)
        entry = enterprise.log.add(call, enterprise.clock.now(), [fault.kind for fault in faults])
        exchange = Exchange(request, call, enterprise, product, self.listeners)
        response = await pass_through(exchange, faults)
        if product.settings["latency_ms"]:
            # What has been done so far counts in, so that the latency does not depend on how fast the simulator is.
            await asyncio.sleep(arrived + product.settings["latency_ms"] / 1000 - clock())
        response.headers.setdefault("Date", http_date(enterprise.clock.now()))
        entry.update(
            http_status=None if isinstance(response, Silence) else response.status,
            error_code=call.error_code,
            carried_out=exchange.carried_out,
        )
        return await exchange.delivery(request, response)


def make_app(host: Host) -> web.Application:
    """Return the application."""
    app = web.Application(client_max_size=16 * 1024 * 1024)
    add_control_routes(app, host)
    app.router.add_route("*", "/{path:.*}", host.handle)
    return app
