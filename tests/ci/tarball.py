# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that the built tarball holds what a user needs and nothing else.

Usage: tarball.py FILE
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import PurePosixPath

NEEDED = {
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "COPYING",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "plugins",
}
ALLOWED = NEEDED | {"extensions", "playbooks", "roles"}
STRAY_SUFFIXES = {".log", ".orig", ".pyc", ".rej", ".retry", ".swp", ".tmp"}


def problems(names: list[str]) -> list[str]:
    """Return one sentence for each name that is missing or does not belong into the tarball."""
    paths = [PurePosixPath(name) for name in names]
    present = {path.parts[0] for path in paths if path.parts}
    strays = [
        path
        for path in paths
        if path.suffix in STRAY_SUFFIXES or any(part.startswith((".", "__pycache__")) for part in path.parts)
    ]
    return [
        *(f"{name} is missing" for name in sorted(NEEDED - present)),
        *(f"{name} does not belong at the top" for name in sorted(present - ALLOWED)),
        *(f"{path} does not belong into the tarball" for path in strays),
    ]


def main() -> int:
    """Print what is wrong with the tarball and return the exit status."""
    with tarfile.open(sys.argv[1]) as tarball:
        names = [member.name for member in tarball.getmembers() if member.isfile()]
    found = problems(names)
    print("\n".join(found) or f"{len(names)} files, nothing missing, no strays")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
