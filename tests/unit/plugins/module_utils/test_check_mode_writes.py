# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No write leaves a task in check mode: over every operation that the collection declares."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Callable
from types import ModuleType

import pytest

from ansible_collections.gisops.arcgis.plugins import module_utils, modules
from ansible_collections.gisops.arcgis.plugins.module_utils import _gp_directory, _notebook_jobs
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_jobs import CANCEL, DELETE
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_queue import PURGE
from ansible_collections.gisops.arcgis.plugins.module_utils._gp_services import Service
from arcgis_simulator import Simulator


def namespaces() -> list[ModuleType]:
    """Return every file of the engine and every module."""
    packages = (module_utils, modules)
    return [
        importlib.import_module(f"{package.__name__}.{entry.name}")
        for package in packages
        for entry in pkgutil.iter_modules(package.__path__)
    ]


OPERATIONS = sorted(
    {value for namespace in namespaces() for value in vars(namespace).values() if isinstance(value, Operation)},
    key=lambda operation: operation.path,
)
PARTS = {
    "service": Service("Maps", "Buffer"),
    "job_id": "jb0ffe200000000000000000000stuck1",
    "task": "Buffer",
    "folder": "Maps",
}


DIRECTORY = {
    "physicalPath": "/data/arcgisjobs", "directoryType": "JOBS", "cleanupMode": "NONE", "maxFileAge": 60,
    "description": "", "useLocalDir": "false", "localDirectoryPath": "", "virtualPath": "/rest/directories/arcgisjobs",
}  # fmt: skip


def parts_of(operation: Operation) -> dict[str, object]:
    """Return a value for every part that the operation names."""
    return {name: PARTS[name] for dummy, name, dummy, dummy in string.Formatter().parse(operation.path) if name}


def test_the_operations_that_change_a_site() -> None:
    assert {operation for operation in OPERATIONS if operation.writes} == {
        CANCEL,
        DELETE,
        PURGE,
        _gp_directory.EDIT,
        _gp_directory.CLEAN,
        _notebook_jobs.CANCEL,
        _notebook_jobs.DELETE_ALL,
    }
    assert len(OPERATIONS) >= 12


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
@pytest.mark.parametrize("location", ["header", "body"])
def test_a_task_in_check_mode_sends_only_what_reads(
    site: Callable[..., Site], sim: Simulator, operation: Operation, location: str
) -> None:
    asking = site(read_only=True, token_location=location)
    before = sim.jobs()
    try:
        asking.call(operation, **parts_of(operation))
    except ArcGISError as error:
        assert (error.code == "check_mode_write") is operation.writes
    else:
        assert not operation.writes
    assert (sim.requests() == []) is operation.writes
    assert sim.jobs() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_every_operation_can_be_carried_out(site: Callable[..., Site], sim: Simulator, operation: Operation) -> None:
    contexts = {"admin/system/jobs": "notebook", "rest/jobs/job": "video"}
    context = contexts.get("/".join(operation.path.split("/")[:3]), "server")
    jobs = {"notebook": "j00000006-0b00-4000-8000-000000000006", "video": "j00000001-51de-4000-8000-000000000001"}
    parts = {
        **parts_of(operation),
        **({"job_id": jobs[context]} if "{job_id}" in operation.path and context in jobs else {}),
    }
    fields = DIRECTORY if operation.path.endswith("/edit") else {}
    assert site(context).call(operation, fields, **parts)
    assert sim.requests()[-1]["method"] == operation.method
