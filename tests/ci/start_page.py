# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the start page of the documentation site, with the list of its content and the groups of its side bar.

Usage: start_page.py PAGES

PAGES is the directory with the pages of the collection. The guides come from docs/docsite/extra-docs.yml, everything
else from the pages that are there. The text of the page is in docs/site/start.rst.
"""

from __future__ import annotations

import re
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

# What the page of a plugin is called: its name, its kind, and what it does.
TITLE = re.compile(r"^(gisops\.arcgis\.\w+) (\w+) -- (.+)$", re.MULTILINE)

GROUP = """
.. toctree::
   :hidden:
   :caption: {caption}

{entries}
"""


def pages_of(kind: str, pages: Path) -> list[Path]:
    """Return the pages of the plugins of one kind, in the order of their names."""
    return sorted(pages.glob(f"*_{kind}.rst"), key=lambda page: page.stem.removesuffix(f"_{kind}"))


def groups(pages: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the entries of each group of the side bar."""
    sections = yaml.safe_load((DOCS / "docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    for section in sections:
        yield section["title"], [f"docsite/{name}" for name in section["toctree"]]
    for kind, caption in KINDS.items():
        names = [page.stem.removesuffix(f"_{kind}") for page in pages_of(kind, pages)]
        yield caption, [f"{name} <{name}_{kind}>" for name in names]
    yield "Releases", ["Release notes <changelog>"]


def content(pages: Path) -> Iterator[str]:
    """Yield one line for each plugin, which says what it does."""
    for kind in KINDS:
        for page in pages_of(kind, pages):
            title = TITLE.search(page.read_text(encoding="utf-8"))
            if title is None:
                raise SystemExit(f"{page} does not say what it is about")
            name, noun, text = title.groups()
            yield f"* :ansplugin:`{name.rpartition('.')[2]} {noun} <{name}#{kind}>`: {text}"


def start_page(pages: Path) -> str:
    """Return the text of the start page and the groups."""
    text = (DOCS / "site/start.rst").read_text(encoding="utf-8").replace("@CONTENT@", "\n".join(content(pages)))
    for caption, entries in groups(pages):
        text += GROUP.format(caption=caption, entries="\n".join(f"   {entry}" for entry in entries))
    return text


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    (directory / "index.rst").write_text(start_page(directory), encoding="utf-8")
