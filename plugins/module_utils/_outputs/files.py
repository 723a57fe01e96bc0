# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a file can be. This module is private to the collection."""

from __future__ import annotations

import os

from .._errors import bad_option


def require_place(option: str, path: str) -> None:
    """Refuse a path at which no file can be: a folder, or one in a folder that is missing. Raises bad_option."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder):
        problem = f"leads to {path}, which is a folder" if os.path.isdir(path) else f"wants the folder {folder}"
        raise bad_option(option, problem, "Name a file in a folder that exists.")
