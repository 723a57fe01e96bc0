# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sharing API of a portal, as the portal itself and Enterprise on Kubernetes serve it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .accounts import Account
from .call import Call
from .discovery import version_of
from .families import ERROR, ApiError
from .login import expiry, find_account, issue, read_binding, refuse_credentials_in_query, token_answer, wrong_password
from .oauth import OAuth
from .product import OPEN, OPTIONAL, USER, Product
from .tokens import TokenRefused

FEDERATED = {"server": "", "notebook": "NotebookServer", "video": "VideoServer"}
_PRIVILEGES = {
    "administrator": [
        "portal:admin:viewUsers",
        "portal:admin:manageServers",
        "portal:admin:manageSecurity",
        "portal:admin:viewItems",
        "features:user:edit",
    ],
    "viewer": ["portal:admin:viewUsers", "portal:admin:viewItems"],
    "notebook_author": ["premium:user:notebook"],
    "user": ["portal:user:viewOrgItems"],
}
_ROLES = {"administrator": "org_admin", "viewer": "org_viewer", "notebook_author": "org_publisher", "user": "org_user"}


class Sharing:
    """The routes under `sharing/rest` of one product."""

    def __init__(self, product: Product, federated: frozenset[str]) -> None:
        self.product = product
        self.contexts = federated | {product.context}
        self.federated = federated
        for operation, path, handler, access in (
            ("generateToken", "generateToken", self.generate_token, OPEN),
            ("info", "info", self.info, OPEN),
            ("version", "", self.version, OPEN),
            ("portals/self", "portals/self", self.portal_self, OPTIONAL),
            ("portals/self/roles", "portals/self/roles", self.roles, USER),
            ("portals/self/servers", "portals/self/servers", self.servers, USER),
            ("community/self", "community/self", self.community_self, USER),
            ("community/users", "community/users/{username}", self.community_user, USER),
        ):
            pattern = "sharing(?:/rest)?" + ("/" + path if path else "")
            product.add(operation, pattern, handler, access, ERROR)
        OAuth(product, self.contexts)

    def generate_token(self, call: Call) -> dict[str, Any]:
        """Log in with name and password, or exchange a portal token for one of a federated server."""
        refuse_credentials_in_query(call)
        server_url = call.first("serverUrl", "serverURL")
        contexts = self.contexts if not server_url else self._server_contexts(server_url)
        if call.first("username") or not (server_url and call.token):
            account = find_account(self.product, call)
            binding = read_binding(call, client_required=False)
            if account is None:
                raise wrong_password()
            expires = expiry(self.product, call)
        else:
            account, binding, expires = self._exchange(call)
        return token_answer(issue(self.product, account, contexts, binding, expires), expires, ssl=True)

    def _server_contexts(self, server_url: str) -> frozenset[str]:
        context = urlsplit(server_url).path.strip("/").split("/")[0]
        if context not in self.federated:
            raise ApiError(400, "Unable to generate token.", (f"{server_url} is not a federated server.",))
        return frozenset({context})

    def _exchange(self, call: Call) -> tuple[Account | None, tuple[str, str], int]:
        """Check the portal token that is offered; the new one is bound like it unless the call says otherwise."""
        enterprise = self.product.enterprise
        referer = call.referer or call.first("referer")
        try:
            token = enterprise.tokens.check(
                call.token, self.product.context, referer, call.remote, enterprise.clock.now()
            )
        except TokenRefused as refusal:
            raise ERROR.refusal(str(refusal)) from None
        binding = (token.client, token.bound_to)
        if call.first("client") or call.first("referer"):
            binding = read_binding(call, client_required=False)
        return token.account, binding, expiry(self.product, call)

    def info(self, call: Call) -> dict[str, Any]:
        """Tell where tokens come from."""
        portal = call.url(self.product.context)
        return {
            "owningSystemUrl": portal,
            "authInfo": {"tokenServicesUrl": f"{portal}/sharing/rest/generateToken", "isTokenBasedSecurity": True},
        }

    def version(self, call: Call) -> dict[str, Any]:
        """Tell the version."""
        version = version_of(self.product)
        return {
            "currentVersion": str(version["currentVersion"]),
            "fullVersion": version["fullVersion"],
            "enterpriseVersion": version["fullVersion"],
        }

    def portal_self(self, call: Call, account: Account | None) -> dict[str, Any]:
        """Describe the organisation, and the user if there is one."""
        answer: dict[str, Any] = {
            "id": "0123456789ABCDEF",
            "name": "Example GIS",
            "portalName": "Example GIS",
            "portalHostname": call.url(self.product.context).partition("://")[2],
            "isPortal": True,
            "portalDeploymentType": self.product.settings["deployment_type"],
            "allSSL": True,
            "supportsOAuth": True,
            **version_of(self.product),
        }
        if account:
            answer["user"] = _user(account)
        return answer

    def roles(self, call: Call, account: Account | None) -> dict[str, Any]:
        """List custom roles: there are none."""
        return {"total": 0, "start": 1, "num": 0, "nextStart": -1, "roles": []}

    def servers(self, call: Call, account: Account | None) -> dict[str, Any]:
        """List the federated servers."""
        return {
            "servers": [
                {
                    "id": f"{context}0000000000",
                    "name": call.url(context),
                    "url": call.url(context),
                    "adminUrl": call.url(context),
                    "isHosted": context == "server",
                    "serverRole": "FEDERATED_SERVER",
                    "serverFunction": FEDERATED[context],
                }
                for context in sorted(self.federated)
            ]
        }

    def community_self(self, call: Call, account: Account | None) -> dict[str, Any]:
        """Describe the user."""
        return _user(_needed(account))

    def community_user(self, call: Call, username: str, account: Account | None) -> dict[str, Any]:
        """Describe a user of this portal."""
        found = self.product.enterprise.accounts.get(username)
        if found is None or self.product.context not in found.stores:
            raise ApiError(400, "User does not exist or is inaccessible.")
        return _user(found)


def _needed(account: Account | None) -> Account:
    if account is None:
        raise ERROR.refusal("denied")
    return account


def _user(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "fullName": account.username,
        "role": _ROLES[account.role],
        "roleId": _ROLES[account.role],
        "privileges": _PRIVILEGES[account.role],
        "level": "2",
    }


def build_portal(product: Product) -> None:
    """Make a product a portal."""
    Sharing(product, frozenset(FEDERATED))
