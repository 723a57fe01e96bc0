# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sites tell about themselves without a token."""

from __future__ import annotations

from typing import Any

from .call import Call
from .families import ERROR
from .product import OPEN, Product


def version_of(product: Product) -> dict[str, Any]:
    """Return the version twice: as the number it was once meant to be, and in full."""
    full = product.settings["version"]
    major, minor = (full.split(".") + ["0"])[:2]
    return {"currentVersion": float(f"{major}.{minor}"), "fullVersion": full}


def owning_system(product: Product, call: Call) -> str:
    """Return the URL of the portal that a federated site belongs to."""
    return str(product.settings["owning_system_url"] or call.url("portal"))


def federated_info(product: Product, call: Call) -> dict[str, Any]:
    """Return `rest/info` of a federated site, which names the portal twice, once, or not at all."""
    portal, how = owning_system(product, call), product.settings["rest_info_portal"]
    info = {**version_of(product), "authInfo": {"isTokenBasedSecurity": True}}
    if how == "both":
        info.update(owningSystemUrl=portal, owningTenant="")
    if how != "absent":
        info["authInfo"]["tokenServicesUrl"] = f"{portal}/sharing/rest/generateToken"
    return info


def standalone_info(product: Product, call: Call) -> dict[str, Any]:
    """Return `rest/info` of a site that stands alone: its token URL is a folder, with a slash at the end."""
    return {
        **version_of(product),
        "authInfo": {
            "isTokenBasedSecurity": True,
            "tokenServicesUrl": call.url(product.context, "tokens/"),
            "shortLivedTokenValidity": product.settings["token_default_minutes"],
        },
    }


def kubernetes_info(product: Product, call: Call) -> dict[str, Any]:
    """Return `rest/info` of Enterprise on Kubernetes, which is its own portal."""
    own = call.url(product.context)
    return {
        **version_of(product),
        "owningSystemUrl": own,
        "authInfo": {"isTokenBasedSecurity": True, "tokenServicesUrl": f"{own}/sharing/rest/generateToken"},
    }


def add_info(product: Product, info: Any) -> None:
    """Serve `info` at `rest/info`."""
    product.add("rest/info", "rest/info", lambda call: info(product, call), OPEN, ERROR)
