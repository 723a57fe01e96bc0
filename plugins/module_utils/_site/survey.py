# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check-up of a site: every product is met, signed in to and looked at, and what fails stops only what needs it.

This module is private to the collection.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._arcgis.client import Client
from .._arcgis.tokens import trusted_portal
from .._errors import Failure, bad_option
from .._gp.services import Service, parse_service
from .._options import parse_job_ids
from .._results import Outcome
from .access import SITE, Access, SignIn
from .account import (
    account_check,
    account_in,
    account_of,
    admin_info,
    build_in,
    is_administrator,
    platform_check,
    platform_in,
    portal_self,
)
from .assumptions import ASSUMPTIONS, Observation, entry, not_tested
from .capabilities import (
    GP,
    NOTEBOOKS,
    VIDEOS,
    Capability,
    Who,
    all_unknown,
    gp_capabilities,
    notebook_capabilities,
    video_capabilities,
)
from .checks import FAILED, Check, Read, failure_of, summary
from .looks import (
    about_the_token,
    checks_without_token,
    directory_check,
    gp_check,
    look_at_gp,
    look_at_notebooks,
    look_at_video,
    notebook_check,
    video_check,
)
from .observe import GpObserver, of_kubernetes_notebooks, of_login, of_notebooks, of_video
from .sites import (
    KUBERNETES,
    NOTEBOOK,
    SERVER,
    VIDEO,
    Meeting,
    address_check,
    clock_check,
    facts_of,
    meet,
    release_check,
    sites_of,
    trusted,
    version_of,
)
from .tls import proxy_of, tls_check, tls_of

_NO_ACCOUNT = "The product does not show who the account is."


@dataclass(frozen=True)
class Wanted:
    """What the user asks for beside the checks: a service, video jobs, and whether assumptions are settled."""

    service: Service | None
    video_job_ids: Sequence[str]
    assumptions: bool


@dataclass
class Found:
    """What was found of one product."""

    facts: dict[str, Any]
    checks: list[Check]
    account: dict[str, Any] | None = None
    capabilities: dict[str, Capability] = field(default_factory=dict)
    seen: dict[str, Observation] = field(default_factory=dict)
    why_unseen: str = ""


def check_site(client: Client, options: Mapping[str, Any]) -> Outcome:
    """Look at every product that the options name; return what was found, and the failure that fail_on asks for.

    Raises ArcGISError bad_option before anything is sent.
    """
    given, not_given, unset = sites_of(options)
    if not given:
        raise bad_option("url", "is missing", "Set url, notebook_url or video_url.")
    wanted = _wanted(options)
    sign_in = SignIn(client)
    meetings = [meet(client, site) for site in given]
    found = {meeting.site.product: _look_at(client, meeting, sign_in, wanted) for meeting in meetings}
    checks = [*(check for each in found.values() for check in each.checks), *not_given]
    first = next(iter(found.values()))
    result = {
        **first.facts,
        "account": next((each.account for each in found.values() if each.account), None),
        "proxies": {each.facts["product"]: proxy_of(meeting.peer) for each, meeting in zip(found.values(), meetings)},
        "products": [each.facts for each in found.values()],
        "capabilities": _all_capabilities(found, unset),
        "checks": [check.as_result() for check in checks],
        "summary": summary(checks),
    }
    if wanted.assumptions:
        result["assumptions"] = _all_assumptions(found, unset)
    return result, failure_of(checks, options["fail_on"])


def _wanted(options: Mapping[str, Any]) -> Wanted:
    service = options["service"]
    return Wanted(
        None if service is None else parse_service("service", service),
        parse_job_ids("video_job_ids", options["video_job_ids"] or ()),
        options["assumptions"],
    )


def _look_at(client: Client, meeting: Meeting, sign_in: SignIn, wanted: Wanted) -> Found:
    """Check one product as far as that is possible."""
    product, url = meeting.site.product, meeting.site.url
    facts = facts_of(meeting, client.connection)
    tls = tls_of(url, meeting.peer, time.time())
    is_verified = client.connection.verify is not False
    checks = [tls_check(meeting, tls, is_verified), address_check(meeting, facts), clock_check(meeting, facts)]
    access = sign_in.access(meeting, facts)
    facts.update(token=access.token, tls=tls)
    found = Found(facts, [*checks, access.check])
    if access.client is None:
        first = next((check for check in checks if check.outcome == FAILED), access.check)
        found.why_unseen = f"The product could not be asked. The check {first.name} says why."
        found.checks.append(release_check(meeting, facts))
        found.checks += checks_without_token(product, found.why_unseen)
        found.capabilities = all_unknown(_names_of(product), found.why_unseen)
        return found
    who = _who(access.client, meeting, access, found)
    found.checks.append(release_check(meeting, facts))
    _LOOKS[product](access.client, meeting, access, who, wanted, found)
    return found


def _who(client: Client, meeting: Meeting, access: Access, found: Found) -> Who:
    """Find out who the account is, and note it."""
    facts, product = found.facts, meeting.site.product
    info = admin_info(client) if product == SERVER else {}
    facts["build"] = build_in(info)
    portal = trusted(facts, client.connection, trusted_portal)
    is_of_site = access.token is not None and access.token["source"] == SITE
    account: Read[dict[str, Any] | None] = None
    if portal is not None and not is_of_site:
        shown = portal if isinstance(portal, Failure) else portal_self(client, portal)
        account = shown if isinstance(shown, Failure) else account_of(shown)
        if portal == meeting.site.url and not isinstance(shown, Failure):
            _note_own_portal(shown, product, found)
    of_directory = account_in(info)
    if of_directory is not None and not isinstance(account, dict):
        account = of_directory
    found.checks.append(account_check(product, account, _NO_ACCOUNT))
    found.account = None if isinstance(account, Failure) else account
    is_admin = is_administrator(found.account) or is_administrator(of_directory)
    return Who(found.account, is_admin or (is_of_site and facts["federated"] is True))


def _note_own_portal(shown: Mapping[str, Any], product: str, found: Found) -> None:
    """Note what a site that is its own portal says of itself; without rest/info only that tells the release."""
    facts, platform = found.facts, platform_in(shown)
    facts["version"] = facts["version"] or version_of(shown)
    if platform is not None:
        facts["platform"] = platform
        found.checks.append(platform_check(product, platform))


def _look_at_gp(client: Client, meeting: Meeting, access: Access, who: Who, wanted: Wanted, found: Found) -> None:
    """Look at the GP jobs of a site, and on Kubernetes at its notebook jobs."""
    product, platform = meeting.site.product, found.facts["platform"]
    look = look_at_gp(client, wanted.service, platform == KUBERNETES)
    found.checks += [directory_check(product, look), gp_check(product, look)]
    found.capabilities = gp_capabilities(look, who, platform == KUBERNETES)
    notebooks = look_at_notebooks(client, True) if product == KUBERNETES else None
    if notebooks is not None:
        found.checks.append(notebook_check(product, notebooks))
        version = found.facts["version"]
        found.capabilities.update(notebook_capabilities(notebooks, who, True, version))
    if product != platform:
        found.why_unseen = "The option platform is not that of the site. The check platform says so."
    elif wanted.assumptions:
        found.seen = of_login(meeting, access, look.services, who, bool(found.facts["federated"]))
        found.seen.update(GpObserver(client, look, product).observe())
        if notebooks is not None:
            found.seen.update(of_kubernetes_notebooks(client, notebooks))
        found.why_unseen = "The administrator directory, or the jobs of a service, cannot be read."


def _look_at_notebooks(
    client: Client, meeting: Meeting, access: Access, who: Who, wanted: Wanted, found: Found
) -> None:
    """Look at the jobs of a Notebook Server."""
    look = look_at_notebooks(client, False)
    found.checks.append(notebook_check(NOTEBOOK, look))
    found.capabilities = notebook_capabilities(look, who, False, found.facts["version"])
    if wanted.assumptions:
        found.seen = of_login(meeting, access, look.listing, who, bool(found.facts["federated"]))
        found.seen.update(of_notebooks(client, look))
        found.why_unseen = "The list of notebook jobs cannot be read."


def _look_at_video(client: Client, meeting: Meeting, access: Access, who: Who, wanted: Wanted, found: Found) -> None:
    """Look at the jobs of a Video Server that the user named."""
    look = look_at_video(client, wanted.video_job_ids)
    found.checks.append(video_check(look))
    found.capabilities = video_capabilities(look, who)
    if wanted.assumptions:
        found.seen = of_login(meeting, access, about_the_token(look.unknown), who, bool(found.facts["federated"]))
        found.seen.update(of_video(client, look))


_LOOKS = {SERVER: _look_at_gp, KUBERNETES: _look_at_gp, NOTEBOOK: _look_at_notebooks, VIDEO: _look_at_video}


def _names_of(product: str) -> tuple[str, ...]:
    """Return the capabilities that a product decides."""
    kubernetes = (*GP, *NOTEBOOKS)
    names = {SERVER: GP, NOTEBOOK: NOTEBOOKS, VIDEO: VIDEOS}
    return names.get(product, kubernetes)


def _all_capabilities(found: Mapping[str, Found], unset: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return every capability; those of products that were not given are unknown."""
    every: dict[str, Capability] = {}
    for product, why in unset.items():
        every.update(all_unknown(_names_of(product), why))
    for each in found.values():
        every.update(each.capabilities)
    names = (*GP, *NOTEBOOKS, *VIDEOS)
    return {name: every[name].as_result() for name in names}


def _all_assumptions(found: Mapping[str, Found], unset: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return every assumption for every product that it is about, in the order of the numbers."""
    listed = []
    unread = not_tested()
    for assumption in ASSUMPTIONS:
        for product in assumption.products:
            # A site is a server or a Kubernetes, so the other one is not there to be asked.
            if product not in found and product not in unset:
                continue
            each = found.get(product)
            seen = {**each.seen, **unread}.get(assumption.name) if each else None
            listed.append(entry(assumption, product, seen, each.why_unseen if each else unset[product]))
    return listed
