# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check-up tells of a certificate, and of the way to a site."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import SITE_INFO, Client
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.transport import Peer
from ansible_collections.gisops.arcgis.plugins.module_utils._site.tls import proxy_of, tls_of
from ansible_collections.gisops.arcgis.tests.unit.scripted_site import Answer

NOW = 1_700_000_000
CERTIFICATE = {
    "subject": ((("countryName", "DE"),), (("commonName", "gis.example.com"),)),
    "issuer": ((("organizationName", "Example"),), (("commonName", "Example CA"),)),
    "notAfter": "Nov 24 22:13:20 2023 GMT",
    "subjectAltName": (("DNS", "gis.example.com"), ("IP Address", "192.0.2.7")),
}


def test_the_facts_of_a_certificate() -> None:
    assert tls_of("https://gis.example.com/server", Peer(None, 0, "TLSv1.2", CERTIFICATE), NOW) == {
        "subject": "C=DE, CN=gis.example.com",
        "issuer": "O=Example, CN=Example CA",
        "names": ["gis.example.com", "192.0.2.7"],
        "days_left": 10,
        "protocol": "TLSv1.2",
    }


def test_a_certificate_that_has_ended_has_less_than_no_days_left() -> None:
    found = tls_of("https://x/server", Peer(None, 0, "TLSv1.2", CERTIFICATE), NOW + 11 * 86400)
    assert found is not None and found["days_left"] == -1


@pytest.mark.parametrize("url, peer", [("http://localhost/server", Peer(None, 0)), ("https://x/server", Peer())])
def test_without_a_connection_there_is_nothing_to_tell(url: str, peer: Peer) -> None:
    assert tls_of(url, peer, NOW) is None


@pytest.mark.parametrize(
    "proxy, shown",
    [
        (None, None),
        ("http://proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("http://somebody:p@ss@proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("proxy.example.com:3128", "proxy.example.com:3128"),
    ],
)
def test_a_proxy_is_shown_without_its_password(proxy: str | None, shown: str | None) -> None:
    assert proxy_of(Peer(proxy)) == shown


@pytest.fixture
def short_lived(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A certificate that ends in five days, and the authority that signed it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = datetime.now(timezone.utc) + timedelta(days=5, hours=1)
    authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(context)
    return context, str(tmp_path / "ca.pem")


LISTING = {"services": [], "folders": []}


def test_a_certificate_that_ends_soon_is_a_warning(
    scripted: Callable, run_scripted: Callable[..., dict[str, Any]], short_lived: tuple[ssl.SSLContext, str]
) -> None:
    server = scripted(short_lived[0], services=LISTING)
    result = run_scripted("site_info", server, ca_path=short_lived[1], fail_on="warning")
    assert (result["error"]["code"], result["tls"]["days_left"]) == ("certificate_ends_soon", 5)
    assert "the certificate of the site ends in 5 days" in result["error"]["message"]


@pytest.mark.parametrize("header", [{}, {"Connection": "close"}])
def test_what_is_seen_of_a_peer(
    scripted: Callable, short_lived: tuple[ssl.SSLContext, str], client: Callable[..., Client], header: dict[str, str]
) -> None:
    server = scripted(short_lived[0], info=Answer({"currentVersion": 11.3}, headers=header))
    asking = client(url=server.url, verify=short_lived[1], token="given-token")
    assert asking.peer() == Peer()
    asking.call(SITE_INFO)
    peer = asking.peer()
    assert peer.ahead_ms is not None and abs(peer.ahead_ms) < 5000
    # A connection that was closed with the answer cannot be asked any more.
    assert (peer.protocol, "notAfter" in peer.certificate) == ((None, False) if header else ("TLSv1.3", True))
