# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the token stands for: as the portal says, or as the administrator directory of the site does.

Follows the pages "Portal self" of the portal, and "Info" of the ArcGIS Server administrator API. This module is private
to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._arcgis.client import Client, Operation
from .._errors import Failure
from .checks import Check, Read, attempt, failed, passed, skipped
from .sites import KUBERNETES, SERVER

_PORTAL_SELF = Operation("ask the portal who the account is", "GET", "sharing/rest/portals/self")
_ADMIN_INFO = Operation("read the build of the site", "GET", "admin/info")

ADMINISTRATOR = "org_admin"
# What the administrator directory of a server calls the same.
_ADMINISTER = "ADMINISTER"
# How a portal calls what it belongs to, as the clients of Esri read it, and what the option platform calls it.
_DEPLOYMENTS = {"ArcGISEnterprise": SERVER, "ArcGISEnterpriseOnKubernetes": KUBERNETES}


def portal_self(client: Client, portal: str) -> Read[dict[str, Any]]:
    """Return what the portal says of itself and of who asks."""
    return attempt(lambda: client.variant(url=portal).call(_PORTAL_SELF))


def platform_in(answer: Mapping[str, Any]) -> str | None:
    """Return the platform that the portal says it is of; None where it does not say."""
    deployment = answer.get("portalDeploymentType")
    return _DEPLOYMENTS.get(deployment) if isinstance(deployment, str) else None


def platform_check(product: str, told: str) -> Check:
    """Say whether the option platform is what the portal says that the site at url is."""
    if told == product:
        return passed("platform", product, f"The portal at this address says that platform is {told}.")
    reason = f"the option platform is {product}, and the portal at this address says that it is {told}"
    address = "" if told == KUBERNETES else " Give the url of an ArcGIS Server, not that of its portal."
    return failed("platform", product, Failure("bad_option", reason, hint=f"Set platform: {told}.{address}"))


def account_of(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the account as the portal shows it; None where it shows none."""
    user = answer.get("user")
    if not isinstance(user, Mapping) or not isinstance(user.get("username"), str):
        return None
    role, privileges = user.get("role"), user.get("privileges")
    listed = [each for each in privileges if isinstance(each, str)] if isinstance(privileges, list) else None
    return {
        "username": user["username"],
        "role": role if isinstance(role, str) else None,
        "privileges": None if listed is None else sorted(listed),
    }


def admin_info(client: Client) -> Mapping[str, Any]:
    """Return what the administrator directory tells of the server, its build and who asks; nothing if it does not."""
    answer = attempt(lambda: client.call(_ADMIN_INFO))
    return {} if isinstance(answer, Failure) else answer


def build_in(info: Mapping[str, Any]) -> str | None:
    """Return the build that the administrator directory tells."""
    build = info.get("currentbuild") or info.get("currentBuild")
    return str(build) if isinstance(build, (str, int)) and not isinstance(build, bool) and build else None


def account_in(info: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the account that the administrator directory tells; pages spell its name in two ways."""
    name, privilege = info.get("loggedInUser") or info.get("logginInUser"), info.get("loggedInUserPrivilege")
    if not isinstance(name, str) or not isinstance(privilege, str):
        return None
    return {"username": name, "role": None, "privileges": [privilege]}


def is_administrator(account: Mapping[str, Any] | None) -> bool:
    """Say whether an account surely has the default role of an administrator."""
    return account is not None and (account["role"] == ADMINISTRATOR or _ADMINISTER in (account["privileges"] or ()))


def account_check(product: str, account: Read[dict[str, Any] | None], why_not: str) -> Check:
    """Say who the account is; why_not tells why nobody can say."""
    if isinstance(account, Failure):
        return failed("account", product, account, "warning")
    if account is None:
        return skipped("account", product, why_not)
    count = len(account["privileges"] or ())
    role = f"the role {account['role']} and " if account["role"] else ""
    return passed("account", product, f"{account['username']} has {role}{count} privileges that the site shows.")
