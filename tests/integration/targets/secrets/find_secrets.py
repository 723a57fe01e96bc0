# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for the secrets of the plays in everything that they left, and fails where it finds one.

Usage: find_secrets.py FILE_WITH_A_TOKEN FOLDER
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

PASSWORDS = ["gis_admin-Secret-1", "gis_viewer-Secret-1", "wrong & Secret%2"]

# Tokens of the simulator are 64 signs long. Longer words of such signs are paths and names.
TOKEN = re.compile(r"(?<![\w./-])[A-Za-z0-9_-]{64}(?![\w./-])")

# What proves that a file is what it should be.
ALWAYS = ["PLAY RECAP", "Maps/Buffer"]
EXPECTED = {
    "options.txt": [*ALWAYS, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "no_privilege", "bad_credentials", "token_invalid"],
    "direct.txt": [*ALWAYS, "in the process of the controller", "no_privilege", "bad_credentials", "token_invalid"],
    "direct_environment.txt": [*ALWAYS, "in the process of the controller", "bad_credentials"],
    "environment.txt": [*ALWAYS, "done with _execute_module"],
    "wrong_environment.txt": [*ALWAYS, "done with _execute_module", "bad_credentials"],
    "ansible.log": [*ALWAYS, "no_privilege", "bad_credentials", "token_invalid"],
    "processes.txt": ["ansible-playbook", "AnsiballZ_gp_job_query.py", "AnsiballZ_gp_job.py", "AnsiballZ_token.py"],
}


def forms(secret: str) -> set[str]:
    """Return the ways in which a secret may be written."""
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], encoded}


def problems(token: str, folder: Path) -> list[str]:
    """Return what is wrong with the files in a folder."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, text = str(path.relative_to(folder)), path.read_bytes().decode(errors="replace")
        found += [f"{name} lacks {word!r}" for word in EXPECTED.get(name, ()) if word not in text]
        for secret in (*PASSWORDS, token):
            found += [f"{name} shows {form!r}" for form in forms(secret) if form in text]
        found += [f"{name} shows the token {shown}" for shown in set(TOKEN.findall(text))]
    return found + [f"{name} is missing" for name in EXPECTED if not (folder / name).exists()]


def main() -> None:
    """Say what was found."""
    token = Path(sys.argv[1]).read_text(encoding="utf-8").strip()
    if not TOKEN.fullmatch(token):
        raise SystemExit("The pattern does not find the token that was kept.")
    found = problems(token, Path(sys.argv[2]))
    if found:
        raise SystemExit("\n".join(found))
    print("No secret was found.")


main()
