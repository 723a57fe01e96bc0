# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the documentation site. tests/ci/docs.sh makes the pages and says where they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

galaxy = yaml.safe_load((Path(__file__).resolve().parents[2] / "galaxy.yml").read_text(encoding="utf-8"))

project = "gisops.arcgis"
author = "gisops.arcgis contributors"
copyright = f"2026, {author}"
html_title = f"{project} {galaxy['version']}"

extensions = ["sphinx.ext.autosectionlabel", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
default_role = "any"
nitpicky = True

# The start page leads to sections of the guides by their titles.
autosectionlabel_prefix_document = True
autosectionlabel_maxdepth = 2
suppress_warnings = ["autosectionlabel.*"]  # two sections of a page may have one title

# The labels of Ansible's documentation come from a file beside this one, so that the pages build without a network.
intersphinx_mapping = {"ansible_devel": ("https://docs.ansible.com/ansible/devel/", "../ansible.inv")}

html_theme = "furo"
html_theme_options = {
    "source_repository": "https://github.com/gisops/gisops.arcgis/",
    "navigation_with_keys": True,
    "footer_icons": [],
}
html_static_path = ["static"]
html_css_files = ["style.css"]
html_js_files = ["tables.js"]
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
highlight_language = "YAML+Jinja"
antsibull_ext_color_scheme = "none"  # style.css has the colours, for light and for dark

CONTENTS = re.compile(r"^\.\. contents::\n(?:   +:.*\n)*", re.MULTILINE)


def without_contents(app: Any, page: str, source: list[str]) -> None:
    """Take the list of sections out of a page: the theme shows one beside it."""
    source[0] = CONTENTS.sub("", source[0])


def setup(app: Any) -> None:
    """Let Sphinx call the function above for each page."""
    app.connect("source-read", without_contents)
