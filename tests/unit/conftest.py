# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit tests share: the simulator, sites to ask, and a way to run a module inside the test."""

from __future__ import annotations

import importlib
import io
import json
import os
import ssl
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import redirect_stdout
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings

from ansible_collections.gisops.arcgis.plugins import modules
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import client as client_module
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.connection import Connection
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import ScriptedSite

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "simulator"))

# The simulator and the modules are imported where they are used, so that a test without them begins at once.
if TYPE_CHECKING:
    from arcgis_simulator import Simulator

_OUTER_SETTINGS = (
    "ARCGIS_",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what the machine has set away from the tests."""
    for name in os.environ:
        if name.upper().startswith(_OUTER_SETTINGS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    warnings._global_warnings.clear()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let clients note their pauses in place of taking them."""
    taken: list[float] = []
    monkeypatch.setattr(client_module, "Clock", lambda: Clock(sleep=taken.append))
    return taken


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulated enterprise for all tests, which reads its scenario once."""
    from arcgis_simulator import Simulator, app

    app.load_scenario = lru_cache(app.load_scenario)
    with Simulator("demo", tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def sim(simulator: Simulator) -> Simulator:
    """The simulated enterprise as new, its clock stopped, and no pause taken for real."""
    simulator.reset("demo")
    simulator.freeze()
    return simulator


def log_in_as(sim: Simulator, user: str | None) -> dict[str, str]:
    """Return the options of an account of the simulated enterprise."""
    return {} if user is None else {"username": user, "password": sim.accounts[user].password}


@pytest.fixture
def client(sim: Simulator, pauses: list[float]) -> Iterator[Callable[..., Client]]:
    """Make a client of the simulated enterprise, for the engine."""
    clients: list[Client] = []

    def make(context: str = "server", user: str | None = "gis_admin", check_mode: bool = False, **more: Any) -> Client:
        settings = {"url": sim.url(context), "verify": sim.ca_path, **log_in_as(sim, user), **more}
        clients.append(Client(Connection(**settings), check_mode))
        return clients[-1]

    yield make
    for made in clients:
        made.close()


@pytest.fixture
def scripted(pauses: list[float]) -> Iterator[Callable[..., ScriptedSite]]:
    """Start a web server that gives scripted answers."""
    servers: list[ScriptedSite] = []

    def start(tls: ssl.SSLContext | None = None, **script: Any) -> ScriptedSite:
        servers.append(ScriptedSite(script, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def scripted_client(scripted: Callable[..., ScriptedSite]) -> Iterator[Callable[..., tuple[Client, ScriptedSite]]]:
    """Make a client of a site that gives scripted answers, with a token that it accepts."""
    clients: list[Client] = []

    def make(
        settings: dict[str, Any] | None = None, check_mode: bool = False, **script: Any
    ) -> tuple[Client, ScriptedSite]:
        server = scripted(**script)
        connection = Connection(**{"url": server.url, "token": "given-token", **(settings or {})})
        clients.append(Client(connection, check_mode))
        return clients[-1], server

    yield make
    for made in clients:
        made.close()


@pytest.fixture
def no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mode of a file say what its owner may do, as it does for every account but root."""
    monkeypatch.setattr(os, "access", lambda path, wanted: os.stat(path).st_mode >> 6 & wanted == wanted)


def run_module(name: str, options: dict[str, Any], check: bool = False, diff: bool = False) -> dict[str, Any]:
    """Run a module in this process and return what it prints."""
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": diff}
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), pytest.raises(SystemExit):
        patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        patch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        # Tests of action plugins make this process a controller, in which a module would warn on the screen.
        if find_spec("ansible.module_utils._internal"):
            patch.setattr("ansible.module_utils._internal.is_controller", False, raising=False)
        importlib.import_module(f"{modules.__name__}.{name}").main()
    return json.loads(printed.getvalue())


@pytest.fixture
def run(sim: Simulator, pauses: list[float]) -> Callable[..., dict[str, Any]]:
    """Run a module against the simulated enterprise."""

    def run(
        name: str,
        context: str = "server",
        user: str | None = "gis_admin",
        check: bool = False,
        diff: bool = False,
        without: Collection[str] = (),
        **more: Any,
    ) -> dict[str, Any]:
        options = {"url": sim.url(context), "ca_path": sim.ca_path, **log_in_as(sim, user), **more}
        return run_module(name, {key: options[key] for key in options if key not in without}, check, diff)

    return run


@pytest.fixture
def run_scripted(pauses: list[float]) -> Callable[..., dict[str, Any]]:
    """Run a module against a web server with scripted answers."""

    def run(name: str, server: ScriptedSite, **more: Any) -> dict[str, Any]:
        return run_module(name, {"url": server.url, "token": "given-token", **more})

    return run
