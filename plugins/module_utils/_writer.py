# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The adapter between AnsibleModule and what writes files: no connection, check mode, differences, whole files or none.

This module is private to the collection.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ._errors import ArcGISError, Failure, internal_error
from ._outputs.files import require_place, require_writable


@dataclass(frozen=True)
class Document:
    """A file that is to be, which holds text."""

    path: str
    content: bytes


@dataclass(frozen=True)
class Written:
    """What a module is to leave: its files, and what it returns beside them."""

    documents: Sequence[Document]
    result: Mapping[str, Any]


def run_writer(work: Callable[[dict[str, Any]], Written], arguments: Mapping[str, dict[str, Any]], mode: str) -> None:
    """Run a module that writes files; new files get the mode unless the task names one.

    The task returns files, with the path, the size in bytes, and whether it was changed, of each.
    """
    module = AnsibleModule(argument_spec=dict(arguments), add_file_common_args=True, supports_check_mode=True)
    result: dict[str, Any] = {"changed": False, "files": []}
    failure: Failure | None = None
    try:
        written = work(module.params)
        result.update(written.result)
        for document in written.documents:
            _write(module, document, mode, result)
    except ArcGISError as error:
        failure = error.failure
    except OSError as problem:
        place = problem.filename2 or problem.filename or "A file"
        failure = Failure("unwritable_file", f"{place} cannot be read or written: {problem.strerror}")
    except Exception as problem:
        failure = internal_error(problem)
    if failure is not None:
        module.fail_json(msg=str(failure), error=failure.as_result(), **result)
    module.exit_json(**result)


def _write(module: AnsibleModule, document: Document, mode: str, result: dict[str, Any]) -> None:
    """Bring a file into being, unless it is so already, and note it in the result."""
    before = _content(document.path)
    differs = before != document.content
    if differs:
        require_writable("dest", document.path)
    if differs and not module.check_mode:
        _replace(document, _mode_of(document.path, module.params["mode"], mode))
    attributes = module.load_file_common_arguments(module.params, path=document.path)
    if os.path.exists(document.path):
        differs = module.set_fs_attributes_if_different(attributes, differs)
    result["changed"] = result["changed"] or differs
    size = len(document.content)
    result["files"].append({"path": document.path, "size": size, "changed": differs})
    if module._diff and before != document.content:
        headers = {"before_header": document.path, "after_header": document.path}
        texts = {"before": _shown(before or b""), "after": _shown(document.content)}
        result.setdefault("diff", []).append({**headers, **texts})


def _content(path: str) -> bytes | None:
    """Return what is in a file; None where there is none. Raises ArcGISError bad_option where no file can be."""
    require_place("dest", path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _mode_of(path: str, wanted: str | int | None, otherwise: str) -> int:
    """Return the mode of a file to be: a wanted number, else what the file has already, else that of new files.

    A mode in letters is set afterwards, by Ansible, on top of this.
    """
    if isinstance(wanted, int):
        return wanted
    if wanted is not None and wanted.isdigit():
        return int(wanted, 8)
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        return int(otherwise, 8)


def _replace(document: Document, mode: int) -> None:
    """Put a whole file in its place at once, with the owner and the group of the one before it, where that may be.

    Until then it has another ending, so that nobody collects half a file.
    """
    folder, name = os.path.split(document.path)
    descriptor, beside = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=folder or ".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(document.content)
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(document.path, beside)
        os.chmod(beside, mode)
        os.replace(beside, document.path)
    except BaseException:
        os.unlink(beside)
        raise


def _keep_owner(path: str, beside: str) -> None:
    """Give a file the group and the owner of the one that it is to replace, as far as the account may."""
    with suppress(FileNotFoundError):
        before = os.stat(path)
        for owner, group in ((-1, before.st_gid), (before.st_uid, -1)):
            with suppress(PermissionError):
                os.chown(beside, owner, group)


def _shown(content: bytes) -> str:
    return content.decode("utf-8", "replace")
