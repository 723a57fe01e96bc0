# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter between AnsibleModule and the engine: argument specs, environment variables, results and failures.

This is the only file of the engine that knows Ansible. It is private to the collection. A task that runs in the process
of the controller comes by plugin_utils/_direct.py; what both ways have in common is perform.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleFallbackNotFound, AnsibleModule, missing_required_lib

from ._arcgis.client import NO_USAGE, Client
from ._arcgis.connection import REFERER, TOKEN_LOCATIONS, TOKEN_SOURCES, parse_connection
from ._arcgis.secrets import SHORTEST_MASKED, Secrets, passwords_in
from ._arcgis.transport import REQUESTS_PROBLEM
from ._errors import ArcGISError, Failure, internal_error
from ._jobs.source import TaskContext
from ._results import Outcome, with_masked_keys

SERVER = ("ARCGIS_SERVER_URL", "ARCGIS_URL")
NOTEBOOK = ("ARCGIS_NOTEBOOK_URL", "ARCGIS_URL")
VIDEO = ("ARCGIS_VIDEO_URL", "ARCGIS_URL")
ANY_PRODUCT = ("ARCGIS_SERVER_URL", "ARCGIS_NOTEBOOK_URL", "ARCGIS_VIDEO_URL", "ARCGIS_URL")

# Every module for GP and notebook jobs takes it; it settles what the administrator APIs do differently.
PLATFORM: dict[str, Any] = {"platform": {"type": "str", "choices": ["server", "kubernetes"], "default": "server"}}

# The waiting modules take these; the documentation fragment "wait" describes them.
WAIT: dict[str, Any] = {
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 600},
    "wait_sleep": {"type": "float", "default": 2},
}
FAIL_ON: dict[str, Any] = {"fail_on": {"type": "list", "elements": "str", "default": []}}

# Which jobs: those of one service by their IDs, or any that another task returned.
SERVICE_OR_JOBS: dict[str, Any] = {
    "service": {"type": "str"},
    "job_ids": {"type": "list", "elements": "str", "aliases": ["job_id"]},
    "jobs": {"type": "list", "elements": "dict"},
}
EITHER_SERVICE_OR_JOBS: dict[str, Any] = {
    "required_one_of": [("jobs", "job_ids")],
    "required_together": [("service", "job_ids")],
    "mutually_exclusive": [("jobs", "service"), ("jobs", "job_ids")],
}

# What Ansible says of options, and what helps.
_FROM_ENVIRONMENT = "a variable of the environment in which the module runs, which is that of the managed host"
_HINTS = (
    (
        re.compile(r"missing required arguments:.*\burl\b|one of the following is required: url, notebook_url"),
        f"Set the option url, or ARCGIS_SERVER_URL (ARCGIS_NOTEBOOK_URL, ARCGIS_VIDEO_URL, or ARCGIS_URL), "
        f"{_FROM_ENVIRONMENT}.",
    ),
    (
        re.compile(r"one of the following is required:.*\busername\b|required together:.*\bpassword\b"),
        "Set username and password, or token; or ARCGIS_USERNAME and ARCGIS_PASSWORD, or ARCGIS_TOKEN, each "
        f"{_FROM_ENVIRONMENT}.",
    ),
    (
        re.compile(r"'jobs'? .*(list|dict)", re.DOTALL),
        'Write jobs: "{{ found.jobs }}", where found is the result of the task that found them.',
    ),
)


_NOT_SHOWN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


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
        "token": option(fallback=(from_environment, ["ARCGIS_TOKEN", "ARCGIS_API_KEY"]), no_log=True),
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


def connection_checks(arguments: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return an argument spec with what is needed to log in, and to show a certificate."""
    return {
        "argument_spec": dict(arguments),
        "required_together": [("username", "password")],
        "required_one_of": [("token", "username")],
        "required_by": {"client_key": ("client_cert",)},
    }


@dataclass(frozen=True)
class ModuleSpec:
    """What a module is: its work, its own options, and how these depend on each other.

    work gets the client, which refuses every write in check mode, and the options. It returns what the module returns,
    and the failure that makes the task fail, or raises ArcGISError. Tokens that the task obtained are hidden in the
    result, unless the module is there to return one.
    """

    work: Callable[[Client, dict[str, Any]], Outcome]
    arguments: Mapping[str, dict[str, Any]]
    url_variables: Sequence[str]
    required_together: Sequence[Sequence[str]] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()
    returns_token: bool = False

    def checks(self) -> dict[str, Any]:
        """Return the argument spec and what belongs to it, as AnsibleModule and ArgumentSpecValidator take them."""
        checks = connection_checks({**connection_arguments(self.url_variables), **self.arguments})
        checks["required_together"] += self.required_together
        checks["required_one_of"] += self.required_one_of
        checks["mutually_exclusive"] = list(self.mutually_exclusive)
        return checks


@dataclass(frozen=True)
class Report:
    """What a task returns.

    result holds msg and error where the task failed. Ansible has to mask no_log in it; in the warnings it is masked.
    """

    result: dict[str, Any]
    has_failed: bool
    no_log: set[str]
    warnings: Sequence[str] = ()


def perform(spec: ModuleSpec, options: dict[str, Any], no_log: Collection[str], check_mode: bool, diff: bool) -> Report:
    """Do what a module is for, and report. no_log are the secret ones of the options; what is short among them leaves.

    Ctrl-C and the time limit of a task, which are no Exception, pass through. The connections are closed in any case.
    """
    if REQUESTS_PROBLEM:
        missing = Failure("missing_library", missing_required_lib("requests"))
        result = {"changed": False, "api": NO_USAGE, "msg": missing.reason, "error": missing.as_result()}
        return Report(result, True, set(no_log))
    result = {}
    failure: Failure | None = None
    client: Client | None = None
    try:
        client = Client(parse_connection(options), check_mode)
        result, failure = spec.work(client, options)
    except ArcGISError as error:
        failure = error.failure
    except Exception as problem:
        failure = internal_error(problem)
    finally:
        if client is not None:
            client.close()
    # The except block has ended: newer releases of ansible-core put an exception under way into the result.
    result = {"changed": False, **result, "api": client.usage() if client else NO_USAGE}
    if failure is not None:
        result = {**result, "msg": str(failure), "error": failure.as_result()}
    if not diff:
        result.pop("diff", None)
    secrets = client.secrets if client else Secrets(())
    return Report(
        with_masked_keys(result, secrets.without_keys),
        failure is not None,
        _hidden(options, {*no_log, *(() if spec.returns_token else secrets.forms)}),
        # Newer releases of Ansible do not mask in warnings.
        [secrets.masked(text) for text in client.warnings] if client else [],
    )


def _hidden(options: dict[str, Any], values: set[str]) -> set[str]:
    """Return what Ansible shall mask: it masks each wherever it is a part of a text, and a short one is in most."""
    urls = [value for name, value in options.items() if name.endswith("url") and isinstance(value, str)]
    values = values | set(passwords_in(urls))
    short = {value for value in values if len(str(value)) < SHORTEST_MASKED}
    # Some releases return the options as well.
    options.update((name, _NOT_SHOWN) for name in ("password", "token") if options[name] in short)
    return values - short


class _Module(AnsibleModule):  # type: ignore[misc]
    """A module whose complaints about options say what to write."""

    def fail_json(self, msg: str, **result: Any) -> None:
        """End the task with a failure."""
        hints = [hint for pattern, hint in _HINTS if "error" not in result and pattern.search(msg)]
        super().fail_json(" ".join([msg if msg.endswith(".") or not hints else f"{msg}.", *hints]), **result)


def run_module(spec: ModuleSpec) -> None:
    """Run a module in a process of its own: check the options, do the work, and print the result."""
    module = _Module(**spec.checks(), supports_check_mode=True)
    report = perform(spec, module.params, module.no_log_values, module.check_mode, module._diff)
    module.no_log_values = report.no_log
    for text in report.warnings:
        module.warn(text)
    if report.has_failed:
        module.fail_json(**report.result)
    module.exit_json(**report.result)


def task_context(client: Client) -> TaskContext:
    """Return what the core needs of the task."""
    connection = client.connection
    return TaskContext(
        client.check_mode, connection.max_concurrency, client.retries, client.clock, client.warn, connection.timeout
    )


def server_only(options: dict[str, Any], operation: str, server: str = "ArcGIS Server") -> None:
    """Refuse, before anything is sent, what is documented for one kind of server only. Raises unsupported."""
    if options["platform"] == "kubernetes":
        raise ArcGISError("unsupported", f"this is documented for {server} only", operation)
