# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation says what the modules take and return: both directions, down to the keys of a record."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.gisops.arcgis.plugins.doc_fragments import attributes, connection, gp, notebook, wait
from ansible_collections.gisops.arcgis.plugins.module_utils._module import PLATFORM, connection_arguments
from ansible_collections.gisops.arcgis.tests.unit.doubles import (
    BUFFER,
    EXPORT,
    FAILED_EXPORT,
    GONE,
    NOTEBOOK,
    STUCK,
    VIDEO,
    context_of,
)
from arcgis_simulator import Simulator

COLLECTION = Path(__file__).resolve().parents[4]
PACKAGE = "ansible_collections.gisops.arcgis.plugins.modules"
FRAGMENTS = {"connection": connection, "gp": gp, "notebook": notebook, "wait": wait, "attributes": attributes}
# The modules that ask a site; those that write files have tests of their own.
NAMES = sorted(
    path.stem
    for path in (COLLECTION / "plugins" / "modules").glob("*.py")
    if path.stem != "__init__" and "_module import" in path.read_text(encoding="utf-8")
)
# What a site that works does not make a module return; the tests of these modules show it.
NEED_A_BROKEN_SITE = {
    "gp_services_info": {"unreadable.service", "unreadable.error"},
    "gp_job_query": {"unreadable.job_ids"},
    "gp_queue": {"changed_jobs"},
    "notebook_jobs": {"changed_jobs"},
}
WRITING = ["gp_job", "gp_jobs_directory", "gp_queue", "notebook_job", "notebook_jobs"]
# What ansible-core itself puts into a result.
BY_ANSIBLE = {"changed", "failed", "msg", "invocation", "warnings", "deprecations"}
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (float, int), "bool": (bool,), "list": (list,), "dict": (dict,),
}  # fmt: skip

RUNNING_NOTEBOOK, FAILED_NOTEBOOK = NOTEBOOK.format(6), NOTEBOOK.format(3)
FAILED_VIDEO, RUNNING_VIDEO = VIDEO.format(3), VIDEO.format(2)


@cache
def documentation(name: str) -> dict[str, Any]:
    """Return the documentation of a module with its fragments."""
    module = importlib.import_module(f"{PACKAGE}.{name}")
    own = yaml.safe_load(module.DOCUMENTATION)
    merged: dict[str, Any] = {"options": {}, "attributes": {}}
    for reference in own["extends_documentation_fragment"]:
        fragment, dummy, variant = reference.removeprefix("gisops.arcgis.").partition(".")
        text = getattr(FRAGMENTS[fragment].ModuleDocFragment, (variant or "documentation").upper())
        for part, entries in yaml.safe_load(text).items():
            if part in merged:
                merged[part].update(entries)
    merged["options"].update(own.get("options", {}))
    return {**own, **merged}


@pytest.fixture
def spec_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Return the argument spec that a module runs with."""

    def spec(name: str) -> dict[str, Any]:
        module = importlib.import_module(f"{PACKAGE}.{name}")
        taken: list[Any] = []
        monkeypatch.setattr(module, "run_module", taken.append)
        module.main()
        assert taken == [module.SPEC]
        return taken[0].checks()["argument_spec"]

    return spec


@pytest.mark.parametrize("name", NAMES)
def test_the_argument_spec_is_the_documentation(spec_of: Callable, name: str) -> None:
    documented = documentation(name)["options"]
    spec = spec_of(name)
    assert set(spec) == set(documented)
    for option, given in spec.items():
        for key, otherwise in (
            ("type", "str"),
            ("default", None),
            ("choices", None),
            ("elements", None),
            ("required", False),
            ("aliases", []),
        ):
            assert given.get(key, otherwise) == documented[option].get(key, otherwise), f"{option}: {key}"
    assert all(
        key in {"type", "default", "choices", "elements", "required", "aliases", "no_log", "fallback"}
        for option in spec.values()
        for key in option
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_environment_variables_that_are_read_are_those_that_are_documented(spec_of: Callable, name: str) -> None:
    for option, documented in documentation(name)["options"].items():
        said = re.findall(r"E\((ARCGIS_\w+)\)", " ".join(documented["description"]))
        read = list(spec_of(name)[option].get("fallback", (None, []))[1])
        if option == "url" and name != "token":
            assert read[-1:] == ["ARCGIS_URL"] and len(read) == 2
            assert set(read) <= set(said)
        else:
            assert read == said, option


@pytest.mark.parametrize("name", NAMES)
def test_every_module_takes_every_connection_option(spec_of: Callable, name: str) -> None:
    assert set(yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"]) == set(connection_arguments(()))
    assert set(connection_arguments(())) <= set(spec_of(name))
    assert set(PLATFORM) <= set(spec_of(name)) or not name.startswith(("gp_", "notebook_"))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_secret_is_not_logged(spec_of: Callable, name: str) -> None:
    assert {option for option, given in spec_of(name).items() if given.get("no_log")} == {"password", "token"}


@pytest.mark.parametrize("name", NAMES)
def test_the_attributes_say_what_the_module_supports(name: str) -> None:
    documented = documentation(name)["attributes"]
    assert {"check_mode", "diff_mode", "action_group", "platform"} <= set(documented)
    assert documented["diff_mode"]["support"] == ("full" if name in WRITING else "N/A")
    groups = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    # What the roles use is no group of the users.
    groups.pop("logged_in")
    member_of = sorted(f"gisops.arcgis.{group}" for group, members in groups.items() if name in members)
    assert sorted(documented["action_group"]["membership"]) == member_of


def test_the_action_groups_are_complete() -> None:
    groups = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    assert set(groups.pop("logged_in")) <= set(NAMES)
    assert set(groups) == {"arcgis", "gp", "notebook", "video"}
    assert sorted(groups["arcgis"]) == NAMES
    for group in ("gp", "notebook", "video"):
        assert sorted(groups[group]) == [name for name in NAMES if name.startswith(group)]


@pytest.mark.parametrize("name", NAMES)
def test_group_defaults_reach_every_module(run: Callable, sim: Simulator, name: str) -> None:
    defaults = {
        "portal_url": sim.url("portal"), "token_source": "auto", "token_expiration": 30, "referer": "my.automation",
        "token_location": "body", "validate_certs": True, "client_cert": None, "client_key": None, "allow_http": False,
        "timeout": 20, "retries": 1, "max_concurrency": 4, "token": None,
    }  # fmt: skip
    assert set(connection_arguments(())) - set(defaults) == {"url", "ca_path", "username", "password"}
    options, dummy = next(iter(variants(name)))
    assert "failed" not in run(name, context_of(name), **defaults, **options)


# What comes back


def variants(name: str) -> list[tuple[dict[str, Any], bool]]:
    """Return options with which a module shows all that it can return, and whether it then succeeds."""
    gp_job = {"service": BUFFER, "diff": True}
    return {
        "gp_job": [
            ({**gp_job, "state": "cancelled", "job_ids": [STUCK]}, True),
            ({**gp_job, "state": "absent", "job_ids": [GONE]}, True),
            ({**gp_job, "state": "absent", "job_ids": [], "diff": False}, True),
            ({**gp_job, "state": "absent", "job_ids": [STUCK], "check": True}, True),
            ({**gp_job, "state": "cancelled", "job_ids": [GONE]}, False),
            ({**gp_job, "state": "cancelled", "service": "Maps/Bufer", "job_ids": [STUCK, GONE]}, False),
            ({**gp_job, "state": "cancelled", "job_ids": ["a/b"]}, False),
        ],
        "gp_job_info": [
            ({"service": BUFFER, "job_ids": [STUCK, GONE]}, True),
            ({"service": EXPORT, "job_ids": [FAILED_EXPORT], "messages": True}, True),
            ({"service": BUFFER, "job_ids": []}, True),
            ({"service": "Maps/Bufer", "job_ids": [STUCK]}, False),
        ],
        "gp_job_query": [
            ({"services": [BUFFER], "exclude_users": ["j_doe"]}, True),
            ({"services": [BUFFER], "details": True, "statistics": True}, True),
            ({"services": [BUFFER], "statuses": ["failed"], "messages": True}, True),
            ({"all_services": True, "summary_only": True}, True),
            ({"services": ["Elevation", "Maps/Bufer"], "ignore_unreadable": True}, True),
            ({"services": []}, True),
            ({"services": ["Elevation", "Maps/Bufer"]}, False),
            ({}, False),
        ],
        "gp_jobs_directory": [
            ({"diff": True, "max_age_minutes": 60, "allow_restart": True}, True),
            ({"cleanup": True, "check": True}, True),
            ({"max_age_minutes": 60}, False),
        ],
        "gp_queue": [
            ({"services": [BUFFER], "state": "empty", "diff": True}, True),
            ({"services": [], "state": "empty", "diff": True}, True),
            ({"services": ["Maps/Bufer"], "state": "empty"}, False),
        ],
        "gp_services_info": [({"include_system": True}, True), ({"password": "wrong"}, False)],
        "notebook_job": [
            ({"state": "cancelled", "job_ids": [RUNNING_NOTEBOOK, FAILED_NOTEBOOK], "diff": True}, True),
            ({"state": "cancelled", "job_ids": [GONE], "missing_ok": True, "check": True}, True),
            ({"state": "cancelled", "job_ids": [GONE]}, False),
        ],
        "notebook_jobs": [
            ({"state": "absent", "scope": "all_finished", "diff": True}, True),
            ({"state": "absent", "scope": "all_finished", "check": True}, True),
            ({"state": "absent", "scope": "all_finished", "max_jobs": 1}, False),
        ],
        "notebook_jobs_info": [
            ({}, True),
            ({"details": True}, True),
            ({"job_ids": [FAILED_NOTEBOOK, GONE]}, True),
            ({"job_ids": []}, True),
            ({"limit": -1}, False),
            ({"timeout": 0}, False),
        ],
        "site_info": [
            ({"assumptions": True, "video_job_ids": [FAILED_VIDEO]}, True),
            ({"password": "wrong"}, False),
        ],
        "token": [({}, True), ({"password": "wrong"}, False)],
        "video_job_info": [
            ({"job_ids": [FAILED_VIDEO, RUNNING_VIDEO, GONE]}, True),
            ({"job_ids": []}, True),
            ({"job_ids": ["a/b"]}, False),
        ],
    }[name]  # fmt: skip


def compare(documented: dict[str, Any], returned: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield the path of every key that came back, after checking it against what is documented."""
    for key, value in returned.items():
        here = f"{path}{key}"
        assert key in documented, f"{here} is returned and not documented"
        entry = documented[key]
        yield here
        if value is None:
            continue
        assert isinstance(value, TYPES[entry["type"]]), f"{here} is {value!r} and not {entry['type']}"
        assert isinstance(value, bool) is (entry["type"] == "bool"), here
        if isinstance(value, dict) and "contains" in entry:
            yield from compare(entry["contains"], value, f"{here}.")
        for item in value if isinstance(value, list) else []:
            assert isinstance(item, TYPES[entry["elements"]]), f"{here} holds {item!r}"
            if "contains" in entry:
                yield from compare(entry["contains"], item, f"{here}.")


def all_keys(documented: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield the path of every documented key."""
    for key, entry in documented.items():
        yield f"{path}{key}"
        yield from all_keys(entry.get("contains", {}), f"{path}{key}.")


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_back_is_what_is_documented(run: Callable, sim: Simulator, name: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").RETURN)
    seen: set[str] = set()
    for options, succeeds in variants(name):
        sim.reset("demo")
        result = run(name, context_of(name), **options)
        assert ("failed" not in result) is succeeds, result
        own = {key: value for key, value in result.items() if key not in BY_ANSIBLE}
        seen |= set(compare(documented, own))
        promised = {
            key
            for key, entry in documented.items()
            if entry["returned"].startswith("always" if not succeeds else ("success", "always"))
        }
        assert promised <= set(own)
        assert ("error" in own) is not succeeds
        for job in result.get("jobs", []):
            always = {key for key, entry in documented["jobs"]["contains"].items() if "returned" not in entry}
            assert always <= set(job)
            assert not {"failed", "skipped"} & set(job)
        assert "results" not in result
    assert set(all_keys(documented)) - seen == NEED_A_BROKEN_SITE.get(name, set())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_returned_is_documented_for_each_key(name: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").RETURN)
    for key, entry in documented.items():
        assert {"description", "type", "returned"} <= set(entry), key
    assert {"api", "error"} <= set(documented)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_has_a_name_and_a_full_module_name(name: str) -> None:
    examples = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").EXAMPLES)
    tasks = [task for entry in examples for task in entry.get("tasks", [entry])]
    assert tasks
    known = {
        option
        for module in NAMES
        for entry in (documentation(module)["options"],)
        for option in [*entry, *(alias for each in entry.values() for alias in each.get("aliases", []))]
    }
    for task in tasks:
        assert task["name"]
        action = next(key for key in task if "." in key)
        if action.startswith("gisops.arcgis."):
            assert action.removeprefix("gisops.arcgis.") in NAMES
            assert set(task[action] or {}) <= known
