# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a context manager, for tests: a server in a thread of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any, Callable, TypeVar

from aiohttp import web

from .accounts import Account
from .app import Host, make_app
from .certificates import Certificates
from .control import set_clock
from .listeners import OTHER_ORIGIN, REFUSED, Listeners

T = TypeVar("T")


class Service:
    """The listening server: started and stopped inside an event loop."""

    def __init__(self, scenario: str, host: str = "127.0.0.1", port: int = 0, profile: Any = None) -> None:
        self.host = Host(scenario, profile)
        self._address = (host, port)
        self._runner = web.AppRunner(make_app(self.host), access_log=None, shutdown_timeout=1)

    async def start(self, directory: Path) -> None:
        """Make the certificates and listen."""
        certificates = self.host.certificates = Certificates(directory)
        self.host.listeners = Listeners(self._runner, self._address[0], certificates)
        await self._runner.setup()
        site = web.TCPSite(self._runner, *self._address, ssl_context=certificates.server())
        await site.start()
        port = self._runner.addresses[0][1]
        self.host.base = f"https://localhost:{port}"

    async def stop(self) -> None:
        """Close the connections, stop listening and remove the certificates."""
        await self._runner.cleanup()
        await self.host.listeners.stop()
        self.host.certificates.remove()


class Simulator:
    """A simulated ArcGIS Enterprise on a free port of the loopback interface.

    Its methods may be called from any thread; they look at and change the same state that requests see.
    """

    def __init__(
        self, scenario: str = "demo", directory: str | Path | None = None, port: int = 0, profile: Any = None
    ) -> None:
        self._scenario = str(scenario)
        self._profile = profile
        self._given_directory = Path(directory) if directory else None
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="arcgis-simulator", daemon=True)

    def start(self) -> Simulator:
        """Start to serve."""
        self._service = Service(self._scenario, port=self._port, profile=self._profile)
        self._directory = self._given_directory or Path(tempfile.mkdtemp(prefix="arcgis-simulator-"))
        self._directory.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._service.start(self._directory), self._loop).result(30)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop serving and remove what was written."""
        asyncio.run_coroutine_threadsafe(self._service.stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()
        if self._given_directory is None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _inside(self, function: Callable[[Host], T]) -> T:
        """Run a function in the thread of the event loop and return its result."""

        async def run() -> T:
            return function(self._service.host)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(60)

    @property
    def base_url(self) -> str:
        """Return the address of the simulator without a context."""
        return self._service.host.base

    @property
    def ca_path(self) -> str:
        """Return the path of the certificate authority's certificate."""
        return str(self._service.host.certificates.ca_path)

    @property
    def accounts(self) -> dict[str, Account]:
        """Return the accounts by user name."""
        return self._inside(lambda host: dict(host.enterprise.accounts))

    @property
    def api_keys(self) -> dict[str, str]:
        """Return the API keys by name."""
        return self._inside(lambda host: dict(host.enterprise.api_keys))

    def url(self, context: str) -> str:
        """Return the URL of a context such as `server`."""
        return f"{self.base_url}/{context}"

    def tls_url(self, flaw: str, context: str) -> str:
        """Return the URL of a context on a port with a bad certificate, or one that asks for the client's."""
        return f"{self._open(flaw)}/{context}"

    @property
    def client_cert_path(self) -> str:
        """Return the path of the certificate that the TLS server `client_certificate` accepts, once it runs."""
        return str(self._service.host.certificates.client_cert_path)

    @property
    def client_key_path(self) -> str:
        """Return the path of the key to it."""
        return str(self._service.host.certificates.client_key_path)

    @property
    def refused_url(self) -> str:
        """Return an address, without a context, at which connections are refused."""
        return self._open(REFUSED)

    @property
    def other_origin_url(self) -> str:
        """Return the address of the server of another origin, which answers everything and keeps what it receives."""
        return self._open(OTHER_ORIGIN)

    def other_origin_requests(self) -> list[dict[str, Any]]:
        """Return what the server of another origin received, with nothing hidden."""
        return self._inside(lambda host: host.listeners.received())

    def _open(self, name: str) -> str:
        opening = self._service.host.listeners.open(name)
        return asyncio.run_coroutine_threadsafe(opening, self._loop).result(30)

    def add_fault(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Add a fault, with the fields of a rule and the parameters of its kind."""
        return self._inside(lambda host: host.enterprise.faults.add({"kind": kind, **fields}))

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults, with how many requests they saw and struck."""
        return self._inside(lambda host: host.enterprise.faults.views())

    def clear_faults(self) -> None:
        """Remove every fault."""
        self._inside(lambda host: host.enterprise.faults.clear())

    def describe(self) -> dict[str, Any]:
        """Return what `GET /simulator` returns."""
        return self._inside(lambda host: host.description())

    def requests(self) -> list[dict[str, Any]]:
        """Return the request log."""
        return self._inside(lambda host: host.enterprise.log.entries())

    def clear_requests(self) -> None:
        """Empty the request log."""
        self._inside(lambda host: host.enterprise.log.clear())

    def jobs(self, context: str | None = None, service: str | None = None) -> list[dict[str, Any]]:
        """Return jobs as they are now."""
        return self._inside(lambda host: host.enterprise.jobs(context, service))

    def job(self, job_id: str) -> dict[str, Any] | None:
        """Return one job as it is now, or None where there is none of that id."""
        return self._inside(lambda host: host.enterprise.job(job_id))

    def add_job(self, context: str, **fields: Any) -> dict[str, Any]:
        """Add a job with the fields of a scenario; geoprocessing jobs need `service`."""
        return self._inside(lambda host: host.enterprise.add_job(context, fields))

    def update_job(self, job_id: str, **fields: Any) -> dict[str, Any]:
        """Change fields of a job."""
        return self._inside(lambda host: host.enterprise.update_job(job_id, fields))

    def remove_job(self, job_id: str) -> None:
        """Remove a job."""
        self._inside(lambda host: host.enterprise.remove_job(job_id))

    def settings(self, context: str, **changes: Any) -> dict[str, Any]:
        """Change settings of a context and return all of them."""
        return self._inside(lambda host: dict(host.enterprise.change_settings(context, changes)))

    def now(self) -> int:
        """Return the simulated time in epoch milliseconds."""
        return self._inside(lambda host: host.enterprise.clock.now())

    def set_clock(self, **changes: Any) -> dict[str, Any]:
        """Change the clock by `now`, `frozen` and `advance`."""
        return self._inside(lambda host: set_clock(host, changes))

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.set_clock(advance=seconds)

    def freeze(self, frozen: bool = True) -> None:
        """Stop the clock, or let it run again."""
        self.set_clock(frozen=frozen)

    def reset(self, scenario: str | None = None, profile: Any = None) -> None:
        """Begin again, with another scenario or profile if one is given: its path or content; an empty one is none."""
        self._inside(lambda host: host.reset(scenario, profile))

    def expire_tokens(self) -> None:
        """Let every token issued so far expire."""
        self._inside(lambda host: host.enterprise.tokens.expire_all())

    def revoke_tokens(self) -> None:
        """Forget every token issued so far."""
        self._inside(lambda host: host.enterprise.tokens.revoke_all())
