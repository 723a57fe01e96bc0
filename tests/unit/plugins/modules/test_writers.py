# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that write one file: their documentation, check mode, and a file that is whole."""

from __future__ import annotations

import importlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.gisops.arcgis.tests.unit.conftest import run_module
from ansible_collections.gisops.arcgis.tests.unit.plugins.modules.test_documentation import (
    BY_ANSIBLE,
    COLLECTION,
    PACKAGE,
    all_keys,
    compare,
)

TIME = "2026-01-31T08:00:00Z"
SOURCE = {"site": "production", "product": "gp", "jobs": [{"job_id": "j1", "status": "odd", "service": "Elevation"}]}
MANY = {**SOURCE, "jobs": [{"job_id": "j1", "status": f"odd{number:02d}"} for number in range(11)]}

# For each module: the file that it writes, options with which it succeeds, and more that show all that it returns.
CASES: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "job_metrics": ("arcgis.prom", {"sources": [SOURCE], "time": TIME}, [{"sources": [MANY]}, {"time": "nonsense"}]),
}
EVERY_WRITER = pytest.mark.parametrize("name", sorted(CASES))


def documentation(name: str) -> dict[str, Any]:
    """Return the documentation of a module as it is written."""
    documented: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").DOCUMENTATION)
    return documented


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a module that writes below the directory of the test."""

    def write(name: str, check: bool = False, diff: bool = False, **more: Any) -> dict[str, Any]:
        file, options, _others = CASES[name]
        given = {"dest": str(tmp_path / file), **options, **more}
        return run_module(name, {key: value for key, value in given.items() if value is not None}, check, diff)

    return write


def mode_of(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@EVERY_WRITER
def test_the_argument_spec_is_the_documentation(name: str) -> None:
    def assert_same(spec: dict[str, Any], documented: dict[str, Any]) -> None:
        assert set(spec) == set(documented)
        for option, given in spec.items():
            for key, otherwise in (("type", "str"), ("default", None), ("choices", None), ("elements", None)):
                assert given.get(key, otherwise) == documented[option].get(key, otherwise), f"{option}: {key}"
            assert given.get("required", False) == documented[option].get("required", False), option
            assert_same(given.get("options", {}), documented[option].get("suboptions", {}))

    assert_same(importlib.import_module(f"{PACKAGE}.{name}").ARGUMENTS, documentation(name)["options"])
    assert "ansible.builtin.files" in documentation(name)["extends_documentation_fragment"]


@EVERY_WRITER
def test_a_module_that_writes_files_is_in_no_action_group(name: str) -> None:
    groups = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    assert name not in {member for members in groups.values() for member in members}
    assert {"check_mode", "diff_mode", "idempotent"} == set(documentation(name)["attributes"])


@EVERY_WRITER
def test_what_comes_back_is_what_is_documented(write: Callable[..., dict[str, Any]], name: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").RETURN)
    seen: set[str] = set()
    for options in [{}, *CASES[name][2]]:
        result = write(name, **options)
        own = {key: value for key, value in result.items() if key not in BY_ANSIBLE}
        seen |= set(compare(documented, own))
        reasons = ("failure", "always") if "failed" in result else ("success", "always")
        assert set(own) == {key for key, entry in documented.items() if entry["returned"] in reasons}
    assert seen == set(all_keys(documented))


# Files


@EVERY_WRITER
def test_a_file_is_predicted_written_and_left_alone(
    write: Callable[..., dict[str, Any]], tmp_path: Path, name: str
) -> None:
    path = tmp_path / CASES[name][0]
    predicted = write(name, check=True, diff=True)
    assert predicted["changed"] and not list(tmp_path.iterdir())
    written = write(name, diff=True)
    assert written == predicted
    assert written["files"] == [{"path": str(path), "size": path.stat().st_size, "changed": True}]
    text = path.read_text(encoding="utf-8")
    header = {"before_header": str(path), "after_header": str(path)}
    assert written["diff"] == [{**header, "before": "", "after": text}] and text
    assert mode_of(path) == 0o644 and list(tmp_path.iterdir()) == [path]
    before = path.stat()
    for check in (True, False):
        again = write(name, check=check, diff=True)
        assert not again["changed"] and "diff" not in again and not again["files"][0]["changed"]
        assert path.stat() == before


@EVERY_WRITER
def test_the_mode_of_the_task_is_kept_to(write: Callable[..., dict[str, Any]], tmp_path: Path, name: str) -> None:
    path = tmp_path / CASES[name][0]
    assert write(name, mode="0640")["changed"] and mode_of(path) == 0o640
    assert write(name, mode="u=rw,go=", check=True)["changed"] and mode_of(path) == 0o640
    assert write(name, mode="u=rw,go=")["changed"] and mode_of(path) == 0o600
    assert not write(name, mode="u=rw,go=")["changed"]


@EVERY_WRITER
def test_a_file_is_replaced_and_never_written_where_it_is(
    write: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / CASES[name][0]
    path.write_text("before", encoding="utf-8")
    seen: list[tuple[list[str], str]] = []
    replace = os.replace

    def watched(source: str, target: str) -> None:
        seen.append((sorted(os.listdir(tmp_path)), path.read_text(encoding="utf-8")))
        assert mode_of(Path(source)) == 0o644
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    assert write(name)["changed"]
    ((names, content),) = seen
    beside = [other for other in names if other != path.name]
    assert content == "before" and len(names) == 2 and not beside[0].endswith(path.suffix)


@EVERY_WRITER
def test_a_file_keeps_its_owner_and_its_group_where_the_account_may_set_them(
    write: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path, given = tmp_path / CASES[name][0], []

    def chown(file: str, owner: int, group: int) -> None:
        given.append((owner, group))
        raise PermissionError(1, "Operation not permitted", file)

    monkeypatch.setattr(os, "chown", chown)
    assert write(name)["changed"] and given == []
    path.write_text("before", encoding="utf-8")
    before = path.stat()
    assert write(name)["changed"] and given == [(-1, before.st_gid), (before.st_uid, -1)]


@EVERY_WRITER
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_root_leaves_a_file_to_its_owner(write: Callable[..., dict[str, Any]], tmp_path: Path, name: str) -> None:
    path = tmp_path / CASES[name][0]
    path.write_text("before", encoding="utf-8")
    path.chmod(0o640)
    os.chown(path, 12345, 23456)
    assert write(name)["changed"]
    assert (path.stat().st_uid, path.stat().st_gid, mode_of(path)) == (12345, 23456, 0o640)


@EVERY_WRITER
@pytest.mark.parametrize("check", [True, False])
def test_a_folder_that_cannot_be_written_is_refused_where_something_is_to_be_written(
    write: Callable[..., dict[str, Any]], tmp_path: Path, no_root: None, name: str, check: bool
) -> None:
    path = tmp_path / CASES[name][0]
    tmp_path.chmod(0o555)
    result = write(name, check=check)
    assert result["error"]["code"] == "unwritable_file" and not result["changed"] and not path.exists()
    assert f"The option dest leads to {path}, whose folder cannot be written: Permission denied." in result["msg"]
    tmp_path.chmod(0o755)
    assert write(name)["changed"]
    tmp_path.chmod(0o555)
    assert not write(name, check=check)["changed"]
    tmp_path.chmod(0o755)


@EVERY_WRITER
@pytest.mark.parametrize("where", ["no/such/folder/", "folder"])
def test_a_place_where_no_file_can_be_is_refused(
    write: Callable[..., dict[str, Any]], tmp_path: Path, name: str, where: str
) -> None:
    file = CASES[name][0]
    (tmp_path / f"folder{file}").mkdir()
    result = write(name, dest=str(tmp_path / f"{where}{file}"))
    assert result["error"]["code"] == "bad_option" and "dest" in result["msg"] and not result["changed"]
    assert "folder" in result["msg"] and [path.name for path in tmp_path.iterdir()] == [f"folder{file}"]
