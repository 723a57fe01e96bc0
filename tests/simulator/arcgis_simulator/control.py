# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoint under /simulator, by which tests look at the state and change it."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Callable

from aiohttp import web

if TYPE_CHECKING:
    from .app import Host

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    body = json.loads(text) if text.strip() else {}
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object")
    return body


@web.middleware
async def _report_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a mistaken control request with its reason; requests to products pass untouched."""
    if not request.path.startswith("/simulator"):
        return await handler(request)
    try:
        return await handler(request)
    except KeyError as error:
        return web.json_response({"error": str(error.args[0])}, status=404)
    except (ValueError, TypeError, OSError) as error:
        return web.json_response({"error": str(error)}, status=400)


def set_clock(host: Host, changes: dict[str, Any]) -> dict[str, Any]:
    """Set, freeze or move the clock, in this order."""
    unknown = set(changes) - {"now", "frozen", "advance"}
    if unknown:
        raise ValueError(f"Unknown change of the clock: {', '.join(sorted(unknown))}")
    clock = host.enterprise.clock
    if "now" in changes:
        clock.set(changes["now"])
    if "frozen" in changes:
        (clock.freeze if changes["frozen"] else clock.thaw)()
    if "advance" in changes:
        clock.advance(changes["advance"])
    return {"now": clock.now(), "frozen": clock.frozen}


class Control:
    """The handlers."""

    def __init__(self, host: Host) -> None:
        self.host = host

    async def describe(self, request: web.Request) -> web.Response:
        """Tell the addresses, accounts and settings."""
        return web.json_response(self.host.description())

    async def reset(self, request: web.Request) -> web.Response:
        """Begin a scenario, with a profile."""
        given = await _body(request)
        self.host.reset(given.get("scenario"), given.get("profile"))
        set_clock(self.host, given.get("clock", {}))
        return web.json_response(self.host.description())

    async def requests(self, request: web.Request) -> web.Response:
        """Show or empty the request log."""
        if request.method == "DELETE":
            self.host.enterprise.log.clear()
        return web.json_response(self.host.enterprise.log.entries())

    async def jobs(self, request: web.Request) -> web.Response:
        """List the jobs."""
        query = request.query
        return web.json_response(self.host.enterprise.jobs(query.get("context"), query.get("service")))

    async def add_job(self, request: web.Request) -> web.Response:
        """Add a job."""
        fields = await _body(request)
        missing = {"context", "job_id"} - set(fields)
        if missing:
            raise ValueError(f"Missing: {', '.join(sorted(missing))}")
        return web.json_response(self.host.enterprise.add_job(fields.pop("context"), fields), status=201)

    async def change_job(self, request: web.Request) -> web.Response:
        """Change or remove a job."""
        job_id = request.match_info["job_id"]
        if request.method == "DELETE":
            self.host.enterprise.remove_job(job_id)
            return web.json_response({"removed": job_id})
        return web.json_response(self.host.enterprise.update_job(job_id, await _body(request)))

    async def settings(self, request: web.Request) -> web.Response:
        """Change settings of a context."""
        changes = await _body(request)
        return web.json_response(self.host.enterprise.change_settings(changes.pop("context", ""), changes))

    async def faults(self, request: web.Request) -> web.Response:
        """Show the faults, add one, or remove them all."""
        faults = self.host.enterprise.faults
        if request.method == "POST":
            return web.json_response(faults.add(await _body(request)), status=201)
        if request.method == "DELETE":
            faults.clear()
        return web.json_response(faults.views())

    async def listener(self, request: web.Request) -> web.Response:
        """Open a further port."""
        return web.json_response({"url": await self.host.listeners.open(request.match_info["name"])})

    async def other_origin(self, request: web.Request) -> web.Response:
        """Show or forget what arrived at the other origin."""
        if request.method == "DELETE":
            self.host.listeners.forget()
        return web.json_response(self.host.listeners.received())

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock."""
        return web.json_response(set_clock(self.host, await _body(request)))

    async def tokens(self, request: web.Request) -> web.Response:
        """Let every token expire, or forget them all."""
        tokens = self.host.enterprise.tokens
        {"expire": tokens.expire_all, "revoke": tokens.revoke_all}[request.match_info["action"]]()
        return web.json_response({"done": request.match_info["action"]})


def add_control_routes(app: web.Application, host: Host) -> None:
    """Add the control endpoint to the application."""
    control = Control(host)
    app.middlewares.append(_report_errors)
    for method, path, handler in (
        ("GET", "", control.describe),
        ("POST", "/reset", control.reset),
        ("GET", "/requests", control.requests),
        ("DELETE", "/requests", control.requests),
        ("GET", "/jobs", control.jobs),
        ("POST", "/jobs", control.add_job),
        ("PATCH", "/jobs/{job_id}", control.change_job),
        ("DELETE", "/jobs/{job_id}", control.change_job),
        ("PATCH", "/settings", control.settings),
        ("GET", "/faults", control.faults),
        ("POST", "/faults", control.faults),
        ("DELETE", "/faults", control.faults),
        ("POST", "/listeners/{name}", control.listener),
        ("GET", "/other_origin", control.other_origin),
        ("DELETE", "/other_origin", control.other_origin),
        ("POST", "/clock", control.clock),
        ("POST", "/tokens/{action:expire|revoke}", control.tokens),
    ):
        app.router.add_route(method, "/simulator" + path, handler)
