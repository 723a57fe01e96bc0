# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator for the tests, and a raw client that shows what is on the wire."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from arcgis_simulator import Simulator  # noqa: E402

REFERER = "raw-client"


class Client:
    """Bare requests against one simulator."""

    def __init__(self, sim):
        self.sim = sim
        self.session = requests.Session()

    def send(self, method, context, path, token=None, token_in="header", header_referer=REFERER, f="json", **data):
        """Send a request; parameters go to the query of a GET and to the body of a POST."""
        headers = {"Referer": header_referer} if header_referer else {}
        query, form = ({}, data) if method == "POST" else (data, {})
        if f:
            (form if method == "POST" else query)["f"] = f
        if token and token_in in ("header", "authorization"):
            name = "X-Esri-Authorization" if token_in == "header" else "Authorization"
            headers[name] = f"Bearer {token}"
        elif token:
            (form if token_in == "body" else query)["token"] = token
        url = f"{self.sim.url(context)}/{path}" if path else self.sim.url(context)
        return self.session.request(
            method,
            url,
            params=query,
            data=form or None,
            headers=headers,
            verify=self.sim.ca_path,
            allow_redirects=False,
            timeout=20,
        )

    def get(self, context, path, token=None, **data):
        """Return the JSON of a GET."""
        return self.send("GET", context, path, token, **data).json()

    def post(self, context, path, token=None, **data):
        """Return the JSON of a POST."""
        return self.send("POST", context, path, token, **data).json()

    def login(self, username="gis_admin", context="portal", path="sharing/rest/generateToken", **data):
        """Return the answer of a generateToken operation."""
        fields = {"username": username, "password": f"{username}-Secret-1", "client": "referer", "referer": REFERER}
        return self.post(context, path, **{**fields, **data})

    def token(self, username="gis_admin", context="portal", path="sharing/rest/generateToken", **data):
        """Return a token."""
        return self.login(username, context, path, **data)["token"]


@pytest.fixture(scope="module")
def running():
    """One simulator for the tests of a module."""
    with Simulator("demo") as sim:
        yield sim


@pytest.fixture
def sim(running):
    """The simulator, as new and with its clock stopped."""
    running.reset("demo", profile={})
    running.freeze()
    return running


@pytest.fixture
def client(sim):
    """A client of the simulator."""
    return Client(sim)
