# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Further ports beside the main one, each opened when somebody first asks for it."""

from __future__ import annotations

import socket
from typing import Any

from aiohttp import web

from .certificates import FLAWS, Certificates

OTHER_ORIGIN, REFUSED = "other_origin", "refused"
NAMES = (*FLAWS, OTHER_ORIGIN, REFUSED)


class Listeners:
    """TLS servers that clients should refuse, a server of another origin, and a port that refuses connections."""

    def __init__(self, runner: web.AppRunner, address: str, certificates: Certificates) -> None:
        self._runner = runner
        self._address = address
        self._certificates = certificates
        self._urls: dict[str, str] = {}
        self._refusing = socket.socket()
        self._other: web.AppRunner | None = None
        self._received: list[dict[str, Any]] = []

    def urls(self) -> dict[str, str | None]:
        """Return the addresses by name; None for those that nobody has asked for."""
        return {name: self._urls.get(name) for name in NAMES}

    async def open(self, name: str) -> str:
        """Return the address of a listener, without a context, and start it unless it runs."""
        if name not in NAMES:
            raise ValueError(f"Unknown listener {name!r}; there are {', '.join(NAMES)}")
        if name not in self._urls:
            self._urls[name] = f"https://localhost:{await self._start(name)}"
        return self._urls[name]

    async def _start(self, name: str) -> int:
        if name == REFUSED:
            # Bound, so that nobody else gets the port, but not listening.
            self._refusing.bind((self._address, 0))
            return int(self._refusing.getsockname()[1])
        runner, context = self._runner, self._certificates.server()
        if name == OTHER_ORIGIN:
            runner = self._other = await self._other_runner()
        else:
            context = self._certificates.flawed_server(name)
        await web.TCPSite(runner, self._address, 0, ssl_context=context).start()
        return int(runner.addresses[-1][1])

    async def _other_runner(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        return runner

    async def _receive(self, request: web.Request) -> web.Response:
        """Note everything about a request to the other origin, secrets too, and answer an empty object."""
        self._received.append(
            {
                "method": request.method,
                "path": request.path,
                "query": request.query_string,
                "headers": dict(request.headers),
                "body": await request.text(),
            }
        )
        return web.json_response({})

    def received(self) -> list[dict[str, Any]]:
        """Return what arrived at the other origin."""
        return list(self._received)

    def forget(self) -> None:
        """Forget what arrived at the other origin."""
        self._received.clear()

    async def stop(self) -> None:
        """Close what the main server does not close by itself."""
        self._refusing.close()
        if self._other is not None:
            await self._other.cleanup()
