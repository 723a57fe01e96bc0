# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles: what a check of real sites found out, as settings that let the simulator answer as those sites do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .settings import DEFAULTS, changed_settings

_SCHEMA_VERSION = 1
_CONTEXTS = {
    "server": ("server", "arcgis"),
    "kubernetes": ("kubernetes",),
    "notebook": ("notebook",),
    "video": ("video",),
}
# Where the observation is the value of the setting, and has its name.
_ALIKE = (
    "window_tests",
    "several_statuses",
    "empty_start_time",
    "window_unit",
    "record_unit",
    "unfinished_end_time",
)
# The setting of an assumption, and its value for each observation.
_VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown_answers": (
        "unknown_answers",
        {"http_404_page": "page", **{f"envelope_{code}": f"envelope_{code}" for code in (400, 404, 500)}},
    ),
    "page_size": ("max_number", {"as_asked": None}),
    "stable_paging": ("result_order", {"stable": "stable", "unstable": "shuffled"}),
    "kubernetes_operations": ("gp_operations", {"none_listed": "none"}),
    "referer_binding": ("portal_token_clients", {"accepted": ["referer"], "refused": ["ip"]}),
    "token_carrier": ("token_carriers", {"both": "both", "header": "header", "body": "body"}),
    "api_keys": (
        "api_keys",
        {"accepted": "accept", "refused_403": "denied", "refused_498": "garbage", "refused_499": "missing"},
    ),
    "no_privilege_code": ("denied_code", {f"envelope_{code}": code for code in (400, 401, 403, 500)}),
    "kubernetes_notebook_list": ("notebooks_num", {"complete": None}),
    "kubernetes_notebook_fields": ("notebooks_fields", {"present": "full", "missing": "brief"}),
    "portal_in_rest_info": (
        "rest_info_portal",
        {"owningSystemUrl": "both", "tokenServicesUrl_only": "tokens_only", "absent": "absent"},
    ),
}
# What the jobs of a scenario decide, and no setting.
_OF_THE_SCENARIO = frozenset({"status_words"})
_COMMON_LENGTH = 10
_VERSION = re.compile(r"\d+(\.\d+)*")


@dataclass
class Profile:
    """Settings by context, and a sentence for each thing in the file that the simulator cannot do."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def take(self, product: str, source: str, changes: Mapping[str, Any]) -> None:
        """Take settings of a product from a source that is named where they cannot be had."""
        main, *others = _CONTEXTS[product]
        for context in (main, *others):
            taken = self.settings.setdefault(context, {})
            # A site that stands alone lacks the settings that are about the portal of a federated one.
            had = {name: value for name, value in changes.items() if context == main or name in DEFAULTS[context]}
            for name, value in had.items():
                try:
                    changed_settings(context, {}, {name: value})
                except ValueError as error:
                    self._note(f"{source}: {error}")
                    continue
                if taken.setdefault(name, value) != value:
                    self._note(f"{source}: {name} of {product} is {taken[name]!r} already, so {value!r} is left out")

    def _note(self, text: str) -> None:
        if text not in self.unknown:
            self.unknown.append(text)


def load_profile(given: str | Path | Mapping[str, Any]) -> Profile:
    """Read the anonymised file of a check, given as its path or its content; an empty one changes nothing."""
    if given == {}:
        return Profile()
    content = given if isinstance(given, Mapping) else json.loads(Path(given).read_text(encoding="utf-8"))
    if not isinstance(content, Mapping) or content.get("schema_version") != _SCHEMA_VERSION:
        raise ValueError(f"This is no file of a check with schema_version {_SCHEMA_VERSION}")
    profile = Profile()
    for number, site in enumerate(content.get("sites") or [], 1):
        for facts in site.get("products") or []:
            _take_version(profile, f"site {number}, {facts.get('product')}", facts)
        for assumption in site.get("assumptions") or []:
            _take_assumption(profile, f"site {number}, {assumption.get('name')}", assumption)
    return profile


def _take_version(profile: Profile, source: str, facts: Mapping[str, Any]) -> None:
    product, version = facts.get("product"), facts.get("version")
    if product not in _CONTEXTS:
        profile.unknown.append(f"{source}: the simulator has no such product")
    elif isinstance(version, str) and _VERSION.fullmatch(version):
        profile.take(product, source, {"version": version})
    elif version is not None:
        profile.unknown.append(f"{source}: the version {version!r} is no number")


def _take_assumption(profile: Profile, source: str, assumption: Mapping[str, Any]) -> None:
    product, observed = assumption.get("product"), assumption.get("observed")
    if observed is None or assumption.get("name") in _OF_THE_SCENARIO:
        return
    if product not in _CONTEXTS:
        profile.unknown.append(f"{source}: the simulator has no product {product!r}")
        return
    name, details = str(assumption.get("name")), assumption.get("details") or {}
    if name == "unknown_answers" and str(observed).startswith("job "):
        # A job is answered in another way than a service, and the setting has one way for both.
        profile.unknown.append(f"{source}: a service is answered as {details.get('service')!r}, here it is as a job")
        observed = details.get("job")
    changes = _changes(name, str(observed), details)
    if changes is None:
        profile.unknown.append(f"{source}: the simulator has no setting for {observed!r}")
    else:
        profile.take(product, source, changes)


def _changes(name: str, observed: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the settings that stand for an observation; None where there are none."""
    if name in _ALIKE:
        return {name: observed}
    setting, values = _VALUES.get(name, ("", {}))
    if observed in values:
        return {setting: values[observed]}
    return next(_of_other_kinds(name, observed, details), None)


def _of_other_kinds(name: str, observed: str, details: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the settings for an observation that holds a number, a word of the site, or names."""
    kind, dummy, number = observed.partition("_")
    if name == "page_size" and kind in ("capped", "cut"):
        length = int(number) if number.isdecimal() else int(details.get("got") or _COMMON_LENGTH)
        yield {"max_number": length, "capped_next_start": kind == "capped"}
    if name == "kubernetes_notebook_list" and kind == "capped":
        yield {"notebooks_num": int(details.get("length") or _COMMON_LENGTH)}
    if name == "kubernetes_operations":
        yield {"gp_operations": "listed"}
    if name == "notebook_cancelled" and observed.isalpha():
        yield {"cancelled_status": observed}
    if name == "video_failed_word":
        yield {"status_failed": observed.partition(",")[0]}
