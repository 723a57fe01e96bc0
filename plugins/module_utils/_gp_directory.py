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
from typing import Any

from ansible_collections.gisops.arcgis.plugins.module_utils._answers import whole_number
from ansible_collections.gisops.arcgis.plugins.module_utils._client import Operation, Site
from ansible_collections.gisops.arcgis.plugins.module_utils._errors import ArcGISError
from ansible_collections.gisops.arcgis.plugins.module_utils._looks import settles_after


def _no_directory(payload: Mapping[str, Any], parts: Mapping[str, Any]) -> str | None:
    """Return what keeps a payload from being the directory. All of it is sent back at an edit, so all must be right."""
    mode, path = payload.get("cleanupMode"), payload.get("physicalPath", "")
    is_one = isinstance(mode, str) and isinstance(path, str) and whole_number(payload.get("maxFileAge")) is not None
    return None if is_one else "holds no readable maxFileAge, cleanupMode and physicalPath"


READ = Operation("read the jobs directory", "GET", "admin/system/directories/arcgisjobs", flaw=_no_directory)
EDIT = Operation("edit the jobs directory", "POST", "admin/system/directories/arcgisjobs/edit", writes=True)
CLEAN = Operation("clean the jobs directory", "POST", "admin/system/directories/arcgisjobs/clean", writes=True)

CLEANUP_MODES = {"time_elapsed": "TIME_ELAPSED_SINCE_LAST_MODIFIED", "none": "NONE"}


def read_directory(site: Site) -> dict[str, Any]:
    """Return the directory in the words of the site. Raises ArcGISError unexpected_shape where it is none."""
    return site.call(READ)


def changes_to(directory: Mapping[str, Any], max_age_minutes: int | None, cleanup_mode: str | None) -> dict[str, Any]:
    """Return the fields that differ from what is wanted, with the wanted values; None leaves a field as it is."""
    wanted: dict[str, Any] = {}
    if max_age_minutes is not None:
        wanted["maxFileAge"] = max_age_minutes
    if cleanup_mode is not None:
        wanted["cleanupMode"] = CLEANUP_MODES[cleanup_mode]
    return _differing(directory, wanted)


def edit_directory(
    site: Site, directory: Mapping[str, Any], changes: Mapping[str, Any], allow_restart: bool
) -> dict[str, Any]:
    """Send the changed fields together with all others as they were, which the site demands, and read what came of it.

    In check mode nothing is sent, and what is expected is returned. Raises ArcGISError restart_not_allowed before
    anything is sent, and edit_unconfirmed where the directory does not show the changes.
    """
    if not allow_restart:
        said = "this restarts the services that use the directory, and allow_restart is false"
        raise ArcGISError("restart_not_allowed", said, EDIT.title)
    if site.read_only:
        return {**directory, **changes}
    fields = {name: _text(value) for name, value in {**directory, **changes}.items()}
    failure = site.write(EDIT, fields)
    after: dict[str, Any] = {}

    def shows_the_changes() -> bool:
        after.update(read_directory(site))
        return not _differing(after, changes)

    if not settles_after(site, "edit it", failure, shows_the_changes):
        names = " and ".join(_differing(after, changes))
        raise _unconfirmed(failure, f"the jobs directory does not show the new {names}")
    return after


def _differing(directory: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wanted fields that the directory does not have; a site may write a number as text."""
    return {
        name: value
        for name, value in wanted.items()
        if directory.get(name) != value and whole_number(directory.get(name)) != value
    }


def _unconfirmed(failure: ArcGISError | None, said: str) -> ArcGISError:
    """Return the error for an edit that shows no effect; failure is what became of the edit, None where it passed."""
    if failure is not None and not failure.kind.retryable:
        failure.said += f", and {said}"
        return failure
    return ArcGISError("edit_unconfirmed", said, EDIT.title, result={"changed": failure is None})


def clean_directory(site: Site) -> ArcGISError | None:
    """Remove the expired jobs now, and return the failure if there is one; in check mode nothing is sent.

    What a clean-up removed cannot be read, so a lost answer leaves open whether there was one.
    """
    if site.read_only:
        return None
    try:
        failure = site.write(CLEAN)
    except ArcGISError as error:
        return error
    return failure.leaves_unknown("clean it") if failure is not None and failure.is_lost else failure


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def record(directory: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the directory; a clean-up mode that is not known is kept in the words of the site."""
    names = {site_word: word for word, site_word in CLEANUP_MODES.items()}
    return {
        "max_age_minutes": whole_number(directory["maxFileAge"]),
        "cleanup_mode": names.get(directory["cleanupMode"], directory["cleanupMode"]),
        "physical_path": directory.get("physicalPath"),
    }
