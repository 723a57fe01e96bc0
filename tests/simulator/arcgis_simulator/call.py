# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request, reduced to what the simulated products look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping


@dataclass
class Call:
    """A request to one product; `path` is relative to its context and has no outer slashes."""

    method: str
    context: str
    path: str
    raw_path: str
    query_string: str
    query: MultiMapping[str]
    form: MultiMapping[str]
    token: str
    token_in: str
    referer: str
    remote: str
    base: str
    format: str
    operation: str | None = None
    service: str | None = None
    job: str | None = None
    error_code: int | None = None

    def first(self, *names: str) -> str:
        """Return the first value under any of the names, body before query; empty when there is none."""
        for name in names:
            value = self.form.get(name) or self.query.get(name)
            if value:
                return str(value)
        return ""

    def every(self, name: str) -> list[str]:
        """Return all values under a name that are not empty."""
        return [str(value) for source in (self.form, self.query) for value in source.getall(name, []) if value]

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a true/false parameter."""
        value = self.first(name).lower()
        return value == "true" if value else default

    def url(self, context: str, path: str = "") -> str:
        """Return the URL of a context under the host name that the caller used."""
        return f"{self.base}/{context}{'/' + path if path else ''}"


def _bearer(value: str | None) -> str:
    kind, dummy, token = (value or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _find_token(request: web.Request, form: MultiMapping[str]) -> tuple[str, str]:
    """Return the token and where it was; the body comes first because POST is documented to carry it there."""
    places = (
        ("body", str(form.get("token") or "")),
        ("header", _bearer(request.headers.get("X-Esri-Authorization"))),
        ("authorization", _bearer(request.headers.get("Authorization"))),
        ("query", request.query.get("token", "")),
    )
    for place, token in places:
        if token:
            return token, place
    return "", "none"


async def read_call(request: web.Request) -> Call:
    """Read a request with its form."""
    try:
        form: Any = await request.post() if request.method == "POST" else MultiDict()
    except (LookupError, ValueError):
        raise web.HTTPBadRequest(text="The form cannot be read.") from None
    token, token_in = _find_token(request, form)
    segments = [segment for segment in request.path.split("/") if segment]
    wanted = (form.get("f") or request.query.get("f") or "html").lower()
    return Call(
        method=request.method,
        context=segments[0] if segments else "",
        path="/".join(segments[1:]),
        raw_path=request.raw_path.partition("?")[0],
        query_string=request.rel_url.raw_query_string,
        query=request.query,
        form=form,
        token=token,
        token_in=token_in,
        referer=request.headers.get("Referer", ""),
        remote=request.remote or "",
        base=f"https://{request.host}",
        format=wanted if wanted in ("json", "pjson") else "html",
    )
