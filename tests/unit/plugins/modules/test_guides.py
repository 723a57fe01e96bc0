# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides, the examples, the roles and the playbooks have in common stays the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from ansible_collections.gisops.arcgis.plugins.module_utils._module import (
    NOTEBOOK,
    SERVER,
    VIDEO,
    connection_arguments,
)
from ansible_collections.gisops.arcgis.plugins.modules import token

COLLECTION = Path(__file__).resolve().parents[4]
CREDENTIAL_TYPE = COLLECTION / "examples" / "awx" / "credential_type"
GUIDES = sorted((COLLECTION / "docs" / "docsite" / "rst").glob("*.rst"))
ROLES = sorted((COLLECTION / "roles").iterdir())
# The playbook that sets up AWX asks no site.
PLAYBOOKS = [path for path in sorted((COLLECTION / "playbooks").glob("*.yml")) if path.name != "awx_setup.yml"]
_BLOCK = re.compile(r"\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)")


def load(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def blocks(guide: Path) -> list[Any]:
    """Return what the YAML of a guide holds."""
    return [yaml.safe_load(dedent(text)) for text in _BLOCK.findall(guide.read_text(encoding="utf-8"))]


def tasks_in(entries: Any) -> Iterator[dict[str, Any]]:
    """Yield every task in plays, blocks and lists of tasks."""
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield entry
            for part in ("pre_tasks", "tasks", "post_tasks", "block", "rescue", "always"):
                yield from tasks_in(entry.get(part))


def role_tasks(role: Path) -> Iterator[dict[str, Any]]:
    """Yield every task of a role."""
    for path in sorted((role / "tasks").glob("*.yml")):
        yield from tasks_in(load(path))


SOURCES: dict[str, list[dict[str, Any]]] = {
    **{guide.name: [task for block in blocks(guide) for task in tasks_in(block)] for guide in GUIDES},
    **{role.name: list(role_tasks(role)) for role in ROLES},
    "token.py": list(tasks_in(yaml.safe_load(token.EXAMPLES))),
    "demo.yml": list(tasks_in(load(COLLECTION / "tests" / "demo" / "demo.yml"))),
}
LOG_INS = [name for name, tasks in SOURCES.items() if any("gisops.arcgis.token" in task for task in tasks)]


# The credential type of AWX


def test_the_guide_shows_the_credential_type_of_the_example() -> None:
    shown = blocks(COLLECTION / "docs" / "docsite" / "rst" / "guide_authentication.rst")
    assert load(CREDENTIAL_TYPE / "input.yml") in shown
    assert load(CREDENTIAL_TYPE / "injectors.yml") in shown
    assert sum(isinstance(block, dict) and "fields" in block for block in shown) == 1


def test_one_credential_type_serves_all_products() -> None:
    fields = {field["id"]: field for field in load(CREDENTIAL_TYPE / "input.yml")["fields"]}
    variables = load(CREDENTIAL_TYPE / "injectors.yml")["env"]
    assert sorted(variables.values()) == sorted(f"{{{{ {name} }}}}" for name in fields)
    assert {SERVER[0], NOTEBOOK[0], VIDEO[0]} <= set(variables)
    fallbacks = [option.get("fallback", (None, ()))[1] for option in connection_arguments(SERVER).values()]
    read = {variable for variables_of_one in fallbacks for variable in variables_of_one}
    assert set(variables) - {NOTEBOOK[0], VIDEO[0]} <= read
    assert {name for name, field in fields.items() if field.get("secret")} == {"password", "token", "api_key"}


# Logging in once


def test_the_log_in_is_shown_where_users_look() -> None:
    assert {"guide_authentication.rst", "token.py", "gp_drain", "gp_job_cleanup"} <= set(LOG_INS)


@pytest.mark.parametrize("name", LOG_INS)
def test_a_hidden_log_in_is_followed_by_a_task_that_fails_with_its_cause(name: str) -> None:
    tasks = SOURCES[name]
    for number, task in enumerate(tasks):
        if "gisops.arcgis.token" in task:
            assert (task["no_log"], task["failed_when"]) == (True, False)
            following = tasks[number + 1]
            assert following["ansible.builtin.fail"]["msg"] == f"{{{{ {task['register']}.msg }}}}"
            assert "when" in following and "no_log" not in following


# Roles and playbooks


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_no_role_repeats_a_task_since_each_repetition_is_shown_as_a_failure(role: Path) -> None:
    assert not [task for task in role_tasks(role) if {"until", "retries"} & set(task)]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=[path.name for path in PLAYBOOKS])
def test_a_playbook_takes_its_hosts_and_their_connection_from_variables(path: Path) -> None:
    (play,) = load(path)
    assert play["hosts"] == "{{ arcgis_hosts | default('localhost') }}"
    assert play["module_defaults"] == {"group/gisops.arcgis.arcgis": "{{ arcgis_connection | default({}) }}"}
