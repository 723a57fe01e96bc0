# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which products are looked at, and what a product says of itself before anybody logs in.

Follows the resources "rest/info" of the products and "sharing/rest/info" of a portal. This module is private to the
collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._arcgis.client import Client
from .._arcgis.connection import SITE_PAGES, Connection, base_url
from .._arcgis.tokens import PORTAL_INFO, portal_named_by
from .._arcgis.transport import Peer
from .._errors import ArcGISError, Failure
from .checks import Check, Read, attempt, failed, passed, skipped

SERVER, KUBERNETES, NOTEBOOK, VIDEO = "server", "kubernetes", "notebook", "video"
# The options that name the products.
URL_OF = {SERVER: "url", KUBERNETES: "url", NOTEBOOK: "notebook_url", VIDEO: "video_url"}
# From which release on the pages document the jobs of a product.
_SINCE = {SERVER: (10, 6, 1), KUBERNETES: (10, 9, 1), NOTEBOOK: (10, 7), VIDEO: (12, 0)}
_MOST_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """One product that the user named, and its context URL."""

    product: str
    url: str


@dataclass(frozen=True)
class Meeting:
    """What a product says without a token: the resource by which it shows that it is ArcGIS, or why there is none.

    client asks the product, and logs in there.
    """

    site: Site
    client: Client
    identity: Read[tuple[str, Mapping[str, Any]]]
    peer: Peer = field(default_factory=Peer)

    @property
    def info(self) -> Mapping[str, Any]:
        """Return what the product says of itself, which is nothing where it did not answer."""
        return {} if isinstance(self.identity, Failure) else self.identity[1]


def sites_of(options: Mapping[str, Any]) -> tuple[list[Site], list[Check], dict[str, str]]:
    """Return the products that the options name, a skipped check for each other one, and why these are not looked at.

    Raises ArcGISError bad_option.
    """
    main = options["platform"]
    sites, unset = [], {}
    for product in (main, NOTEBOOK, VIDEO):
        option = URL_OF[product]
        # An empty text is a field of a form that nobody filled in.
        url = base_url(option, options[option] or None, options["allow_http"], SITE_PAGES)
        if product == NOTEBOOK and main == KUBERNETES and options["url"]:
            unset[product] = "On Kubernetes, the notebook jobs belong to the site in url."
        elif url is None:
            unset[product] = f"The option {option} is not set."
        else:
            sites.append(Site(product, url))
    return sites, [skipped("address", product, why) for product, why in unset.items()], unset


def meet(client: Client, site: Site) -> Meeting:
    """Ask a product who it is, without a token."""
    there = client.variant(url=site.url)
    identity = attempt(there.identity)
    return Meeting(site, there, identity, there.peer())


def version_of(info: Mapping[str, Any]) -> str | None:
    """Return the release that a payload names. The older key is a number, in which 10.51 means 10.5.1."""
    full = info.get("fullVersion") or info.get("enterpriseVersion")
    current = info.get("currentVersion")
    if isinstance(full, str) and full:
        return full
    return str(current) if isinstance(current, (int, float, str)) and current else None


def facts_of(meeting: Meeting, connection: Connection) -> dict[str, Any]:
    """Return what is known of a product without a log-in; what is not known is null."""
    site, info, peer = meeting.site, meeting.info, meeting.peer
    is_known = not isinstance(meeting.identity, Failure)
    portal = portal_named_by(info)
    if not isinstance(meeting.identity, Failure) and (site.product == KUBERNETES or meeting.identity[0] == PORTAL_INFO):
        portal = portal or site.url
    return {
        "product": site.product,
        "url": site.url,
        "version": version_of(info),
        "build": None,
        "platform": KUBERNETES if site.product == KUBERNETES else SERVER,
        "federated": portal not in (None, site.url) if is_known else None,
        "portal_url": portal or connection.portal_url,
        "clock_skew": None if peer.ahead_ms is None else round((peer.ahead_ms + 500) / 1000),
    }


def address_check(meeting: Meeting, facts: Mapping[str, Any]) -> Check:
    """Say whether the product answers at its address."""
    site, identity = meeting.site, meeting.identity
    if isinstance(identity, Failure):
        if identity.code == "tls_failure":
            return skipped("address", site.product, "There is no TLS connection.")
        return failed("address", site.product, identity)
    path = f"{site.url}/{identity[0]}" if identity[0] else site.url
    release = f", release {facts['version']}" if facts["version"] else ", and does not tell its release"
    return passed("address", site.product, f"ArcGIS answers at {path}{release}.")


def release_check(meeting: Meeting, facts: Mapping[str, Any]) -> Check:
    """Say whether the pages document the jobs of the product for its release."""
    product, version = meeting.site.product, facts["version"]
    since = _SINCE[product]
    if version is None:
        return skipped("release", product, "The release of the product is not known.")
    least = ".".join(map(str, since))
    if is_before(version, since):
        reason = f"the jobs of this product are documented from release {least} on, and the site says {version}"
        hint = "Expect that resources are missing. Upgrade the site, or leave this product out."
        return failed("release", product, Failure("unsupported", reason, hint=hint), "warning")
    return passed("release", product, f"The jobs of this product are documented from release {least} on.")


def is_before(version: str | None, since: tuple[int, ...]) -> bool:
    """Say whether a release is surely older than another one; what cannot be read is not."""
    numbers = re.match(r"\d+(\.\d+)*", version or "")
    return numbers is not None and tuple(int(number) for number in numbers[0].split(".")[:3]) < since


def clock_check(meeting: Meeting, facts: Mapping[str, Any]) -> Check:
    """Say whether the clock of the product agrees with the one of this machine."""
    product, skew = meeting.site.product, facts["clock_skew"]
    if skew is None:
        return skipped("clock", product, "No answer with a Date header came.")
    if abs(skew) <= _MOST_SECONDS:
        return passed("clock", product, "Its clock agrees with the one here to within a minute.")
    reason = f"its clock is {abs(skew)} seconds {'ahead of' if skew > 0 else 'behind'} the one here"
    return failed("clock", product, Failure("clock_skew", reason), "warning")


def trusted(facts: Mapping[str, Any], connection: Connection, is_trusted: Any) -> Read[str | None]:
    """Return the portal to which the token may be sent: the one that the user named, or one on the host of the site."""
    if connection.portal_url or not facts["portal_url"]:
        return connection.portal_url
    try:
        return str(is_trusted(facts["portal_url"], facts["url"], connection.allow_http))
    except ArcGISError as error:
        return error.failure
