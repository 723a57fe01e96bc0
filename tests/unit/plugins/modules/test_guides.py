# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides, the examples, the roles and the playbooks have in common stays the same in all of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import yaml

from ansible_collections.gisops.arcgis.plugins.module_utils._module import (
    NOTEBOOK,
    SERVER,
    VIDEO,
    connection_arguments,
)
from ansible_collections.gisops.arcgis.plugins.module_utils._site.assumptions import ASSUMPTIONS
from ansible_collections.gisops.arcgis.plugins.modules import token

COLLECTION = Path(__file__).resolve().parents[4]
CREDENTIAL_TYPE = COLLECTION / "examples" / "awx" / "credential_type"
GUIDES = sorted((COLLECTION / "docs" / "docsite" / "rst").glob("*.rst"))
ROLES = sorted((COLLECTION / "roles").iterdir())
PLAYBOOKS = sorted((COLLECTION / "playbooks").glob("*.yml"))
SITE_PLAYBOOKS = [path for path in PLAYBOOKS if path.stem != "awx_setup"]  # which asks AWX, and no site
SNIPPETS = COLLECTION / "tests" / "integration" / "targets" / "guides" / "snippets.py"
_BLOCK = re.compile(r"\.\. code-block:: yaml\n(?:   :.*\n)*\n((?:   .*\n|\n)+)")


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


# Plays that a guide shows to say what is wrong with them.
SHOWN_AS_WRONG = {"Log in and hide why it failed"}


def guide_tasks(guide: Path) -> Iterator[dict[str, Any]]:
    """Yield every task that a guide recommends."""
    for block in blocks(guide):
        entries = block if isinstance(block, list) else []
        yield from tasks_in([entry for entry in entries if entry.get("name") not in SHOWN_AS_WRONG])


SOURCES: dict[str, list[dict[str, Any]]] = {
    **{guide.name: list(guide_tasks(guide)) for guide in GUIDES},
    **{role.name: list(role_tasks(role)) for role in ROLES},
    "token.py": list(tasks_in(yaml.safe_load(token.EXAMPLES))),
    "demo.yml": list(tasks_in(load(COLLECTION / "tests" / "demo" / "demo.yml"))),
}
OPTIONS = [option for variables in (SERVER, NOTEBOOK, VIDEO) for option in connection_arguments(variables).values()]
LOG_INS = [name for name, tasks in SOURCES.items() if any("gisops.arcgis.token" in task for task in tasks)]


def _snippets() -> ModuleType:
    specification = spec_from_file_location("snippets", SNIPPETS)
    assert specification and specification.loader
    module = module_from_spec(specification)
    sys.modules["snippets"] = module
    specification.loader.exec_module(module)
    return module


snippets = _snippets()
EXECUTED = [COLLECTION / "docs" / "docsite" / "rst" / f"{name}.rst" for name in snippets.GUIDES]


# The guides that the integration target `guides` executes


@pytest.mark.parametrize("guide", EXECUTED, ids=[guide.stem for guide in EXECUTED])
def test_every_block_is_a_file_a_session_or_is_named_with_the_reason_why_not(guide: Path) -> None:
    found = [block for block in snippets.blocks_of(guide) if block.language != "simulator"]
    assert found
    for block in found:
        is_executed = bool(block.caption) or block.language == "shell-session"
        assert is_executed or block.name in snippets.NOT_EXECUTED, block.place


def test_nothing_is_excused_that_no_guide_shows() -> None:
    names = {block.name for guide in EXECUTED for block in snippets.blocks_of(guide)}
    assert set(snippets.NOT_EXECUTED) <= names


@pytest.mark.parametrize("guide", EXECUTED, ids=[guide.stem for guide in EXECUTED])
def test_every_playbook_that_a_guide_shows_is_run_by_one_of_its_sessions(guide: Path) -> None:
    found = snippets.blocks_of(guide)
    commands = " ".join(block.text for block in found if block.language == "shell-session")
    imported = " ".join(block.text for block in found if block.caption)
    for block in found:
        if block.caption and block.text.startswith("---") and block.name not in snippets.NOT_EXECUTED:
            assert f"ansible-playbook {block.caption}" in commands or f"import_playbook: {block.caption}" in imported


def test_a_session_is_divided_into_commands_and_what_they_print() -> None:
    session = "$ one \\\n  --option\nprinted\n...\n$ two\n"
    assert [(command.text, command.shown) for command in snippets.commands_of(session)] == [
        ("one \\\n  --option", "printed\n..."),
        ("two", ""),
    ]
    with pytest.raises(ValueError, match="begins with output"):
        snippets.commands_of("printed\n")


@pytest.mark.parametrize(
    ("shown", "is_shown"),
    [
        ("first second 2026-01-02T03:04:05Z last", True),
        ("first\n   second\n2027-01-01T00:00:00Z\nlast", True),  # wrapped, and at another time
        ("first\n...\nlast", True),
        ("...\nsecond\n...", True),
        ("first\n...", True),
        ("first second", False),
        ("second\n...", False),
        ("...\nsecond", False),
        ("...\nsecond\n...\nfirst\n...", False),  # in another order
        ("first\n...\nsecond 2026-01-02T03:04:05Z last\n...\nlast", False),  # one line is not two
        ("...\nthird\n...", False),
    ],
)
def test_an_output_is_compared_with_what_a_guide_shows(shown: str, is_shown: bool) -> None:
    assert snippets.is_shown_by(shown, "first second 2026-11-28T17:38:28Z\nlast\n") is is_shown


@pytest.mark.parametrize(
    ("shown", "fails"),
    [
        ("[ERROR]: Task failed", True),
        ("fatal: [x]: FAILED! => {}", True),
        ("x : failed=1", True),
        ("x : failed=0", False),
    ],
)
def test_a_command_fails_where_the_guide_shows_that_it_does(shown: str, fails: bool) -> None:
    assert snippets.Command("ansible-playbook x.yml", shown).fails is fails


def test_the_matrix_has_every_module_and_every_playbook_that_asks_a_site() -> None:
    text = (COLLECTION / "docs" / "docsite" / "rst" / "guide_matrix.rst").read_text(encoding="utf-8")
    names = [path.stem for path in (COLLECTION / "plugins" / "modules").glob("[a-z]*.py")]
    names += [f"gisops.arcgis.{path.stem}``" for path in PLAYBOOKS if "module_defaults" in load(path)[0]]
    assert not [name for name in names if name not in text]


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


@pytest.mark.parametrize("path", SITE_PLAYBOOKS, ids=[path.name for path in SITE_PLAYBOOKS])
def test_a_playbook_takes_its_hosts_and_their_connection_from_variables(path: Path) -> None:
    (play,) = load(path)
    assert play["hosts"] == "{{ arcgis_hosts | default('localhost') }}"
    # Not default({}), which a mistyped variable within the connection would get as well.
    given = "arcgis_connection if lookup('ansible.builtin.varnames', '^arcgis_connection$') else {}"
    assert play["module_defaults"] == {"group/gisops.arcgis.arcgis": f"{{{{ {given} }}}}"}


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_the_documentation_of_a_role_has_an_example_with_variables_that_there_are(role: Path) -> None:
    spec = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]
    (play,) = yaml.safe_load(spec["examples"])
    (used,) = play["roles"]
    assert used.pop("role") == f"gisops.arcgis.{role.name}"
    assert set(used) <= set(spec["options"])


# What the pages list


def test_the_page_of_the_environment_lists_every_variable_that_a_module_reads() -> None:
    page = (COLLECTION / "docs" / "docsite" / "rst" / "environment_variables.rst").read_text(encoding="utf-8")
    described = re.findall(r"^\.\. envvar:: (\w+)$", page, re.MULTILINE)
    read = {name for options in OPTIONS for name in options.get("fallback", (None, ()))[1]}
    assert sorted(described) == sorted({*read, "ARCGIS_DIRECT"})
    assert load(COLLECTION / "docs" / "docsite" / "config.yml")["envvar_directives"] == sorted(described)


def test_the_guide_has_the_numbers_and_names_of_the_assumptions_that_site_info_reports() -> None:
    page = (COLLECTION / "docs" / "docsite" / "rst" / "guide_assumptions.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^   \* - (\d+)\n     - ``([a-z_]+)``: ", page, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(each.number, each.name) for each in ASSUMPTIONS]
    not_read = [str(each.number) for each in ASSUMPTIONS if each.why_not]
    assert f"Reading does not settle {', '.join(not_read[:-1])} and {not_read[-1]}." in page


def test_the_pages_of_the_modules_say_how_the_readme_installs_the_collection() -> None:
    settings = (COLLECTION / "docs" / "site" / "antsibull-docs.cfg").read_text(encoding="utf-8")
    (command,) = re.findall(r'"gisops\.arcgis" = "(ansible-galaxy .*)"', settings)
    for path in ("README.md", "docs/docsite/rst/guide_getting_started.rst"):
        assert command in (COLLECTION / path).read_text(encoding="utf-8")


def test_the_readme_has_a_row_for_everything_in_the_collection() -> None:
    readme = (COLLECTION / "README.md").read_text(encoding="utf-8")
    for folder in ("plugins/modules", "plugins/filter", "plugins/test"):
        for path in (COLLECTION / folder).glob("[!_]*.py"):
            assert f"| [{path.stem}]({folder}/{path.name}) |" in readme
    for role in ROLES:
        assert f"| [{role.name}](roles/{role.name}/README.md) |" in readme
    for playbook in PLAYBOOKS:
        assert f"`gisops.arcgis.{playbook.stem}`" in readme
    for guide in GUIDES:
        assert f"](docs/docsite/rst/{guide.name})" in readme
