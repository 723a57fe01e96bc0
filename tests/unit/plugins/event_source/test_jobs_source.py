# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source as ansible-rulebook runs it: by its path, in an event loop, and without a loader of collections."""

from __future__ import annotations

import asyncio
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ansible
import pytest
import requests
import yaml

from ansible_collections.gisops.arcgis.plugins.module_utils import _watcher

if TYPE_CHECKING:
    from arcgis_simulator import Simulator

ROOT = Path(_watcher.__file__).parents[2]
SOURCE = ROOT / "extensions" / "eda" / "plugins" / "event_source" / "jobs.py"
RULEBOOKS = sorted((ROOT / "extensions" / "eda" / "rulebooks").glob("*.yml"))


@pytest.fixture
def source() -> dict[str, Any]:
    """What is in the file of the source."""
    return runpy.run_path(str(SOURCE))


@pytest.fixture
def options(sim: Simulator) -> dict[str, Any]:
    """The arguments of a source that watches the simulated site."""
    return {
        "server_url": sim.url("server"),
        "ca_path": sim.ca_path,
        "username": "gis_admin",
        "password": sim.accounts["gis_admin"].password,
        "services": ["Elevation"],
        "interval": 1,
    }


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run something in an event loop, for a minute at most."""
    asyncio.run(asyncio.wait_for(work, 60))


def kind_of(event: dict[str, Any]) -> str:
    """Return the kind of an event about jobs."""
    kind: str = event["arcgis"]["kind"]
    return kind


@pytest.fixture
def threads() -> set[threading.Thread]:
    """The threads that there were before the test."""
    return set(threading.enumerate())


def end_within(seconds: float, before: set[threading.Thread]) -> bool:
    """Say whether every thread that came since ends in time."""
    for thread in set(threading.enumerate()) - before:
        thread.join(seconds)
    return set(threading.enumerate()) <= before


def test_events_arrive_one_by_one_and_a_cancelled_source_ends(
    source: dict[str, Any], options: dict[str, Any], sim: Simulator, threads: set[threading.Thread]
) -> None:
    async def watch() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        given = {**options, "eda_feedback_queue": asyncio.Queue()}
        task = asyncio.create_task(source["main"](queue, given))
        assert kind_of(await queue.get()) == "summary"
        sim.add_job("server", service="Elevation", job_id="j1", status="executing")
        assert [kind_of(await queue.get()) for _number in range(2)] == ["appeared", "summary"]
        assert "eda_feedback_queue" in given
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(watch())
    assert end_within(5, threads)


def test_a_slow_site_holds_up_neither_the_loop_nor_its_end(
    source: dict[str, Any], options: dict[str, Any], sim: Simulator
) -> None:
    sim.add_fault("latency", context="server", seconds=20)
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        task = asyncio.create_task(source["main"](asyncio.Queue(1), options))
        for _number in range(100):
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        assert sim.requests(), "the site was not asked"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    began = time.monotonic()
    run(watch())
    assert time.monotonic() - began < 10
    assert longest < 1


def test_a_process_ends_although_a_poll_waits_for_the_site(
    options: dict[str, Any], sim: Simulator, tmp_path: Path
) -> None:
    sim.add_fault("latency", context="server", seconds=20)
    code = (
        "import asyncio, runpy\n"
        f"main = runpy.run_path({str(SOURCE)!r})['main'](asyncio.Queue(), {options!r})\n"
        "try: asyncio.run(asyncio.wait_for(main, 2))\nexcept asyncio.TimeoutError: print('ended')"
    )
    environment = {**os.environ, "PYTHONPATH": python_path(tmp_path, "core only")}
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "ended", done.stderr
    assert sim.requests() and time.monotonic() - began < 12


def test_a_source_ends_although_the_rulebook_takes_nothing(
    source: dict[str, Any], options: dict[str, Any], sim: Simulator, threads: set[threading.Thread]
) -> None:
    for number in range(300):
        sim.add_job("server", service="Elevation", job_id=f"j{number}", status="failed")

    async def watch() -> None:
        task = asyncio.create_task(source["main"](asyncio.Queue(1), {**options, "emit_existing": True}))
        await asyncio.sleep(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(watch())
    assert end_within(5, threads)


def test_a_slow_rulebook_holds_up_the_polling_and_loses_nothing(
    source: dict[str, Any], options: dict[str, Any], sim: Simulator
) -> None:
    for number in range(300):
        sim.add_job("server", service="Elevation", job_id=f"j{number}", status="failed")

    async def watch() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        task = asyncio.create_task(source["main"](queue, {**options, "emit_existing": True}))
        await asyncio.sleep(2)
        jobs = set()
        while len(jobs) < 300:
            event = (await queue.get())["arcgis"]
            if event["kind"] == "appeared" and event["job"]["job_id"][1:].isdigit():
                jobs.add(event["job"]["job_id"])
        task.cancel()

    run(watch())


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"stuck_after": "soon"}, {"services": ["Elevatio"]}])
def test_what_cannot_get_better_ends_the_source(
    source: dict[str, Any], options: dict[str, Any], wrong: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match=r"Could not log in|stuck_after|no service Elevatio"):
        run(source["main"](asyncio.Queue(), {**options, **wrong}))


def test_a_missing_library_is_named(
    source: dict[str, Any], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_watcher, "REQUESTS_PROBLEM", "No module named requests")
    with pytest.raises(Exception, match="Install requests in the Python that runs ansible-rulebook"):
        run(source["main"](asyncio.Queue(), options))


# Where the engine is found


def python_path(tmp_path: Path, layout: str) -> str:
    """Make a place for packages of collections, as an environment has it, and return PYTHONPATH."""
    packages = tmp_path / "packages"
    libraries = {str(Path(library.__file__).parents[1]) for library in (ansible, requests)}
    if layout != "core only":
        (packages / "ansible_collections" / "community" / "general").mkdir(parents=True)
    if layout == "regular package":
        (packages / "ansible_collections" / "__init__.py").touch()
    if layout == "another copy":
        (packages / "ansible_collections" / "gisops" / "arcgis" / "plugins").mkdir(parents=True)
    return os.pathsep.join([str(packages), *sorted(libraries)])


@pytest.mark.parametrize("layout", ["core only", "namespace package", "regular package", "another copy"])
def test_the_engine_is_that_of_the_collection_of_the_file(tmp_path: Path, layout: str) -> None:
    code = f"import runpy; print(runpy.run_path({str(SOURCE)!r})['engine']().__file__)"
    environment = {**os.environ, "PYTHONPATH": python_path(tmp_path, layout)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == str(SOURCE.resolve().parents[4] / "plugins" / "module_utils" / "_watcher.py"), (
        done.stderr
    )


def test_a_python_without_ansible_core_is_told_what_to_install(tmp_path: Path) -> None:
    code = (
        "import runpy, sys; sys.modules['ansible'] = None\n"
        f"try: runpy.run_path({str(SOURCE)!r})['engine']()\nexcept ImportError as problem: print(problem)"
    )
    environment = {**os.environ, "PYTHONPATH": python_path(tmp_path, "core only")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("Install ansible-core in the Python of ansible-rulebook, "), done.stderr


# What is documented


def test_the_documentation_has_every_option_as_it_is(source: dict[str, Any]) -> None:
    documented = yaml.safe_load(source["DOCUMENTATION"])["options"]
    assert set(documented) == set(_watcher.ARGUMENTS)
    for name, option in _watcher.ARGUMENTS.items():
        for key in ("type", "elements", "choices", "default"):
            assert documented[name].get(key) == option.get(key), (name, key)
        text = " ".join(documented[name]["description"])
        for variable in option["fallback"][1] if "fallback" in option else ():
            assert f"E({variable})" in text, (name, variable)


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_the_arguments_of_a_shipped_rulebook_are_options(path: Path) -> None:
    for ruleset in yaml.safe_load(path.read_text(encoding="utf-8")):
        for entry in ruleset["sources"]:
            assert set(entry["gisops.arcgis.jobs"]) <= set(_watcher.ARGUMENTS)


def test_the_arguments_of_the_examples_are_options(source: dict[str, Any]) -> None:
    rulesets = yaml.safe_load(source["EXAMPLES"])
    arguments = [entry["gisops.arcgis.jobs"] for ruleset in rulesets for entry in ruleset["sources"]]
    assert len(arguments) == 2
    assert all(set(given) <= set(_watcher.ARGUMENTS) for given in arguments)
