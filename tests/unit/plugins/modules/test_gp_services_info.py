# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GP services of a site: folder, type, tasks, and whether they are started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import operations
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import PAGE_404, Received, portal_error, refused
from arcgis_simulator import Simulator

OWN = ["Elevation", "Maps/Buffer", "Maps/Viewshed", "Planning/NightlyExport", "Utilities/PrintingTools"]
SYSTEM = ["System/CachingTools", "System/PublishingTools"]


def names(result: dict[str, Any]) -> list[str]:
    """Return the services of a result."""
    return sorted(service["service"] for service in result["services"])


def root(*services: str, folders: list[str] | None = None, kind: str = "GPServer") -> dict[str, Any]:
    """Return a listing of services."""
    return {"folders": folders or [], "services": [{"serviceName": name, "type": kind} for name in services]}


STARTED = {"configuredState": "STARTED", "realTimeState": "STARTED"}


def test_every_gp_service_is_listed_and_no_other(run: Callable, sim: Simulator) -> None:
    result = run("gp_services_info")
    assert ("failed" in result, result["changed"]) == (False, False)
    assert (names(result), result["total"], result["unreadable"]) == (OWN, 5, [])


def test_the_services_of_the_site_itself_are_listed_where_asked_for(run: Callable) -> None:
    assert names(run("gp_services_info", include_system=True)) == sorted(OWN + SYSTEM)


def test_what_is_told_of_a_service(run: Callable) -> None:
    services = {service["service"]: service for service in run("gp_services_info")["services"]}
    assert services["Maps/Viewshed"] == {
        "service": "Maps/Viewshed",
        "folder": "Maps",
        "name": "Viewshed",
        "type": "GPServer",
        "started": True,
        "configured_state": "started",
        "state": "started",
        "tasks": ["Viewshed", "Line Of Sight"],
    }
    assert (services["Elevation"]["folder"], services["Elevation"]["name"]) == ("", "Elevation")


def test_what_it_returns_can_be_passed_on(run: Callable, sim: Simulator) -> None:
    services = [service["service"] for service in run("gp_services_info")["services"]]
    result = run("gp_job_query", services=services, summary_only=True)
    assert result["total"] == run("gp_job_query", all_services=True, summary_only=True)["total"]


def test_it_costs_two_requests_a_service(run: Callable, sim: Simulator) -> None:
    run("gp_services_info", include_system=True)
    assert operations(sim) == {
        "rest/info": 1,
        "generateToken": 1,
        "services": 1,
        "folder": 4,
        "service status": 7,
        "public service": 7,
    }


@pytest.mark.parametrize(
    "context, user, more, expected",
    [
        ("server", "gis_viewer", {}, OWN),
        ("server", "gis_admin", {"check": True}, OWN),
        ("server", "gis_admin", {"token_location": "body"}, OWN),
        ("arcgis", "agsviewer", {}, ["Buffer", "Tools/Clip"]),
        ("kubernetes", "gis_admin", {"platform": "kubernetes"}, ["Maps/Buffer"]),
    ],
)
def test_other_sites_and_accounts(
    run: Callable, context: str, user: str, more: dict[str, Any], expected: list[str]
) -> None:
    assert names(run("gp_services_info", context, user, **more)) == expected


def test_an_account_without_the_privilege(run: Callable) -> None:
    result = run("gp_services_info", user="gis_user")
    assert (result["failed"], result["error"]["code"]) == (True, "no_privilege")


@pytest.mark.parametrize(
    "status, started, configured, state",
    [
        (STARTED, True, "started", "started"),
        ({"configuredState": "STARTED", "realTimeState": "STOPPED"}, False, "started", "stopped"),
        ({"configuredState": "STOPPED", "realTimeState": "STOPPED"}, False, "stopped", "stopped"),
        ({"configuredState": "STARTED", "realTimeState": "STARTING"}, False, "started", "starting"),
        ({}, False, None, None),
    ],
)
def test_whether_a_service_is_started(
    scripted: Callable,
    run_scripted: Callable,
    status: dict[str, str],
    started: bool,
    configured: str | None,
    state: str | None,
) -> None:
    server = scripted(services=root("Buffer"), status=status, GPServer={"tasks": ["Buffer"]})
    (service,) = run_scripted("gp_services_info", server)["services"]
    assert (service["started"], service["configured_state"], service["state"]) == (started, configured, state)


@pytest.mark.parametrize("answer", [portal_error(404, "Service not found"), portal_error(500, "stopped"), PAGE_404, {}])
def test_a_stopped_service_shows_no_tasks(scripted: Callable, run_scripted: Callable, answer: Any) -> None:
    server = scripted(services=root("Buffer"), status={"realTimeState": "STOPPED"}, GPServer=answer)
    result = run_scripted("gp_services_info", server)
    assert ("failed" in result, bool(result["services"][0]["tasks"])) == (False, False)


def test_a_folder_that_cannot_be_read_fails_the_task_unless_that_is_fine(
    scripted: Callable, run_scripted: Callable
) -> None:
    script = {
        "services": root("Buffer", folders=["Secret"]),
        "Secret": refused(403, "Token is valid but access is denied."),
        "status": STARTED,
        "GPServer": {"tasks": []},
    }
    result = run_scripted("gp_services_info", scripted(**script))
    assert (result["failed"], result["error"]["code"]) == (True, "unreadable_services")
    assert (names(result), [entry["service"] for entry in result["unreadable"]]) == (["Buffer"], ["Secret/*"])
    assert "Secret/*" in result["msg"]
    result = run_scripted("gp_services_info", scripted(**script), ignore_unreadable=True)
    assert ("failed" in result, result["total"], len(result["unreadable"])) == (False, 1, 1)


def test_a_service_whose_status_cannot_be_read_is_listed_apart(scripted: Callable, run_scripted: Callable) -> None:
    def status(received: Received) -> Any:
        return refused(500, "No machine answers.") if "Clip" in received.path else STARTED

    server = scripted(services=root("Buffer", "Clip"), status=status, GPServer={"tasks": []})
    result = run_scripted("gp_services_info", server, ignore_unreadable=True)
    assert (names(result), [entry["service"] for entry in result["unreadable"]]) == (["Buffer"], ["Clip"])


def test_a_site_without_gp_services(scripted: Callable, run_scripted: Callable) -> None:
    server = scripted(services=root("World", kind="MapServer"))
    result = run_scripted("gp_services_info", server)
    assert ("failed" in result, result["services"], result["total"]) == (False, [], 0)
