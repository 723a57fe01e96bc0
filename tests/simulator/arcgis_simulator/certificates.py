# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of the simulator's own, made anew at every start."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

HOST_NAMES = ("localhost", "127.0.0.1")


def make_tls(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server context for the loopback names and the path of the authority's certificate."""
    authority = trustme.CA(organization_name="ArcGIS simulator")
    ca_path = directory / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOST_NAMES).configure_cert(context)
    return context, ca_path
