# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tasks run in the process of the controller, and what they return."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.gisops.arcgis.plugins.action.gp_job import ActionModule as JobAction
from ansible_collections.gisops.arcgis.plugins.action.gp_job_query import ActionModule
from ansible_collections.gisops.arcgis.plugins.action.token import ActionModule as TokenAction
from ansible_collections.gisops.arcgis.plugins.module_utils import _module
from ansible_collections.gisops.arcgis.plugins.plugin_utils import _direct
from ansible_collections.gisops.arcgis.tests.unit.conftest import run_module

AS_MODULE = {"changed": False, "ran": "as a module"}
VARIABLES = {"ansible_python_interpreter": sys.executable}


class FakeNormal:
    """Stands for ansible.legacy.normal, which runs the module."""

    @staticmethod
    def get(name: str, **parts: Any) -> Any:
        assert name == "ansible.legacy.normal"
        assert set(parts) == {"task", "connection", "play_context", "loader", "templar", "shared_loader_obj"}
        return SimpleNamespace(run=lambda task_vars: dict(AS_MODULE))


def environment_of(connection: Any) -> Any:
    """Return a shell that forms an environment as the real one does, closely enough."""
    return SimpleNamespace(env_prefix=lambda **names: " ".join(names))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what -vvv shows."""
    lines: list[str] = []
    monkeypatch.setattr(_direct, "Display", lambda: SimpleNamespace(vvv=lines.append))
    return lines


@pytest.fixture
def act(said: list[str]) -> Callable[..., dict[str, Any]]:
    """Run a task by its action plugin. The variables and parts of the task can be other than usual."""

    def act(
        arguments: dict[str, Any],
        variables: dict[str, Any] | None = None,
        transport: str = "local",
        become: Any = None,
        action: type[ActionBase] = ActionModule,
        **more: Any,
    ) -> dict[str, Any]:
        task = SimpleNamespace(
            **{
                "action": "gisops.arcgis.gp_job_query",
                "args": arguments,
                "async_val": 0,
                "environment": [],
                "delegate_to": None,
                "check_mode": False,
                "diff": False,
                **more,
            }
        )
        plugin = action(
            task=task,
            connection=SimpleNamespace(transport=transport, become=become, _shell=environment_of(None)),
            play_context=SimpleNamespace(become=bool(become), check_mode=False),
            loader=None,
            templar=SimpleNamespace(template=lambda value: value),
            shared_loader_obj=None,
        )
        plugin._shared_loader_obj = SimpleNamespace(action_loader=FakeNormal)
        return plugin.run(task_vars={**VARIABLES, **(variables or {})})

    return act


@pytest.fixture
def site(sim: Any, pauses: list[float]) -> dict[str, Any]:
    """Return the options that lead to the simulated site."""
    return {
        "url": sim.url("server"),
        "ca_path": sim.ca_path,
        "username": "gis_admin",
        "password": sim.accounts["gis_admin"].password,
    }


# The decision

REFUSED = {"url": "https://localhost:9/server", "token": "given-token", "retries": 0, "services": ["A"]}


@pytest.mark.parametrize(
    "variables, more",
    [
        ({}, {}),
        ({"gisops_arcgis_direct": True}, {}),
        ({"gisops_arcgis_direct": "yes"}, {}),
        ({}, {"environment": [{}, None]}),
        (
            {"ansible_python_interpreter": "/other", "ansible_delegated_vars": {"localhost": VARIABLES}},
            {"delegate_to": "localhost"},
        ),
    ],
)
def test_where_nothing_differs_a_task_runs_here(
    act: Callable, said: list[str], variables: dict[str, Any], more: dict[str, Any]
) -> None:
    assert act(REFUSED, variables, **more)["error"]["code"] == "unreachable"
    assert said == ["gisops.arcgis.gp_job_query runs in the process of the controller"]


@pytest.mark.parametrize(
    "why, variables, more",
    [
        ("gisops_arcgis_direct is false", {"gisops_arcgis_direct": False}, {}),
        ("gisops_arcgis_direct is false", {"gisops_arcgis_direct": "no"}, {}),
        ("TypeError", {"gisops_arcgis_direct": "perhaps"}, {}),
        ("the connection is not local", {}, {"transport": "ssh"}),
        ("the task uses become", {}, {"become": object()}),
        ("the task is asynchronous", {}, {"async_val": 60}),
        ("the task has an environment", {}, {"environment": [{"HTTPS_PROXY": "https://p"}]}),
        ("the task has an environment", {}, {"environment": {"HTTPS_PROXY": "https://p"}}),
        ("AnsibleError", {}, {"environment": ["no mapping"]}),
        ("the task is delegated", {}, {"delegate_to": "elsewhere"}),
        ("KeyError", {}, {"delegate_to": "localhost"}),
        (f"ansible_python_interpreter is not {sys.executable}", {"ansible_python_interpreter": None}, {}),
        (f"ansible_python_interpreter is not {sys.executable}", {"ansible_python_interpreter": "/usr/bin/env"}, {}),
        (f"ansible_python_interpreter is not {sys.executable}", {"ansible_python_interpreter": "auto"}, {}),
    ],
)
def test_in_every_other_case_the_module_runs(
    act: Callable, said: list[str], why: str, variables: dict[str, Any], more: dict[str, Any]
) -> None:
    assert act(REFUSED, variables, **more) == AS_MODULE
    assert said == [f"gisops.arcgis.gp_job_query runs as a module: {why}"]


@pytest.mark.parametrize("value, is_here", [("never", False), (" NEVER ", False), ("", True), ("always", True)])
def test_the_environment_switches_it_off(
    act: Callable, monkeypatch: pytest.MonkeyPatch, value: str, is_here: bool
) -> None:
    monkeypatch.setenv("ARCGIS_DIRECT", value)
    assert (act(REFUSED) != AS_MODULE) is is_here


@pytest.mark.parametrize("version, is_here", [("0", False), ("2.19.1", False), ("2.20.0", True), ("x.y", False)])
def test_requests_must_be_there_and_new_enough(
    act: Callable, monkeypatch: pytest.MonkeyPatch, version: str, is_here: bool
) -> None:
    monkeypatch.setattr(_direct, "_REQUESTS", version)
    assert (act(REFUSED) != AS_MODULE) is is_here


def test_not_on_macos_and_not_where_files_are_to_be_kept(act: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        assert act(REFUSED) == AS_MODULE
    monkeypatch.setattr(C, "DEFAULT_KEEP_REMOTE_FILES", True)
    assert act(REFUSED) == AS_MODULE


@pytest.mark.parametrize(
    "options",
    [
        {"nowhere": 1},
        {"limit": "many"},
        {"client_key": "/key.pem"},
        {"service": "A"},
        {"ca_path": "ca.pem"},
        {"client_cert": "cert.pem"},
        {"services": [object()]},
        {"services": {"A"}},
    ],
)
def test_options_with_a_mistake_or_a_doubt_are_left_to_the_module(act: Callable, options: dict[str, Any]) -> None:
    assert act({**REFUSED, **options}) == AS_MODULE


@pytest.mark.parametrize("archive, is_here", [("/nowhere/archive.jsonl", True), ("archive.jsonl", False)])
def test_a_relative_archive_is_left_to_the_module(act: Callable, archive: str, is_here: bool) -> None:
    options = {key: REFUSED[key] for key in ("url", "token", "retries")}
    deletion = {**options, "service": "A", "job_ids": ["j1"], "state": "absent", "archive": archive}
    assert (act(deletion, action=JobAction) != AS_MODULE) is is_here


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_relative_path_of_the_environment_is_left_to_the_module(
    act: Callable, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "ca.pem")
    assert act(REFUSED) == AS_MODULE


# The result


def steady(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what it took, and without what Ansible adds on the way of a module."""
    return {**result, "api": {**result["api"], "elapsed": 0}}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"details": True, "statistics": True},
        {"services": ["Nowhere"]},
        {"end_time": "yesterday"},
        {"password": "wrong"},
        {"password": "ab"},
        {"token": "Buffer", "details": True},
        {"details": "yes", "limit": "2"},
    ],
)
def test_the_result_is_that_of_the_module(
    act: Callable, site: dict[str, Any], monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    options = {**site, "services": ["Maps/Buffer"], **more}
    monkeypatch.setattr(_direct, "_returns_invocation", lambda variables: False)
    direct, module = act(options), run_module("gp_job_query", options)
    module.pop("invocation", None)
    assert steady(direct) == steady(module)


def test_the_options_are_returned_where_the_release_does_so(
    act: Callable, site: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {**site, "services": ["Maps/Buffer"]}
    monkeypatch.setattr(_direct, "_returns_invocation", lambda variables: True)
    returned = act(options)["invocation"]["module_args"]
    assert returned["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert returned["services"] == ["Maps/Buffer"] and returned["limit"] is None


def test_a_token_is_returned_only_where_it_is_asked_for(act: Callable, site: dict[str, Any]) -> None:
    assert len(act(site, action=TokenAction)["token"]) > 20
    assert "Secret-1" not in json.dumps(act({**site, "services": ["Maps/Buffer"]}))


def test_dates_and_mappings_become_what_they_are_for_a_module() -> None:
    moment = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    given = {"a": datetime.date(2020, 1, 1), "b": moment, "c": SimpleMapping()}
    assert json.loads(json.dumps(given, default=_direct._as_text)) == {
        "a": "2020-01-01",
        "b": "2020-01-01T00:00:00+00:00",
        "c": {},
    }


class SimpleMapping(dict):
    """A mapping that is no plain dict."""


def test_what_nobody_foresaw_is_a_failure_and_no_traceback(
    act: Callable, monkeypatch: pytest.MonkeyPatch, site: dict[str, Any]
) -> None:
    def fail(*dummy: Any) -> None:
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as patch:
        patch.setattr(_direct, "remove_values", fail)
        result = act({**site, "services": []})
    assert result["failed"] and result["error"]["code"] == "internal_error" and "secret" not in str(result)
    monkeypatch.setattr(_module, "parse_connection", fail)
    assert act({**site, "services": []})["error"]["code"] == "internal_error"


class TimeIsUp(BaseException):
    """Stands for what ends a task whose time is up; on every release it is no Exception."""


@pytest.mark.parametrize("ending", [TimeIsUp, KeyboardInterrupt])
def test_a_time_limit_and_ctrl_c_pass_through(
    act: Callable, monkeypatch: pytest.MonkeyPatch, ending: type[BaseException]
) -> None:
    closed: list[None] = []

    def end(*dummy: Any, **more: Any) -> None:
        raise ending

    monkeypatch.setattr(_module.Client, "call", end)
    monkeypatch.setattr(_module.Client, "close", lambda client: closed.append(None))
    with pytest.raises(ending):
        act(REFUSED)
    assert closed == [None]


def test_warnings_are_in_the_result(act: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    def warn(client: Any, *dummy: Any, **more: Any) -> None:
        client.warn("Beware of given-token.")
        raise _module.ArcGISError("unknown_job", "gone")

    monkeypatch.setattr(_module.Client, "call", warn)
    assert act(REFUSED)["warnings"] == ["Beware of ********."]
