# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter between AnsibleModule and the engine: argument specs, environment variables, results and failures.

This is the only file of the engine that knows Ansible. It is private to the collection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleFallbackNotFound, AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import sanitize_keys

from ansible_collections.gisops.arcgis.plugins.module_utils._client import NO_COST, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._connection import (
    REFERER,
    TOKEN_LOCATIONS,
    TOKEN_SOURCES,
    connection,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError, bad_option, internal_error
from ansible_collections.gisops.arcgis.plugins.module_utils._transport import REQUESTS_PROBLEM
from ansible_collections.gisops.arcgis.plugins.module_utils._wait import Patience
from ansible_collections.gisops.arcgis.plugins.module_utils._wishes import Change

SERVER = ("ARCGIS_SERVER_URL", "ARCGIS_URL")
NOTEBOOK = ("ARCGIS_NOTEBOOK_URL", "ARCGIS_URL")
VIDEO = ("ARCGIS_VIDEO_URL", "ARCGIS_URL")
ANY_PRODUCT = ("ARCGIS_SERVER_URL", "ARCGIS_NOTEBOOK_URL", "ARCGIS_VIDEO_URL", "ARCGIS_URL")

# Every GP module takes it; it settles what the two administrator APIs do differently.
PLATFORM: dict[str, Any] = {"platform": {"type": "str", "choices": ["server", "kubernetes"], "default": "server"}}

# The waiting modules take these; the documentation fragment "wait" describes them.
WAIT: dict[str, Any] = {
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 600},
    "wait_sleep": {"type": "float", "default": 2},
}
FAIL_ON: dict[str, Any] = {
    "fail_on": {
        "type": "list",
        "elements": "str",
        "choices": ["failed", "timed_out", "cancelled", "missing"],
        "default": [],
    },
}

# Sites count in 32 bits.
_MOST = 2**31 - 1
_DAY = 86400
_YEAR = 365 * _DAY
_MOST_NAMES = 5


def from_environment(*names: str) -> str:
    """Return the first of the variables that is not empty; a blank field of an AWX credential counts as unset."""
    for name in names:
        if os.environ.get(name, "").strip():
            return os.environ[name]
    raise AnsibleFallbackNotFound


def connection_arguments(url_variables: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the argument spec that every module shares; the documentation fragment "connection" describes it."""

    def option(kind: str = "str", variable: str | None = None, **more: Any) -> dict[str, Any]:
        return {"type": kind, **({"fallback": (from_environment, [variable])} if variable else {}), **more}

    return {
        "url": {"type": "str", "required": True, "fallback": (from_environment, list(url_variables))},
        "portal_url": option(variable="ARCGIS_PORTAL_URL"),
        "token_source": option(
            variable="ARCGIS_TOKEN_SOURCE", choices=list(TOKEN_SOURCES), default="auto", no_log=False
        ),
        "username": option(variable="ARCGIS_USERNAME"),
        "password": option(variable="ARCGIS_PASSWORD", no_log=True),
        "token": option(variable="ARCGIS_TOKEN", no_log=True),
        "token_expiration": option("int", default=60, no_log=False),
        "referer": option(variable="ARCGIS_REFERER", default=REFERER),
        "token_location": option(
            variable="ARCGIS_TOKEN_LOCATION", choices=list(TOKEN_LOCATIONS), default="header", no_log=False
        ),
        "validate_certs": option("bool", "ARCGIS_VALIDATE_CERTS", default=True),
        "ca_path": option("path", "ARCGIS_CA_PATH"),
        "client_cert": option("path"),
        "client_key": option("path", no_log=False),
        "allow_http": option("bool", default=False),
        "timeout": option("int", default=30),
        "retries": option("int", default=3),
        "max_concurrency": option("int", default=8),
    }


def run_module(
    work: Callable[[Site, dict[str, Any]], dict[str, Any]],
    arguments: dict[str, dict[str, Any]],
    url_variables: Sequence[str],
    returns_token: bool = False,
) -> None:
    """Run a module: check the options, let work do what the module is for, and report.

    work gets the site, which refuses every write in check mode, and the options. It returns what the module returns, or
    raises ArcGISError. Tokens that the task obtained are hidden in the result, unless the module is there to return
    one.
    """
    spec = {**connection_arguments(url_variables), **arguments}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    if REQUESTS_PROBLEM:
        missing = ArcGISError("missing_library", missing_required_lib("requests"))
        module.fail_json(msg=missing.said, error=missing.as_result(), changed=False, api=NO_COST)
    result: dict[str, Any] = {}
    failure: ArcGISError | None = None
    site: Site | None = None
    try:
        site = Site(connection(module.params), read_only=module.check_mode)
        result = work(site, module.params)
    except ArcGISError as error:
        failure = error
    except Exception as problem:
        failure = internal_error(problem)
    # The except block has ended: newer releases of ansible-core put an exception under way into the result.
    if failure is not None:
        result = failure.result
    result = {"changed": False, **result, "api": site.cost() if site else NO_COST}
    if site is not None:
        site.close()
        if not returns_token:
            module.no_log_values.update(site.secrets)
        for text in site.warnings:
            module.warn(text)
    if not module._diff:
        result.pop("diff", None)
    for name in ("summary", "diff"):
        # Their keys are words of the site, and Ansible itself masks secrets in values only.
        if name in result:
            result[name] = sanitize_keys(result[name], module.no_log_values)
    if failure is not None:
        module.fail_json(msg=str(failure), error=failure.as_result(), **result)
    module.exit_json(**result)


def check_range(options: dict[str, Any], most: int = _MOST, **least: int) -> None:
    """Refuse a number that is less or more than it may be; one that is not set may be. Raises bad_option."""
    for name, bound in least.items():
        if options[name] is not None and not bound <= options[name] <= most:
            raise bad_option(name, "is out of range", f"Write a whole number from {bound} to {most}.")


def server_only(options: dict[str, Any], attempted: str) -> None:
    """Refuse, before anything is sent, what is documented for ArcGIS Server only. Raises unsupported."""
    if options["platform"] == "kubernetes":
        raise ArcGISError("unsupported", "this is documented for ArcGIS Server only", attempted)


def patience_of(options: dict[str, Any]) -> Patience | None:
    """Return how long to wait; None where the task shall not wait. Raises ArcGISError bad_option."""
    check_range(options, _YEAR, wait_timeout=0)
    # In this form it refuses what is no number as well.
    if not 0 < options["wait_sleep"] <= _DAY:
        raise bad_option("wait_sleep", f"is {options['wait_sleep']}", f"Write seconds, more than 0 and at most {_DAY}.")
    return Patience(options["wait_timeout"], options["wait_sleep"]) if options["wait"] else None


def reported(result: dict[str, Any], *failures: ArcGISError | None) -> dict[str, Any]:
    """Return the result of a task; raise the first of its failures, with the result in it, where there is one."""
    for failure in failures:
        if failure is not None:
            failure.result = result
            raise failure
    return result


def job_list(jobs: Sequence[dict[str, Any]], total: int | None = None, truncated: bool = False) -> dict[str, Any]:
    """Return the part of a result that every module with a list of jobs has. total counts what matched."""
    matched = len(jobs) if total is None else total
    return {
        "jobs": list(jobs),
        "total": matched,
        "returned": len(jobs),
        "truncated": truncated or matched > len(jobs),
    }


def change_result(changes: Sequence[Change], failed_only: bool = False, summary_only: bool = False) -> dict[str, Any]:
    """Return the part of a result that every module has which changes jobs.

    A failed task prints its whole result, so failed_only lists what failed; the summary counts the rest.
    """
    jobs = [change.as_result() for change in changes]
    shown = [job for job in jobs if job["error"]] if failed_only else jobs
    return {
        "changed": any(change.changed for change in changes),
        **job_list([] if summary_only and not failed_only else shown, len(jobs)),
        "summary": counts(jobs, "outcome"),
        "diff": {
            "before": {job["job_id"]: job["status_before"] for job in jobs if job["status_before"]},
            "after": {job["job_id"]: job["status"] for job in jobs if job["status"]},
        },
    }


Unreadable = dict[tuple[str, Optional[str]], ArcGISError]


def unreadable_list(unreadable: Unreadable) -> list[dict[str, Any]]:
    """Return what could not be read as modules return it: services, and the jobs of a service that met the same."""
    entries: dict[tuple[str, str | None], dict[str, Any]] = {}
    for (service, job_id), error in unreadable.items():
        entry = entries.setdefault((service, job_id and error.code), {"service": service, "error": error.as_result()})
        if job_id is not None:
            entry.setdefault("job_ids", []).append(job_id)
    return list(entries.values())


def unreadable_failure(unreadable: Unreadable, others_read: bool) -> ArcGISError | None:
    """Return the error of a task that could not read all; with one service that is all of it, it is that one's own."""
    if not unreadable:
        return None
    failure = next(iter(unreadable.values()))
    if len(unreadable) == 1 and not others_read:
        return failure
    services = [service for service, job_id in unreadable if job_id is None]
    jobs = [f"{job_id} of {service}" for service, job_id in unreadable if job_id is not None]
    parts = [f"{len(services)} services could not be read: {', '.join(services)}"] if services else []
    parts += [f"{len(jobs)} jobs could not be read: {_some(jobs)}"] if jobs else []
    return ArcGISError("unreadable_services", f"{'. '.join(parts)}. The first failure: {failure}")


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list that a message has no room for, and how many there are besides."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def counts(jobs: Sequence[dict[str, Any]], key: str) -> dict[str, int]:
    """Return how many of the jobs have each value of a key."""
    result: dict[str, int] = {}
    for job in jobs:
        result[str(job[key])] = result.get(str(job[key]), 0) + 1
    return result
