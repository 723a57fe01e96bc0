# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter anonymised."""

from __future__ import annotations

DOCUMENTATION = r"""
name: anonymised
short_description: Make results of site_info fit for an issue
version_added: 1.1.0
description:
  - Returns what M(gisops.arcgis.site_info) found out about sites, without what tells whose sites they are.
  - Only what a list in the filter allows stays as it is, which is versions, builds, numbers, codes of errors, outcomes,
    the names of checks, capabilities and assumptions, what was observed, and status words of ArcGIS.
  - Host names, addresses, accounts, and words of the site that are not on the list become stand-ins such as
    C(host-1.example) and C(user-1). The same name has the same stand-in wherever it appears. Messages become the
    sentences of the error catalogue, and all other texts are left out.
options:
  _input:
    description: Results of M(gisops.arcgis.site_info), of failed tasks as well.
    type: list
    elements: dict
    required: true
author:
  - gisops.arcgis contributors (@gisops)
notes:
  - Look at the file before you publish it. It tells releases, and how the sites are set up.
seealso:
  - module: gisops.arcgis.site_info
"""

EXAMPLES = r"""
- name: Check a site
  gisops.arcgis.site_info:
    assumptions: true
    fail_on: never
  register: site

- name: Write what was found to a file for an issue
  ansible.builtin.copy:
    content: "{{ [site] | gisops.arcgis.anonymised | ansible.builtin.to_nice_json(sort_keys=false) }}"
    dest: check_site.json
    mode: "0600"
"""

RETURN = r"""
_value:
  description:
    - The C(schema_version), which is V(1), the name and version of the C(collection), and the C(sites) in the order
      given. Each of these has a C(name) and the keys of the result of M(gisops.arcgis.site_info).
  type: dict
  sample:
    schema_version: 1
    collection: gisops.arcgis 1.1.0
    sites:
      - name: site-1
        product: server
        version: 11.3.0
        url: https://host-1.example/path-1
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import CATALOGUE
from ..module_utils._jobs.record import GP_STATUSES, status_of
from ..module_utils._outputs.sources import mappings_in
from ..module_utils._site.assumptions import ASSUMPTIONS
from ..module_utils._site.capabilities import GP, NOTEBOOKS, VIDEOS

SCHEMA_VERSION = 1

_PRODUCTS = frozenset(("server", "kubernetes", "notebook", "video"))
_OUTCOMES = frozenset(
    ("ok", "warning", "failed", "skipped", "agrees", "differs", "undecided", "not_tested", "yes", "no", "unknown")
)
_CHECKS = frozenset(
    ("tls", "address", "release", "clock", "log_in", "account", "platform", "administrator_directory")
    + ("gp_jobs", "notebook_jobs", "video_jobs")
)
_ABOUT_TOKENS = frozenset(("portal", "site", "given", "api_key", "header", "body"))
_ROLES = frozenset(("org_admin", "org_publisher", "org_user", "org_viewer"))
_ASSUMPTIONS = frozenset(assumption.name for assumption in ASSUMPTIONS)
# What the check-up writes as observed, and in the details.
_OBSERVED = frozenset(
    ("other", "http_404_page", "job", "service", "submitted", "end", "all", "first", "last", "none", "error")
    + ("ignored", "matches_nothing", "as_asked", "cut", "stable", "unstable", "milliseconds", "seconds")
    + ("none_listed", "cancel", "delete", "purgeQueue", "query", "statistics", "accepted", "refused")
    + ("both", "header", "body", "owningSystemUrl", "tokenServicesUrl_only", "absent", "complete", "capped")
    + ("present", "missing", "username", "messages", "isCancelled", "zero", "null")
)
_DETAILS = frozenset(
    ("job", "service", "asked", "got", "next_start", "code", "words", "unknown", "operations", "header", "body")
    + ("length", "with_num", "missing")
)
_NUMBERED = re.compile(r"(envelope|refused|capped)_[0-9]{1,9}|esriJob[A-Za-z]{1,30}")
# An address has a part more than a version.
_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,2}")
_PROTOCOL = re.compile(r"(TLS|SSL)v[0-9](\.[0-9])?")
_PRIVILEGE = re.compile(
    r"(portal|features|premium|opendata|marketplace)(:[A-Za-z]{1,40}){1,4}|ADMINISTER|PUBLISH|ACCESS"
)
_KNOWN_PATHS = re.compile(r"/(sharing(/rest)?|admin|tokens)/generateToken/?$|/tokens/?$")


class _StandIns:
    """The stand-ins of one file; the same name gets the same one."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def of(self, kind: str, value: Any) -> str | None:
        """Return the stand-in for a name of a kind; None for none."""
        if value is None:
            return None
        number = 1 + sum(kind == given for given, _name in self._given)
        return self._given.setdefault((kind, str(value)), f"{kind}-{number}")

    def host(self, name: Any) -> str | None:
        """Return the stand-in for a host name, whose case does not matter."""
        return None if name is None else f"{self.of('host', str(name).lower())}.example"

    def url(self, value: Any) -> str | None:
        """Return an address with stand-ins for host and path; only what ends a path of ArcGIS stays as it is."""
        try:
            parts = urlsplit(str(value))
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if value is None or host is None:
            return self.of("url", value)
        end = _KNOWN_PATHS.search(parts.path)
        path = parts.path[: end.start()] if end else parts.path
        path = f"/{self.of('path', path)}" if path.strip("/") else ""
        scheme = parts.scheme if parts.scheme in ("https", "http") else "other"
        return f"{scheme}://{self.host(host)}{f':{port}' if port else ''}{path}{end[0] if end else ''}"

    def word(self, value: Any, kind: str, allowed: frozenset[str]) -> str | None:
        """Return a word that is on a list as it is, and a stand-in for any other."""
        return str(value) if str(value) in allowed else self.of(kind, value)

    def match(self, value: Any, kind: str, pattern: re.Pattern[str]) -> str | None:
        """Return a text that has a known form as it is, and a stand-in for any other."""
        return str(value) if value is not None and pattern.fullmatch(str(value)) else self.of(kind, value)

    def observed(self, value: Any) -> Any:
        """Return what was observed, each of its words by itself; numbers and truth values stay."""
        if value is None or isinstance(value, (bool, int, float)):
            return _number(value)
        if isinstance(value, Mapping):
            return {str(name): self.observed(each) for name, each in value.items() if name in _DETAILS}
        if isinstance(value, list):
            return [self.observed(each) for each in value]
        return ", ".join(map(self._seen, str(value).split(", ")))

    def _seen(self, words: str) -> str:
        """Return what was seen of one thing: a word, a status of several words, or a name with a word."""
        if words in _OBSERVED or _NUMBERED.fullmatch(words) or status_of(words) in GP_STATUSES:
            return words
        return " ".join(map(self._seen, words.split(" "))) if " " in words else str(self.of("word", words))


def anonymised(results: Any) -> dict[str, Any]:
    """Return the content of the file for an issue: what site_info returned, without what tells whose sites they are."""
    listed = mappings_in(results)
    if listed is None:
        raise AnsibleFilterError("anonymised wants a list of results of gisops.arcgis.site_info.")
    names = _StandIns()
    sites = [{"name": f"site-{number}", **_site(names, result)} for number, result in enumerate(listed, 1)]
    return {"schema_version": SCHEMA_VERSION, "collection": _collection(), "sites": sites}


def _site(names: _StandIns, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of one task."""
    proxies, capabilities = _mapping(result.get("proxies")), _mapping(result.get("capabilities"))
    known = {name: _mapping(capabilities[name]) for name in (*GP, *NOTEBOOKS, *VIDEOS) if name in capabilities}
    return {
        "error": _code(_mapping(result.get("error")).get("code")),
        **_facts(names, result),
        "account": _account(names, result.get("account")),
        "proxies": {product: names.url(proxies[product]) for product in sorted(_PRODUCTS & set(proxies))},
        "products": [_facts(names, facts) for facts in _mappings(result.get("products"))],
        "capabilities": {
            name: {"value": names.word(each.get("value"), "word", _OUTCOMES)} for name, each in known.items()
        },
        "checks": [_check(names, check) for check in _mappings(result.get("checks"))],
        "summary": {
            name: _number(count) for name, count in _mapping(result.get("summary")).items() if name in _OUTCOMES
        },
        "assumptions": [_assumption(names, each) for each in _mappings(result.get("assumptions"))],
    }


def _facts(names: _StandIns, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a product."""
    federated = facts.get("federated")
    return {
        "product": names.word(facts.get("product"), "product", _PRODUCTS),
        "url": names.url(facts.get("url")),
        "version": names.match(facts.get("version"), "version", _VERSION),
        "build": names.match(facts.get("build"), "build", _VERSION),
        "platform": names.word(facts.get("platform"), "product", _PRODUCTS),
        "federated": federated if isinstance(federated, bool) else None,
        "portal_url": names.url(facts.get("portal_url")),
        "clock_skew": _number(facts.get("clock_skew")),
        "token": _token(names, facts.get("token")),
        "tls": _tls(names, facts.get("tls")),
    }


def _token(names: _StandIns, token: Any) -> dict[str, Any] | None:
    if not isinstance(token, Mapping):
        return None
    return {
        "source": names.word(token.get("source"), "word", _ABOUT_TOKENS),
        "route": names.url(token.get("route")),
        "lifetime": _number(token.get("lifetime")),
        "location": names.word(token.get("location"), "word", _ABOUT_TOKENS),
    }


def _tls(names: _StandIns, tls: Any) -> dict[str, Any] | None:
    if not isinstance(tls, Mapping):
        return None
    valid_for = tls.get("names")
    return {
        "subject": names.of("subject", tls.get("subject")),
        "issuer": names.of("subject", tls.get("issuer")),
        "names": [names.host(name) for name in valid_for] if isinstance(valid_for, list) else None,
        "days_left": _number(tls.get("days_left")),
        "protocol": names.match(tls.get("protocol"), "word", _PROTOCOL),
    }


def _account(names: _StandIns, account: Any) -> dict[str, Any] | None:
    if not isinstance(account, Mapping):
        return None
    privileges = account.get("privileges")
    return {
        "username": names.of("user", account.get("username")),
        "role": names.word(account.get("role"), "role", _ROLES),
        "privileges": [names.match(each, "privilege", _PRIVILEGE) for each in privileges]
        if isinstance(privileges, list)
        else None,
    }


def _check(names: _StandIns, check: Mapping[str, Any]) -> dict[str, Any]:
    """Return a check; what is said of an error is what the catalogue says of all of its kind."""
    code = _code(check.get("code"))
    return {
        "name": names.word(check.get("name"), "word", _CHECKS),
        "product": names.word(check.get("product"), "product", _PRODUCTS),
        "outcome": names.word(check.get("outcome"), "word", _OUTCOMES),
        "code": code,
        "message": CATALOGUE[code].meaning if code else None,
        "hint": CATALOGUE[code].remedy if code else None,
    }


def _assumption(names: _StandIns, assumption: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": _number(assumption.get("number")),
        "name": names.word(assumption.get("name"), "word", _ASSUMPTIONS),
        "product": names.word(assumption.get("product"), "product", _PRODUCTS),
        "outcome": names.word(assumption.get("outcome"), "word", _OUTCOMES),
        "observed": names.observed(assumption.get("observed")),
        "details": names.observed(_mapping(assumption.get("details"))) or None,
    }


def _code(code: Any) -> str | None:
    return str(code) if isinstance(code, str) and code in CATALOGUE else None


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _collection() -> str:
    """Return the name of the collection, with the version that its manifest tells where it is installed."""
    try:
        manifest = json.loads((Path(__file__).parents[2] / "MANIFEST.json").read_text(encoding="utf-8"))
        return f"gisops.arcgis {manifest['collection_info']['version']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "gisops.arcgis"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by their names."""
        return {"anonymised": anonymised}
