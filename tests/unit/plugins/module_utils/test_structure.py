# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of the engine: imports go one way, only the adapters know Ansible, and every error is in the catalogue."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ansible_collections.gisops.arcgis.plugins.module_utils import _errors
from ansible_collections.gisops.arcgis.plugins.module_utils._arcgis.client import Client
from ansible_collections.gisops.arcgis.tests.unit.doubles import STUCK

PLUGINS = Path(_errors.__file__).parents[1]
ENGINE = "module_utils"
SIMULATOR = sorted((PLUGINS.parent / "tests" / "simulator").rglob("*.py"))


def named(folder: str) -> dict[str, Path]:
    """Return the files below a folder by their names, such as _gp.jobs."""
    root = PLUGINS / folder
    paths = [path for path in sorted(root.rglob("*.py")) if path.name != "__init__.py"]
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in paths}


FILES = named(ENGINE)
MODULES = named("modules")
ACTIONS = named("action")
DIRECT = PLUGINS / "plugin_utils" / "_direct.py"

# From the task to the wire, by the first part of a file's name. A file imports what is in the layers below, and in its
# own layer only what is in its own part.
LAYERS = [
    ["_watcher"],
    ["_module", "_writer"],
    ["_site"],
    ["_results", "_outputs", "_gp", "_notebook", "_video"],
    ["_arcgis", "_jobs"],
    ["_errors", "_options", "_concurrent", "_retries"],
]
LAYER_OF = {part: number for number, parts in enumerate(LAYERS) for part in parts}
LEAVES = set(LAYERS[-1])


def part_of(name: str) -> str:
    """Return the first part of the name of a file of the engine."""
    return name.partition(".")[0]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield how many dots each import of a file begins with, and its full name, such as module_utils._gp.jobs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(PLUGINS).parts[: -node.level] if node.level else ()
            yield node.level, ".".join((*above, *filter(None, [node.module])))


def imported(path: Path) -> set[str]:
    """Return the full names of what a file imports from outside of the collection."""
    return {name for dots, name in imports(path) if not dots}


def engine_files(path: Path) -> set[str]:
    """Return the files of the engine that a file imports."""
    return {name.partition(".")[2] for dots, name in imports(path) if dots and name.startswith(f"{ENGINE}.")}


@pytest.mark.parametrize("name, path", {**FILES, **MODULES}.items(), ids=[*FILES, *MODULES])
def test_imports_inside_the_collection_are_relative_and_name_a_file(name: str, path: Path) -> None:
    assert not {other for other in imported(path) if other.startswith("ansible_collections")}
    assert engine_files(path) <= set(FILES)
    assert {name for dots, name in imports(path) if dots} == {f"{ENGINE}.{other}" for other in engine_files(path)}


def test_every_file_of_the_engine_has_its_layer() -> None:
    assert {part_of(name) for name in FILES} == set(LAYER_OF)


@pytest.mark.parametrize("name", FILES)
def test_imports_go_downwards(name: str) -> None:
    part, others = part_of(name), {part_of(other) for other in engine_files(FILES[name])}
    is_leaf = part in LEAVES
    assert not {
        other
        for other in others - {part}
        if LAYER_OF[other] < LAYER_OF[part] or (LAYER_OF[other] == LAYER_OF[part] and not is_leaf)
    }


def test_the_adapter_and_the_results_know_no_product() -> None:
    known = {part_of(other) for name in ("_module", "_results") for other in engine_files(FILES[name])}
    assert not known & {"_gp", "_notebook", "_video"}


def test_results_are_made_without_a_client() -> None:
    assert "_arcgis" not in {part_of(other) for other in engine_files(FILES["_results"])}


@pytest.mark.parametrize("name", FILES)
def test_there_is_no_circle(name: str) -> None:
    below, seen = engine_files(FILES[name]), set()
    while below:
        other = below.pop()
        seen.add(other)
        below |= engine_files(FILES[other]) - seen
    assert name not in seen


def outside(path: Path) -> set[str]:
    """Return the libraries that a file imports."""
    return {name.partition(".")[0] for name in imported(path)}


def test_only_the_adapters_know_ansible() -> None:
    adapters = ["_module", "_watcher", "_writer"]
    assert [name for name, path in FILES.items() if "ansible" in outside(path)] == adapters


def test_only_the_transport_knows_requests_and_what_is_below_it() -> None:
    assert [name for name, path in FILES.items() if outside(path) & {"requests", "urllib3"}] == ["_arcgis.transport"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_speaks_neither_http_nor_to_the_wire(name: str) -> None:
    assert not outside(MODULES[name]) & {"requests", "urllib", "http", "ansible"}
    used = engine_files(MODULES[name])
    assert not used & {"_arcgis.transport", "_arcgis.tokens", "_arcgis.responses"}
    assert len(used & {"_module", "_writer"}) == 1


def test_every_module_that_asks_a_site_has_an_action_and_every_action_a_module() -> None:
    assert list(ACTIONS) == [name for name, path in MODULES.items() if "_module" in engine_files(path)]


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_joins_its_module_to_the_adapter(name: str) -> None:
    assert set(imports(ACTIONS[name])) == {
        (0, "__future__"),
        (2, f"modules.{name}"),
        (2, "plugin_utils._direct"),
    }


def test_the_adapter_of_the_actions_uses_the_engine_by_the_other_adapter() -> None:
    assert engine_files(DIRECT) == {"_module", "_errors"}
    assert not {
        other for path in [*FILES.values(), *MODULES.values()] for _dots, other in imports(path) if "_direct" in other
    }
    assert [path.name for path in sorted((PLUGINS / "plugin_utils").rglob("*.py"))] == [DIRECT.name]


def test_the_engine_needs_requests_and_nothing_else() -> None:
    used = {library for path in [*FILES.values(), *MODULES.values()] for library in outside(path)}
    # Every release of requests brings urllib3.
    assert used - sys.stdlib_module_names == {"ansible", "requests", "urllib3"}


def test_simulator_and_engine_share_no_code() -> None:
    assert SIMULATOR
    for path in SIMULATOR:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not {name for name in froms | names if "ansible" in name or ENGINE in name}, path
    for path in [*FILES.values(), *MODULES.values()]:
        assert not {name for name in imported(path) if "simulator" in name}, path


# The size of the engine: it may shrink, and what makes it grow must be worth it


MOST_LINES, MOST_FILES = 5918, 25
# What is made of the records, or found out about a site, is beside the engine, not in it.
BESIDE = {"_outputs", "_site", "_watcher", "_writer"}


def test_the_engine_does_not_grow_unseen() -> None:
    paths = [path for name, path in FILES.items() if part_of(name) not in BESIDE]
    lines = [path.read_text(encoding="utf-8").count("\n") for path in paths]
    assert len(lines) <= MOST_FILES
    assert sum(lines) <= MOST_LINES


# The depth of a call

# The way to the first log-in is deeper than any other, because it lies below the first request that needs a token.
# Python before 3.12 counts comprehensions as calls.
MOST_FRAMES, MOST_FRAMES_TO_LOG_IN = 20, 23


class Depth:
    """Counts how many calls of the collection are under way at most, in whichever thread; deepest names them."""

    def __init__(self) -> None:
        self.deepest: list[str] = []

    def __call__(self, frame: FrameType | None, event: str, argument: Any) -> None:
        if event != "call" or frame is None or not self._is_ours(frame):
            return
        calls = []
        while frame is not None:
            if self._is_ours(frame):
                calls.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
            frame = frame.f_back
        if len(calls) > len(self.deepest):
            self.deepest = calls[::-1]

    @staticmethod
    def _is_ours(frame: FrameType) -> bool:
        return frame.f_code.co_filename.startswith(f"{PLUGINS}/")


@pytest.fixture
def depth() -> Iterator[Depth]:
    """Watch the calls of every thread that a test starts, and of its own."""
    watch = Depth()
    threading.setprofile(watch)
    sys.setprofile(watch)
    yield watch
    sys.setprofile(None)
    threading.setprofile(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("is_logged_in", [True, False])
def test_a_task_is_few_calls_deep(
    run: Callable[..., dict[str, Any]], depth: Depth, client: Callable[..., Client], is_logged_in: bool
) -> None:
    given: dict[str, Any] = {"user": None, "token": client().log_in().value} if is_logged_in else {}
    depth.deepest = []
    result = run("gp_job", service="Maps/Buffer", job_ids=[STUCK], state="cancelled", **given)
    assert result["jobs"][0]["outcome"] == "cancel_accepted"
    most = MOST_FRAMES if is_logged_in else MOST_FRAMES_TO_LOG_IN
    assert 5 < len(depth.deepest) <= most, " > ".join(depth.deepest)


# The catalogue


def texts_in(tree: ast.AST) -> set[str]:
    """Return every text that a file writes out; an error code is one of them where it is raised or set."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def made_codes(tree: ast.AST) -> set[str]:
    """Return the codes with which a file makes failures, or turns one into another, where they are written out."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    makers = [call for call in calls if getattr(call.func, "id", "") in ("ArcGISError", "Failure")]
    written = [call.args[0] for call in makers if call.args]
    written += [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "code"]
    return {node.value for node in written if isinstance(node, ast.Constant)}


def test_every_error_that_is_raised_is_in_the_catalogue_and_the_other_way_round() -> None:
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in {**FILES, **MODULES}.items()}
    made = {code for tree in trees.values() for code in made_codes(tree)}
    assert made <= set(_errors.CATALOGUE)
    assert {"unsupported", "unknown_service", "wait_timeout", "bad_option"} <= made
    # In the file of the catalogue itself, only the functions below the tables count.
    functions = [node for node in trees.pop("_errors").body if isinstance(node, ast.FunctionDef)]
    written = {text for tree in [*trees.values(), *functions] for text in texts_in(tree)}
    assert set(_errors.CATALOGUE) <= written


@pytest.mark.parametrize("code", _errors.CATALOGUE)
def test_every_entry_says_what_why_and_what_to_do(code: str) -> None:
    kind = _errors.CATALOGUE[code]
    for sentence in (kind.meaning, kind.cause, kind.remedy):
        assert sentence[0].isupper() and sentence.endswith(".")


def test_the_groups_of_codes_are_of_the_catalogue() -> None:
    assert set(_errors.CATALOGUE) >= _errors.FATAL_CODES
    assert set(_errors.CATALOGUE) >= _errors._ANSWER_LOST
    assert set(_errors.CATALOGUE) >= _errors._TURNED_DOWN
    assert not _errors._ANSWER_LOST & _errors._TURNED_DOWN


def test_an_error_says_all_in_one_place() -> None:
    error = _errors.ArcGISError(
        "no_privilege",
        "the site said no.",
        "cancel job j1",
        http_status=200,
        site_code=403,
        details=("Ask.", "Again."),
        method="POST",
        url="https://x/y",
    )
    assert str(error) == (
        "Could not cancel job j1 (POST https://x/y): the site said no. Details: Ask. Again. "
        + _errors.CATALOGUE["no_privilege"].remedy
    )
    assert error.failure.as_result() == {
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
