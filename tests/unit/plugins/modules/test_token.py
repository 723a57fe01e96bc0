# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in for a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.tests.unit.doubles import operations
from arcgis_simulator import Simulator


@pytest.mark.parametrize(
    "options, user, source, issuer",
    [
        ({}, "gis_admin", "portal", "portal/sharing/rest/generateToken"),
        ({"token_source": "site"}, "siteadmin", "site", "server/admin/generateToken"),
    ],
)
def test_a_log_in(run: Callable, sim: Simulator, options: dict[str, Any], user: str, source: str, issuer: str) -> None:
    result = run("token", user=user, **options)
    assert (result["changed"], result["source"], result["issuer"]) == (False, source, f"{sim.base_url}/{issuer}")
    assert 0 < result["expires_ms"] - sim.now() <= 3_600_000
    assert result["expires"].endswith("Z")
    assert run("gp_job_query", user=None, token=result["token"], services=["Elevation"])["total"] == 4


def test_the_portal_alone_is_enough(run: Callable, sim: Simulator) -> None:
    result = run("token", without=("url",), portal_url=sim.url("portal"))
    assert result["source"] == "portal"
    assert run("token", portal_url=sim.url("portal"), token_expiration=5)["expires_ms"] <= sim.now() + 300_000


def test_neither_site_nor_portal(run: Callable) -> None:
    result = run("token", without=("url",))
    assert result["msg"] == "one of the following is required: url, portal_url"


def test_it_never_returns_the_token_that_it_was_given(run: Callable, sim: Simulator) -> None:
    first = run("token")["token"]
    second = run("token", token=first)["token"]
    assert second not in (first, "********") and len(second) > 20
    result = run("token", user=None, token=first)
    assert (result["failed"], result["error"]["code"]) == (True, "bad_option")
    assert "token" not in result
    assert "The option username is missing" in result["msg"]


def test_it_logs_in_in_check_mode_too(run: Callable, sim: Simulator) -> None:
    assert run("token", check=True)["token"]
    assert operations(sim) == {"rest/info": 1, "generateToken": 1}
