# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all products have in common: routes, access rules, and the way from a call to an answer."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from aiohttp import web

from .accounts import Account
from .call import Call
from .families import ERROR, METHOD_FORM, ApiError, Family, error_page, html_response, render, render_error
from .settings import DEFAULTS
from .tokens import Token, TokenRefused

if TYPE_CHECKING:
    from .enterprise import Enterprise

# Who may call a route: anybody; anybody, but a token that is sent must be good; any user; a user who may read the
# administrator directory; one who may change things; a notebook user, whom the route itself limits to own jobs.
OPEN, OPTIONAL, USER, READ, WRITE, NOTEBOOKS = "open", "optional", "user", "read", "write", "notebooks"
READING = ("GET", "POST")
# The operations that change jobs.
WRITING = frozenset({"cancel", "delete", "purgeQueue", "deleteAll", "public cancel", "directory clean"})

_PARTS = {
    "folder": r"[^/.]+",
    "service": r"(?:[^/]+/)?[^/]+\.[A-Za-z]+",
    "public": r"(?:[^/]+/)?[^/]+/[A-Za-z]+Server",
}
Handler = Callable[..., Any]
_NOT_PERMITTED = "You do not have permissions to access this resource or perform this operation."


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Turn `admin/services/{service}/jobs` into a regular expression with named groups."""
    expression = re.sub(r"{(\w+)}", lambda match: f"(?P<{match[1]}>{_PARTS.get(match[1], '[^/]+')})", pattern)
    return re.compile(expression)


@dataclass(frozen=True)
class Route:
    """A resource or operation: where it is, who may call it, by which methods, and in which family it answers."""

    operation: str
    pattern: re.Pattern[str]
    handler: Handler
    access: str
    family: Family
    methods: tuple[str, ...]


class Product:
    """One product under its context path; the files of the products add the routes."""

    def __init__(self, enterprise: Enterprise, context: str, settings: dict[str, Any]) -> None:
        self.enterprise = enterprise
        self.context = context
        self.settings = settings
        self.admin_family: Family = ERROR
        self.admin_redirect = False
        self.routes: list[Route] = []
        self._past: list[tuple[int, dict[str, Any]]] = []

    def add(
        self,
        operation: str,
        pattern: str,
        handler: Handler,
        access: str = READ,
        family: Family | None = None,
        methods: tuple[str, ...] = READING,
    ) -> None:
        """Add a route; without a family it answers in that of the administrator directory."""
        route = Route(operation, compile_pattern(pattern), handler, access, family or self.admin_family, methods)
        self.routes.append(route)

    def recognise(self, call: Call) -> None:
        """Note in a call which operation, service and job it is about."""
        route, values = self._find(call.path)
        call.operation = route.operation if route else None
        call.service, call.job = values.get("service"), values.get("job")

    def family(self, call: Call) -> Family:
        """Return the family in which a call is answered."""
        route, dummy = self._find(call.path)
        return route.family if route else self._family_of(call.path)

    def answer(self, call: Call) -> web.StreamResponse:
        """Answer a call."""
        if self.admin_redirect and call.method == "GET" and call.path == "admin" and not call.raw_path.endswith("/"):
            target = call.url(self.context, "admin/") + ("?" + call.query_string if call.query_string else "")
            return web.Response(status=302, headers={"Location": target})
        if call.operation in WRITING and self.enterprise.faults.has("stale"):
            self._past.append((self.enterprise.clock.now(), self.copy_jobs(call)))
        route, values = self._find(call.path)
        family = route.family if route else self._family_of(call.path)
        try:
            if route is None:
                raise self._no_such_resource(call, family)
            account = self._authorise(call, route.access, family)
            if call.method not in route.methods:
                return self._wrong_method(call, family)
            if route.access in (OPTIONAL, USER, NOTEBOOKS):
                values["account"] = account
            data = route.handler(call, **values)
        except ApiError as error:
            return self._render_error(call, family, error)
        return data if isinstance(data, web.StreamResponse) else render(call, family, data)

    def _find(self, path: str) -> tuple[Route | None, dict[str, Any]]:
        for route in self.routes:
            match = route.pattern.fullmatch(path)
            if match:
                return route, match.groupdict()
        return None, {}

    def _family_of(self, path: str) -> Family:
        return self.admin_family if path.split("/")[0] == "admin" else ERROR

    def _no_such_resource(self, call: Call, family: Family) -> ApiError:
        """Return the error for an unknown path; administrator directories ask for the token first."""
        if call.path.split("/")[0] == "admin":
            self._authorise(call, USER, family)
            return no_such_resource(call.path.rpartition("/")[2])
        return ApiError(400, "Invalid URL", ("Invalid URL",))

    def _wrong_method(self, call: Call, family: Family) -> web.StreamResponse:
        how = self.settings["wrong_method"]
        if how == "form":
            return html_response(METHOD_FORM)
        if how == "html":
            return error_page(405, "Method Not Allowed")
        return render_error(call, family, ApiError(405, "Method not supported", http_status=405))

    def _render_error(self, call: Call, family: Family, error: ApiError) -> web.StreamResponse:
        """Answer an error; the settings say how lack of privilege is answered, and how what is unknown."""
        if error.reason == "denied" and self.settings["denied_code"] != error.code:
            # Another text as well: that of code 403 alone tells what is meant.
            error = ApiError(self.settings["denied_code"], _NOT_PERMITTED)
        how = self.settings["unknown_answers"] if error.code == 404 else ""
        if how == "page":
            return error_page(404, "Not Found")
        if how == "http_404":
            error.http_status = 404
        elif how:
            error.code = int(how.rpartition("_")[2])
        return render_error(call, family, error)

    def _has_token(self, call: Call) -> bool:
        """Tell whether there is a token where the site looks for one; it always looks into the query."""
        overlooked = {"header": ("body",), "body": ("header", "authorization")}.get(self.settings["token_carriers"], ())
        return bool(call.token) and call.token_in not in overlooked

    def _authorise(self, call: Call, access: str, family: Family) -> Account | None:
        if access == OPEN:
            return None
        if not self._has_token(call):
            if access == OPTIONAL:
                return None
            raise family.refusal("missing")
        if call.method == "POST" and self.settings["require_body_token"] and call.token_in != "body":
            raise family.refusal("missing")
        account = self.token_account(call, family)
        permitted = {
            READ: account is not None and account.may_read,
            WRITE: account is not None and account.may_write,
            NOTEBOOKS: account is not None and account.role != "user",
        }
        if not permitted.get(access, True):
            raise family.refusal("denied")
        return account

    def token_account(self, call: Call, family: Family) -> Account | None:
        """Return who the token of the call stands for; an app's token stands for nobody."""
        now = self.enterprise.clock.now()
        try:
            token = self.enterprise.tokens.check(call.token, self.context, call.referer, call.remote, now)
        except TokenRefused as refusal:
            raise family.refusal(str(refusal)) from None
        if call.path.startswith("admin"):
            if self._is_weakly_bound(token):
                raise family.refusal("garbage")
            if token.is_api_key and self.settings["api_keys"] != "accept":
                raise family.refusal(self.settings["api_keys"])
        return token.account

    def _is_weakly_bound(self, token: Token) -> bool:
        """Tell whether this is a portal token whose binding to an address does not do at a federated site."""
        clients: list[str] = self.settings.get("portal_token_clients") or [token.client]
        return token.issuer == "portal" and token.client != "none" and token.client not in clients

    # Faults exchange the jobs for a while through these; the keys of the mappings are up to the product.

    def copy_jobs(self, call: Call) -> dict[str, Any]:
        """Return a copy of the jobs that a call may be about."""
        return {}

    def use_jobs(self, jobs: dict[str, Any]) -> dict[str, Any]:
        """Put these jobs in place and return what was there."""
        return {}

    def past_jobs(self, moment: int) -> dict[str, Any]:
        """Return a copy of the jobs as they were before the calls that came after a moment."""
        jobs: dict[str, Any] = {}
        for at, before in reversed(self._past):
            if at > moment:
                jobs.update(before)
        return copy.deepcopy(jobs)

    # The control endpoint sees and changes the jobs of every product through these five.

    def job_views(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return the jobs as they are now."""
        return []

    def job_view(self, job_id: str) -> dict[str, Any] | None:
        """Return one job as it is now, or None where there is no such job."""
        return next((view for view in self.job_views() if view["job_id"] == job_id), None)

    def add_job(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a job."""
        raise ValueError(f"{self.context} has no jobs")

    def update_job(self, job_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Change fields of a job and return it, or None where there is no such job."""
        return None

    def remove_job(self, job_id: str) -> bool:
        """Remove a job and tell whether it was there."""
        return False


def default_settings(context: str) -> dict[str, Any]:
    """Return the settings of a context that nobody changed."""
    return dict(DEFAULTS[context])


def no_such_resource(name: str) -> ApiError:
    """Return the error for an unknown child or operation of an administrator directory."""
    return ApiError(404, f"Could not find resource or operation '{name}' on the system.")
