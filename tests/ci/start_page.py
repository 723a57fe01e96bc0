# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the start page of the documentation site, with the groups of its side bar.

Usage: start_page.py PAGES

PAGES is the directory with the pages of the collection. The guides come from docs/docsite/extra-docs.yml, everything else
from the pages that are there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# The kinds of plugins in the order of the side bar; the name of a page ends in its kind.
KINDS = {
    "module": "Modules",
    "role": "Roles",
    "filter": "Filters",
    "test": "Tests",
}

GROUP = """
.. toctree::
   :hidden:
   :caption: {caption}

{entries}
"""


def groups(pages: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the entries of each group."""
    sections = yaml.safe_load((DOCS / "docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    for section in sections:
        yield section["title"], [f"docsite/{name}" for name in section["toctree"]]
    for kind, caption in KINDS.items():
        names = sorted(page.stem.removesuffix(f"_{kind}") for page in pages.glob(f"*_{kind}.rst"))
        yield caption, [f"{name} <{name}_{kind}>" for name in names]
    yield "Releases", ["changelog"]


def start_page(pages: Path) -> str:
    """Return the text of the start page and the groups."""
    text = (DOCS / "site/start.rst").read_text(encoding="utf-8")
    for caption, entries in groups(pages):
        text += GROUP.format(caption=caption, entries="\n".join(f"   {entry}" for entry in entries))
    return text


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    (directory / "index.rst").write_text(start_page(directory), encoding="utf-8")
