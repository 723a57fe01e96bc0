# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter between action plugins and the engine: a task in the process of the controller, where nothing can differ.

A module on the controller costs a process, a copy of its code and the imports; the work itself is short. Where a module
would run on this very Python, under the same account and with the same environment, its work is done right here. In
every other case, and whenever there is a doubt, the module runs as always. This file is private to the collection.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

try:
    from requests import __version__ as _REQUESTS
except ImportError:
    _REQUESTS = "0"

from ..module_utils._errors import internal_error
from ..module_utils._module import ModuleSpec, Report, perform

# What the modules document.
_OLDEST_REQUESTS = (2, 20)
# What names files by paths that may start where a module starts, which is the folder of the playbook.
_PATHS = ("ca_path", "client_cert", "client_key", "archive")
_PATH_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


class AsModule(Exception):
    """Why a task runs as a module."""


class DirectAction(ActionBase):  # type: ignore[misc]
    """Runs what is in spec in this process, or else the module of the task."""

    _supports_check_mode = True
    _supports_async = True
    spec: ClassVar[ModuleSpec]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task and return its result."""
        variables = task_vars or {}
        try:
            options = self._options(variables)
        except AsModule as obstacle:
            why = str(obstacle)
        except (AnsibleError, TypeError, ValueError, LookupError) as problem:
            # The module says what is wrong.
            why = type(problem).__name__
        else:
            Display().vvv(f"{self._task.action} runs in the process of the controller")
            return self._run_here(options, variables)
        Display().vvv(f"{self._task.action} runs as a module: {why}")
        return self._run_module(task_vars)

    def _run_module(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Let the module run as if there were no action plugin."""
        action = self._shared_loader_obj.action_loader.get(
            "ansible.legacy.normal",
            task=self._task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        result: dict[str, Any] = action.run(task_vars=task_vars)
        return result

    def _run_here(self, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Do the work of the module, and return what the module would."""
        no_log = {
            options[name]
            for name, option in self.spec.checks()["argument_spec"].items()
            if option.get("no_log") and options[name]
        }
        # The libraries warn on stderr, where nobody sees it from a module; the filters are as before afterwards.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = perform(self.spec, options, no_log, bool(self._task.check_mode), bool(self._task.diff))
        try:
            return _plain_result(report, options if _returns_invocation(variables) else None)
        except Exception as problem:
            failure = internal_error(problem)
        changed = bool(report.result.get("changed"))
        return {"changed": changed, "failed": True, "msg": str(failure), "error": failure.as_result()}

    def _options(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a task that can run here. Raises AsModule, or whatever is wrong with the task."""
        self._require_permission(variables)
        self._require_same_process()
        self._require_same_python(variables)
        given = json.loads(json.dumps(self._task.args, default=_as_text))
        checks = self.spec.checks()
        for name, option in checks["argument_spec"].items():
            if sum(each in given for each in (name, *option.get("aliases", ()))) > 1:
                raise AsModule("an option and its alias are both set")
        validation = ArgumentSpecValidator(**checks).validate(given)
        if validation.error_messages:
            raise AsModule("the options have a mistake")
        options: dict[str, Any] = validation.validated_parameters
        if any(options.get(name) and not os.path.isabs(options[name]) for name in _PATHS):
            raise AsModule("a path is relative")
        return options

    def _require_permission(self, variables: dict[str, Any]) -> None:
        """Raise AsModule where the user has switched it off."""
        if os.environ.get("ARCGIS_DIRECT", "").strip().lower() == "never":
            raise AsModule("ARCGIS_DIRECT is never")
        if not boolean(self._templar.template(variables.get("gisops_arcgis_direct", True))):
            raise AsModule("gisops_arcgis_direct is false")

    def _require_same_process(self) -> None:
        """Raise AsModule unless a module would be a child of this process, with its account and its environment."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        obstacles = {
            "the connection is not local": self._connection.transport != "local",
            "the task uses become": bool(self._connection.become or self._play_context.become),
            "the task is asynchronous": bool(self._task.async_val),
            "the task has an environment": bool(environment),
            "the task is delegated": self._task.delegate_to not in (None, *C.LOCALHOST),
            "the files of modules are to be kept": bool(C.DEFAULT_KEEP_REMOTE_FILES),
            "macOS allows no network in a forked process": sys.platform == "darwin",
        }
        for why, is_so in obstacles.items():
            if is_so:
                raise AsModule(why)

    def _require_same_python(self, variables: dict[str, Any]) -> None:
        """Raise AsModule unless a module would run on this Python, with the same libraries and certificates."""
        if self._task.delegate_to:
            variables = variables["ansible_delegated_vars"][self._task.delegate_to]
        python = self._templar.template(variables.get("ansible_python_interpreter"))
        if not python or str(python).strip() != sys.executable:
            raise AsModule(f"ansible_python_interpreter is not {sys.executable}")
        if tuple(int(part) for part in _REQUESTS.split(".")[:2]) < _OLDEST_REQUESTS:
            raise AsModule("requests is missing or too old")
        for name in _PATH_VARIABLES:
            if os.environ.get(name) and not os.path.isabs(os.environ[name]):
                raise AsModule(f"{name} is relative")


def _as_text(value: Any) -> Any:
    """Return what a value of YAML becomes on its way to a module. Raises TypeError for what is not surely so."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if getattr(value, "__ENCRYPTED__", False):
        return str(value)
    raise TypeError(f"no option can be a {type(value).__name__}")


def _returns_invocation(variables: dict[str, Any]) -> bool:
    """Say whether modules return their options, as all do of the releases that have no setting for it."""
    if C.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(C.config.get_config_value("INJECT_INVOCATION", variables=variables))


def _plain_result(report: Report, options: dict[str, Any] | None) -> dict[str, Any]:
    """Return the result as the controller gets it from a module: masked, and made of plain types."""
    result = dict(report.result)
    if report.has_failed:
        result["failed"] = True
    if report.warnings:
        result["warnings"] = list(report.warnings)
    if options is not None:
        result["invocation"] = {"module_args": options}
    kept = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
    plain: dict[str, Any] = json.loads(json.dumps({**remove_values(result, report.no_log), **kept}))
    return plain
