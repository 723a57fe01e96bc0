# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of the engine: imports go one way, only the adapter knows Ansible, and every error is in the catalogue."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _errors

COLLECTION = Path(__file__).resolve().parents[4]
ENGINE = COLLECTION / "plugins" / "module_utils"
FILES = {path.stem: path for path in sorted(ENGINE.glob("_*.py")) if path.stem != "__init__"}
MODULES = {path.stem: path for path in sorted((COLLECTION / "plugins" / "modules").glob("*.py"))}
SIMULATOR = sorted((COLLECTION / "tests" / "simulator").rglob("*.py"))

# From the task to the wire. A file may import files of lower layers, and of its own layer as long as no circle arises.
LAYERS = [
    ["_module"],
    [
        "_gp_directory",
        "_gp_jobs",
        "_gp_messages",
        "_gp_query",
        "_gp_queue",
        "_gp_services",
        "_notebook_jobs",
        "_video_jobs",
    ],
    ["_changes"],
    ["_looks"],
    ["_wishes"],
    ["_wait", "_bulk"],
    ["_client"],
    ["_tokens"],
    ["_transport"],
    ["_answers", "_connection", "_deadline", "_errors", "_fields", "_selections", "_statuses", "_times"],
]
LAYER_OF = {name: number for number, names in enumerate(LAYERS) for name in names}
# The adapter hands over to whatever a module gives it, so it needs the site and nothing of the products.
PRODUCTS = set(LAYERS[1])


def imported(path: Path) -> set[str]:
    """Return the full names of what a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def engine_files(path: Path) -> set[str]:
    """Return the files of the engine that a file imports."""
    return {name.rpartition(".")[2] for name in imported(path) if ".plugins.module_utils" in name}


def test_every_file_of_the_engine_has_its_layer() -> None:
    assert set(FILES) <= set(LAYER_OF)


@pytest.mark.parametrize("name", FILES)
def test_nothing_imports_upwards(name: str) -> None:
    upwards = {other for other in engine_files(FILES[name]) if LAYER_OF[other] < LAYER_OF[name]}
    assert upwards == set()


def test_the_adapter_knows_no_product() -> None:
    assert not engine_files(FILES["_module"]) & PRODUCTS


@pytest.mark.parametrize("name", FILES)
def test_there_is_no_circle(name: str) -> None:
    below, seen = engine_files(FILES[name]), set()
    while below:
        other = below.pop()
        seen.add(other)
        below |= engine_files(FILES[other]) - seen
    assert name not in seen


@pytest.mark.parametrize("name", [name for name in FILES if name != "_module"])
def test_only_the_adapter_knows_ansible(name: str) -> None:
    assert not {module for module in imported(FILES[name]) if module.split(".")[0] == "ansible"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_speaks_neither_http_nor_to_the_wire(name: str) -> None:
    assert not {module.split(".")[0] for module in imported(MODULES[name])} & {"requests", "urllib", "http", "ansible"}
    assert not engine_files(MODULES[name]) & {"_transport", "_tokens", "_answers"}
    assert "_module" in engine_files(MODULES[name])


def test_the_engine_needs_requests_and_nothing_else() -> None:
    used = {module.split(".")[0] for path in [*FILES.values(), *MODULES.values()] for module in imported(path)}
    assert used - sys.stdlib_module_names == {"ansible", "ansible_collections", "requests"}


def test_simulator_and_engine_share_no_code() -> None:
    assert SIMULATOR
    for path in SIMULATOR:
        assert not {name for name in imported(path) if "ansible" in name}, path
    for path in [*FILES.values(), *MODULES.values()]:
        assert not {name for name in imported(path) if "simulator" in name}, path


# The catalogue


def codes_in(tree: ast.AST) -> set[str]:
    """Return every text that a file writes out; an error code is one of them where it is raised or set."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def made_errors(tree: ast.AST) -> set[str]:
    """Return the codes with which a file makes errors, where they are written out."""
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ArcGISError"
    ]
    return {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}


def test_every_error_that_is_raised_is_in_the_catalogue_and_the_other_way_round() -> None:
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in [*FILES.values(), *MODULES.values()]}
    made = {code for tree in trees.values() for code in made_errors(tree)}
    assert made <= set(_errors.CATALOGUE)
    # In the file of the catalogue itself, only the code below the tables counts.
    functions = [node for node in trees.pop("_errors").body if isinstance(node, ast.FunctionDef)]
    written = {text for tree in [*trees.values(), *functions] for text in codes_in(tree)}
    assert set(_errors.CATALOGUE) <= written


@pytest.mark.parametrize("code", _errors.CATALOGUE)
def test_every_entry_says_what_why_and_what_to_do(code: str) -> None:
    kind = _errors.CATALOGUE[code]
    for sentence in (kind.meaning, kind.cause, kind.remedy):
        assert sentence[0].isupper() and sentence.endswith(".")


def test_the_groups_of_codes_are_of_the_catalogue() -> None:
    assert set(_errors.CATALOGUE) >= _errors.MEETS_EVERY_REQUEST
    assert set(_errors.CATALOGUE) >= _errors._ANSWER_LOST


def test_an_error_says_all_in_one_place() -> None:
    error = _errors.ArcGISError(
        "no_privilege",
        "the site said no.",
        "cancel job j1",
        http_status=200,
        site_code=403,
        details=["Ask.", "Again."],
        method="POST",
        url="https://x/y",
    )
    assert str(error) == (
        "Could not cancel job j1 (POST https://x/y): the site said no. Details: Ask. Again. "
        + _errors.CATALOGUE["no_privilege"].remedy
    )
    assert error.as_result() == {
        "code": "no_privilege",
        "http_status": 200,
        "site_code": 403,
        "message": "the site said no.",
        "details": ["Ask.", "Again."],
        "method": "POST",
        "url": "https://x/y",
        "retryable": False,
        "hint": _errors.CATALOGUE["no_privilege"].remedy,
    }
    assert str(_errors.bad_option("limit", "is -1", "Write 0.")) == "The option limit is -1. Write 0."
