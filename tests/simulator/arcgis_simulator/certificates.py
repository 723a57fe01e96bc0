# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of the simulator's own, made anew at every start, and certificates that are no good."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme

HOST_NAMES = ("localhost", "127.0.0.1")
FLAWS = ("self_signed", "expired", "wrong_name", "unknown_ca", "client_certificate")


class Certificates:
    """The authority, and the files that a client needs."""

    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA(organization_name="ArcGIS simulator")
        self.ca_path = directory / "ca.pem"
        self.client_cert_path = directory / "client.pem"
        self.client_key_path = directory / "client.key"
        self._authority.cert_pem.write_to_path(str(self.ca_path))

    def remove(self) -> None:
        """Remove the files."""
        for path in (self.ca_path, self.client_cert_path, self.client_key_path):
            path.unlink(missing_ok=True)

    def server(self) -> ssl.SSLContext:
        """Return a server context for the loopback names."""
        return self._context(self._authority.issue_cert(*HOST_NAMES))

    def flawed_server(self, flaw: str) -> ssl.SSLContext:
        """Return a server context that a client should refuse, or that asks for the client's certificate."""
        if flaw == "self_signed":
            return self._self_signed()
        if flaw == "expired":
            yesterday = datetime.now(timezone.utc) - timedelta(days=1)
            return self._context(self._authority.issue_cert(*HOST_NAMES, not_after=yesterday))
        if flaw == "wrong_name":
            return self._context(self._authority.issue_cert("gis.example.com"))
        if flaw == "unknown_ca":
            return self._context(trustme.CA(organization_name="Unknown").issue_cert(*HOST_NAMES))
        context = self.server()
        context.verify_mode = ssl.CERT_REQUIRED
        # With TLS 1.3 a client would be refused after its handshake, and would not be told: asyncio sends no alert.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._authority.configure_trust(context)
        self._write_client_certificate()
        return context

    def _context(self, certificate: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context

    def _self_signed(self) -> ssl.SSLContext:
        """Return a context whose certificate is that of an authority that vouches for itself alone."""
        lonely = trustme.CA(organization_name="Self-signed")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with lonely.cert_pem.tempfile() as certificate, lonely.private_key_pem.tempfile() as key:
            context.load_cert_chain(certificate, key)
        return context

    def _write_client_certificate(self) -> None:
        certificate = self._authority.issue_cert("client.example.com")
        certificate.cert_chain_pems[0].write_to_path(str(self.client_cert_path))
        certificate.private_key_pem.write_to_path(str(self.client_key_path))
