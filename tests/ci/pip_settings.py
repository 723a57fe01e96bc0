# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the settings that lead pip to its index on this machine, for a pip inside an image.

Usage: pip config list | pip_settings.py DIRECTORY. DIRECTORY/pip.conf is for /etc of the image, and so is
DIRECTORY/pip.pem, the authorities that this machine trusts. The settings may hold a password, so nothing shows them.
"""

from __future__ import annotations

import ast
import os
import shutil
import ssl
import sys
from pathlib import Path

NAMES = ("index-url", "extra-index-url", "no-index", "trusted-host", "proxy", "timeout", "default-timeout")


def settings_in(listing: str) -> dict[str, str]:
    """Return the settings that pip lists; those of the environment come after those of the files, and win."""
    settings = {}
    for section in ("global.", ":env:."):
        for line in listing.splitlines():
            key, _equals, value = line.partition("=")
            if key.startswith(section):
                settings[key.removeprefix(section)] = str(ast.literal_eval(value))
    return settings


def main() -> None:
    """Read the settings from the standard input, and write the two files."""
    directory, settings = Path(sys.argv[1]), settings_in(sys.stdin.read())
    lines = [f"{name} = {' '.join(settings[name].split())}" for name in NAMES if name in settings]
    authorities = settings.get("cert") or os.environ.get("REQUESTS_CA_BUNDLE") or ssl.get_default_verify_paths().cafile
    if not authorities:
        sys.exit("this machine has no file of the authorities that it trusts")
    shutil.copyfile(authorities, directory / "pip.pem")
    os.umask(0o077)
    (directory / "pip.conf").write_text("\n".join(["[global]", "cert = /etc/pip.pem", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
