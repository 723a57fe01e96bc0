# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a file can be. This module is private to the collection."""

from __future__ import annotations

import errno
import os

from .._errors import ArcGISError, bad_option


def require_place(option: str, path: str) -> None:
    """Refuse a path at which no file can be: a folder, or one in a folder that is missing. Raises bad_option."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder):
        problem = f"leads to {path}, which is a folder" if os.path.isdir(path) else f"wants the folder {folder}"
        raise bad_option(option, problem, "Name a file in a folder that exists.")


def require_writable(option: str, path: str, appends: bool = False) -> None:
    """Refuse a path at which this account can write no file, in check mode as well. Raises unwritable_file.

    What is not appended to is replaced by a file that is made beside it, so its folder counts.
    """
    is_there = appends and os.path.exists(path)
    place = path if is_there else os.path.dirname(path) or "."
    # Who appends reads the end of the file, and brings a new one onto the disk by way of its folder.
    wanted = os.W_OK | (os.R_OK if appends else 0) | (0 if is_there else os.X_OK)
    if not os.access(place, wanted):
        is_read_only = os.statvfs(place).f_flag & os.ST_RDONLY
        why = os.strerror(errno.EROFS if is_read_only else errno.EACCES)
        what = "which" if is_there else "whose folder"
        reason = f"The option {option} leads to {path}, {what} cannot be written: {why}"
        raise ArcGISError("unwritable_file", reason, was_sent=False)
