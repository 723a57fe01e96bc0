# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of faults share: a small site whose every deed is noted, and how many examples are tried."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis import client
from ansible_collections.gisops.arcgis.plugins.module_utils._retries import Clock
from ansible_collections.gisops.arcgis.tests.unit.faults.model import World
from ansible_collections.gisops.arcgis.tests.unit.proxy import Proxy

# HYPOTHESIS_PROFILE chooses. The short one tries the same examples each time, the long one others each time, in parts
# because what hypothesis remembers of its examples takes memory.
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "short")
PARTS = 10 if PROFILE == "long" else 1
_COMMON: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "stateful_step_count": 5,
    "phases": (Phase.generate, Phase.shrink),
    "suppress_health_check": list(HealthCheck),
}
settings.register_profile("short", max_examples=100, derandomize=True, **_COMMON)
settings.register_profile("long", max_examples=1000, print_blob=True, **_COMMON)
settings.load_profile(PROFILE)

SMALL_SITE = {
    "name": "small",
    "accounts": {"gis_admin": {"role": "administrator", "stores": ["portal"]}},
    "sites": {"server": {"services": {"Maps/Buffer": {}, "Planning/Export": {}}}},
}


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The scenario of a site with two services and no jobs."""
    path = tmp_path_factory.mktemp("scenario") / "small.yml"
    path.write_text(json.dumps(SMALL_SITE), encoding="utf-8")
    return str(path)


@pytest.fixture
def world(
    run: Callable[..., dict[str, Any]],
    sim: Any,
    small_site: str,
    tmp_path: Path,
    proxy: Callable[..., Proxy],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """The small site, with pauses that pass on its clock, a proxy beside it, and modules that run against it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    world = World(sim, small_site, run, folder)
    world.watch(monkeypatch)
    between = f"http://{proxy().address}"
    world.use_proxy = lambda used: monkeypatch.setenv("HTTPS_PROXY", between if used else "")
    # The clock counts whole milliseconds, and a wait must end.
    clock = Clock(lambda: sim.now() / 1000, lambda seconds: sim.advance(seconds + 0.001))
    monkeypatch.setattr(client, "Clock", lambda: clock)
    return world


@pytest.fixture
def proxy() -> Iterator[Callable[..., Proxy]]:
    """Start proxies."""
    started: list[Proxy] = []

    def start(*arguments: Any, **more: Any) -> Proxy:
        started.append(Proxy(*arguments, **more))
        return started[-1]

    yield start
    for running in started:
        running.stop()
