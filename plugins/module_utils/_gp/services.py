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
from typing import Any, Optional
from unicodedata import normalize

from .._arcgis.client import Client, Operation
from .._concurrent import run_concurrently
from .._errors import ArcGISError, Failure, bad_option
from .._options import breaks_a_path, loosely, parse_text, parse_texts

# What could not be read, and why: a service or a folder, and with an ID a single job.
Unreadable = dict[tuple[str, Optional[str]], Failure]


def _is_listing(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being a list of services; None where nothing does."""
    return None if isinstance(payload.get("services"), list) else "holds no list of services"


LIST_ROOT = Operation("list the services of the site", "GET", "admin/services", validate=_is_listing)
LIST_FOLDER = Operation(
    "list the services of the folder {folder}", "GET", "admin/services/{folder}", validate=_is_listing
)
READ_STATUS = Operation("read the status of the service {service}", "GET", "admin/services/{admin_path}/status")
READ_TASKS = Operation("list the tasks of the service {service}", "GET", "rest/services/{rest_path}/GPServer")

SYSTEM = "System"
_GP_TYPE = "GPServer"
_SERVICE = re.compile(r"(?:(?P<folder>.*)/)?(?P<name>.*?)(?:\.(?P<type>[A-Za-z]+Server))?", re.DOTALL)


@dataclass(frozen=True)
class Service:
    """A service: its folder ("" at the root), its name and its type."""

    folder: str
    name: str
    type: str = _GP_TYPE

    @property
    def label(self) -> str:
        """Return the name that users write: Folder/Name, with the type only where it is not GPServer."""
        suffix = "" if self.type == _GP_TYPE else f".{self.type}"
        return f"{self.folder}/{self.name}{suffix}" if self.folder else f"{self.name}{suffix}"

    @property
    def parts(self) -> dict[str, Any]:
        """Return what names the service in the title and in the path of an operation."""
        above = (self.folder,) if self.folder else ()
        return {
            "service": self.label,
            "admin_path": (*above, f"{self.name}.{self.type}"),
            "rest_path": (*above, self.name),
        }


def parse_services(option: str, names: Iterable[object]) -> list[Service]:
    """Return the services that a user named as Name, Folder/Name or Folder/Name.GPServer, without repetitions.

    Raises ArcGISError bad_option for a name that cannot be one.
    """
    return list(dict.fromkeys(parse_service(option, name) for name in parse_texts(option, names)))


def selected_services(options: Mapping[str, Any]) -> list[Service] | None:
    """Return the services that the user named; None where all services of the site were asked for explicitly.

    Raises ArcGISError bad_option.
    """
    if not options["all_services"]:
        if options["services"] is None:
            raise bad_option("services", "is missing", "Name the services, or write all_services: true.")
        return parse_services("services", options["services"])
    if options["services"] is not None:
        raise bad_option("services", "is set beside all_services: true", "Write one of the two.")
    return None


def parse_service(option: str, value: object) -> Service:
    """Return the service of a name as a site or a user writes it. Raises ArcGISError bad_option."""
    name = parse_text(option, value)
    found = _SERVICE.fullmatch(name)
    if found is None or any(part is not None and breaks_a_path(part) for part in found.group("folder", "name")):
        raise bad_option(
            option,
            f"holds {name!r}, which is not the name of a service",
            "Write the service as Folder/Name, such as Maps/Buffer, or as Name where it is in no folder.",
        )
    return Service(found["folder"] or "", found["name"], found["type"] or _GP_TYPE)


def list_gp_services(client: Client, include_system: bool) -> tuple[list[Service], Unreadable]:
    """Return every GP service of the site, and the folders that could not be read with the reason.

    The folder System holds the tools of the site itself; it is left out unless it is asked for.
    """
    services, unreadable = _list_services(client, include_system)
    return [service for service in services if service.type == _GP_TYPE], unreadable


def _list_services(client: Client, include_system: bool) -> tuple[list[Service], Unreadable]:
    """Return the services of every type as list_gp_services does those of one."""
    root = client.call(LIST_ROOT)
    names = [name for name in _strings(root.get("folders")) if name != "/" and (include_system or name != SYSTEM)]
    folders = list(dict.fromkeys(names))
    results = run_concurrently(
        lambda folder: client.call(LIST_FOLDER, folder=folder), folders, client.connection.max_concurrency
    )
    services = _services_of("", root)
    unreadable: Unreadable = {}
    for folder, listing in results.each().items():
        if isinstance(listing, Failure):
            unreadable[f"{folder}/*", None] = listing
        else:
            services += _services_of(folder, listing)
    return services, unreadable


def ensure_services_exist(client: Client, option: str, services: Iterable[Service]) -> None:
    """Raise unknown_service where a site lacks one of the services that an option names, spelt exactly as it is."""
    folders: dict[str, list[Service]] = {}
    for service in services:
        folders.setdefault(service.folder, []).append(service)
    for folder, wanted in folders.items():
        listing = client.look_up(LIST_FOLDER, folder=folder) if folder else client.call(LIST_ROOT)
        entries = [entry for entry in listing["services"] if isinstance(entry, dict)] if listing else []
        there = {(entry.get("serviceName"), entry.get("type")) for entry in entries}
        for service in wanted:
            if (service.name, service.type) not in there:
                raise _unknown_service(client, option, service)


def _unknown_service(client: Client, option: str, service: Service) -> ArcGISError:
    """Return the error for a service that an option names and the site lacks, with the names that are near."""
    hint = nearest(client, service)
    hint += "Write the service as the site does, or set exclude_missing_ok: true where it may be missing."
    return ArcGISError("unknown_service", f"the option {option} names {service.label}, which the site lacks", hint=hint)


def nearest(client: Client, wanted: Service) -> str:
    """Return the question whether a service of another spelling or type was meant; nothing where there is none."""
    try:
        services, _dummy = _list_services(client, include_system=True)
    except ArcGISError:
        return ""
    labels = {loosely(each.label): each.label for each in services}
    near = [each.label for each in services if loosely(each.name) == loosely(wanted.name)]
    near += [labels[each] for each in get_close_matches(loosely(wanted.label), labels)]
    names = [f"{each} ({ascii(each)})" if _looks_like(each, wanted.label) else each for each in dict.fromkeys(near)]
    return f"Did you mean {' or '.join(names)}? " if names else ""


def _looks_like(label: str, other: str) -> bool:
    """Say whether two names that are not the same cannot be told apart by eye."""
    return label != other and normalize("NFC", label) == normalize("NFC", other)


def tasks_of(client: Client, service: Service) -> list[str]:
    """Return the names of the tasks of a service, from its public resource."""
    tasks = client.call(READ_TASKS, **service.parts).get("tasks")
    # A name of dots alone would change the path of a URL.
    return [name for name in _strings(tasks) if name.strip(".")]


def describe_all(client: Client, include_system: bool) -> tuple[list[dict[str, Any]], Unreadable]:
    """Return what the site knows of every GP service, and what could not be read with the reason."""
    services, unreadable = list_gp_services(client, include_system)
    results = run_concurrently(lambda service: _describe(client, service), services, client.connection.max_concurrency)
    described = []
    for service, found in results.each().items():
        if isinstance(found, Failure):
            unreadable[service.label, None] = found
        else:
            described.append(found)
    return described, unreadable


def _describe(client: Client, service: Service) -> dict[str, Any]:
    """Return what a site knows of a GP service; its tasks are null where the public resource does not answer.

    Follows the page "Service status" of the administrator API and the page "GP service" of the public REST API.
    Raises ArcGISError where the status cannot be read.
    """
    status = client.call(READ_STATUS, **service.parts)
    configured, present = (str(status.get(name) or "").lower() for name in ("configuredState", "realTimeState"))
    try:
        tasks: list[str] | None = tasks_of(client, service)
    except ArcGISError as error:
        if error.failure.is_fatal:
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


def _services_of(folder: str, listing: Mapping[str, Any]) -> list[Service]:
    entries = [entry for entry in listing["services"] if isinstance(entry, dict)]
    named = [_strings([entry.get("serviceName"), entry.get("type")]) for entry in entries]
    return [Service(folder, *names) for names in named if len(names) == 2 and names[0]]


def _strings(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
