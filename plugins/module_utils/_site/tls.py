# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of a product, and the way to it. This module is private to the collection."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from .._arcgis.transport import Peer
from .._errors import Failure
from .checks import Check, failed, passed, skipped
from .sites import Meeting

_SHORT_DAYS = 30
_DAY = 86400


def tls_of(url: str, peer: Peer, now: float) -> dict[str, Any] | None:
    """Return what is known of the TLS connection at a time in seconds since 1970; None where there is none."""
    if not url.startswith("https:") or peer.protocol is None:
        return None
    certificate = peer.certificate
    ends = certificate.get("notAfter")
    return {
        "subject": _name(certificate.get("subject")),
        "issuer": _name(certificate.get("issuer")),
        "names": [value for _kind, value in certificate.get("subjectAltName", ())],
        "days_left": int((ssl.cert_time_to_seconds(ends) - now) // _DAY) if ends else None,
        "protocol": peer.protocol,
    }


def tls_check(meeting: Meeting, tls: Mapping[str, Any] | None, is_verified: bool) -> Check:
    """Say whether the TLS connection to a product came about, and whether its certificate will do for a while."""
    product, identity = meeting.site.product, meeting.identity
    if isinstance(identity, Failure) and identity.code == "tls_failure":
        return failed("tls", product, identity)
    if not meeting.site.url.startswith("https:"):
        return skipped("tls", product, "The address begins with http, so there is no TLS.")
    if tls is None:
        return skipped("tls", product, "There was no connection whose certificate could be looked at.")
    if not is_verified:
        reason = "validate_certs is false, so nobody knows whether this is the right server"
        return failed("tls", product, Failure("certificate_unchecked", reason), "warning")
    days = tls["days_left"]
    if days is not None and days < _SHORT_DAYS:
        reason = f"the certificate of the site ends in {days} days"
        return failed("tls", product, Failure("certificate_ends_soon", reason), "warning")
    return passed("tls", product, f"{tls['protocol']}, and the certificate is good for another {days} days.")


def proxy_of(peer: Peer) -> str | None:
    """Return the proxy on the way to a product, without the log-in that its URL may hold."""
    scheme, mark, rest = (peer.proxy or "").rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" or None


def _name(parts: Any) -> str | None:
    """Return a name of a certificate as people write it, such as O=Example, CN=gis.example.com."""
    short = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}
    pairs = [f"{short.get(kind, kind)}={value}" for group in parts or () for kind, value in group]
    return ", ".join(pairs) or None
