# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: where the site is, who asks, and how requests are made; checked before any network use.

This module is private to the collection.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .._errors import bad_option
from .._options import parse_optional_text, require_range

# One fixed string for all products, so that one token serves Server, Notebook Server and Video Server.
REFERER = "gisops.arcgis"
# A scheme, a host and a port.
Origin = tuple[str, str, int]

TOKEN_SOURCES = ("auto", "portal", "site")
TOKEN_LOCATIONS = ("header", "body")

# How API keys begin, by which clients tell them from tokens.
_API_KEYS = ("AAPK", "AAPT", "AATK", "AAST")

# What people copy along with the context URL: the addresses of pages and resources below it.
SITE_PAGES = r"(rest|admin|manager|home|webadaptor|sharing)"
_PORTAL_PAGES = r"(sharing|home|portaladmin|webadaptor)"
_HOST = re.compile(r"([\w-]{1,63}(\.[\w-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
_BOUNDS = {
    "token_expiration": (1, 525600),
    "timeout": (1, 3600),
    "retries": (0, 20),
    "max_concurrency": (1, 64),
}


@dataclass(frozen=True)
class Connection:
    """What every request of a task needs to know. Secrets are kept out of its representation."""

    url: str | None
    portal_url: str | None = None
    token_source: str = "auto"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_expiration: int = 60
    referer: str = REFERER
    token_location: str = "header"
    verify: bool | str = True
    client_cert: str | tuple[str, str] | None = None
    allow_http: bool = False
    timeout: int = 30
    retries: int = 3
    max_concurrency: int = 8

    @property
    def can_log_in(self) -> bool:
        """Say whether there is a username and a password."""
        return self.username is not None and self.password is not None

    @property
    def has_api_key(self) -> bool:
        """Say whether the token is an API key, which nothing renews."""
        return self.token is not None and self.token.startswith(_API_KEYS)

    @property
    def secrets(self) -> set[str]:
        """Return the values that must not appear anywhere."""
        return {secret for secret in (self.password, self.token) if secret}


def parse_connection(options: Mapping[str, Any]) -> Connection:
    """Check the options of the connection and return them.

    Raises ArcGISError bad_option with the name of the option, what is wrong, and what to write instead.
    """
    for name, (least, most) in _BOUNDS.items():
        require_range(options, most, **{name: least})
    allow_http = options["allow_http"]
    token = _header_text("token", options["token"], blanks=False)
    username = parse_optional_text("username", options["username"])
    password = parse_optional_text("password", options["password"], is_secret=True)
    ca_path = _file("ca_path", options["ca_path"], may_be_folder=True)
    cert, key = _file("client_cert", options["client_cert"]), _file("client_key", options["client_key"])
    return Connection(
        url=base_url("url", options["url"], allow_http, SITE_PAGES),
        portal_url=base_url("portal_url", options["portal_url"], allow_http, _PORTAL_PAGES),
        token_source=options["token_source"],
        username=username,
        password=password,
        token=token,
        token_expiration=options["token_expiration"],
        referer=_header_text("referer", options["referer"]) or REFERER,
        token_location=options["token_location"],
        verify=(ca_path or True) if options["validate_certs"] else False,
        client_cert=_certificate(cert, key),
        allow_http=allow_http,
        timeout=options["timeout"],
        retries=options["retries"],
        max_concurrency=options["max_concurrency"],
    )


def base_url(option: str, text: str | None, allow_http: bool, pages: str | None = None) -> str | None:
    """Return the context URL without what is below it: a trailing slash, or the address of a page or a resource.

    The context is the first part of the path, whatever it is called.
    """
    if text is None:
        return None
    url = text.strip()
    parts = _url_parts(option, url)
    if parts.scheme == "http" and not (allow_http or is_loopback(str(parts.hostname))):
        raise bad_option(
            option, "uses http, which would send the token in the clear", "Use https, or set allow_http: true."
        )
    path = parts.path.rstrip("/")
    if pages:
        path = re.sub(rf"(?<=.)/{pages}(/.*)?$", "", path, count=1, flags=re.IGNORECASE)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _url_parts(option: str, url: str) -> SplitResult:
    """Return the parts of a URL that has a host and perhaps a plain path, and nothing else."""
    example = "Write the context URL alone, such as https://gis.example.com/server."
    if not url or " " in url or "\\" in url or not url.isprintable():
        raise bad_option(option, "is empty or holds blanks, backslashes or characters that cannot be seen", example)
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        raise bad_option(option, "is not a URL", example) from None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and has_port
    problems = {
        "is not a URL that begins with https:// and a host name": not is_web,
        "holds a username or password": parts.username is not None or parts.password is not None,
        "has a host that is neither a name nor an address": not _HOST.fullmatch(parts.netloc),
        "holds a query or a fragment": "?" in url or "#" in url,
        "has a path with escapes, empty or dotted segments": bool(re.search(r"%|//|/\.{1,2}(/|$)", parts.path)),
    }
    for problem, is_met in problems.items():
        if is_met:
            raise bad_option(option, problem, example)
    return parts


def is_loopback(host: str) -> bool:
    """Say whether a host name can only mean this machine."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def origin(url: str) -> Origin:
    """Return the scheme, host and port of a URL, which together say who receives a request."""
    parts = urlsplit(url)
    return parts.scheme, host_name(url), parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def host_name(url: str) -> str:
    """Return the host name of a URL, as it is compared."""
    return (urlsplit(url).hostname or "").rstrip(".").lower()


def _header_text(option: str, value: object, blanks: bool = True) -> str | None:
    text = parse_optional_text(option, value)
    if text is not None and not blanks and " " in text.strip():
        raise bad_option(option, "holds a blank", "Write the token alone, without a word such as Bearer before it.")
    if text is not None and not re.fullmatch(r"[\x21-\x7e]+( +[\x21-\x7e]+)*" if blanks else r"[\x21-\x7e]+", text):
        raise bad_option(option, "holds characters that a header cannot carry", "Write plain ASCII on one line.")
    return text


def _file(option: str, path: str | None, may_be_folder: bool = False) -> str | None:
    """Return the path of a file that can be read; refuse what would fail, or never end, while a request is sent."""
    if path is None:
        return None
    is_one = os.path.isfile(path) or (may_be_folder and os.path.isdir(path))
    problem = "cannot be read" if is_one and not os.access(path, os.R_OK) else "" if is_one else "is no file"
    if not os.path.exists(path):
        problem = "does not exist here"
    if problem:
        instead = "Give a path on the host that runs the module."
        raise bad_option(option, f"is {path!r}, which {problem}", instead)
    return path


def _certificate(cert: str | None, key: str | None) -> str | tuple[str, str] | None:
    """Return the certificate of the client with its key; refuse one that could not be used, or asks for a password."""
    if cert is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as problem:
        option = "client_key" if key else "client_cert"
        raise bad_option(
            option,
            f"cannot be used: {getattr(problem, 'reason', None) or problem}",
            "Give a certificate and its key as PEM, the key without a password.",
        ) from None
    return (cert, key) if key else cert
