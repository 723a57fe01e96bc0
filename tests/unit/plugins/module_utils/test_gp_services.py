# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How services are named, and which of them a site has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._gp.services import (
    Service,
    list_gp_services,
    nearest,
    parse_services,
)
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import GATEWAY_DOWN


@pytest.mark.parametrize(
    "name, service, label, path",
    [
        ("Buffer", Service("", "Buffer"), "Buffer", "Buffer.GPServer"),
        ("Maps/Buffer", Service("Maps", "Buffer"), "Maps/Buffer", "Maps/Buffer.GPServer"),
        ("Maps/Buffer.GPServer", Service("Maps", "Buffer"), "Maps/Buffer", "Maps/Buffer.GPServer"),
        ("Maps/Test.MapServer", Service("Maps", "Test", "MapServer"), "Maps/Test.MapServer", "Maps/Test.MapServer"),
        ("My Folder/My Tool", Service("My Folder", "My Tool"), "My Folder/My Tool", "My Folder/My Tool.GPServer"),
        ("Straße/Größe_1-2", Service("Straße", "Größe_1-2"), "Straße/Größe_1-2", "Straße/Größe_1-2.GPServer"),
    ],
)
def test_a_name_that_users_write(name: str, service: Service, label: str, path: str) -> None:
    assert parse_services("services", [name, name]) == [service]
    assert (service.label, "/".join(service.parts["admin_path"])) == (label, path)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        None,
        "********",
        "Maps/",
        "/Buffer",
        "Maps/Sub/Buffer",
        "Maps//Buffer",
        "../Buffer",
        "Maps/Buffer/jobs",
        "Maps/Buffer?f=json",
        "Maps/Buffer#x",
        "Maps/Bu%66fer",
        "Maps/*",
        "Maps/..",
        "Maps/.GPServer",
        "Maps\\\\Buffer",
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name: object) -> None:
    with pytest.raises(ArcGISError) as caught:
        parse_services("services", ["Maps/Buffer", name])
    assert caught.value.failure.code == "bad_option"
    assert caught.value.failure.reason.startswith("The option services ")


def test_all_gp_services_but_those_of_the_system(client: Callable[..., Client]) -> None:
    services, unreadable = list_gp_services(client(), include_system=False)
    assert {service.label for service in services} == {
        "Elevation",
        "Maps/Buffer",
        "Maps/Viewshed",
        "Planning/NightlyExport",
        "Utilities/PrintingTools",
    }
    assert unreadable == {}


def test_the_services_of_the_system_on_request(client: Callable[..., Client]) -> None:
    services, dummy = list_gp_services(client(), include_system=True)
    assert {service.label for service in services} >= {"System/PublishingTools", "System/CachingTools"}


def test_a_folder_that_cannot_be_read_is_named(scripted_client: Callable[..., tuple]) -> None:
    client, dummy = scripted_client(
        {"retries": 0},
        services={
            "folders": ["Maps", "Broken", 7, "/"],
            "services": [{"serviceName": "Root", "type": "GPServer"}, "odd", {}],
        },
        Maps={
            "services": [{"serviceName": "Buffer", "type": "GPServer"}, {"serviceName": "Base", "type": "MapServer"}]
        },
        Broken=GATEWAY_DOWN,
    )
    services, unreadable = list_gp_services(client, include_system=False)
    assert [service.label for service in services] == ["Root", "Maps/Buffer"]
    assert {name: error.code for name, error in unreadable.items()} == {("Broken/*", None): "busy"}


def test_a_root_without_services_is_another_product(scripted_client: Callable[..., tuple]) -> None:
    client, dummy = scripted_client(services={"resources": []})
    with pytest.raises(ArcGISError) as caught:
        list_gp_services(client, include_system=False)
    assert caught.value.failure.code == "unexpected_shape"


def test_a_name_that_looks_the_same_is_shown_by_its_characters(scripted_client: Callable[..., tuple]) -> None:
    listing = {"services": [{"serviceName": "Regio\u0301n", "type": "GPServer"}]}
    client, dummy = scripted_client(services=listing)
    assert nearest(client, Service("", "Regi\xf3n")) == "Did you mean Regio\u0301n ('Regio\\u0301n')? "
    assert nearest(client, Service("", "region")) == "Did you mean Regio\u0301n? "
