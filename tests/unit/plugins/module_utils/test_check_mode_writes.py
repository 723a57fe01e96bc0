# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No write leaves a task in check mode: over every operation that the collection declares."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.gisops.arcgis.plugins import module_utils, modules
from ansible_collections.gisops.arcgis.plugins.module_utils import _notebook
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client, Operation
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.directory import CLEAN, EDIT
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.jobs import CANCEL, DELETE
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.queue import PURGE
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import Service
from ansible_collections.gisops.arcgis.tests.unit.doubles import NOTEBOOK, STUCK, VIDEO
from arcgis_simulator import Simulator


def namespaces() -> list[ModuleType]:
    """Return every file of the engine and every module."""
    return [
        importlib.import_module(".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts)))
        for package in (module_utils, modules)
        for folder in package.__path__
        for path in sorted(Path(folder).rglob("*.py"))
    ]


OPERATIONS = sorted(
    {value for namespace in namespaces() for value in vars(namespace).values() if isinstance(value, Operation)},
    key=lambda operation: operation.path,
)
PARTS = {
    **Service("Maps", "Buffer").parts,
    "job_id": STUCK,
    "task": "Buffer",
    "folder": "Maps",
}


DIRECTORY = {
    "physicalPath": "/data/arcgisjobs", "directoryType": "JOBS", "cleanupMode": "NONE", "maxFileAge": 60,
    "description": "", "useLocalDir": "false", "localDirectoryPath": "", "virtualPath": "/rest/directories/arcgisjobs",
}  # fmt: skip


def test_the_operations_that_change_a_site() -> None:
    assert {operation for operation in OPERATIONS if operation.writes} == {
        CANCEL,
        DELETE,
        PURGE,
        EDIT,
        CLEAN,
        _notebook.CANCEL,
        _notebook.CANCEL_KUBERNETES,
        _notebook.DELETE_ALL,
    }
    assert len(OPERATIONS) >= 12


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
@pytest.mark.parametrize("location", ["header", "body"])
def test_a_task_in_check_mode_sends_only_what_reads(
    client: Callable[..., Client], sim: Simulator, operation: Operation, location: str
) -> None:
    asking = client(check_mode=True, token_location=location)
    before = sim.jobs()
    try:
        asking.call(operation, **PARTS)
    except ArcGISError as error:
        assert (error.failure.code == "check_mode_write") is operation.writes
    else:
        assert not operation.writes
    assert (sim.requests() == []) is operation.writes
    assert sim.jobs() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_every_operation_can_be_carried_out(
    client: Callable[..., Client], sim: Simulator, operation: Operation
) -> None:
    contexts = {"admin/system/jobs": "notebook", "admin/notebooks/jobs": "kubernetes", "rest/jobs/job": "video"}
    contexts["sharing/rest/portals"] = "portal"
    context = contexts.get("/".join(operation.path.split("/")[:3]), "server")
    on_kubernetes = "j00000004-0c8b-4000-8000-000000000004"
    jobs = {"notebook": NOTEBOOK.format(6), "video": VIDEO.format(1), "kubernetes": on_kubernetes}
    parts = {**PARTS, "job_id": jobs.get(context, PARTS["job_id"])}
    fields = DIRECTORY if operation.path.endswith("/edit") else {}
    assert client(context, portal_url=None if context == "kubernetes" else sim.url("portal")).call(
        operation, fields, **parts
    )
    assert sim.requests()[-1]["method"] == operation.method
