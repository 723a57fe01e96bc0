# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GP services: how they are named, and which of them a site has.

Follows the pages "Services" and "Folder" of the ArcGIS Server administrator API.
This module is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from ansible_collections.gisops.arcgis.plugins.module_utils._bulk import run_all
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import (
    MEETS_EVERY_REQUEST,
    ArcGISError,
    bad_option,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._selections import words


def _no_listing(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being a list of services; None where nothing does."""
    return None if isinstance(payload.get("services"), list) else "holds no list of services"


LIST_ROOT = Operation("list the services of the site", "GET", "admin/services", flaw=_no_listing)
LIST_FOLDER = Operation("list the services of the folder {folder}", "GET", "admin/services/{folder}", flaw=_no_listing)

READ_STATUS = Operation("read the status of the service {service}", "GET", "admin/services/{service:admin}/status")
READ_TASKS = Operation("list the tasks of the service {service}", "GET", "rest/services/{service:rest}/GPServer")

_SYSTEM = "System"
_GP_TYPE = "GPServer"
_SERVICE = re.compile(r"(?:([\w-]+(?: [\w-]+)*)/)?([\w-]+(?: [\w-]+)*)(?:\.([A-Za-z]+Server))?")


@dataclass(frozen=True)
class Service:
    """A service: its folder ("" at the root), its name and its type."""

    folder: str
    name: str
    type: str = _GP_TYPE

    def __format__(self, form: str) -> str:
        """Write the service into an operation: its name in a title, {service:admin} and {service:rest} in a path."""
        if not form:
            return self.label
        folder, name = quote(self.folder, safe=""), quote(self.name, safe="")
        path = f"{folder}/{name}" if folder else name
        return path if form == "rest" else f"{path}.{self.type}"

    @property
    def label(self) -> str:
        """Return the name that users write: Folder/Name, with the type only where it is not GPServer."""
        suffix = "" if self.type == _GP_TYPE else f".{self.type}"
        return f"{self.rest_path}{suffix}"

    @property
    def rest_path(self) -> str:
        """Return the path below rest/services, without the type."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


def services_named(option: str, names: Iterable[object]) -> list[Service]:
    """Return the services that a user named as Name, Folder/Name or Folder/Name.GPServer, without repetitions.

    Raises ArcGISError bad_option for a name that cannot be one.
    """
    services = []
    for name in words(option, names):
        match = _SERVICE.fullmatch(name)
        if not match:
            raise bad_option(
                option,
                f"holds {name!r}, which is not the name of a service",
                "Write the service as Folder/Name, such as Maps/Buffer, or as Name where it is in no folder.",
            )
        services.append(Service(match[1] or "", match[2], match[3] or _GP_TYPE))
    return list(dict.fromkeys(services))


def list_gp_services(
    site: Site, include_system: bool
) -> tuple[list[Service], dict[tuple[str, str | None], ArcGISError]]:
    """Return every GP service of the site, and the folders that could not be read with the reason.

    The folder System holds the tools of the site itself; it is left out unless it is asked for.
    """
    root = site.call(LIST_ROOT)
    folders = [name for name in _strings(root.get("folders")) if include_system or name != _SYSTEM]
    outcomes = run_all(
        lambda folder: site.call(LIST_FOLDER, folder=folder),
        [f for f in folders if f != "/"],
        site.settings.max_concurrency,
    )
    services = _gp_services_of("", root)
    unreadable: dict[tuple[str, str | None], ArcGISError] = {}
    for outcome in outcomes:
        if outcome.error is not None:
            if outcome.error.code in MEETS_EVERY_REQUEST:
                raise outcome.error
            unreadable[f"{outcome.item}/*", None] = outcome.error
        elif outcome.value is not None:
            services += _gp_services_of(outcome.item, outcome.value)
    return services, unreadable


def ensure_services_exist(site: Site, option: str, services: Iterable[Service]) -> None:
    """Raise unknown_service where a site lacks one of the services that an option names, spelt exactly as it is."""
    folders: dict[str, list[Service]] = {}
    for service in services:
        folders.setdefault(service.folder, []).append(service)
    for folder, wanted in folders.items():
        try:
            listing = site.call(LIST_FOLDER, folder=folder) if folder else site.call(LIST_ROOT)
        except ArcGISError as error:
            if error.code != "not_found":
                raise
            listing = {"services": []}
        there = {
            (entry.get("serviceName"), entry.get("type")) for entry in listing["services"] if isinstance(entry, dict)
        }
        for service in wanted:
            if (service.name, service.type) not in there:
                raise _unknown_service(site, option, service)


def _unknown_service(site: Site, option: str, service: Service) -> ArcGISError:
    """Return the error for a service that an option names and the site lacks, with the names that are near."""
    services, dummy = list_gp_services(site, include_system=True)
    labels = {each.label.casefold(): each.label for each in services}
    near = [each.label for each in services if each.name.casefold() == service.name.casefold()]
    near += [labels[each] for each in get_close_matches(service.label.casefold(), labels)]
    hint = f"Did you mean {' or '.join(dict.fromkeys(near))}? " if near else ""
    hint += "Write the service as the site does, or set exclude_missing_ok: true where it may be missing."
    return ArcGISError("unknown_service", f"the option {option} names {service.label}, which the site lacks", hint=hint)


def tasks_of(site: Site, service: Service) -> list[str]:
    """Return the names of the tasks of a service, from its public resource."""
    tasks = site.call(READ_TASKS, service=service).get("tasks")
    # A name of dots alone would change the path of a URL.
    return [name for name in _strings(tasks) if name.strip(".")]


def describe(site: Site, service: Service) -> dict[str, Any]:
    """Return what a site knows of a GP service; its tasks are null where the public resource does not answer.

    Follows the page "Service status" of the administrator API and the page "GP service" of the public REST API.
    Raises ArcGISError where the status cannot be read.
    """
    status = site.call(READ_STATUS, service=service)
    configured, present = (str(status.get(name) or "").lower() for name in ("configuredState", "realTimeState"))
    try:
        tasks: list[str] | None = tasks_of(site, service)
    except ArcGISError as error:
        if error.code in MEETS_EVERY_REQUEST:
            raise
        tasks = None
    return {
        "service": service.label,
        "folder": service.folder,
        "name": service.name,
        "type": service.type,
        "started": present == "started",
        "configured_state": configured or None,
        "state": present or None,
        "tasks": tasks,
    }


def describe_all(
    site: Site, include_system: bool
) -> tuple[list[dict[str, Any]], dict[tuple[str, str | None], ArcGISError]]:
    """Return what the site knows of every GP service, and what could not be read with the reason."""
    services, unreadable = list_gp_services(site, include_system)
    described = []
    for outcome in run_all(lambda service: describe(site, service), services, site.settings.max_concurrency):
        if outcome.error is not None:
            if outcome.error.code in MEETS_EVERY_REQUEST:
                raise outcome.error
            unreadable[outcome.item.label, None] = outcome.error
        elif outcome.value is not None:
            described.append(outcome.value)
    return described, unreadable


def _gp_services_of(folder: str, listing: Mapping[str, Any]) -> list[Service]:
    return [
        Service(folder, entry["serviceName"])
        for entry in listing["services"]
        if isinstance(entry, dict) and entry.get("type") == _GP_TYPE and _strings([entry.get("serviceName")])
    ]


def _strings(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
