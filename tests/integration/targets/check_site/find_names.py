# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches the file of a check for every name that the simulated sites have, and for the hosts of the inventory.

Usage: find_names.py FOLDER [NAME ...], where FOLDER holds check_site.json, description.json and jobs.json, and NAMEs
are those that nothing in FOLDER knows. Where there is raw.json, what the module returned, the search must find names in
it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

INVENTORY = ["city_hall", "waterworks", "harbour_office", "town_archive", "weather_station", "lighthouse", "old_mill"]
# Words of ArcGIS that some scenario has for a name as well.
OF_ARCGIS = {"executeNotebook", "openNotebook", "executeNotebookAsWebTool", "Publish Streaming Service", "Succeeded"}
# What the error catalogue has for an example.
EXAMPLE = "https://gis.example.com/server."
# What the search must find in what the module returned.
PROOF = {"localhost", "/server", "gis_admin"}
TOKEN = re.compile(r"(?<![\w./-])[A-Za-z0-9_-]{64}(?![\w./-])")


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, keys included."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def names_of(folder: Path) -> set[str]:
    """Return the names, secrets and paths that must not be in the file."""
    description = json.loads((folder / "description.json").read_text(encoding="utf-8"))
    found = {*INVENTORY, description["ca_path"], *description["api_keys"], *description["api_keys"].values()}
    for account in description["accounts"].values():
        found |= {account["username"], account["password"]}
    for url in description["urls"].values():
        parts = urlsplit(url)
        found |= {parts.hostname or "", "127.0.0.1", parts.path}
    for job in json.loads((folder / "jobs.json").read_text(encoding="utf-8")):
        found |= {job["job_id"], *(job.get("service") or "").split("/"), job.get("service") or ""}
        for name in ("username", "machine", "task", "url"):
            found.add(job.get(name) or "")
        for name in ("inputs", "results", "messages", "custom_attributes"):
            found |= {text for text in texts(job.get(name)) if len(text) > 8}
    return {name for name in found if len(name) > 2 and name not in OF_ARCGIS}


def forms(name: str) -> set[str]:
    """Return the ways in which a name may be written."""
    return {name, json.dumps(name)[1:-1], quote(name), name.lower(), name.upper()}


def seen(name: str, text: str) -> bool:
    """Say whether a text has a name, not as a part of a longer word."""
    patterns = (
        ("" if re.match(r"\W", form) else r"(?<!\w)") + re.escape(form) + ("" if re.search(r"\W$", form) else r"(?!\w)")
        for form in forms(name)
    )
    return any(re.search(pattern, text) for pattern in patterns)


def main() -> None:
    """Say which names were found."""
    folder, more = Path(sys.argv[1]), set(sys.argv[2:])
    names = names_of(folder) | more
    text = (folder / "check_site.json").read_text(encoding="utf-8").replace(EXAMPLE, "")
    wrong = [f"check_site.json shows {name!r}" for name in sorted(names) if seen(name, text)]
    wrong += [f"check_site.json shows the token {token}" for token in TOKEN.findall(text)]
    raw = folder / "raw.json"
    in_raw = {name for name in names if seen(name, raw.read_text(encoding="utf-8"))} if raw.exists() else PROOF
    if len(names) < 20 or not in_raw >= PROOF:
        wrong.append(f"the search is not proven to find names: {sorted(in_raw)} of {len(names)}")
    if wrong:
        raise SystemExit("\n".join(wrong))
    sys.stdout.write(f"None of {len(names)} names is in the file. What the module returned shows {len(in_raw)}.\n")


if __name__ == "__main__":
    main()
