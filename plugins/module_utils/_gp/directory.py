# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The retention of finished GP jobs: the server directory "arcgisjobs".

Follows the pages "Server directory", "Edit directory" and "Clean directory" of the ArcGIS Server administrator API.
This module is private to the collection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._arcgis.client import Client, Operation
from .._arcgis.responses import whole_number
from .._errors import ArcGISError, Failure
from .._jobs.source import TaskContext, settle_after


def _is_directory(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being the directory. All of it is sent back at an edit, so all must be right."""
    mode, path = payload.get("cleanupMode"), payload.get("physicalPath", "")
    is_one = isinstance(mode, str) and isinstance(path, str) and whole_number(payload.get("maxFileAge")) is not None
    return None if is_one else "holds no readable maxFileAge, cleanupMode and physicalPath"


_DIRECTORY = "admin/system/directories/arcgisjobs"
READ = Operation("read the jobs directory", "GET", _DIRECTORY, validate=_is_directory)
EDIT = Operation("edit the jobs directory", "POST", f"{_DIRECTORY}/edit", writes=True)
CLEAN = Operation("clean the jobs directory", "POST", f"{_DIRECTORY}/clean", writes=True)

CLEANUP_MODES = {"time_elapsed": "TIME_ELAPSED_SINCE_LAST_MODIFIED", "none": "NONE"}


@dataclass(frozen=True)
class DirectoryEdit:
    """What became of an edit: the directory afterwards, whether the site accepted a change, and what went wrong."""

    after: dict[str, Any]
    changed: bool
    error: Failure | None = None


def read_directory(client: Client) -> dict[str, Any]:
    """Return the directory in the words of the site. Raises ArcGISError unexpected_shape where it is none."""
    return client.call(READ)


def changes_to(directory: Mapping[str, Any], max_age_minutes: int | None, cleanup_mode: str | None) -> dict[str, Any]:
    """Return the fields that differ from what is wanted, with the wanted values; None leaves a field as it is."""
    wanted: dict[str, Any] = {}
    if max_age_minutes is not None:
        wanted["maxFileAge"] = max_age_minutes
    if cleanup_mode is not None:
        wanted["cleanupMode"] = CLEANUP_MODES[cleanup_mode]
    return _differing(directory, wanted)


def edit_directory(
    client: Client, directory: Mapping[str, Any], changes: Mapping[str, Any], allow_restart: bool, context: TaskContext
) -> DirectoryEdit:
    """Send the changed fields together with all others as they were, which the site demands, and read what came of it.

    In check mode nothing is sent, and what is expected is returned. Raises ArcGISError restart_not_allowed before
    anything is sent.
    """
    if not allow_restart:
        reason = "this restarts the services that use the directory, and allow_restart is false"
        raise ArcGISError("restart_not_allowed", reason, EDIT.title)
    if context.check_mode:
        return DirectoryEdit({**directory, **changes}, True)
    failure = client.write(EDIT, {name: _text(value) for name, value in {**directory, **changes}.items()})
    after = dict(directory)

    def shows_the_changes() -> bool:
        after.update(read_directory(client))
        return not _differing(after, changes)

    try:
        if settle_after(context, "edit it", failure, shows_the_changes):
            return DirectoryEdit(after, True)
    except ArcGISError as error:
        return DirectoryEdit(after, failure is None, error.failure)
    reason = f"the jobs directory does not show the new {' and '.join(_differing(after, changes))}"
    if failure is not None and not failure.kind.retryable:
        return DirectoryEdit(after, False, failure.adding(f", and {reason}"))
    return DirectoryEdit(after, failure is None, Failure("edit_unconfirmed", reason, EDIT.title))


def _differing(directory: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wanted fields that the directory does not have; a site may write a number as text."""
    return {
        name: value
        for name, value in wanted.items()
        if directory.get(name) != value and whole_number(directory.get(name)) != value
    }


def clean_directory(client: Client) -> Failure | None:
    """Remove the expired jobs now, and return the failure if there is one; in check mode nothing is sent.

    What a clean-up removed cannot be read, so a lost answer leaves open whether there was one.
    """
    if client.check_mode:
        return None
    try:
        failure = client.write(CLEAN)
    except ArcGISError as error:
        return error.failure
    if failure is None or not failure.is_lost:
        return failure
    return replace(failure.leaving_unknown("clean it"), hint="Run the task again: a second clean-up does no harm.")


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def directory_record(directory: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the directory; a clean-up mode that is not known is kept in the words of the site."""
    names = {site_word: word for word, site_word in CLEANUP_MODES.items()}
    return {
        "max_age_minutes": whole_number(directory["maxFileAge"]),
        "cleanup_mode": names.get(directory["cleanupMode"], directory["cleanupMode"]),
        "physical_path": directory.get("physicalPath"),
    }
