# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks where the links of the documentation lead.

Usage: links.py TREE TARBALL SITE

TREE is the work tree, TARBALL the directory with what the tarball of the collection holds, and SITE the built
documentation.

A relative link in a file of the tarball leads into the tarball, one in another file into the tree, and one of the site
to a page of it. Links to the own repository lead into the tree. Headings and anchors must be there. No other host is
asked.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

REPOSITORY = re.compile(r"https://github\.com/gisops/gisops\.arcgis/(?:blob|tree|raw)/main/")
MARKDOWN_LINK = re.compile(r"\]\(([^()\s]+(?:\([^()\s]*\))?)\)|^\[[^\]]+\]: (\S+)", re.MULTILINE)
RST_LINK = re.compile(r"<(https?://[^>\s]+)>`__?|^ *\.\. (?:image|figure):: (\S+)", re.MULTILINE)
CODE_BLOCK = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
MARKDOWN_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
RST_HEADING = re.compile(r"^(\S.*)\n([=~^+-])\2{2,}$", re.MULTILINE)
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


class Page(HTMLParser):
    """The anchors of a page, and what it links to or shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.anchors.add(value)
            elif value and (tag, name) in {("a", "href"), ("img", "src"), ("link", "href"), ("script", "src")}:
                self.links.append(html.unescape(value))


@cache
def page(path: Path) -> Page:
    """Return a page of the site."""
    return Page(path.read_text(encoding="utf-8"))


@cache
def anchors(path: Path) -> set[str]:
    """Return the anchors of a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return page(path).anchors
    if path.suffix == ".md":
        headings = MARKDOWN_HEADING.findall(CODE_BLOCK.sub("", text))
    else:
        headings = [heading for heading, dummy in RST_HEADING.findall(text)]
    return {anchor_of(heading) for heading in headings}


def links_of(path: Path) -> list[str]:
    """Return the links of a file."""
    if path.suffix == ".html":
        return page(path).links
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return [first or second for first, second in MARKDOWN_LINK.findall(CODE_BLOCK.sub("", text))]
    return [first or second for first, second in RST_LINK.findall(text)]


def problem(link: str, path: Path, root: Path, tree: Path) -> str | None:
    """Return what is wrong with a link of a file below a root; None if nothing is, or if it leads to another host."""
    target, anchor = urldefrag(link)
    if REPOSITORY.match(target):
        root, found = tree, tree / unquote(REPOSITORY.sub("", target))
    elif OUTSIDE.match(target):
        return None
    else:
        found = path.parent / unquote(target.partition("?")[0]) if target else path
    found = found.resolve()
    if not found.is_relative_to(root.resolve()) or not found.exists():
        return "leads nowhere"
    if anchor and found.suffix in {".html", ".md", ".rst"} and anchor not in anchors(found):
        return "leads to a heading that is not there"
    return None


def files(root: Path, *suffixes: str) -> list[Path]:
    """Return the files below a directory with these suffixes, without those of git."""
    return sorted(path for path in root.rglob("*") if path.suffix in suffixes and ".git" not in path.parts)


def problems(tree: Path, tarball: Path, site: Path) -> Iterator[str]:
    """Yield one line for each link that is wrong, and for each kind of file in which no link was found."""
    in_tarball = files(tarball, ".md", ".rst")
    shipped = {path.relative_to(tarball) for path in in_tarball}
    in_tree = [path for path in files(tree, ".md", ".rst") if path.relative_to(tree) not in shipped]
    for root, paths in ((tarball, in_tarball), (tree, in_tree), (site, files(site, ".html"))):
        checked = [(path, link) for path in paths for link in links_of(path)]
        if not checked:
            yield f"{root}: no link was found"
        for path, link in checked:
            wrong = problem(link, path, root, tree)
            if wrong:
                yield f"{path.relative_to(root)}: {link} {wrong}"


def main() -> int:
    """Print the links that are wrong and return the exit status."""
    tree, tarball, site = (Path(name).resolve() for name in sys.argv[1:4])
    wrong = list(problems(tree, tarball, site))
    print("\n".join(wrong) or "every link leads somewhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
